"""Dropping vehicles: all workers try to empty a route of the best plan; the first success is shared."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from dispatch.optimizer.engine.annealing import fill_up
from dispatch.optimizer.engine.ejection import close_route, reopen, squeeze
from dispatch.optimizer.engine.layout import Data
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.stop import StopClock

MOST, PATIENCE = 0.6, 0.25
"""Share of the whole time for the number of vehicles: at most, and without a success."""
STEPS, SHAKES = 20, 30
"""Pressing steps between two looks at the clock, and random moves after each."""
RUINS, LARGEST, HEAT = 200, 20, 0.3
"""Ruins between two looks at the clock, most requests in one, and the temperature in prices of a request."""


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
    for number, worker in enumerate(workers):
        _begin(data, worker, number)
    while not limit.reached():
        jobs = [pool.submit(_try, data, w, number, unit) for number, w in enumerate(workers)]
        waiting = [job.result() for job in jobs]
        limit.spent += STEPS * len(workers)
        winners = [w for w, left in zip(workers, waiting, strict=True) if left == 0]
        if winners:
            limit.succeeded()
            _share(data, workers, min(winners, key=_rank))
    for worker in workers:
        reopen(worker.work)
    return limit.spent


def _rank(worker: Searcher) -> tuple[int, float]:
    """Fewer vehicles first, then the price."""
    return used(worker.plan), float(worker.plan.cost[:-1].sum())


def _share(data: Data, workers: Sequence[Searcher], winner: Searcher) -> None:
    """Everybody goes on from the winner's plan, each with another route to empty."""
    for worker in workers:
        worker.best.become(winner.plan)
        if worker is not winner:
            worker.plan.become(winner.plan)
    for number, worker in enumerate(workers):
        _begin(data, worker, number)


def _try(data: Data, worker: Searcher, number: int, unit: float) -> int:
    """Some steps of a worker: even ones press, odd ones ruin and recreate; the requests still waiting."""
    if number % 2 == 0:
        return squeeze(data, worker.plan, worker.work, STEPS, SHAKES)
    largest = max(2, min(LARGEST, len(worker.plan.where) // 3))
    return fill_up(data, worker.plan, worker.base, worker.work, RUINS, HEAT * unit, 1, largest)


class _Limit:
    """The share of the search that dropping vehicles may use."""

    def __init__(self, clock: StopClock, done: int) -> None:
        self.clock, self.done, self.spent, self.last = clock, done, 0, 0.0

    def share(self) -> float:
        """How much of the search is used: of its time or of its iterations."""
        limits, shares = self.clock.stop, [0.0]
        if limits.seconds:
            shares.append(self.clock.elapsed / limits.seconds)
        if limits.iterations:
            shares.append(self.spent / limits.iterations)
        return max(shares)

    def succeeded(self) -> None:
        """A vehicle was dropped: patience begins anew."""
        self.last = self.share()

    def reached(self) -> bool:
        """Whether the share is spent or the search must end."""
        share = self.share()
        return self.clock.reached(self.done + self.spent) or share > min(MOST, self.last + PATIENCE)


def _begin(data: Data, worker: Searcher, number: int) -> None:
    """Choose a route to empty, a small one among a few, another one for each worker."""
    rows = np.flatnonzero(worker.plan.size[:-1] > 2)
    if len(rows) == 0:
        return
    order = rows[np.argsort(worker.plan.size[rows], kind="stable")]
    close_route(data, worker.plan, worker.work, int(order[min(number, len(order) - 1)]))
    worker.base.become(worker.plan)
