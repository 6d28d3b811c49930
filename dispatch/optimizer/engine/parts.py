"""Two workers on one plan: each gets routes of its own, and their changes are put together afterwards.

Routes are dealt by the side of the map and of the day they are on, along a direction that changes from deal
to deal. What a worker may not touch is foreign (vehicles) or barred (requests) to it.
"""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

import numpy as np

from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.dice import below
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.layout import EARLIEST, EPSILON, FEWER, FIRST, LOCATION, PROFILE, Data
from dispatch.optimizer.engine.plan import Plan, Work, copy_changed, copy_row


@kernel
def follow(target: Plan, source: Plan) -> None:
    """Make a plan equal to another; only rows of another version are copied."""
    copy_changed(target, source)


@kernel
def lean(data: Data, plan: Plan, work: Work, routes: Floats, requests: Floats) -> int:
    """How each used vehicle's stops, and each request, lie on the map and in the day; the stops in all.

    First row: how much nearer to one place than to another, the first stop of a random request and that of
    the one furthest from it among twenty; second row: how late.
    """
    count, stops = len(plan.where), 0
    one = data.node_marks[data.request_marks[below(work.dice, count), FIRST], LOCATION]
    other, apart = one, -1.0
    for _ in range(20):
        place = data.node_marks[data.request_marks[below(work.dice, count), FIRST], LOCATION]
        if data.distance[0, one, place] > apart:
            other, apart = place, data.distance[0, one, place]
    for vehicle in range(len(plan.size) - 1):
        n, nearer, later = plan.size[vehicle], 0.0, 0.0
        matrix = data.distance[data.vehicle_marks[vehicle, PROFILE]]
        for i in range(1, n - 1):
            place = data.node_marks[plan.nodes[vehicle, i], LOCATION]
            nearer += matrix[one, place] - matrix[other, place]
            later += plan.early[vehicle, i]
        routes[0, vehicle] = nearer / max(1, n - 2)
        routes[1, vehicle] = later / max(1, n - 2)
        stops += n - 2
    for request in range(count):
        node = data.request_marks[request, FIRST]
        place = data.node_marks[node, LOCATION]
        requests[0, request] = data.distance[0, one, place] - data.distance[0, other, place]
        requests[1, request] = data.node_numbers[node, EARLIEST]
    return stops


@kernel
def take_over(plan: Plan, work: Work, owner: Integers, asker: Integers, mine: int) -> None:
    """Write what is foreign and barred to a worker whose vehicles are those that ``owner`` gives it.

    And whose requests left out are those that ``asker`` gives it.
    """
    for vehicle in range(len(plan.size) - 1):
        work.foreign[vehicle] = owner[vehicle] != mine
        work.closed[vehicle] = work.foreign[vehicle]
    for request in range(len(plan.where)):
        vehicle = plan.where[request]
        work.barred[request] = work.foreign[vehicle] if vehicle >= 0 else asker[request] != mine


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


def deal(data: Data, plan: Plan, works: list[Work], chance: Random) -> None:
    """Deal the routes of a plan to workers, with about as many stops for each; empty vehicles in turn.

    The cut runs anyhow through the map and the day, so that two routes are parted by few of many deals. Who
    is left out is asked for by whoever has the routes on that side. Where vehicles count, cuts run through
    the map alone, and who is left out is asked for by the workers in turn.
    """
    vehicles, workers, few = len(plan.size) - 1, len(works), bool(data.flags[FEWER])
    routes, requests = np.zeros((2, vehicles)), np.zeros((2, len(plan.where)))
    stops, used = lean(data, plan, works[0], routes, requests), plan.size[:-1] > 2
    angle = 0.0 if few else pi * chance.random()
    for lies in (routes, requests):
        np.nan_to_num(lies, copy=False, posinf=0.0, neginf=0.0)  # places that no road joins lie nowhere
    spread = routes[:, used].std(axis=1) if used.any() else np.ones(2)
    weights = np.array([cos(angle), sin(angle)]) / (spread + EPSILON)
    side, wish = weights @ routes, weights @ requests
    owner = in_turn(vehicles, workers, chance)
    given, ends = 0, np.full(workers, np.inf)
    for vehicle in np.argsort(side, kind="stable"):
        if used[vehicle]:
            owner[vehicle] = min(workers - 1, given * workers // max(1, stops))
            ends[owner[vehicle] : -1] = side[vehicle]
            given += int(plan.size[vehicle]) - 2
    asker = in_turn(len(wish), workers, chance) if few else np.searchsorted(ends[:-1], wish).astype(np.int32)
    for number, work in enumerate(works):
        take_over(plan, work, owner, asker, number)


def in_turn(count: int, workers: int, chance: Random) -> Integers:
    """One worker after the other, beginning with any."""
    return np.asarray((np.arange(count) + chance.randrange(workers)) % workers, dtype=np.int32)
