"""The search driver: construct, drop vehicles, anneal on several workers that share their best plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

import numpy as np

from dispatch.optimizer.engine.annealing import anneal
from dispatch.optimizer.engine.construct import complete, lay_start
from dispatch.optimizer.engine.cooling import EASED, Climate, forbearance, price_of_request
from dispatch.optimizer.engine.ejection import reopen
from dispatch.optimizer.engine.fleet_size import APART, STEPS, drop_vehicles
from dispatch.optimizer.engine.instance import Instance, Integers
from dispatch.optimizer.engine.layout import FEWER, Data, load_packing, pack
from dispatch.optimizer.engine.parts import deal, follow, hand_in, own_all
from dispatch.optimizer.engine.plan import Plan, Work, empty_plan, empty_work
from dispatch.optimizer.engine.smallest import SMALLEST
from dispatch.optimizer.engine.timetable import starts_of
from dispatch.optimizer.stop import Stop, StopClock

Progress = Callable[[float, int, float], None]
"""Called now and then with the best cost, the number of requests left out, and the wall seconds so far."""

BEFORE, SOON = 0.15, 0.03
"""Share of the search before the number of vehicles is looked at, where it counts: in a small plan, which
must be tight by then, and in a large one, where pressing gains more than annealing does."""
MEETINGS = (0.25, 0.45, 0.6, 0.72, 0.82, 0.9, 0.96)
ROUNDS, DEALS = 60, 200
"""Rounds of a phase; and, where vehicles do not count, of one in which each round deals parts anew: what is
out of a part's reach is so for a short while only."""
SPLIT = 300
"""From so many requests on each worker has a part of the plan. Fewer have so few routes that too much would
be out of its reach: each plans all then, and the best is taken over now and then."""


@dataclass(frozen=True, slots=True)
class EngineResult:
    """The best plan found; times and prices are in the instance's units."""

    routes: list[list[int]]
    """Stops of each vehicle in order, without the depots."""
    starts: list[list[float]]
    """Start of service at each of these stops."""
    departures: list[float]
    """When each vehicle leaves its start (NaN when unused)."""
    arrivals: list[float]
    """When each vehicle is back at its end (NaN when unused)."""
    breaks: list[list[float]]
    """When each vehicle's breaks begin, in order; breaks that fall outside the route are left out."""
    unserved: list[int]
    """Requests left out."""
    cost: float
    """The objective: all prices, penalties of ``unserved`` included."""
    iterations: int
    seconds: float
    trace: list[tuple[float, float]] = field(default_factory=list)
    """Wall seconds and cost at each improvement that was seen between rounds."""


@dataclass(slots=True)
class Worker:
    """One searcher: its current, accepted and best plan, and its scratch memory."""

    plan: Plan
    base: Plan
    best: Plan
    work: Work

    def adopt(self, source: Plan) -> None:
        """Continue from another plan."""
        follow(self.base, source)
        follow(self.plan, source)


def plan_cost(data: Data, plan: Plan) -> float:
    """The price of a plan, penalties included."""
    return float(plan.cost[:-1].sum() + data.request_numbers[plan.where < 0, 1].sum())


def search(
    instance: Instance,
    stop: Stop,
    seed: int = 0,
    start: Sequence[Sequence[int]] | None = None,
    on_progress: Progress | None = None,
    threads: int = 1,
    cooled: float = 0.0,
) -> EngineResult:
    """Search until ``stop``; the best plan found, never worse than a feasible ``start``.

    ``start[v]`` are the stops of vehicle v in order; requests missing there are inserted. ``cooled`` is the
    share of the cooling that is left out at the beginning: 0 as from nothing, near 1 for a plan that only
    needs the finishing. The result is
    repeatable for a seed, a number of threads and a limit on iterations alone. Raises nothing for requests
    that fit nowhere: they are ``unserved``.
    """
    load_kernels()
    run = _Run(instance, stop.started(), seed, threads, on_progress, start, cooled)
    run.construct()
    if instance.requests:
        run.improve()
    return run.result()


@cache
def load_kernels() -> None:
    """Load or compile every kernel, once in a process and off any search's clock."""
    load_packing()
    _exercise(SMALLEST, Stop(iterations=4), 1)
    _exercise(replace(SMALLEST, minimise_vehicles=True), Stop(iterations=2 * STEPS), 2)


def _exercise(instance: Instance, stop: Stop, threads: int) -> None:
    """A search on the smallest instance."""
    run = _Run(instance, stop.started(), 0, threads, None)
    run.construct()
    run.apart = threads > 1
    reopen(run.data, run.workers[0].plan, run.workers[0].work)
    run.improve()
    run.result()


@dataclass(frozen=True, slots=True)
class _Turn:
    """A round of annealing: iterations of each worker, temperatures, and the price of a request left out."""

    length: int
    hot: float
    cold: float
    largest: int
    """The most requests that are removed at once."""
    forbearance: float
    """0 where it is the request's own."""


