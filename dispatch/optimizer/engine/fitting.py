"""Whether a request fits into a route at all: no price is asked, the first place found is enough."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.insertion import (
    bears,
    best_single,
    confirm,
    left_at,
    lines_of,
    longest_ride,
    ways_of,
)
from dispatch.optimizer.engine.layout import (
    EARLIEST,
    EPSILON,
    EXACT,
    FIRST,
    FROZEN,
    LATEST,
    LOCATION,
    PROFILE,
    SECOND,
    SERVICE,
    Data,
)
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.engine.routes import fits
from dispatch.optimizer.engine.travel import lasting
from dispatch.optimizer.engine.trial import leave_out, leave_out_none, settle_trial


@inlined
def some_delivery(
    data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int, i: int, begin: float, last: int
) -> int:
    """A place of the delivery, at most ``last``, when the pickup follows i and starts at ``begin``; or -1."""
    pick, node = data.request_marks[request, FIRST], data.request_marks[request, SECOND]
    profile, numbers = data.vehicle_marks[vehicle, PROFILE], data.node_numbers
    nodes, places, leg, late, spare = lines_of(plan, row)
    place = data.node_marks[node, LOCATION]
    low, high, stay = numbers[node, EARLIEST], numbers[node, LATEST] + EPSILON, numbers[node, SERVICE]
    _, _, away, inward = ways_of(data, profile, place)
    here, following = data.node_marks[pick, LOCATION], places[i + 1]
    ready, ride, exact = begin + numbers[pick, SERVICE], 0.0, data.flags[EXACT]
    way, most = data.time[profile, here, following], longest_ride(data, request)
    for j in range(i, last + 1):
        if j > i:
            ready = left_at(data, plan, row, vehicle, pick, j, ready + lasting(data, profile, way, ready))
            if ready == np.inf:
                break
            ride, here, way = ride + way + numbers[nodes[j], SERVICE], places[j], leg[j]
        arrive = ready + lasting(data, profile, inward[here], ready)
        if arrive > high or ride + inward[here] > most:
            break
        after = places[j + 1]
        arrive = max(arrive, low) + stay
        if arrive + lasting(data, profile, away[after], arrive) > late[j + 1] + EPSILON:
            continue
        if exact:
            if j > i and not bears(inward[here], stay, away[after], leg[j], spare[j]):
                continue
            if confirm(data, plan, work, row, vehicle, request, i, j) == np.inf:
                continue
        return j
    return -1


@inlined
def last_place(data: Data, plan: Plan, row: int, vehicle: int, node: int) -> int:
    """The last position after which a stop fits by windows alone, with nothing else new; -1 when none."""
    profile, places, numbers = data.vehicle_marks[vehicle, PROFILE], plan.place[row], data.node_numbers
    low, high, stay = numbers[node, EARLIEST], numbers[node, LATEST] + EPSILON, numbers[node, SERVICE]
    _, _, away, inward = ways_of(data, profile, data.node_marks[node, LOCATION])
    for k in range(plan.size[row] - 2, data.vehicle_marks[vehicle, FROZEN] - 1, -1):
        ready = plan.free[row, k]
        if ready > high:
            continue
        ready += lasting(data, profile, inward[places[k]], ready)
        if ready > high:
            continue
        ready = max(ready, low) + stay
        if plan.late[row, k + 1] < ready - EPSILON:
            if plan.late[row, k + 1] < low + stay - EPSILON:
                return -1
            continue
        ready += lasting(data, profile, away[places[k + 1]], ready)
        if ready <= plan.late[row, k + 1] + EPSILON:
            return k
    return -1


@linked
def some_place(data: Data, plan: Plan, work: Work, request: int, row: int, vehicle: int) -> int:
    """Whether a request fits into a vehicle's row at all (1) or not (0).

    The positions found, which need not be the cheapest, are in ``work.found``.
    """
    end = data.request_marks[request, SECOND]
    if end < 0:
        _, at, also = best_single(data, plan, work, request, row, vehicle, np.inf)
        work.found[0], work.found[1] = at, also
        return int(at >= 0)
    last = last_place(data, plan, row, vehicle, end)
    node, profile = data.request_marks[request, FIRST], data.vehicle_marks[vehicle, PROFILE]
    place, load, places = data.node_marks[node, LOCATION], data.node_loads[node], plan.place[row]
    low, high = data.node_numbers[node, EARLIEST], data.node_numbers[node, LATEST] + EPSILON
    stay, exact = data.node_numbers[node, SERVICE], data.flags[EXACT]
    away, inward, leg = data.time[profile, place], data.inward[profile, place], plan.leg[row]
    for i in range(data.vehicle_marks[vehicle, FROZEN], last + 1):
        if plan.late[row, i + 1] < low + stay - EPSILON:
            continue
        ready = plan.free[row, i]
        if ready > high:
            break
        before, after = places[i], places[i + 1]
        arrive = ready + lasting(data, profile, inward[before], ready)
        if arrive > high or not fits(data.capacity[vehicle], plan.load[row, i], load, 1.0):
            continue
        if exact and not bears(inward[before], stay, away[after], leg[i], plan.spare[row, i]):
            continue
        j = some_delivery(data, plan, work, request, row, vehicle, i, max(arrive, low), last)
        if j >= 0:
            work.found[0], work.found[1] = i, j
            return 1
    work.found[0], work.found[1] = -1, -1
    return 0


@inlined
def room(data: Data, plan: Plan, work: Work, request: int, row: int) -> bool:
    """Whether a request fits into a route without those that :func:`leave_out` named."""
    settle_trial(data, plan, work, row)
    return bool(some_place(data, plan, work, request, len(plan.size) - 1, row))


@inlined
def room_without(data: Data, plan: Plan, work: Work, request: int, row: int, other: int) -> bool:
    """Whether a request fits into a route without one other."""
    leave_out_none(work)
    leave_out(work, other)
    return room(data, plan, work, request, row)
