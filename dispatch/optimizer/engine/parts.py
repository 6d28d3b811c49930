"""Two workers on one plan: each gets routes of its own, and their changes are put together afterwards.

Routes are dealt by the side of the map they are on, along a direction that changes from deal to deal. What a
worker may not touch is foreign (vehicles) or barred (requests) to it.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.dice import below
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.layout import FIRST, LOCATION, PROFILE, Data
from dispatch.optimizer.engine.plan import STAMP, Plan, Work, copy_changed, copy_row


@kernel
def follow(target: Plan, source: Plan) -> None:
    """Make a plan equal to another; only rows of another version are copied."""
    copy_changed(target, source)


@kernel
def lean(data: Data, plan: Plan, work: Work, side: Floats) -> int:
    """For each used vehicle, how much nearer its stops are to one place than to another; the stops in all.

    The places are the first stop of a random request and of the one furthest from it among twenty.
    """
    requests, stops = len(plan.where), 0
    one = data.node_marks[data.request_marks[below(work.dice, requests), FIRST], LOCATION]
    other, apart = one, -1.0
    for _ in range(20):
        place = data.node_marks[data.request_marks[below(work.dice, requests), FIRST], LOCATION]
        if data.distance[0, one, place] > apart:
            other, apart = place, data.distance[0, one, place]
    for vehicle in range(len(plan.size) - 1):
        n, value = plan.size[vehicle], 0.0
        matrix = data.distance[data.vehicle_marks[vehicle, PROFILE]]
        for i in range(1, n - 1):
            place = data.node_marks[plan.nodes[vehicle, i], LOCATION]
            value += matrix[one, place] - matrix[other, place]
        side[vehicle] = value / max(1, n - 2)
        stops += n - 2
    return stops


@kernel
def take_over(plan: Plan, work: Work, owner: Integers, mine: int, turn: int) -> None:
    """Write what is foreign and barred to a worker whose vehicles are those that ``owner`` gives it.

    Requests left out go to one worker each, in another order with every turn.
    """
    workers = 1
    for vehicle in range(len(plan.size) - 1):
        workers = max(workers, owner[vehicle] + 1)
        work.foreign[vehicle] = owner[vehicle] != mine
        work.closed[vehicle] = work.foreign[vehicle]
    for request in range(len(plan.where)):
        vehicle = plan.where[request]
        work.barred[request] = work.foreign[vehicle] if vehicle >= 0 else (request + turn) % workers != mine


@kernel
def own_all(work: Work) -> None:
    """Nothing is foreign any more."""
    work.foreign[:] = 0
    work.closed[:] = 0
    work.barred[:] = 0


@kernel
def hand_in(target: Plan, source: Plan, work: Work) -> None:
    """Copy a worker's own routes into the common plan."""
    for row in range(len(target.size) - 1):
        if not work.foreign[row] and target.version[row] != source.version[row]:
            copy_row(target, row, source, row)
    for request in range(len(target.where)):
        if not work.barred[request]:
            target.where[request] = source.where[request]


def deal(data: Data, plan: Plan, works: list[Work]) -> None:
    """Deal the routes of a plan to workers, with about as many stops for each; empty vehicles in turn."""
    vehicles, workers = len(plan.size) - 1, len(works)
    side = np.zeros(vehicles)
    stops = lean(data, plan, works[0], side)
    turn = int(works[0].count[STAMP])
    owner = (np.arange(vehicles) + turn // workers).astype(np.int32) % workers
    given = 0
    for vehicle in np.argsort(side, kind="stable"):
        if plan.size[vehicle] > 2:
            owner[vehicle] = min(workers - 1, given * workers // max(1, stops))
            given += int(plan.size[vehicle]) - 2
    for number, work in enumerate(works):
        take_over(plan, work, owner, number, turn)
