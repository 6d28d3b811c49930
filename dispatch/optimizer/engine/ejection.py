"""Fewer vehicles: empty a route and press its requests into the others (Nagata & Kobayashi 2010).

A request that finds no place enters a route from which it throws out one or two others: those whose
sum of past troubles is least. The thrown ones wait on a stack. Between insertions the plan is shaken by
random moves that stay feasible.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.insertion import best_place, look
from dispatch.optimizer.engine.instance import Integers
from dispatch.optimizer.engine.layout import LOCKED, Data
from dispatch.optimizer.engine.pairs import apart, hindrances
from dispatch.optimizer.engine.plan import (
    STAMP,
    USED,
    WAITING,
    Plan,
    Work,
    anchor_rows,
    copy_way,
    routes_in_use,
)
from dispatch.optimizer.engine.recreate import FAR as GREEDILY
from dispatch.optimizer.engine.recreate import cheapest, place, recreate
from dispatch.optimizer.engine.removal import any_planned, gather, pull
from dispatch.optimizer.engine.routes import drop, insert, settle_dirty, settle_row, take_out

REACH = 60
"""How many near requests, by either measure, may be thrown out."""


@inlined
def surround(data: Data, plan: Plan, work: Work, request: int) -> int:
    """Write the movable requests near one that could share a vehicle with it into ``work.around``."""
    work.count[STAMP] += 1
    stamp, count = work.count[STAMP], 0
    for k in range(min(REACH, data.near.shape[2])):
        for measure in range(2):
            other = data.near[measure, request, k]
            row = plan.where[other]
            if row < 0 or work.seen[other] == stamp:
                continue
            work.seen[other] = stamp
            if work.closed[row] or work.barred[other] or data.request_marks[other, LOCKED]:
                continue
            if data.allowed[request, row]:
                work.around[count] = other
                count += 1
    return count


@inlined
def without(data: Data, plan: Plan, work: Work, vehicle: int, first: int, second: int) -> int:
    """Copy a route into the scratch row without one or two requests; the scratch row's number."""
    scratch = len(plan.size) - 1
    copy_way(plan, scratch, vehicle)
    drop(data, plan, scratch, vehicle, first)
    if second >= 0:
        drop(data, plan, scratch, vehicle, second)
    settle_row(data, plan, work, scratch, vehicle)
    return scratch


@inlined
def singles(data: Data, plan: Plan, work: Work, request: int, count: int) -> tuple[float, int]:
    """The least troublesome near request whose removal makes room: its trouble and the request, or -1."""
    best, out = np.inf, -1
    offset = below(work.dice, max(1, count))
    for step in range(count):
        other = work.around[(step + offset) % count]
        if work.trouble[other] >= best:
            continue
        row = plan.where[other]
        if hindrances(data, plan, row, request, 1) > apart(data, request, other):
            continue
        scratch = without(data, plan, work, row, other, -1)
        if best_place(data, plan, work, request, scratch, row, np.inf) < np.inf:
            best, out = work.trouble[other], other
    return best, out


@inlined
def doubles(
    data: Data, plan: Plan, work: Work, request: int, count: int, limit: float
) -> tuple[float, int, int]:
    """The least troublesome two near requests whose removal makes room, if below the limit."""
    best, out, also = limit, -1, -1
    offset = below(work.dice, max(1, count))
    for step in range(count):
        first = work.around[(step + offset) % count]
        row = plan.where[first]
        if work.trouble[first] + 1.0 >= best:
            continue
        hindered = hindrances(data, plan, row, request, 2) - apart(data, request, first)
        if hindered > 1:
            continue
        for h in range(count):
            second = work.around[h]
            trouble = work.trouble[first] + work.trouble[second]
            if plan.where[second] != row or second <= first or trouble >= best:
                continue
            if hindered > apart(data, request, second):
                continue
            scratch = without(data, plan, work, row, first, second)
            if best_place(data, plan, work, request, scratch, row, np.inf) < np.inf:
                best, out, also = trouble, first, second
    return best, out, also


