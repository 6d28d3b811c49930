"""Changing routes: open, refresh, insert, remove."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.engine.laying import BEGIN, CEILING, HIGH, LEG, RIDE, STAY, lay_row
from dispatch.optimizer.engine.layout import (
    BREAKS,
    CLOCKED,
    EARLIEST,
    EPSILON,
    EXACT,
    FIRST,
    FIXED,
    FROZEN,
    KIND,
    LATEST,
    LOCATION,
    LOCKED,
    PER_DISTANCE,
    PICKUP,
    PROFILE,
    REQUEST,
    SECOND,
    SERVICE,
    SINGLE,
    TIMED,
    Data,
)
from dispatch.optimizer.engine.plan import VERSIONS, WAITING, Plan, Work
from dispatch.optimizer.engine.schedule import appraise, ceilings, settle
from dispatch.optimizer.engine.travel import lasting, lasting_back


@inlined
def fits(capacity: Floats, load: Floats, change: Floats, sign: float) -> bool:
    """Whether a load with a change fits into one of a vehicle's configurations."""
    for c in range(capacity.shape[0]):
        inside = True
        for k in range(capacity.shape[1]):
            if load[k] + sign * change[k] > capacity[c, k] + EPSILON:
                inside = False
                break
        if inside:
            return True
    return False


@inlined
def fill_loads(data: Data, plan: Plan, row: int) -> None:
    """Loads on leaving each position; deliveries of single stops are on board from the start."""
    dims = data.node_loads.shape[1]
    for k in range(dims):
        carried = 0.0
        for i in range(1, plan.size[row] - 1):
            node = plan.nodes[row, i]
            if data.node_marks[node, KIND] == SINGLE and data.node_loads[node, k] < 0:
                carried -= data.node_loads[node, k]
        plan.load[row, 0, k] = carried
        for i in range(1, plan.size[row]):
            carried += data.node_loads[plan.nodes[row, i], k]
            plan.load[row, i, k] = carried


@inlined
def fill_gaps(data: Data, plan: Plan, row: int, vehicle: int) -> None:
    """Distances and driving times between neighbours."""
    profile, nodes = data.vehicle_marks[vehicle, PROFILE], plan.nodes[row]
    matrix, clock = data.distance[profile], data.time[profile]
    for i in range(plan.size[row] - 1):
        a, b = data.node_marks[nodes[i], LOCATION], data.node_marks[nodes[i + 1], LOCATION]
        plan.gap[row, i] = matrix[a, b]
        plan.leg[row, i] = clock[a, b]


@inlined
def fill_latest(data: Data, plan: Plan, row: int, vehicle: int) -> None:
    """Latest starts by windows alone."""
    n, profile = plan.size[row], data.vehicle_marks[vehicle, PROFILE]
    nodes, late, leg = plan.nodes[row], plan.late[row], plan.leg[row]
    late[n - 1] = data.node_numbers[nodes[n - 1], LATEST]
    for i in range(n - 2, -1, -1):
        a = nodes[i]
        ready = late[i + 1]
        ready -= lasting_back(data, profile, leg[i], ready)
        late[i] = min(ready - data.node_numbers[a, SERVICE], data.node_numbers[a, LATEST])


@inlined
def fill_departures(data: Data, plan: Plan, row: int) -> None:
    """Where each position is and when it can be left, side by side: every look for a place reads them."""
    nodes, early, place, free = plan.nodes[row], plan.early[row], plan.place[row], plan.free[row]
    for i in range(plan.size[row]):
        place[i] = data.node_marks[nodes[i], LOCATION]
        free[i] = early[i] + data.node_numbers[nodes[i], SERVICE]


@inlined
def fill_windows(data: Data, plan: Plan, row: int, vehicle: int) -> None:
    """Earliest and latest starts by windows alone."""
    n, profile = plan.size[row], data.vehicle_marks[vehicle, PROFILE]
    nodes, early, leg, ready = plan.nodes[row], plan.early[row], plan.leg[row], -np.inf
    for i in range(n):
        if i > 0:
            ready += lasting(data, profile, leg[i - 1], ready)
        early[i] = max(ready, data.node_numbers[nodes[i], EARLIEST])
        ready = early[i] + data.node_numbers[nodes[i], SERVICE]
    fill_departures(data, plan, row)
    fill_latest(data, plan, row, vehicle)


