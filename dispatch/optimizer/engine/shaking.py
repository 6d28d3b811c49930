"""Random moves that stay feasible: a plan that is pressed is shaken between two steps."""

from __future__ import annotations

import math

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.fitting import room_without
from dispatch.optimizer.engine.insertion import look
from dispatch.optimizer.engine.layout import FIRST, LOCKED, SECOND, Data
from dispatch.optimizer.engine.pairs import apart, hindrances
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.engine.recreate import place
from dispatch.optimizer.engine.removal import any_planned
from dispatch.optimizer.engine.routes import insert, take_out


@inlined
def spots(data: Data, plan: Plan, request: int) -> tuple[int, int]:
    """After which positions of its route a request's stops stand, both as they are without it."""
    row, i, j = plan.where[request], 0, -1
    for k in range(1, plan.size[row] - 1):
        if plan.nodes[row, k] == data.request_marks[request, FIRST]:
            i = k - 1
        elif plan.nodes[row, k] == data.request_marks[request, SECOND]:
            j = k - 2
    return i, max(i, j)


@inlined
def welcome(work: Work, more: float, temperature: float) -> bool:
    """Whether a change that costs so much more is kept at a temperature."""
    return more < -temperature * math.log(uniform(work.dice) + 1e-300)


@inlined
def move(data: Data, plan: Plan, work: Work, request: int, vehicle: int, temperature: float) -> bool:
    """Move a request to another route if it fits there at a welcome price."""
    price = look(data, plan, work, request, vehicle, np.inf)
    if price == np.inf:
        return False
    here = plan.where[request]
    i, j = spots(data, plan, request)
    before = plan.cost[here]
    if not take_out(data, plan, work, request):
        return False
    if welcome(work, price + plan.cost[here] - before, temperature):
        place(data, plan, work, request, vehicle)
        return True
    insert(data, plan, work, request, here, i, j)
    return False


@inlined
def exchangeable(data: Data, plan: Plan, work: Work, one: int, other: int) -> bool:
    """Whether two requests may change places, by all that is known without trying."""
    here, there = plan.where[one], plan.where[other]
    if not data.allowed[other, here] or work.closed[here] or work.barred[other]:
        return False
    if data.request_marks[one, LOCKED] or data.request_marks[other, LOCKED]:
        return False
    between = apart(data, one, other)
    return (
        hindrances(data, plan, there, one, 1) <= between and hindrances(data, plan, here, other, 1) <= between
    )


@inlined
def swap(data: Data, plan: Plan, work: Work, one: int, other: int, temperature: float) -> bool:
    """Exchange two requests between their routes if both fit at a welcome price."""
    here, there = plan.where[one], plan.where[other]
    if not exchangeable(data, plan, work, one, other):
        return False
    if not room_without(data, plan, work, one, there, other):
        return False
    i, j = work.found[0], work.found[1]
    if not room_without(data, plan, work, other, here, one):
        return False
    h, k = work.found[0], work.found[1]
    before = plan.cost[here] + plan.cost[there]
    from_i, from_j = spots(data, plan, one)
    from_h, from_k = spots(data, plan, other)
    take_out(data, plan, work, one)
    take_out(data, plan, work, other)
    insert(data, plan, work, one, there, i, j)
    insert(data, plan, work, other, here, h, k)
    if welcome(work, plan.cost[here] + plan.cost[there] - before, temperature):
        return True
    take_out(data, plan, work, one)
    take_out(data, plan, work, other)
    insert(data, plan, work, one, here, from_i, from_j)
    insert(data, plan, work, other, there, from_h, from_k)
    return False


@inlined
def shake(data: Data, plan: Plan, work: Work, moves: int, temperature: float) -> None:
    """Random feasible moves and exchanges between neighbouring routes; dear ones are kept less often."""
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
            move(data, plan, work, request, vehicle, temperature)
        else:
            swap(data, plan, work, request, other, temperature)
