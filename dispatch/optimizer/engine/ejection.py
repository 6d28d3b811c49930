"""Fewer vehicles: empty a route and press its requests into the others (Nagata & Kobayashi 2010).

A request that finds no place enters a route from which it throws out one or two others: those whose
sum of past troubles is least. The thrown ones wait on a stack. Between insertions the plan is shaken by
random moves that stay feasible.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.fitting import room, room_without
from dispatch.optimizer.engine.insertion import best_place
from dispatch.optimizer.engine.instance import Integers
from dispatch.optimizer.engine.layout import KIND, LOCKED, PICKUP, REQUEST, SINGLE, Data
from dispatch.optimizer.engine.pairs import apart, hindrances
from dispatch.optimizer.engine.plan import (
    STAMP,
    TRIALS,
    USED,
    WAITING,
    Plan,
    Work,
    anchor_rows,
    copy_changed,
    routes_in_use,
)
from dispatch.optimizer.engine.recreate import FAR as GREEDILY
from dispatch.optimizer.engine.recreate import cheapest, place, recreate
from dispatch.optimizer.engine.removal import gather
from dispatch.optimizer.engine.routes import insert, pull, settle_dirty
from dispatch.optimizer.engine.shaking import shake
from dispatch.optimizer.engine.trial import leave_out, leave_out_none

REACH, PAIRS, MANY, AT_ONCE = 60, 60, 6, 4
"""How many near requests, by either measure, may be thrown out; how many trials are made with pairs of them;
the most that are thrown out of one route where no pair makes room; and how many are left out at once to see
whether any of them need be tried."""
ALONE, BESIDE = range(2)
"""Rows of ``work.asked``: near requests left out alone, or beside another."""
WORTH, UNASKED = -1, 0
"""Values there: worth a trial, not asked yet; what is above has made no room together with others."""


@inlined
def surround(data: Data, plan: Plan, work: Work, request: int) -> int:
    """Write the movable requests near one that could share a vehicle with it into ``work.around``.

    The least troublesome come first, equals in any order. ``work.rows`` says of each of their routes how many
    requests there rule out this one, counted up to three.
    """
    work.count[STAMP] += 1
    stamp, count, rows = work.count[STAMP], 0, work.rows
    rows[:] = -1
    for k in range(min(REACH, data.near.shape[2])):
        for measure in range(2):
            other = data.near[measure, request, k]
            row = plan.where[other]
            if row < 0 or work.seen[other] == stamp:
                continue
            work.seen[other] = stamp
            if work.closed[row] or work.barred[other] or data.request_marks[other, LOCKED]:
                continue
            if rows[row] < 0 and data.allowed[request, row]:
                rows[row] = hindrances(data, plan, row, request, 2)
            if rows[row] >= 0:
                work.around[count] = other
                count += 1
    sort_by_trouble(work, count)
    return count


@inlined
def sort_by_trouble(work: Work, count: int) -> None:
    """Sort the requests in ``work.around`` by their troubles, equals in any order."""
    around, keys = work.around, work.order
    for k in range(count):
        request = around[k]
        value, i = work.trouble[request] + 0.9 * uniform(work.dice), k - 1
        while i >= 0 and keys[i] > value:
            keys[i + 1], around[i + 1] = keys[i], around[i]
            i -= 1
        keys[i + 1], around[i + 1] = value, request


@inlined
def ask(
    data: Data, plan: Plan, work: Work, request: int, about: int, k: int, count: int, limit: float
) -> None:
    """Leave out near requests of one route at once, from the k-th on, beside those left out already.

    Without room there, fewer of them make none: ``work.asked[about]`` becomes k + 1 for each. Otherwise each
    is worth a trial. Those whose trouble reaches the limit are not asked.
    """
    row, asked, around, found = plan.where[work.around[k]], work.asked[about], work.around, 0
    for h in range(k, count):
        other = around[h]
        if found == AT_ONCE or work.trouble[other] >= limit:
            break
        if asked[h] == UNASKED and plan.where[other] == row:
            leave_out(work, other)
            work.members[found] = h
            found += 1
    mark = k + 1 if found > 1 and not room(data, plan, work, request, row) else WORTH
    for h in range(found):
        asked[work.members[h]] = mark


@inlined
def singles(data: Data, plan: Plan, work: Work, request: int, count: int) -> tuple[float, int]:
    """The least troublesome near request whose removal makes room: its trouble and the request, or -1."""
    asked = work.asked[ALONE]
    asked[:count] = UNASKED
    for k in range(count):
        other = work.around[k]
        row = plan.where[other]
        if work.rows[row] > apart(data, request, other):
            continue
        if asked[k] == UNASKED and work.rows[row] == 0:
            leave_out_none(work)
            ask(data, plan, work, request, ALONE, k, count, np.inf)
        if asked[k] <= UNASKED and room_without(data, plan, work, request, row, other):
            return work.trouble[other], other
    return np.inf, -1


@inlined
def begin_beside(work: Work, k: int, count: int) -> None:
    """Begin to ask who makes room beside the k-th: nobody who made none together with it before."""
    alone, beside = work.asked[ALONE], work.asked[BESIDE]
    for h in range(k + 1, count):
        beside[h] = k + 1 if alone[k] > 0 and alone[h] == alone[k] else UNASKED


@inlined
def seconds(
    data: Data, plan: Plan, work: Work, request: int, k: int, count: int, limit: float, hindered: int
) -> tuple[float, int]:
    """The least troublesome near request that makes room beside the k-th: the trouble of both, and it or -1.

    Only where both together are below the limit. The trials made are added to ``work.count[TRIALS]``.
    """
    first, beside = work.around[k], work.asked[BESIDE]
    row, trouble = plan.where[first], work.trouble[first]
    begin_beside(work, k, count)
    for h in range(k + 1, count):
        second = work.around[h]
        if trouble + work.trouble[second] >= limit or work.count[TRIALS] > PAIRS:
            break
        if plan.where[second] != row or hindered > apart(data, request, second):
            continue
        if hindered == 0 and beside[h] == UNASKED:
            leave_out_none(work)
            leave_out(work, first)
            ask(data, plan, work, request, BESIDE, h, count, limit - trouble)
            work.count[TRIALS] += 1
        if beside[h] > UNASKED:
            continue
        leave_out_none(work)
        leave_out(work, first)
        leave_out(work, second)
        work.count[TRIALS] += 1
        if room(data, plan, work, request, row):
            return trouble + work.trouble[second], second
    return limit, -1


@inlined
def doubles(
    data: Data, plan: Plan, work: Work, request: int, count: int, limit: float
) -> tuple[float, int, int]:
    """The least troublesome two near requests whose removal makes room, if below the limit."""
    best, out, also = limit, -1, -1
    work.count[TRIALS] = 0
    for k in range(count - 1):
        first = work.around[k]
        if work.trouble[first] + work.trouble[work.around[k + 1]] >= best or work.count[TRIALS] > PAIRS:
            break
        hindered = work.rows[plan.where[first]] - apart(data, request, first)
        if hindered > 1:
            continue
        price, second = seconds(data, plan, work, request, k, count, best, hindered)
        if second >= 0:
            best, out, also = price, first, second
    return best, out, also


@inlined
def opponents(data: Data, plan: Plan, work: Work, request: int, row: int) -> int:
    """Write the requests of a row that rule out another into ``work.members``: their number.

    One above MANY when there are more, or when one of them may not be moved.
    """
    out = 0
    for i in range(1, plan.size[row] - 1):
        node = plan.nodes[row, i]
        other = data.node_marks[node, REQUEST]
        if data.node_marks[node, KIND] in (PICKUP, SINGLE) and apart(data, request, other):
            if out == MANY or work.barred[other] or data.request_marks[other, LOCKED]:
                return MANY + 1
            work.members[out] = other
            out += 1
    return out


@inlined
def several(data: Data, plan: Plan, work: Work, request: int, count: int) -> int:
    """Write into ``work.members`` requests of some near route without which there is room: their number.

    First all that rule out this one, then near ones, the least troublesome first. 0 when not even many are
    enough, or one of the first may not be moved.
    """
    if count == 0:
        return 0
    row = plan.where[work.around[below(work.dice, count)]]
    out = opponents(data, plan, work, request, row)
    if out > MANY:
        return 0
    leave_out_none(work)
    for k in range(out):
        leave_out(work, work.members[k])
    for k in range(count):
        other = work.around[k]
        if plan.where[other] != row or apart(data, request, other):
            continue
        if out > 1 and room(data, plan, work, request, row):
            return out
        if out == MANY:
            return 0
        leave_out(work, other)
        work.members[out] = other
        out += 1
    return 0


@inlined
def press(data: Data, plan: Plan, work: Work, request: int) -> bool:
    """Insert a request by throwing out others; False when even many are not enough in some route."""
    count = surround(data, plan, work, request)
    trouble, out = singles(data, plan, work, request, count)
    _, first, second = doubles(data, plan, work, request, count, trouble)
    work.members[0], thrown = out, 1
    if first >= 0:
        work.members[0], work.members[1], thrown = first, second, 2
    elif out < 0:
        thrown = several(data, plan, work, request, count)
    if thrown == 0:
        return False
    vehicle = plan.where[work.members[0]]
    for k in range(thrown):
        pull(data, plan, work, work.members[k])
    settle_dirty(data, plan, work)
    if best_place(data, plan, work, request, vehicle, vehicle, np.inf) == np.inf:
        return False
    insert(data, plan, work, request, vehicle, work.found[0], work.found[1])
    return True


@inlined
def wait_longer(work: Work, request: int) -> None:
    """Put a request back behind another that waits: what fits nowhere must not hold up the rest."""
    at, last = below(work.dice, work.count[WAITING] + 1), work.count[WAITING]
    work.pool[last] = work.pool[at]
    work.pool[at] = request
    work.count[WAITING] += 1


@kernel
def close_routes(data: Data, plan: Plan, work: Work, vehicles: Integers, count: int) -> None:
    """Begin an attempt: only used vehicles stay open, and some of those given are emptied and closed."""
    for row in range(len(plan.size) - 1):
        work.closed[row] = plan.size[row] == 2 or work.foreign[row]
    first = below(work.dice, max(1, len(vehicles) - count + 1))
    for vehicle in vehicles[first : first + count]:
        work.closed[vehicle] = 1
    work.count[WAITING] = 0
    for request in range(len(plan.where)):
        work.trouble[request] = 1.0
        if plan.where[request] < 0 and not work.barred[request]:
            work.pool[work.count[WAITING]] = request
            work.count[WAITING] += 1
    for request in range(len(plan.where)):
        if plan.where[request] >= 0 and work.closed[plan.where[request]]:
            pull(data, plan, work, request)
    settle_dirty(data, plan, work)


@kernel
def reopen(data: Data, plan: Plan, work: Work) -> None:
    """End an attempt: what is still left out may open vehicles again."""
    copy(work.closed, work.foreign, len(work.closed))
    gather(plan, work, len(plan.where))
    recreate(data, plan, work, GREEDILY, 0.0)


@kernel
def squeeze(
    data: Data, plan: Plan, base: Plan, work: Work, steps: int, moves: int, temperature: float
) -> int:
    """Insert waiting requests, pressing where needed, for some steps; the number still waiting.

    After each step that had to press, the plan is shaken by random moves at a temperature.
    ``base`` becomes the plan with the fewest waiting, where there are fewer than it leaves out.
    """
    work.count[USED] = routes_in_use(plan)
    anchor_rows(work, plan)
    least = 0
    for request in range(len(base.where)):
        least += base.where[request] < 0 and not work.barred[request]
    for _ in range(steps):
        if work.count[WAITING] == 0:
            return 0
        work.count[WAITING] -= 1
        request = work.pool[work.count[WAITING]]
        vehicle = cheapest(data, plan, work, request, 0.1)
        if vehicle >= 0:
            place(data, plan, work, request, vehicle)
            if work.count[WAITING] < least:
                least = work.count[WAITING]
                copy_changed(base, plan)
            continue
        work.trouble[request] += 1.0
        if not press(data, plan, work, request):
            wait_longer(work, request)
        shake(data, plan, work, moves, temperature)
    return int(work.count[WAITING])


@kernel
def go_on(plan: Plan, base: Plan, work: Work) -> None:
    """Press on from the plan with the fewest waiting."""
    copy_changed(plan, base)
    gather(plan, work, len(plan.where))
