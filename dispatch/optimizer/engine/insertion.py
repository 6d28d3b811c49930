"""The cheapest place of a request in a route, in time proportional to the places that windows leave open."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.layout import (
    CLOCKED,
    EARLIEST,
    EPSILON,
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
from dispatch.optimizer.engine.pairs import hindrances
from dispatch.optimizer.engine.plan import ALSO_AT, AT, FOR, PRICE, Plan, Work
from dispatch.optimizer.engine.routes import fits
from dispatch.optimizer.engine.schedule import appraise
from dispatch.optimizer.engine.travel import lasting


@inlined
def confirm(
    data: Data, plan: Plan, work: Work, row: int, vehicle: int, request: int, i: int, j: int
) -> float:
    """Exact extra price of an insertion that windows allow; infinite when it breaks a limit."""
    n, nodes, trial = plan.size[row], plan.nodes[row], work.trial
    copy(trial, nodes, i + 1)
    trial[i + 1] = data.request_marks[request, FIRST]
    m = i + 2
    if data.request_marks[request, SECOND] >= 0:
        copy(trial[m:], nodes[i + 1 :], j - i)
        m += j - i
        trial[m] = data.request_marks[request, SECOND]
        m += 1
    copy(trial[m:], nodes[j + 1 :], n - j - 1)
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
    places, onward, back = plan.place[row], data.distance[profile, place], data.back[profile, place]
    away, inward = data.time[profile, place], data.inward[profile, place]
    per, base = data.vehicle_numbers[vehicle, PER_DISTANCE], opening(data, plan, row, vehicle, request)
    best, at, floor = bound, -1, numbers[EARLIEST] + numbers[SERVICE] - EPSILON
    for i in range(data.vehicle_marks[vehicle, FROZEN], plan.size[row] - 1):
        if plan.late[row, i + 1] < floor:
            continue
        ready = plan.free[row, i]
        if ready > numbers[LATEST] + EPSILON:
            break
        before, after = places[i], places[i + 1]
        price = base + per * (back[before] + onward[after] - plan.gap[row, i])
        if price >= best:
            continue
        begin = max(ready + lasting(data, profile, inward[before], ready), numbers[EARLIEST])
        ready = begin + numbers[SERVICE]
        if begin > numbers[LATEST] + EPSILON or (
            ready + lasting(data, profile, away[after], ready) > plan.late[row, i + 1] + EPSILON
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
def bears(there: float, stay: float, on: float, leg: float, spare: float) -> bool:
    """Whether the rides and the shift around a leg can bear a stop: driving there, staying, driving on."""
    return bool(there + stay + on - leg <= spare + EPSILON)


@inlined
def lines_of(plan: Plan, row: int) -> tuple[Integers, Integers, Floats, Floats, Floats]:
    """A row's nodes, places, legs, latest starts and longest detours."""
    return plan.nodes[row], plan.place[row], plan.leg[row], plan.late[row], plan.spare[row]


@inlined
def left_at(data: Data, plan: Plan, row: int, vehicle: int, pick: int, j: int, arrive: float) -> float:
    """When a position reached with a pickup's load on board can be left; infinite when too late or full."""
    if arrive > plan.late[row, j] + EPSILON:
        return np.inf
    if not fits(data.capacity[vehicle], plan.load[row, j], data.node_loads[pick], 1.0):
        return np.inf
    numbers = data.node_numbers[plan.nodes[row, j]]
    return float(max(arrive, numbers[EARLIEST]) + numbers[SERVICE])


