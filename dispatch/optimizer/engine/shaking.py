"""Random moves that stay feasible: a plan that is pressed is shaken between two steps."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.fitting import room_without
from dispatch.optimizer.engine.insertion import look
from dispatch.optimizer.engine.layout import LOCKED, Data
from dispatch.optimizer.engine.pairs import apart, hindrances
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.engine.recreate import place
from dispatch.optimizer.engine.removal import any_planned
from dispatch.optimizer.engine.routes import insert, take_out


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
    if not room_without(data, plan, work, one, there, other):
        return False
    i, j = work.found[0], work.found[1]
    if not room_without(data, plan, work, other, here, one):
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