@inlined
def fill_exact(data: Data, plan: Plan, work: Work, row: int, vehicle: int) -> bool:
    """Earliest and latest starts by windows, ride limits and shift; breaks are left out (a relaxation).

    False when there are none.
    """
    n = plan.size[row]
    lay_row(data, work, plan.nodes[row], plan.leg[row], n, vehicle)
    if not settle(data, work, n, 0, vehicle):
        return False
    copy(plan.early[row], work.line[BEGIN], n)
    fill_departures(data, plan, row)
    copy(work.line[CEILING], work.line[HIGH], n)
    ceilings(data, work, n, vehicle)
    copy(plan.late[row], work.line[CEILING], n)
    fill_spare(data, plan, work, row)
    return True


@inlined
def fill_spare(data: Data, plan: Plan, work: Work, row: int) -> None:
    """Longest detour that each leg of a laid out route can bear, by the work on its rides and its shift."""
    n, line, spare = plan.size[row], work.line, plan.spare[row]
    clocked = data.flags[CLOCKED]
    line[CEILING, 0] = 0.0
    for k in range(1, n):
        line[CEILING, k] = line[CEILING, k - 1] + line[STAY, k - 1] + line[LEG, k - 1]
    for k in range(n):
        spare[k] = np.inf
    for k in range(1, n):
        p = work.mate[k]
        if p >= 0 and not clocked:
            bear = line[RIDE, k] - (line[CEILING, k] - line[CEILING, p] - line[STAY, p])
            for i in range(p, k):
                spare[i] = min(spare[i], bear)


@inlined
def driven_price(data: Data, plan: Plan, row: int, vehicle: int) -> float:
    """Fixed price, distance and serving prices of a row whose gaps are known."""
    metres, price = 0.0, data.vehicle_numbers[vehicle, FIXED]
    for k in range(1, plan.size[row]):
        node = plan.nodes[row, k]
        metres += plan.gap[row, k - 1]
        kind = data.node_marks[node, KIND]
        if kind in (PICKUP, SINGLE):
            price += data.price[data.node_marks[node, REQUEST], vehicle]
    return float(price + metres * data.vehicle_numbers[vehicle, PER_DISTANCE])


@linked
def settle_row(data: Data, plan: Plan, work: Work, row: int, vehicle: int) -> None:
    """Recompute what follows from a row's nodes and the ways between them, and give it a new version."""
    n = plan.size[row]
    fill_loads(data, plan, row)
    if n == 2:
        fill_windows(data, plan, row, vehicle)
        plan.cost[row] = 0.0
        plan.version[row] = -1 - vehicle
        return
    sound = True
    if not data.flags[EXACT] or not fill_exact(data, plan, work, row, vehicle):
        fill_windows(data, plan, row, vehicle)
        sound = not data.flags[EXACT]
    if sound and not data.flags[TIMED] and data.vehicle_marks[vehicle, BREAKS] == 0:
        plan.cost[row] = driven_price(data, plan, row, vehicle)
    else:
        copy(work.trial, plan.nodes[row], n)
        begun = data.vehicle_marks[vehicle, FROZEN]
        plan.cost[row] = appraise(data, work, n, plan.early[row], begun, vehicle)
    work.count[VERSIONS] += 1
    plan.version[row] = work.count[VERSIONS]


@inlined
def refresh(data: Data, plan: Plan, work: Work, row: int, vehicle: int) -> None:
    """Recompute everything that follows from a row's nodes, and give the row a new version."""
    fill_gaps(data, plan, row, vehicle)
    settle_row(data, plan, work, row, vehicle)


@inlined
def open_row(data: Data, plan: Plan, work: Work, vehicle: int) -> None:
    """Make a vehicle's row empty."""
    first = len(data.node_marks) - 2 * len(data.vehicle_marks) + 2 * vehicle
    plan.nodes[vehicle, 0] = first
    plan.nodes[vehicle, 1] = first + 1
    plan.size[vehicle] = 2
    refresh(data, plan, work, vehicle, vehicle)


