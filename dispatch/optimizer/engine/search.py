"""The search driver: construct, drop vehicles, anneal on several workers that share their best plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from dispatch.optimizer.engine.annealing import anneal
from dispatch.optimizer.engine.construct import complete, lay_start
from dispatch.optimizer.engine.fleet_size import STEPS, drop_vehicles
from dispatch.optimizer.engine.instance import Instance, Integers
from dispatch.optimizer.engine.kinds import SMALLEST
from dispatch.optimizer.engine.layout import FEWER, Data, pack
from dispatch.optimizer.engine.plan import Plan, Work, empty_plan, empty_work
from dispatch.optimizer.engine.timetable import starts_of
from dispatch.optimizer.stop import Stop, StopClock

Progress = Callable[[float, int, float], None]
"""Called now and then with the best cost, the number of requests left out, and the wall seconds so far."""

HOT, COLD, LARGEST = 0.8, 0.03, 30
MEETINGS = (0.25, 0.45, 0.6, 0.72, 0.82, 0.9, 0.96)
ROUNDS = 60


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
        self.base.become(source)
        self.plan.become(source)


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
) -> EngineResult:
    """Search until ``stop``; the best plan found, never worse than a feasible ``start``.

    ``start[v]`` are the stops of vehicle v in order; requests missing there are inserted. The result is
    repeatable for a seed, a number of threads and a limit on iterations alone. Raises nothing for requests
    that fit nowhere: they are ``unserved``.
    """
    load_kernels()
    run = _Run(instance, stop.started(), seed, threads, on_progress)
    run.construct(start)
    if instance.requests:
        run.improve()
    return run.result()


@cache
def load_kernels() -> None:
    """Load or compile every kernel, once in a process and off any search's clock."""
    _exercise(SMALLEST, Stop(iterations=4), 1)
    _exercise(replace(SMALLEST, minimise_vehicles=True), Stop(iterations=2 * STEPS), 2)


def _exercise(instance: Instance, stop: Stop, threads: int) -> None:
    """A search on the smallest instance."""
    run = _Run(instance, stop.started(), 0, threads, None)
    run.construct(None)
    run.improve()
    run.result()


