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
from dispatch.optimizer.engine.layout import KIND, LOCKED, REQUEST, SINGLE, Data
from dispatch.optimizer.engine.plan import WAITING, Plan, Work, copy_row
from dispatch.optimizer.engine.recreate import cheapest, place
from dispatch.optimizer.engine.removal import any_planned, pull
from dispatch.optimizer.engine.routes import drop, insert, refresh, remove, settle_dirty


@inlined
def members_of(data: Data, plan: Plan, work: Work, row: int) -> int:
    """Write the movable requests of a route into ``work.members``; their number."""
    count = 0
    for i in range(1, plan.size[row] - 1):
        node = plan.nodes[row, i]
        request = data.node_marks[node, REQUEST]
        if data.node_marks[node, KIND] in (1, SINGLE) and not data.request_marks[request, LOCKED]:
            work.members[count] = request
            count += 1
    return count


@inlined
def without(data: Data, plan: Plan, work: Work, vehicle: int, first: int, second: int) -> int:
    """Copy a route into the scratch row without one or two requests; the scratch row's number."""
    scratch = len(plan.size) - 1
    copy_row(plan, scratch, plan, vehicle)
    drop(data, plan, scratch, first)
    if second >= 0:
        drop(data, plan, scratch, second)
    refresh(data, plan, work, scratch, vehicle)
    return scratch


@inlined
def singles(data: Data, plan: Plan, work: Work, request: int) -> tuple[float, int, int]:
    """The least troublesome single request whose removal makes room: trouble, vehicle, request."""
    best, vehicle, out, count = np.inf, -1, -1, len(plan.size) - 1
    offset = below(work.dice, count)
    for step in range(count):
        row = (step + offset) % count
        if plan.size[row] == 2 or work.closed[row] or not data.allowed[request, row]:
            continue
        for k in range(members_of(data, plan, work, row)):
            other = work.members[k]
            trouble = work.trouble[other]
            if trouble >= best:
                continue
            scratch = without(data, plan, work, row, other, -1)
            price = best_place(data, plan, work, request, scratch, row)
            if price < np.inf:
                best, vehicle, out = trouble, row, other
    return best, vehicle, out


@inlined
def doubles(data: Data, plan: Plan, work: Work, request: int, limit: float) -> tuple[float, int, int, int]:
    """The least troublesome two requests whose removal makes room, if below the limit."""
    best, vehicle, out, also = limit, -1, -1, -1
    rows = len(plan.size) - 1
    offset = below(work.dice, rows)
    for step in range(rows):
        row = (step + offset) % rows
        if plan.size[row] == 2 or work.closed[row] or not data.allowed[request, row]:
            continue
        count = members_of(data, plan, work, row)
        for k in range(count):
            if work.trouble[work.members[k]] + 1.0 >= best:
                continue
            for h in range(k + 1, count):
                first, second = work.members[k], work.members[h]
                trouble = work.trouble[first] + work.trouble[second]
                if trouble >= best:
                    continue
                scratch = without(data, plan, work, row, first, second)
                price = best_place(data, plan, work, request, scratch, row)
                if price < np.inf:
                    best, vehicle, out, also = trouble, row, first, second
    return best, vehicle, out, also


@inlined
def press(data: Data, plan: Plan, work: Work, request: int) -> bool:
    """Insert a request by throwing out others; False when even two are not enough anywhere."""
    trouble, vehicle, out = singles(data, plan, work, request)
    _, row, first, second = doubles(data, plan, work, request, trouble)
    if row >= 0:
        vehicle, out = row, first
    if vehicle < 0:
        return False
    pull(data, plan, work, out)
    if row >= 0:
        pull(data, plan, work, second)
    settle_dirty(data, plan, work)
    if best_place(data, plan, work, request, vehicle, vehicle) == np.inf:
        return False
    insert(data, plan, work, request, vehicle, work.found[0], work.found[1])
    return True


@inlined
def move(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> bool:
    """Move a request to another route if it fits there."""
    if look(data, plan, work, request, vehicle) == np.inf:
        return False
    if not remove(data, plan, work, request):
        return False
    settle_dirty(data, plan, work)
    place(data, plan, work, request, vehicle)
    return True


@inlined
def swap(data: Data, plan: Plan, work: Work, one: int, other: int) -> bool:
    """Exchange two requests between their routes if both fit."""
    here, there = plan.where[one], plan.where[other]
    if not data.allowed[other, here] or data.request_marks[one, LOCKED] or data.request_marks[other, LOCKED]:
        return False
    scratch = without(data, plan, work, there, other, -1)
    if best_place(data, plan, work, one, scratch, there) == np.inf:
        return False
    i, j = work.found[0], work.found[1]
    scratch = without(data, plan, work, here, one, -1)
    if best_place(data, plan, work, other, scratch, here) == np.inf:
        return False
    h, k = work.found[0], work.found[1]
    remove(data, plan, work, one)
    remove(data, plan, work, other)
    settle_dirty(data, plan, work)
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
        if vehicle < 0 or vehicle == plan.where[request] or not data.allowed[request, vehicle]:
            continue
        if uniform(work.dice) < 0.5:
            move(data, plan, work, request, vehicle)
        else:
            swap(data, plan, work, request, other)


@kernel
def close_route(data: Data, plan: Plan, work: Work, vehicle: int) -> None:
    """Begin an attempt: only used vehicles stay open, this one is emptied and closed."""
    for row in range(len(plan.size) - 1):
        work.closed[row] = plan.size[row] == 2
    work.closed[vehicle] = 1
    work.count[WAITING] = 0
    for request in range(len(plan.where)):
        work.trouble[request] = 1.0
        if plan.where[request] < 0:
            work.pool[work.count[WAITING]] = request
            work.count[WAITING] += 1
    for request in range(len(plan.where)):
        if plan.where[request] == vehicle:
            pull(data, plan, work, request)
    settle_dirty(data, plan, work)


@kernel
def squeeze(data: Data, plan: Plan, work: Work, steps: int, moves: int) -> int:
    """Insert waiting requests, pressing where needed, for some steps; the number still waiting."""
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


@kernel
def reopen(work: Work) -> None:
    """End an attempt: every vehicle may be used again."""
    work.closed[:] = 0