@inlined
def ways_of(data: Data, profile: int, place: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Distances from a place and to it, times from it and to it."""
    distance, time = data.distance[profile, place], data.time[profile, place]
    return distance, data.back[profile, place], time, data.inward[profile, place]


@inlined
def longest_ride(data: Data, request: int) -> float:
    """What driving and service between a pickup and its delivery may take; infinite where a clock counts."""
    if data.flags[CLOCKED]:
        return np.inf
    return float(data.request_numbers[request, MAX_RIDE] + EPSILON)


@inlined
def weigh_ends(data: Data, plan: Plan, work: Work, row: int, vehicle: int, node: int) -> tuple[int, int]:
    """Write into ``work.detour`` what a stop adds to the distance after a position, and the least from there.

    For the positions that windows leave open: the first and the last are returned, none when last is before.
    """
    profile, places, numbers = data.vehicle_marks[vehicle, PROFILE], plan.place[row], data.node_numbers[node]
    place, free, late, gap = data.node_marks[node, LOCATION], plan.free[row], plan.late[row], plan.gap[row]
    onward, back = data.distance[profile, place], data.back[profile, place]
    floor, high = numbers[EARLIEST] + numbers[SERVICE] - EPSILON, numbers[LATEST] + EPSILON
    detour, least, start = work.detour[0], work.detour[1], data.vehicle_marks[vehicle, FROZEN]
    last = plan.size[row] - 2
    while last >= start and free[last] > high:
        last -= 1
    least[last + 1], after, smallest = np.inf, places[last + 1], np.inf
    for j in range(last, start - 1, -1):
        if late[j + 1] < floor:
            return j + 1, last
        before = places[j]
        detour[j] = back[before] + onward[after] - gap[j]
        smallest, after = min(smallest, detour[j]), before
        least[j] = smallest
    return start, last


@inlined
def best_delivery(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, i: int, begin: float,
    base: float, best: float, first: int, last: int,
) -> tuple[float, int]:  # fmt: skip
    """Cheapest place of the delivery when the pickup follows position i and starts at ``begin``.

    After a position from the first to the last that :func:`weigh_ends` found.
    """
    pick, node = data.request_marks[request, FIRST], data.request_marks[request, SECOND]
    profile, per = data.vehicle_marks[vehicle, PROFILE], data.vehicle_numbers[vehicle, PER_DISTANCE]
    nodes, places, leg, late, spare = lines_of(plan, row)
    place, numbers = data.node_marks[node, LOCATION], data.node_numbers
    low, high, stay = numbers[node, EARLIEST], numbers[node, LATEST] + EPSILON, numbers[node, SERVICE]
    onward, back, away, inward = ways_of(data, profile, place)
    here, following = data.node_marks[pick, LOCATION], places[i + 1]
    ready, at, ride, exact = begin + numbers[pick, SERVICE], -1, 0.0, data.flags[EXACT]
    way, most = data.time[profile, here, following], longest_ride(data, request)
    apart = base + per * data.distance[profile, here, following]
    detour, least = work.detour[0], work.detour[1]
    for j in range(i, last + 1):
        offer = base + per * (back[here] + onward[following])
        if j > i:
            ready = left_at(data, plan, row, vehicle, pick, j, ready + lasting(data, profile, way, ready))
            if ready == np.inf or apart + per * least[max(j, first)] >= best:
                break
            ride, here, way = ride + way + numbers[nodes[j], SERVICE], places[j], leg[j]
            offer = apart + per * detour[j] if j >= first else np.inf
        if offer >= best:
            continue
        arrive = ready + lasting(data, profile, inward[here], ready)
        if arrive > high or ride + inward[here] > most:
            break
        after = places[j + 1]
        arrive = max(arrive, low) + stay
        if arrive + lasting(data, profile, away[after], arrive) > late[j + 1] + EPSILON:
            continue
        if exact and j > i and not bears(inward[here], stay, away[after], leg[j], spare[j]):
            continue
        if exact:
            offer = confirm(data, plan, work, row, vehicle, request, i, j)
        if offer < best:
            best, at = offer, j
    return best, at


@inlined
def best_pair(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, bound: float
) -> tuple[float, int, int]:
    """Cheapest places of a pickup and its delivery below the bound: extra price, positions; -1 when none."""
    node, profile = data.request_marks[request, FIRST], data.vehicle_marks[vehicle, PROFILE]
    place, load, places = data.node_marks[node, LOCATION], data.node_loads[node], plan.place[row]
    low, high = data.node_numbers[node, EARLIEST], data.node_numbers[node, LATEST] + EPSILON
    onward, back = data.distance[profile, place], data.back[profile, place]
    per = data.vehicle_numbers[vehicle, PER_DISTANCE]
    base = opening(data, plan, row, vehicle, request)
    best, at, also_at = bound, -1, -1
    away, inward, leg = data.time[profile, place], data.inward[profile, place], plan.leg[row]
    exact, stay = data.flags[EXACT], data.node_numbers[node, SERVICE]
    floor = data.node_numbers[node, EARLIEST] + stay - EPSILON
    end, least = data.request_marks[request, SECOND], work.detour[1]
    there = data.node_marks[end, LOCATION]
    ride, home = data.distance[profile, place, there], data.distance[profile, there]
    first, last = weigh_ends(data, plan, work, row, vehicle, end)
    if last < first or base + per * least[first] >= best:
        return best, -1, -1
    for i in range(data.vehicle_marks[vehicle, FROZEN], last + 1):
        if plan.late[row, i + 1] < floor:
            continue
        ready = plan.free[row, i]
        if ready > high:
            break
        before, after = places[i], places[i + 1]
        detour = base + per * (back[before] - plan.gap[row, i])
        if (
            detour + per * (onward[after] + least[max(i + 1, first)]) >= best
            and detour + per * (ride + home[after]) >= best
        ):
            continue
        arrive = ready + lasting(data, profile, inward[before], ready)
        if arrive > high:
            continue
        if not fits(data.capacity[vehicle], plan.load[row, i], load, 1.0):
            continue
        if exact and not bears(inward[before], stay, away[after], leg[i], plan.spare[row, i]):
            continue
        found, j = best_delivery(
            data, plan, work, request, row, vehicle, i, max(arrive, low), detour, best, first, last
        )
        if j >= 0:
            best, at, also_at = found, i, j
    return best, at, also_at


@linked
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
    """Which memory of a request in a vehicle is about its route as it is; a blank one if neither is.

    What is remembered of a trial moves to the accepted plan's memory once the trial is accepted.
    """
    entry, version = work.cached[request, vehicle], float(plan.version[vehicle])
    if entry[0, FOR] == version:
        return 0
    if entry[1, FOR] == version:
        if work.anchor[vehicle] != plan.version[vehicle]:
            return 1
        copy(entry[0], entry[1], 4)
        return 0
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
        if hindrances(data, plan, vehicle, request, 0):
            entry[PRICE] = np.inf
            return np.inf
        price = best_place(data, plan, work, request, vehicle, vehicle, bound)
        entry[PRICE] = price if work.found[0] >= 0 else bound
        entry[AT], entry[ALSO_AT] = work.found[0], work.found[1]
    return float(entry[PRICE]) if entry[AT] >= 0 else np.inf