class _Run:
    """One search from beginning to end."""

    def __init__(
        self, instance: Instance, clock: StopClock, seed: int, threads: int, on_progress: Progress | None
    ) -> None:
        self.instance, self.clock, self.on_progress = instance, clock, on_progress
        self.data = pack(instance)
        self.workers = [
            Worker(
                plan=empty_plan(instance),
                base=empty_plan(instance),
                best=empty_plan(instance),
                work=empty_work(instance, seed, number),
            )
            for number in range(max(1, threads))
        ]
        self.iterations = 0
        self.trace: list[tuple[float, float]] = []

    @property
    def leader(self) -> Worker:
        """The worker with the best plan."""
        return min(self.workers, key=lambda worker: plan_cost(self.data, worker.best))

    def construct(self, start: Sequence[Sequence[int]] | None) -> None:
        """Lay the start (or the frozen prefixes) and insert everything else."""
        index, stops = _start_arrays(self.instance, start)
        first = self.workers[0]
        lay_start(self.data, first.plan, first.work, index, stops)
        complete(self.data, first.plan, first.work, _construction(self.instance))
        for worker in self.workers:
            worker.adopt(first.plan)
            worker.best.become(first.plan)
        self.report()

    def report(self) -> None:
        """Tell the listener and remember the trace."""
        best = self.leader.best
        cost = plan_cost(self.data, best)
        if not self.trace or cost < self.trace[-1][1] - 1e-9:
            self.trace.append((self.clock.elapsed, cost))
        if self.on_progress is not None:
            self.on_progress(cost, int((best.where < 0).sum()), self.clock.elapsed)

    def improve(self) -> None:
        """Drop vehicles where they count, then anneal until the limit."""
        with ThreadPoolExecutor(len(self.workers)) as pool:
            if self.data.flags[FEWER]:
                unit = _unit(self.instance, self.leader.best)
                self.iterations += drop_vehicles(
                    self.data, self.workers, self.clock, pool, self.iterations, unit
                )
                self.report()
            for worker in self.workers:
                worker.adopt(worker.best)
            self._anneal(pool)

    def _anneal(self, pool: ThreadPoolExecutor) -> None:
        """Rounds of annealing on all workers; the temperature falls with the time or the iterations used."""
        began, spent = self.clock.elapsed, self.iterations
        unit = _unit(self.instance, self.leader.best)
        per_round, done = 20, 0.0
        while not self.clock.reached(self.iterations) and done < 1.0:
            per_round = self._round_length(per_round)
            ahead = min(1.0, self._progress(began, spent, per_round))
            before = self.clock.elapsed
            heat = [unit * HOT * (COLD / HOT) ** share for share in (done, max(done, ahead))]
            self._round(pool, per_round, heat[0], heat[1])
            took = self.clock.elapsed - before
            self.iterations += per_round * len(self.workers)
            per_round = self._next_length(per_round, took, began)
            last, done = done, self._progress(began, spent, 0)
            if any(last < meeting <= done for meeting in MEETINGS):
                self._meet()
            self.report()

    def _progress(self, began: float, spent: int, more: int) -> float:
        """Share of the annealing that is done, or will be after ``more`` iterations per worker."""
        limits = self.clock.stop
        shares = [0.0]
        if limits.seconds is not None:
            shares.append((self.clock.elapsed - began) / max(1e-9, limits.seconds - began))
        if limits.iterations is not None:
            run = self.iterations - spent + more * len(self.workers)
            shares.append(run / max(1, limits.iterations - spent))
        return max(shares)

    def _round_length(self, per_round: int) -> int:
        """Iterations per worker of the next round."""
        limits = self.clock.stop
        if limits.iterations is None:
            return per_round
        left = max(1, -(-(limits.iterations - self.iterations) // len(self.workers)))
        if limits.seconds is None:
            return min(left, max(1, limits.iterations // (ROUNDS * len(self.workers))))
        return min(left, per_round)

    def _next_length(self, per_round: int, took: float, began: float) -> int:
        """Adapt the length so that a round takes about a sixtieth of the time; it never overshoots."""
        limits = self.clock.stop
        if limits.seconds is None:
            return per_round
        wished = min(max((limits.seconds - began) / ROUNDS, 0.02), 0.5, max(self.clock.remaining * 0.9, 1e-3))
        return int(min(max(per_round * wished / max(took, 1e-6), 1), per_round * 4 + 1))

    def _round(self, pool: ThreadPoolExecutor, length: int, hot: float, cold: float) -> None:
        """One round on every worker at once."""
        smallest, largest = _removal_size(self.instance)
        jobs = [
            pool.submit(
                anneal, self.data, w.plan, w.base, w.best, w.work, length, hot, cold, smallest, largest
            )
            for w in self.workers
        ]
        for job in jobs:
            job.result()

    def _meet(self) -> None:
        """The workers that are behind go on from the leader's best plan."""
        leader = self.leader
        best = plan_cost(self.data, leader.best)
        for worker in self.workers:
            if worker is not leader and plan_cost(self.data, worker.best) > best + 1e-9:
                worker.best.become(leader.best)
                worker.adopt(leader.best)

    def result(self) -> EngineResult:
        """The leader's best plan with its timetable."""
        leader = self.leader
        plan, stops = leader.best, self.instance.stops
        times = starts_of(self.data, plan, leader.work)
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


def _start_arrays(instance: Instance, start: Sequence[Sequence[int]] | None) -> tuple[Integers, Integers]:
    """The start solution, or the frozen prefixes, as index and stops."""
    if start is None:
        return instance.prefix_index, np.append(instance.prefix_stops, np.int32(0)).astype(np.int32)
    index = np.zeros(instance.vehicles + 1, dtype=np.int32)
    index[1:] = np.cumsum([len(route) for route in start])
    return index, np.array([stop for route in start for stop in route] + [0], dtype=np.int32)


def _construction(instance: Instance) -> int:
    """Regret where the plan is small enough for it, else greedily in order of time."""
    return 6 if instance.minimise_vehicles or instance.requests * instance.vehicles < 3000 else 4


def _unit(instance: Instance, plan: Plan) -> float:
    """Price of an average request, the scale of the temperature."""
    used = plan.size[:-1] > 2
    variable = float(plan.cost[:-1][used].sum() - instance.fixed_cost[used].sum())
    served = int((plan.where >= 0).sum())
    return max(variable / max(1, served), 1e-6)


def _removal_size(instance: Instance) -> tuple[int, int]:
    """Smallest and largest number of requests to remove."""
    return 1, max(2, min(int(LARGEST), int(0.4 * instance.requests)))