@inlined
def press(data: Data, plan: Plan, work: Work, request: int) -> bool:
    """Insert a request by throwing out others; False when even two are not enough anywhere."""
    count = surround(data, plan, work, request)
    trouble, out = singles(data, plan, work, request, count)
    _, first, second = doubles(data, plan, work, request, count, trouble)
    if first >= 0:
        out = first
    if out < 0:
        return False
    vehicle = plan.where[out]
    pull(data, plan, work, out)
    if second >= 0:
        pull(data, plan, work, second)
    settle_dirty(data, plan, work)
    if best_place(data, plan, work, request, vehicle, vehicle, np.inf) == np.inf:
        return False
    insert(data, plan, work, request, vehicle, work.found[0], work.found[1])
    return True


@inlined
def move(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> bool:
    """Move a request to another route if it fits there."""
    if look(data, plan, work, request, vehicle, np.inf) == np.inf:
        return False
    if not take_out(data, plan, work, request):
        return False
    place(data, plan, work, request, vehicle)
    return True


@inlined
def swap(data: Data, plan: Plan, work: Work, one: int, other: int) -> bool:
    """Exchange two requests between their routes if both fit."""
    here, there = plan.where[one], plan.where[other]
    if not data.allowed[other, here] or work.closed[here] or work.barred[other]:
        return False
    if data.request_marks[one, LOCKED] or data.request_marks[other, LOCKED]:
        return False
    between = apart(data, one, other)
    if hindrances(data, plan, there, one, 1) > between or hindrances(data, plan, here, other, 1) > between:
        return False
    scratch = without(data, plan, work, there, other, -1)
    if best_place(data, plan, work, one, scratch, there, np.inf) == np.inf:
        return False
    i, j = work.found[0], work.found[1]
    scratch = without(data, plan, work, here, one, -1)
    if best_place(data, plan, work, other, scratch, here, np.inf) == np.inf:
        return False
    h, k = work.found[0], work.found[1]
    take_out(data, plan, work, one)
    take_out(data, plan, work, other)
    insert(data, plan, work, one, there, i, j)
    insert(data, plan, work, other, here, h, k)
    return True


@inlined
def shake(data: Data, plan: Plan, work: Work, moves: int) -> None:
    """Random feasible moves and exchanges between neighbouring routes."""
    reach = min(data.near.shape[2], 60)
    if reach == 0:
        return
    for _ in range(moves):
        request = any_planned(plan, work)
        if request < 0:
            return
        other = data.near[below(work.dice, 2), request, below(work.dice, reach)]
        vehicle = plan.where[other]
        if vehicle < 0 or vehicle == plan.where[request] or work.closed[vehicle]:
            continue
        if not data.allowed[request, vehicle]:
            continue
        if uniform(work.dice) < 0.5:
            move(data, plan, work, request, vehicle)
        else:
            swap(data, plan, work, request, other)


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
    work.closed[:] = work.foreign
    gather(plan, work, len(plan.where))
    recreate(data, plan, work, GREEDILY, 0.0)


@kernel
def squeeze(data: Data, plan: Plan, work: Work, steps: int, moves: int) -> int:
    """Insert waiting requests, pressing where needed, for some steps; the number still waiting."""
    work.count[USED] = routes_in_use(plan)
    anchor_rows(work, plan)
    for _ in range(steps):
        if work.count[WAITING] == 0:
            return 0
        work.count[WAITING] -= 1
        request = work.pool[work.count[WAITING]]
        vehicle = cheapest(data, plan, work, request, 0.1)
        if vehicle >= 0:
            place(data, plan, work, request, vehicle)
            continue
        work.trouble[request] += 1.0
        if not press(data, plan, work, request):
            work.pool[work.count[WAITING]] = request
            work.count[WAITING] += 1
        shake(data, plan, work, moves)
    return int(work.count[WAITING])
