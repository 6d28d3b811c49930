"""The cheapest place of a request in a route, in time proportional to the places that windows leave open."""

from __future__ import annotations

import numpy as np
from numba.core import types

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.engine.kinds import DATA, PLAN, WORK
from dispatch.optimizer.engine.layout import (
    CLOCKED,
    EARLIEST,
    EXACT,
    FIRST,
    FIXED,
    FROZEN,
    LATEST,
    LOCATION,
    MAX_RIDE,
    PER_DISTANCE,
    PROFILE,
    SECOND,
    SERVICE,
    Data,
)
from dispatch.optimizer.engine.plan import ALSO_AT, AT, FOR, PRICE, Plan, Work
from dispatch.optimizer.engine.routes import fits
from dispatch.optimizer.engine.schedule import EPSILON, appraise
from dispatch.optimizer.engine.travel import drive


@inlined
def confirm(
    data: Data, plan: Plan, work: Work, row: int, vehicle: int, request: int, i: int, j: int
) -> float:
    """Exact extra price of an insertion that windows allow; infinite when it breaks a limit."""
    n, nodes, trial = plan.size[row], plan.nodes[row], work.trial
    trial[: i + 1] = nodes[: i + 1]
    trial[i + 1] = data.request_marks[request, FIRST]
    m = i + 2
    if data.request_marks[request, SECOND] >= 0:
        trial[m : m + j - i] = nodes[i + 1 : j + 1]
        m += j - i
        trial[m] = data.request_marks[request, SECOND]
        m += 1
    trial[m : m + n - j - 1] = nodes[j + 1 : n]
    return float(appraise(data, work, m + n - j - 1, plan.early[row], i, vehicle) - plan.cost[row])


@inlined
def opening(data: Data, plan: Plan, row: int, vehicle: int, request: int) -> float:
    """The part of an insertion's price that does not depend on the place."""
    base = data.price[request, vehicle]
    if plan.size[row] == 2:
        a = data.node_marks[plan.nodes[row, 0], LOCATION]
        b = data.node_marks[plan.nodes[row, 1], LOCATION]
        way = data.distance[data.vehicle_marks[vehicle, PROFILE], a, b]
        base += data.vehicle_numbers[vehicle, FIXED] + way * data.vehicle_numbers[vehicle, PER_DISTANCE]
    return float(base)


@inlined
def best_single(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, bound: float
) -> tuple[float, int, int]:
    """Cheapest place of a single stop below the bound: extra price, position twice; -1 when there is none."""
    node, profile = data.request_marks[request, FIRST], data.vehicle_marks[vehicle, PROFILE]
    place, numbers, load = data.node_marks[node, LOCATION], data.node_numbers[node], data.node_loads[node]
    nodes, onward, back = plan.nodes[row], data.distance[profile, place], data.back[profile, place]
    per, base = data.vehicle_numbers[vehicle, PER_DISTANCE], opening(data, plan, row, vehicle, request)
    best, at, floor = bound, -1, numbers[EARLIEST] + numbers[SERVICE] - EPSILON
    for i in range(data.vehicle_marks[vehicle, FROZEN], plan.size[row] - 1):
        if plan.late[row, i + 1] < floor:
            continue
        ready = plan.early[row, i] + data.node_numbers[nodes[i], SERVICE]
        if ready > numbers[LATEST] + EPSILON:
            break
        before, after = data.node_marks[nodes[i], LOCATION], data.node_marks[nodes[i + 1], LOCATION]
        price = base + per * (back[before] + onward[after] - plan.gap[row, i])
        if price >= best:
            continue
        begin = max(ready + drive(data, profile, before, place, ready), numbers[EARLIEST])
        ready = begin + numbers[SERVICE]
        if begin > numbers[LATEST] + EPSILON or (
            ready + drive(data, profile, place, after, ready) > plan.late[row, i + 1] + EPSILON
        ):
            continue
        if not carries(data, plan, row, vehicle, i, load):
            continue
        if data.flags[EXACT]:
            price = confirm(data, plan, work, row, vehicle, request, i, i)
        if price < best:
            best, at = price, i
    return best, at, at