@inlined
def join(data: Data, plan: Plan, row: int, profile: int, at: int) -> None:
    """Note distance and driving time from a position to the next."""
    a = data.node_marks[plan.nodes[row, at], LOCATION]
    b = data.node_marks[plan.nodes[row, at + 1], LOCATION]
    plan.gap[row, at] = data.distance[profile, a, b]
    plan.leg[row, at] = data.time[profile, a, b]


@inlined
def put_in(data: Data, plan: Plan, row: int, vehicle: int, after: int, node: int) -> None:
    """Insert a node after a position; the row needs to be settled afterwards."""
    nodes, gap, leg = plan.nodes[row], plan.gap[row], plan.leg[row]
    for i in range(plan.size[row], after + 1, -1):
        nodes[i], gap[i], leg[i] = nodes[i - 1], gap[i - 1], leg[i - 1]
    nodes[after + 1] = node
    plan.size[row] += 1
    profile = data.vehicle_marks[vehicle, PROFILE]
    join(data, plan, row, profile, after)
    join(data, plan, row, profile, after + 1)


@inlined
def insert(data: Data, plan: Plan, work: Work, request: int, vehicle: int, i: int, j: int) -> None:
    """Put a request's first stop after position i, its second after j (both as they are now)."""
    if data.request_marks[request, SECOND] >= 0:
        put_in(data, plan, vehicle, vehicle, j, data.request_marks[request, SECOND])
    put_in(data, plan, vehicle, vehicle, i, data.request_marks[request, FIRST])
    plan.where[request] = vehicle
    settle_row(data, plan, work, vehicle, vehicle)


@inlined
def drop(data: Data, plan: Plan, row: int, vehicle: int, request: int) -> None:
    """Take a request's nodes out of a row; the row needs to be settled afterwards."""
    nodes, gap, leg = plan.nodes[row], plan.gap[row], plan.leg[row]
    profile, kept, torn = data.vehicle_marks[vehicle, PROFILE], 0, False
    for i in range(plan.size[row]):
        if data.node_marks[nodes[i], REQUEST] == request:
            torn = True
            continue
        if kept < i:
            nodes[kept], gap[kept], leg[kept] = nodes[i], gap[i], leg[i]
        if torn:
            join(data, plan, row, profile, kept - 1)
            torn = False
        kept += 1
    plan.size[row] = kept


@inlined
def remove(data: Data, plan: Plan, work: Work, request: int) -> bool:
    """Take a request out of the plan and mark its route as changed; False when it may not or is not in it."""
    vehicle = plan.where[request]
    if vehicle < 0 or data.request_marks[request, LOCKED] or work.barred[request]:
        return False
    drop(data, plan, vehicle, vehicle, request)
    plan.where[request] = -1
    work.dirty[vehicle] = 1
    return True


@inlined
def take_out(data: Data, plan: Plan, work: Work, request: int) -> bool:
    """Take a request out of the plan and settle its route at once; False when it may not or is not in it."""
    vehicle = plan.where[request]
    if not remove(data, plan, work, request):
        return False
    work.dirty[vehicle] = 0
    settle_row(data, plan, work, vehicle, vehicle)
    return True


@inlined
def settle_dirty(data: Data, plan: Plan, work: Work) -> None:
    """Refresh all routes that were changed."""
    for vehicle in range(len(work.dirty) - 1):
        if work.dirty[vehicle]:
            work.dirty[vehicle] = 0
            settle_row(data, plan, work, vehicle, vehicle)


@inlined
def pull(data: Data, plan: Plan, work: Work, request: int) -> bool:
    """Take a request out of the plan into the pool."""
    if not remove(data, plan, work, request):
        return False
    work.pool[work.count[WAITING]] = request
    work.count[WAITING] += 1
    return True


@inlined
def find(plan: Plan, row: int, node: int) -> int:
    """Position of a node in a row."""
    for i in range(1, plan.size[row] - 1):
        if plan.nodes[row, i] == node:
            return i
    return 1
