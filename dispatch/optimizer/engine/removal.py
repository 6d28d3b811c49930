"""Ruin: take related requests out of a plan (Christiaens & Vanden Berghe 2020; Ropke & Pisinger 2006)."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.crossing import cross
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.layout import FIRST, KIND, LOCATION, PROFILE, REQUEST, SECOND, SINGLE, Data
from dispatch.optimizer.engine.plan import SEED, WAITING, Plan, Work
from dispatch.optimizer.engine.routes import find, pull, settle_dirty

STRINGS, BY_PLACE, BY_TIME, ANYWHERE, WORST, ROUTE, CROSSED = range(7)
RUINS = 7
NEAR_THE_LEFT, AROUND, TRIES = 0.5, 40, 10
"""How often a ruin begins near a request that is left out, at which of its nearest, and how many of these
are tried."""


@inlined
def gather(plan: Plan, work: Work, most: int) -> None:
    """Fill the pool with requests that the plan leaves out, at most so many, beginning anywhere."""
    count, requests = 0, len(plan.where)
    offset = below(work.dice, requests)
    for step in range(requests):
        if count == most:
            break
        request = step + offset if step + offset < requests else step + offset - requests
        if plan.where[request] < 0 and not work.barred[request]:
            work.pool[count] = request
            count += 1
    work.count[WAITING] = count


@inlined
def gather_around(data: Data, plan: Plan, work: Work, request: int, most: int) -> None:
    """Add to the pool requests left out near one in place and time, to at most so many."""
    count = work.count[WAITING]
    for k in range(data.near.shape[2]):
        other = data.near[1, request, k]
        if count < most and plan.where[other] < 0 and not work.barred[other]:
            work.pool[count] = other
            count += 1
    work.count[WAITING] = count


@inlined
def gather_near(data: Data, plan: Plan, work: Work, most: int) -> None:
    """Fill the pool with a request left out, any, and with those near it that are too, at most so many."""
    gather(plan, work, 1)
    if work.count[WAITING] > 0:
        gather_around(data, plan, work, work.pool[0], most)


@inlined
def any_planned(plan: Plan, work: Work) -> int:
    """A random request of the plan that this worker may move, or -1."""
    for _ in range(50):
        request = below(work.dice, len(plan.where))
        if plan.where[request] >= 0 and not work.barred[request]:
            return request
    return -1


@inlined
def planned_near(data: Data, plan: Plan, work: Work, left: int) -> int:
    """A planned request near one that is left out, on a vehicle that may serve that; -1 when there is none.

    What is changed far from a request that finds no place cannot make one, nor what changes on a vehicle
    that may not serve it.
    """
    reach = min(data.near.shape[2], AROUND)
    for _ in range(TRIES if reach > 0 else 0):
        request = data.near[1, left, int(reach * uniform(work.dice) ** 1.5)]
        row = plan.where[request]
        if row >= 0 and not work.barred[request] and data.allowed[left, row]:
            return int(request)
    return -1


@inlined
def aim(data: Data, plan: Plan, work: Work, most: int) -> None:
    """Choose where to ruin, and fill the pool with requests left out near there, at most so many.

    What one ruin makes room for is in one part of the day and of the map: near a request left out, with
    others near that one; or near any planned request, with those near it.
    """
    work.count[SEED] = -1
    if uniform(work.dice) < NEAR_THE_LEFT:
        gather_near(data, plan, work, most)
        if work.count[WAITING] > 0:
            work.count[SEED] = planned_near(data, plan, work, work.pool[0])
        return
    work.count[WAITING] = 0
    work.count[SEED] = any_planned(plan, work)
    if work.count[SEED] >= 0:
        gather_around(data, plan, work, work.count[SEED], most)


@inlined
def where_to_ruin(data: Data, plan: Plan, work: Work) -> int:
    """A planned request to ruin around: the one aimed at; else any, or one near who waits; or -1."""
    seed = work.count[SEED]
    if seed < 0 and work.count[WAITING] > 0 and uniform(work.dice) < NEAR_THE_LEFT:
        seed = planned_near(data, plan, work, work.pool[below(work.dice, work.count[WAITING])])
    return seed if seed >= 0 else any_planned(plan, work)


@inlined
def cut_string(data: Data, plan: Plan, work: Work, request: int, length: int, skip: int) -> int:
    """Remove the requests of a string of stops around one request, sparing ``skip`` stops in its middle."""
    row = plan.where[request]
    node = data.request_marks[request, FIRST]
    if data.request_marks[request, SECOND] >= 0 and uniform(work.dice) < 0.5:
        node = data.request_marks[request, SECOND]
    n = plan.size[row] - 2
    length = min(length, n)
    skip = min(skip, n - length)
    at = find(plan, row, node)
    low = max(1, at - length - skip + 1)
    high = min(at, n - length - skip + 1)
    start = low + below(work.dice, max(1, high - low + 1))
    spared = start + below(work.dice, length + 1)
    count = 0
    for i in range(start, start + length + skip):
        if not spared <= i < spared + skip:
            work.members[count] = data.node_marks[plan.nodes[row, i], REQUEST]
            count += 1
    removed = 0
    for k in range(count):
        removed += pull(data, plan, work, work.members[k])
    return removed


@inlined
def remove_strings(data: Data, plan: Plan, work: Work, target: int, longest: int) -> None:
    """Cut strings out of neighbouring routes until the target is met."""
    seed = where_to_ruin(data, plan, work)
    if seed < 0:
        return
    near, removed = data.near[0, seed], 0
    for k in range(-1, len(near)):
        request = seed if k < 0 else near[k]
        row = plan.where[request]
        if row < 0 or work.dirty[row] or work.foreign[row]:
            continue
        length = 1 + below(work.dice, longest)
        skip = 0
        if uniform(work.dice) < 0.5:
            while uniform(work.dice) < 0.5:
                skip += 1
        removed += cut_string(data, plan, work, request, length, skip)
        if removed >= target:
            return


@inlined
def remove_related(data: Data, plan: Plan, work: Work, target: int, measure: int) -> None:
    """Remove a random request and others near it, nearer ones more often."""
    seed = where_to_ruin(data, plan, work)
    if seed < 0:
        return
    removed = 0 + pull(data, plan, work, seed)
    near = data.near[measure, seed]
    reach = min(len(near), 2 * target + 2)
    for _ in range(6 * target):
        if removed >= target or reach == 0:
            return
        request = near[int(reach * uniform(work.dice) ** 1.5)]
        if plan.where[request] >= 0:
            removed += pull(data, plan, work, request)


@inlined
def remove_anywhere(data: Data, plan: Plan, work: Work, target: int) -> None:
    """Remove random requests."""
    for _ in range(target):
        request = any_planned(plan, work)
        if request >= 0:
            pull(data, plan, work, request)


@inlined
def saving(data: Data, plan: Plan, row: int, i: int) -> float:
    """Distance that a route saves without the stop at a position."""
    matrix = data.distance[data.vehicle_marks[row, PROFILE]]
    a = data.node_marks[plan.nodes[row, i - 1], LOCATION]
    b = data.node_marks[plan.nodes[row, i], LOCATION]
    c = data.node_marks[plan.nodes[row, i + 1], LOCATION]
    return float(matrix[a, b] + matrix[b, c] - matrix[a, c])


@inlined
def remove_worst(data: Data, plan: Plan, work: Work, target: int) -> None:
    """Remove requests whose stops are detours: the worst of a few random ones, again and again."""
    for _ in range(target):
        worst, gain = -1, -np.inf
        for _ in range(6):
            request = any_planned(plan, work)
            if request < 0:
                return
            row = plan.where[request]
            value = saving(data, plan, row, find(plan, row, data.request_marks[request, FIRST]))
            second = data.request_marks[request, SECOND]
            if second >= 0:
                value += saving(data, plan, row, find(plan, row, second))
            if value > gain:
                worst, gain = request, value
        pull(data, plan, work, worst)


@inlined
def remove_route(data: Data, plan: Plan, work: Work, most: int) -> None:
    """Empty a whole route, or its part up to ``most`` requests."""
    seed = where_to_ruin(data, plan, work)
    if seed < 0:
        return
    row, count = plan.where[seed], 0
    for i in range(1, plan.size[row] - 1):
        node = plan.nodes[row, i]
        if data.node_marks[node, KIND] in (1, SINGLE) and count < most:
            work.members[count] = data.node_marks[node, REQUEST]
            count += 1
    for k in range(count):
        pull(data, plan, work, work.members[k])


@inlined
def exchange_ends_near(data: Data, plan: Plan, work: Work, most: int) -> None:
    """Let two near routes exchange their ends."""
    seed = where_to_ruin(data, plan, work)
    if seed >= 0:
        cross(data, plan, work, seed, max(most, 4))


@linked
def ruin(data: Data, plan: Plan, work: Work, kind: int, target: int) -> None:
    """Remove about ``target`` requests in the given manner and refresh the routes they leave."""
    if kind == STRINGS:
        longest = 2 + below(work.dice, 9)
        remove_strings(data, plan, work, target, longest)
    elif kind == BY_PLACE:
        remove_related(data, plan, work, target, 0)
    elif kind == BY_TIME:
        remove_related(data, plan, work, target, 1)
    elif kind == ANYWHERE:
        remove_anywhere(data, plan, work, max(1, target // 2))
    elif kind == WORST:
        remove_worst(data, plan, work, max(1, target // 2))
    elif kind == ROUTE:
        remove_route(data, plan, work, target + 5)
    else:
        exchange_ends_near(data, plan, work, target)
    settle_dirty(data, plan, work)