@inlined
def carries(data: Data, plan: Plan, row: int, vehicle: int, i: int, load: Floats) -> bool:
    """Whether a single stop's load fits: collected it stays to the end, delivered it came from the start."""
    capacity, start, end, sign = data.capacity[vehicle], 0, i + 1, -1.0
    positive = True
    for k in range(len(load)):
        if load[k] < 0:
            positive = False
    if positive:
        start, end, sign = i, plan.size[row], 1.0
    for k in range(start, end):  # noqa: SIM110  kernels know no generators
        if not fits(capacity, plan.load[row, k], load, sign):
            return False
    return True


@inlined
def bears(clock: Floats, before: int, place: int, after: int, stay: float, spare: float) -> bool:
    """Whether the rides and the shift around a leg can bear the detour of a stop."""
    return bool(clock[before, place] + stay + clock[place, after] - clock[before, after] <= spare + EPSILON)


@inlined
def best_delivery(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, i: int, begin: float,
    base: float, best: float,
) -> tuple[float, int]:  # fmt: skip
    """Cheapest place of the delivery when the pickup follows position i and starts at ``begin``."""
    pick, node = data.request_marks[request, FIRST], data.request_marks[request, SECOND]
    profile, per = data.vehicle_marks[vehicle, PROFILE], data.vehicle_numbers[vehicle, PER_DISTANCE]
    clock, nodes, gap = data.time[profile], plan.nodes[row], plan.gap[row]
    place, load, numbers = data.node_marks[node, LOCATION], data.node_loads[pick], data.node_numbers
    low, high, stay = numbers[node, EARLIEST], numbers[node, LATEST] + EPSILON, numbers[node, SERVICE]
    onward, back = data.distance[profile, place], data.back[profile, place]
    here, ready, at, ride = data.node_marks[pick, LOCATION], begin + numbers[pick, SERVICE], -1, 0.0
    exact, late, loads, spare = data.flags[EXACT], plan.late[row], plan.load[row], plan.spare[row]
    most = np.inf if data.flags[CLOCKED] else data.request_numbers[request, MAX_RIDE] + EPSILON
    apart = base + per * data.distance[profile, here, data.node_marks[nodes[i + 1], LOCATION]]
    for j in range(i, plan.size[row] - 1):
        if j > i:
            current, there = nodes[j], data.node_marks[nodes[j], LOCATION]
            ready += drive(data, profile, here, there, ready)
            if ready > late[j] + EPSILON or not fits(data.capacity[vehicle], loads[j], load, 1.0):
                break
            ready = max(ready, numbers[current, EARLIEST]) + numbers[current, SERVICE]
            ride, here = ride + clock[here, there] + numbers[current, SERVICE], there
        arrive = ready + drive(data, profile, here, place, ready)
        if arrive > high or ride + clock[here, place] > most:
            break
        after = data.node_marks[nodes[j + 1], LOCATION]
        offer = (apart if j > i else base) + per * (back[here] + onward[after])
        offer -= per * gap[j] if j > i else 0.0
        if offer >= best:
            continue
        arrive = max(arrive, low) + stay
        if arrive + drive(data, profile, place, after, arrive) > late[j + 1] + EPSILON:
            continue
        if exact and j > i and not bears(clock, here, place, after, stay, spare[j]):
            continue
        if exact:
            offer = confirm(data, plan, work, row, vehicle, request, i, j)
        if offer < best:
            best, at = offer, j
    return best, at


@inlined
def least_detour(data: Data, plan: Plan, row: int, vehicle: int, node: int) -> float:
    """A lower bound on the distance that a stop adds to a route, by the windows of its neighbours alone."""
    profile, nodes, numbers = data.vehicle_marks[vehicle, PROFILE], plan.nodes[row], data.node_numbers[node]
    place, least = data.node_marks[node, LOCATION], np.inf
    onward, back = data.distance[profile, place], data.back[profile, place]
    floor, high = numbers[EARLIEST] + numbers[SERVICE] - EPSILON, numbers[LATEST] + EPSILON
    for i in range(data.vehicle_marks[vehicle, FROZEN], plan.size[row] - 1):
        if plan.late[row, i + 1] < floor:
            continue
        if plan.early[row, i] > high:
            break
        before, after = data.node_marks[nodes[i], LOCATION], data.node_marks[nodes[i + 1], LOCATION]
        least = min(least, back[before] + onward[after] - plan.gap[row, i])
    return least


