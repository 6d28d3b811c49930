"""Dropping vehicles: all workers try to empty a route of the best plan; the first success is shared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from dispatch.optimizer.engine.ejection import close_route, reopen, squeeze
from dispatch.optimizer.engine.layout import Data
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.stop import StopClock

SHARE = 0.35
"""Share of the whole time that may be spent on the number of vehicles."""
STEPS = 20
SHAKES = 60


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
    data: Data, workers: list[Searcher], clock: StopClock, pool: ThreadPoolExecutor, done: int
) -> int:
    """Empty one route after the other until the time share is spent; the iterations used."""
    limit = _Limit(clock, done)
    for number, worker in enumerate(workers):
        _begin(data, worker, number)
    while not limit.reached():
        steps = limit.steps()
        jobs = [pool.submit(squeeze, data, w.plan, w.work, steps, SHAKES) for w in workers]
        waiting = [job.result() for job in jobs]
        limit.spent += steps * len(workers)
        winners = [w for w, left in zip(workers, waiting, strict=True) if left == 0]
        if not winners:
            continue
        winner = min(winners, key=lambda w: (used(w.plan), float(w.plan.cost[:-1].sum())))
        for number, worker in enumerate(workers):
            worker.best.become(winner.plan)
            if worker is not winner:
                worker.plan.become(winner.plan)
            _begin(data, worker, number)
    for worker in workers:
        reopen(worker.work)
    return limit.spent


class _Limit:
    """The share of the search that dropping vehicles may use."""

    def __init__(self, clock: StopClock, done: int) -> None:
        self.clock, self.done, self.spent = clock, done, 0

    def steps(self) -> int:
        """Steps per worker until the next look at the clock."""
        return STEPS

    def reached(self) -> bool:
        """Whether the share is spent or the search must end."""
        limits = self.clock.stop
        if self.clock.reached(self.done + self.spent):
            return True
        if limits.seconds is not None and self.clock.elapsed > SHARE * limits.seconds:
            return True
        return limits.iterations is not None and self.spent > SHARE * limits.iterations


def _begin(data: Data, worker: Searcher, number: int) -> None:
    """Choose a route to empty, a small one among a few, another one for each worker."""
    rows = np.flatnonzero(worker.plan.size[:-1] > 2)
    if not len(rows):
        return
    order = rows[np.argsort(worker.plan.size[rows], kind="stable")]
    close_route(data, worker.plan, worker.work, int(order[min(number, len(order) - 1)]))
