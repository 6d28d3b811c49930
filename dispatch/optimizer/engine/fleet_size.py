"""Dropping vehicles: the workers empty routes of the best plan, each of its own part where it is large."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Protocol

import numpy as np

from dispatch.optimizer.engine.annealing import fill_up
from dispatch.optimizer.engine.ejection import close_routes, go_on, reopen, squeeze
from dispatch.optimizer.engine.layout import Data
from dispatch.optimizer.engine.parts import deal, follow, hand_in, own_all
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.stop import StopClock

MOST, PATIENCE = 0.55, 0.25
"""Share of the whole time for the number of vehicles: at most, and without a success."""
STEPS, SHAKES, WILD = 20, 30, 300
"""Pressing steps between two looks at the clock, and random moves after each: few while vehicles are easily
dropped, many once parts of a large plan have none to spare."""
SHAKEN = 0.2
"""The temperature of random moves, in prices of a request: short routes have room."""
RUINS, LARGEST, HEAT = 200, 20, 0.3
"""Ruins between two looks at the clock, most requests in one, and the temperature in prices of a request."""
TURN = 40
"""Tries of pressing, then of ruining and recreating: each goes on from the fewest left out so far."""
APART, TRIES, LONG, HALVED = 100, 30, 600, 100
"""From how many requests on each worker gets routes of its own; its tries before these are dealt anew, twice
as many after a failure; the tries of one attempt on all routes. A plan goes over to these after one failure
for every HALVED requests: then a half has no vehicle to spare."""


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
    failures = attempt = 0
    while not limit.reached():
        pace = _Pace.after(failures, len(workers[0].best.where), len(workers))
        if _slice(data, workers, pool, limit, unit, attempt, pace):
            limit.succeeded()
        elif pace.apart:
            failures += 1
        attempt += 1
    return limit.spent


@dataclass(slots=True)
class _Pace:
    """How a slice goes: whether each worker has routes of its own, in a large plan, with so many tries."""

    apart: bool
    large: bool
    tries: int
    dropped: bool = False
    """Whether somebody has dropped a vehicle of the whole: what the others try is out of date then."""

    @classmethod
    def after(cls, failures: int, requests: int, workers: int) -> _Pace:
        """The pace of a plan of so many requests after so many slices apart that emptied no route."""
        if requests < APART:
            return cls(apart=False, large=False, tries=TRIES)
        if workers > 1 and failures < requests // HALVED:
            return cls(apart=True, large=True, tries=TRIES << failures)
        return cls(apart=False, large=True, tries=LONG)

    def goes_on(self, tries: int, limit: _Limit) -> bool:
        """Whether a worker that has used so many tries goes on."""
        return tries < self.tries and not self.dropped and not limit.reached()

    def presses(self, tries: int, number: int) -> bool:
        """Whether a worker presses now or ruins and recreates: a part is pressed, a whole by turns."""
        return self.apart or (tries // TURN + number) % 2 == 0


def _slice(
    data: Data,
    workers: Sequence[Searcher],
    pool: ThreadPoolExecutor,
    limit: _Limit,
    unit: float,
    attempt: int,
    pace: _Pace,
) -> bool:
    """Every worker empties routes for a while, of its own part or of the whole; whether any was emptied.

    All end with the same best plan: the parts put together, or the best of the wholes.
    """
    before = used(workers[0].best)
    if pace.apart:
        deal(data, workers[0].best, [worker.work for worker in workers], Random(attempt))  # noqa: S311
    pace.tries = limit.tries(pace.tries, len(workers))
    jobs = [
        pool.submit(_empty_routes, data, worker, limit, unit, attempt + number, pace)
        for number, worker in enumerate(workers)
    ]
    limit.spent += sum(job.result() for job in jobs)
    common = workers[0].best
    for worker in workers[1:]:
        if pace.apart:
            hand_in(common, worker.best, worker.work)
        elif _rank(worker.best) < _rank(common):
            follow(common, worker.best)
    for worker in workers:
        own_all(worker.work)
        follow(worker.best, common)
    return used(common) < before


def _empty_routes(data: Data, worker: Searcher, limit: _Limit, unit: float, number: int, pace: _Pace) -> int:
    """One worker's attempts at its pace; ``best`` ends as its last complete plan. The steps used."""
    tries = 0
    shakes = WILD if pace.large and not pace.apart else SHAKES
    while pace.goes_on(tries, limit):
        _begin(data, worker)
        left = 1
        while left > 0 and pace.goes_on(tries, limit):
            if pace.presses(tries, number):
                if tries % TURN == 0:
                    go_on(worker.plan, worker.base, worker.work)
                left = squeeze(data, worker.plan, worker.base, worker.work, STEPS, shakes, SHAKEN * unit)
            else:
                left = _ruin(data, worker, unit)
            tries += 1
        reopen(data, worker.plan, worker.work)
        if _rank(worker.plan) < _rank(worker.best):
            follow(worker.best, worker.plan)
            pace.dropped = pace.large and not pace.apart
    return tries * STEPS


def _rank(plan: Plan) -> tuple[int, int, float]:
    """Nobody left out first, then fewer vehicles, then the price."""
    return int((plan.where < 0).sum()), used(plan), float(plan.cost[:-1].sum())


def _ruin(data: Data, worker: Searcher, unit: float) -> int:
    """Ruin and recreate for a while; the requests still waiting."""
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
        self.clock, self.done, self.spent, self.last = clock, done, 0, 0.0
        self.last = self.share()

    def share(self) -> float:
        """How much of the search is used: of its time or of its iterations."""
        limits, shares = self.clock.stop, [0.0]
        if limits.seconds:
            shares.append(self.clock.elapsed / limits.seconds)
        if limits.iterations:
            shares.append((self.done + self.spent) / limits.iterations)
        return max(shares)

    def tries(self, most: int, workers: int) -> int:
        """How many of the tries each worker may use within the share of the iterations."""
        limits = self.clock.stop
        if limits.iterations is None:
            return most
        left = limits.iterations * MOST - self.done - self.spent
        return max(1, min(most, int(left / (STEPS * workers))))

    def succeeded(self) -> None:
        """A vehicle was dropped: patience begins anew."""
        self.last = self.share()

    def reached(self) -> bool:
        """Whether the share is spent or the search must end."""
        share = self.share()
        return self.clock.reached(self.done + self.spent) or share > min(MOST, self.last + PATIENCE)