@inlined
def best_pair(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, bound: float
) -> tuple[float, int, int]:
    """Cheapest places of a pickup and its delivery below the bound: extra price, positions; -1 when none."""
    node, profile = data.request_marks[request, FIRST], data.vehicle_marks[vehicle, PROFILE]
    place, load, nodes = data.node_marks[node, LOCATION], data.node_loads[node], plan.nodes[row]
    low, high = data.node_numbers[node, EARLIEST], data.node_numbers[node, LATEST] + EPSILON
    onward, back = data.distance[profile, place], data.back[profile, place]
    per = data.vehicle_numbers[vehicle, PER_DISTANCE]
    base = opening(data, plan, row, vehicle, request)
    best, first, second = bound, -1, -1
    clock, exact, stay = data.time[profile], data.flags[EXACT], data.node_numbers[node, SERVICE]
    floor = data.node_numbers[node, EARLIEST] + stay - EPSILON
    end = data.request_marks[request, SECOND]
    there = data.node_marks[end, LOCATION]
    ride, home = data.distance[profile, place, there], data.distance[profile, there]
    least = per * least_detour(data, plan, row, vehicle, end)
    if base + least >= best:
        return best, -1, -1
    for i in range(data.vehicle_marks[vehicle, FROZEN], plan.size[row] - 1):
        if plan.late[row, i + 1] < floor:
            continue
        ready = plan.early[row, i] + data.node_numbers[nodes[i], SERVICE]
        if ready > high:
            break
        before, after = data.node_marks[nodes[i], LOCATION], data.node_marks[nodes[i + 1], LOCATION]
        detour = base + per * (back[before] - plan.gap[row, i])
        if detour + per * onward[after] + least >= best and detour + per * (ride + home[after]) >= best:
            continue
        arrive = ready + drive(data, profile, before, place, ready)
        if arrive > high:
            continue
        if not fits(data.capacity[vehicle], plan.load[row, i], load, 1.0):
            continue
        if exact and not bears(clock, before, place, after, stay, plan.spare[row, i]):
            continue
        found, at = best_delivery(data, plan, work, request, row, vehicle, i, max(arrive, low), detour, best)
        if at >= 0:
            best, first, second = found, i, at
    return best, first, second


@linked("best_place", types.float64, (DATA, PLAN, WORK, types.int64, types.int64, types.int64, types.float64))
def best_place(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, bound: float
) -> float:
    """Extra price of the cheapest insertion into a vehicle's row, infinite when none is below the bound.

    Its positions are in ``work.found``.
    """
    if data.request_marks[request, SECOND] >= 0:
        price, i, j = best_pair(data, plan, work, request, row, vehicle, bound)
    else:
        price, i, j = best_single(data, plan, work, request, row, vehicle, bound)
    work.found[0], work.found[1] = i, j
    return price if i >= 0 else np.inf


@inlined
def remembered(plan: Plan, work: Work, request: int, vehicle: int) -> int:
    """Which memory of a request in a vehicle is about its route as it is; a blank one if neither is."""
    entry, version = work.cached[request, vehicle], float(plan.version[vehicle])
    if entry[0, FOR] == version:
        return 0
    if entry[1, FOR] == version:
        return 1
    slot = 0 if work.anchor[vehicle] == plan.version[vehicle] else 1
    entry[slot, FOR], entry[slot, PRICE], entry[slot, AT] = version, -np.inf, -1.0
    return slot


@inlined
def look(data: Data, plan: Plan, work: Work, request: int, vehicle: int, bound: float) -> float:
    """Extra price of the cheapest insertion into a vehicle's route; infinite when none is below the bound.

    What was found is remembered by the route's version: a place, or a price that nothing is below.
    """
    entry = work.cached[request, vehicle, remembered(plan, work, request, vehicle)]
    if entry[AT] < 0 and entry[PRICE] < bound:
        price = best_place(data, plan, work, request, vehicle, vehicle, bound)
        entry[PRICE] = price if work.found[0] >= 0 else bound
        entry[AT], entry[ALSO_AT] = work.found[0], work.found[1]
    return float(entry[PRICE]) if entry[AT] >= 0 else np.inf
