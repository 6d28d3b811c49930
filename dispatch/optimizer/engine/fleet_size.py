"""Dropping vehicles: the workers empty routes of the best plan, each of its own part where it is large."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from dispatch.optimizer.engine.annealing import fill_up
from dispatch.optimizer.engine.ejection import close_routes, reopen, squeeze
from dispatch.optimizer.engine.layout import Data
from dispatch.optimizer.engine.parts import deal, follow, hand_in, own_all
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.stop import StopClock

MOST, PATIENCE = 0.55, 0.2
"""Share of the whole time for the number of vehicles: at most, and without a success."""
STEPS, SHAKES = 20, 30
"""Pressing steps between two looks at the clock, and random moves after each."""
LONGEST, WILDEST = 5, 3
"""How often failures double, in large plans, the tries of an attempt and the random moves after a step."""
RUINS, LARGEST, HEAT = 200, 20, 0.3
"""Ruins between two looks at the clock, most requests in one, and the temperature in prices of a request."""
APART, TRIES = 100, 30
"""From how many requests on each worker gets routes of its own, and its tries before they are dealt anew."""


class Searcher(Protocol):
    """What the driver's workers offer here."""

    plan: Plan
    base: Plan
    best: Plan
    work: Work


def used(plan: Plan) -> int:
    """Number of vehicles in use."""
    return int((plan.size[:-1] > 2).sum())


def drop_vehicles(
    data: Data,
    workers: Sequence[Searcher],
    clock: StopClock,
    pool: ThreadPoolExecutor,
    done: int,
    unit: float,
) -> int:
    """Empty one route after the other until the time share is spent; the iterations used.

    ``unit`` is the price of an average request, the scale of the temperature.
    """
    limit = _Limit(clock, done)
    apart = len(workers) > 1 and len(workers[0].best.where) >= APART
    attempt = 0
    while not limit.reached():
        if _slice(data, workers, pool, limit, unit, attempt, apart=apart):
            limit.succeeded()
        elif apart:
            limit.failures += 1
        attempt += 1
    return limit.spent


def _slice(
    data: Data,
    workers: Sequence[Searcher],
    pool: ThreadPoolExecutor,
    limit: _Limit,
    unit: float,
    attempt: int,
    *,
    apart: bool,
) -> bool:
    """Every worker empties routes for a while, of its own part or of the whole; whether any was emptied.

    All end with the same best plan: the parts put together, or the best of the wholes.
    """
    before = used(workers[0].best)
    if apart:
        deal(data, workers[0].best, [worker.work for worker in workers])
    tries = limit.tries(len(workers))
    jobs = [
        pool.submit(_empty_routes, data, worker, limit, unit, 0 if apart else attempt + number, tries)
        for number, worker in enumerate(workers)
    ]
    limit.spent += sum(job.result() for job in jobs)
    common = workers[0].best
    for worker in workers[1:]:
        if apart:
            hand_in(common, worker.best, worker.work)
        elif _rank(worker.best) < _rank(common):
            follow(common, worker.best)
    for worker in workers:
        own_all(worker.work)
        follow(worker.best, common)
    return used(common) < before


def _empty_routes(data: Data, worker: Searcher, limit: _Limit, unit: float, number: int, most: int) -> int:
    """One worker's attempts with so many tries; ``best`` ends as its last complete plan. The steps used.

    A number that is even presses, an odd one ruins and recreates, which is slower and left to small plans.
    """
    shakes, tries = SHAKES << min(limit.failures, WILDEST), 0
    while tries < most and not limit.reached():
        _begin(data, worker)
        left = 1
        while left > 0 and tries < most and not limit.reached():
            left = _try(data, worker, number, unit, shakes)
            tries += 1
        reopen(data, worker.plan, worker.work)
        if _rank(worker.plan) < _rank(worker.best):
            follow(worker.best, worker.plan)
    return tries * STEPS


def _rank(plan: Plan) -> tuple[int, int, float]:
    """Nobody left out first, then fewer vehicles, then the price."""
    return int((plan.where < 0).sum()), used(plan), float(plan.cost[:-1].sum())


def _try(data: Data, worker: Searcher, number: int, unit: float, shakes: int) -> int:
    """Some steps of a worker, pressing or ruining by the number; the requests still waiting."""
    if number % 2 == 0:
        return squeeze(data, worker.plan, worker.work, STEPS, shakes)
    largest = max(2, min(LARGEST, len(worker.plan.where) // 3))
    return fill_up(data, worker.plan, worker.base, worker.work, RUINS, HEAT * unit, 1, largest)


def _begin(data: Data, worker: Searcher) -> None:
    """Go on from the best plan with one route to empty, any of the smaller half."""
    follow(worker.plan, worker.best)
    sizes = worker.plan.size[:-1]
    rows = np.flatnonzero((sizes > 2) & (worker.work.foreign == 0))
    order = rows[np.argsort(sizes[rows], kind="stable")][: (len(rows) + 1) // 2]
    close_routes(data, worker.plan, worker.work, order.astype(np.int32), 1)
    follow(worker.base, worker.plan)


class _Limit:
    """The share of the search that dropping vehicles may use."""

    def __init__(self, clock: StopClock, done: int) -> None:
        self.clock, self.done, self.spent, self.last, self.failures = clock, done, 0, 0.0, 0
        self.last = self.share()

    def share(self) -> float:
        """How much of the search is used: of its time or of its iterations."""
        limits, shares = self.clock.stop, [0.0]
        if limits.seconds:
            shares.append(self.clock.elapsed / limits.seconds)
        if limits.iterations:
            shares.append((self.done + self.spent) / limits.iterations)
        return max(shares)

    def tries(self, workers: int) -> int:
        """How many tries each worker may use before the routes are dealt anew."""
        limits, most = self.clock.stop, TRIES << min(self.failures, LONGEST)
        if limits.iterations is None:
            return most
        left = limits.iterations * MOST - self.done - self.spent
        return max(1, min(most, int(left / (STEPS * workers))))

    def succeeded(self) -> None:
        """A vehicle was dropped: patience begins anew."""
        self.last, self.failures = self.share(), max(0, self.failures - 1)

    def reached(self) -> bool:
        """Whether the share is spent or the search must end."""
        share = self.share()
        return self.clock.reached(self.done + self.spent) or share > min(MOST, self.last + PATIENCE)