class _Run:
    """One search from beginning to end."""

    def __init__(
        self,
        instance: Instance,
        clock: StopClock,
        seed: int,
        threads: int,
        on_progress: Progress | None,
        start: Sequence[Sequence[int]] | None = None,
        cooled: float = 0.0,
    ) -> None:
        self.instance, self.clock, self.on_progress, self.start = instance, clock, on_progress, start
        self.cooled = cooled
        self.data = pack(instance)
        self.servable = self.data.allowed.any(axis=1)
        longest = max(map(len, start or [()]), default=0)
        self.workers = [
            Worker(
                plan=empty_plan(instance, longest),
                base=empty_plan(instance, longest),
                best=empty_plan(instance, longest),
                work=empty_work(instance, seed, number, longest),
            )
            for number in range(max(1, threads))
        ]
        self.best, self.common, self.draft = (empty_plan(instance, longest) for _ in range(3))
        few = instance.minimise_vehicles
        self.apart = threads > 1 and instance.requests >= (APART if few else SPLIT)
        self.rounds = DEALS if self.apart and not few else ROUNDS
        self.chance = Random(seed)  # noqa: S311 - repeatable search, nothing secret
        self.iterations = 0
        self.trace: list[tuple[float, float]] = []

    @property
    def leader(self) -> Worker:
        """The worker with the best plan."""
        return min(self.workers, key=lambda worker: plan_cost(self.data, worker.best))

    def construct(self) -> None:
        """Lay the start (or the frozen prefixes) and insert everything else."""
        index, stops = start_arrays(self.instance, self.start)
        first, alone = self.workers[0], _without_pairs(self.data)
        for number, kind in enumerate(_construction(self.instance)):
            first.plan.where[:] = -1
            lay_start(alone, first.plan, first.work, index, stops)
            complete(alone, first.plan, first.work, kind)
            if number == 0 or plan_cost(self.data, first.plan) < plan_cost(self.data, self.best):
                follow(self.best, first.plan)
        for worker in self.workers:
            worker.adopt(self.best)
            follow(worker.best, self.best)
        self.report()

    def report(self) -> None:
        """Tell the listener and remember the trace."""
        cost = plan_cost(self.data, self.best)
        if not self.trace or cost < self.trace[-1][1] - 1e-9:
            self.trace.append((self.clock.elapsed, cost))
        if self.on_progress is not None:
            self.on_progress(cost, int((self.best.where < 0).sum()), self.clock.elapsed)

    def improve(self) -> None:
        """Anneal until the limit; where vehicles count, drop some in between, from a plan that is tight."""
        with ThreadPoolExecutor(len(self.workers)) as pool:
            if self.data.flags[FEWER]:
                self._anneal(pool, SOON if self._many() else BEFORE)
                self._drop_vehicles(pool)
            self._anneal(pool, 1.0, lenient=self._many())

    def _many(self) -> bool:
        """Whether vehicles count, and the requests are many."""
        return bool(self.data.flags[FEWER]) and self.instance.requests >= APART

    def _drop_vehicles(self, pool: ThreadPoolExecutor) -> None:
        """Empty routes of the best plan."""
        unit = price_of_request(self.instance, self.best)
        for worker in self.workers:
            follow(worker.best, self.best)
        self.iterations += drop_vehicles(self.data, self.workers, self.clock, pool, self.iterations, unit)
        follow(self.best, self.leader.best)
        self.report()

    def _anneal(self, pool: ThreadPoolExecutor, share: float, *, lenient: bool = False) -> None:
        """Rounds of annealing from the best plan, until that share of the whole search is used.

        The temperature falls with the time or the iterations used. ``lenient`` lets requests be left out on
        the way.
        """
        follow(self.common, self.best)
        for worker in self.workers:
            follow(worker.base, self.best)
            follow(worker.best, self.best)
        began = self._spent(0)
        span = max(1e-9, share - began)
        unit = price_of_request(self.instance, self.best)
        per_round, done = 20, 0.0
        while not self.clock.reached(self.iterations) and done < 1.0:
            per_round = self._round_length(per_round)
            ahead = min(1.0, (self._spent(per_round) - began) / span)
            before = self.clock.elapsed
            if lenient and done >= EASED:
                lenient = False
                self._complete()
            left_out = int(((self.best.where < 0) & self.servable).sum())
            climate = Climate.of(self.instance, left_out)
            shares = (self._share_cooled(done), self._share_cooled(max(done, ahead)))
            hot, cold = (unit * climate.at(share) for share in shares)
            turn = _Turn(per_round, hot, cold, climate.largest, unit * forbearance(done) if lenient else 0.0)
            if self.apart:
                self._round_apart(pool, turn)
            else:
                self._round(pool, turn)
                follow(self.best, self.leader.best)
            took = self.clock.elapsed - before
            self.iterations += per_round * len(self.workers)
            per_round = self._next_length(per_round, took, span)
            last, done = done, (self._spent(0) - began) / span
            if any(last < meeting <= done for meeting in MEETINGS):
                self._meet()
            self.report()

    def _share_cooled(self, done: float) -> float:
        """The share of the whole cooling, when so much of a phase is done."""
        return self.cooled + (1.0 - self.cooled) * done

    def _spent(self, more: int) -> float:
        """Share of the search that is used, or will be after ``more`` iterations per worker."""
        return self.clock.used(self.iterations + more * len(self.workers))

    def _round_length(self, per_round: int) -> int:
        """Iterations per worker of the next round."""
        limits = self.clock.stop
        if limits.iterations is None:
            return per_round
        left = max(1, -(-(limits.iterations - self.iterations) // len(self.workers)))
        if limits.seconds is None:
            return min(left, max(1, limits.iterations // (self.rounds * len(self.workers))))
        return min(left, per_round)

    def _next_length(self, per_round: int, took: float, span: float) -> int:
        """Adapt the length so that a round takes its share of its phase; it never overshoots."""
        limits = self.clock.stop
        if limits.seconds is None:
            return per_round
        wished = min(
            max(limits.seconds * span / self.rounds, 0.02), 0.5, max(self.clock.remaining * 0.9, 1e-3)
        )
        return int(min(max(per_round * wished / max(took, 1e-6), 1), per_round * 4 + 1))

    def _complete(self) -> None:
        """Whoever leaves a request out goes on from the best plan."""
        for plan in (self.common, *(worker.base for worker in self.workers)):
            if (plan.where < 0).any():
                follow(plan, self.best)

    def _round(self, pool: ThreadPoolExecutor, turn: _Turn) -> None:
        """One round on every worker at once."""
        how = (turn.length, turn.hot, turn.cold, 1, turn.largest, turn.forbearance)
        jobs = [pool.submit(anneal, self.data, w.plan, w.base, w.best, w.work, *how) for w in self.workers]
        for job in jobs:
            job.result()

    def _round_apart(self, pool: ThreadPoolExecutor, turn: _Turn) -> None:
        """One round on every worker's own part of the common plan."""
        deal(self.data, self.common, [worker.work for worker in self.workers], self.chance)
        for worker in self.workers:
            follow(worker.base, self.common)
            follow(worker.best, self.common)
        self._round(pool, turn)
        for worker in self.workers:
            hand_in(self.common, worker.base, worker.work)
            hand_in(self.draft, worker.best, worker.work)
            own_all(worker.work)
        if plan_cost(self.data, self.draft) < plan_cost(self.data, self.best) - 1e-9:
            follow(self.best, self.draft)

    def _meet(self) -> None:
        """The workers that are behind go on from the leader's best plan."""
        if self.apart:
            follow(self.common, self.best)
            return
        leader = self.leader
        best = plan_cost(self.data, leader.best)
        for worker in self.workers:
            if worker is not leader and plan_cost(self.data, worker.best) > best + 1e-9:
                follow(worker.best, leader.best)
                worker.adopt(leader.best)

    def result(self) -> EngineResult:
        """The best plan with its timetable."""
        plan, stops = self.best, self.instance.stops
        times = starts_of(self.data, plan, self.workers[0].work)
        routes = [
            [int(node) for node in plan.nodes[v, 1 : plan.size[v] - 1]] for v in range(self.instance.vehicles)
        ]
        return EngineResult(
            routes=routes,
            starts=[[float(times.start[stop]) for stop in route] for route in routes],
            departures=[float(times.start[stops + 2 * v]) for v in range(len(routes))],
            arrivals=[float(times.start[stops + 2 * v + 1]) for v in range(len(routes))],
            breaks=[[float(b) for b in row if not np.isnan(b)] for row in times.rest],
            unserved=[int(request) for request in np.flatnonzero(plan.where < 0)],
            cost=plan_cost(self.data, plan),
            iterations=self.iterations,
            seconds=self.clock.elapsed,
            trace=self.trace,
        )


def _without_pairs(data: Data) -> Data:
    """The data without what is told of pairs: a first plan would find out all of it, and use it once."""
    return replace(data, pairs=np.zeros((0, 0), dtype=data.pairs.dtype))


def start_arrays(instance: Instance, start: Sequence[Sequence[int]] | None) -> tuple[Integers, Integers]:
    """The start solution, or the frozen prefixes, as index and stops."""
    if start is None:
        return instance.prefix_index, np.append(instance.prefix_stops, np.int32(0)).astype(np.int32)
    index = np.zeros(instance.vehicles + 1, dtype=np.int32)
    index[1:] = np.cumsum([len(route) for route in start])
    return index, np.array([stop for route in start for stop in route] + [0], dtype=np.int32)


def _construction(instance: Instance) -> tuple[int, ...]:
    """Ways to begin: all of them where vehicles count, else by regret or, if large, greedily by time."""
    if instance.minimise_vehicles:
        return (6, 1, 3, 4) if instance.requests <= 100 else (1, 3, 4)
    return (6,) if instance.requests * instance.vehicles < 3000 else (4,)
