"""Searching the rounds of caregivers: a first plan by time, then annealing on several workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dispatch.optimizer.caregivers.first import first_rounds
from dispatch.optimizer.caregivers.kernels import IMPOSSIBLE, anneal, timetable
from dispatch.optimizer.caregivers.visits import Rounds, Scratch, Visits, scratch
from dispatch.optimizer.stop import Stop, StopClock

HOT, COLD = 0.6, 0.004
"""Temperatures in average ways between two visits."""
PARTS = 200
"""Calls of a kernel in one annealing, about."""
ENOUGH = 12_000
"""Proposals for each visit after which annealing begins anew."""
MOST_CYCLES = 12


@dataclass(frozen=True, slots=True)
class Found:
    """The best rounds found: visits of each caregiver in order, and the start of every visit."""

    rounds: list[list[int]]
    starts: list[float]
    value: float
    """Distance + lateness + greatest lateness."""
    seconds: float
    iterations: int


@dataclass(slots=True)
class _Worker:
    """One searcher."""

    now: Rounds
    best: Rounds
    work: Scratch


def search(visits: Visits, stop: Stop, seed: int = 0, threads: int = 1) -> Found:
    """Search until ``stop``; repeatable for a seed, a number of threads and a limit on iterations alone.

    Every visit must have a caregiver, every pair two different ones.
    """
    load_kernels()
    return _search(visits, stop.started(), seed, max(1, threads))


@cache
def load_kernels() -> None:
    """Load or compile every kernel, once in a process and off any search's clock."""
    one = np.zeros(1)
    whole = np.zeros(1, dtype=np.int32)
    least = Visits(
        np.zeros((2, 2)), whole + 1, one, one, one, whole, whole - 1, one, one,
        np.ones((1, 1), dtype=np.bool_), np.zeros((1, 1), dtype=np.int32), whole + 1,
    )  # fmt: skip
    _search(least, Stop(iterations=4).started(), 0, 1)


def _search(visits: Visits, clock: StopClock, seed: int, threads: int) -> Found:
    first = first_rounds(visits)
    workers = []
    for number in range(threads):
        work = scratch(visits, seed, number)
        now = _copied(first)
        now.value[0] = timetable(visits, now, work, now.length.sum(), IMPOSSIBLE)
        now.start[:] = work.start
        workers.append(_Worker(now, _copied(now), work))
    iterations = _improve(visits, workers, clock) if len(visits.role) else 0
    best = min(workers, key=_value).best
    timetable(visits, best, workers[0].work, best.length.sum(), IMPOSSIBLE)
    return Found(
        rounds=[
            [int(visit) for visit in row[:size]] for row, size in zip(best.order, best.size, strict=True)
        ],
        starts=[float(start) for start in workers[0].work.start],
        value=float(best.value[0]),
        seconds=clock.elapsed,
        iterations=iterations,
    )


def _value(worker: _Worker) -> float:
    return float(worker.best.value[0])


def _copied(rounds: Rounds) -> Rounds:
    """Rounds of their own memory."""
    copies: list[Any] = [part.copy() for part in rounds.arrays()]
    return Rounds(*copies)


def _improve(visits: Visits, workers: list[_Worker], clock: StopClock) -> int:
    """Anneal on every worker until the limit, several times where there is time; the iterations run."""
    unit = max(float(workers[0].now.length.sum()) / len(visits.role), 1e-6)
    done, iterations, tries, cycles = 0.0, 0, 500, 1
    with ThreadPoolExecutor(len(workers)) as pool:
        while done < 1.0 and not clock.reached(iterations):
            tries = _tries(clock, iterations, tries, len(workers))
            before = clock.elapsed
            ahead = min(1.0, _share(clock, iterations + tries * len(workers)))
            heat = _heat(done, max(done, ahead), cycles)
            jobs = [
                pool.submit(
                    anneal, visits, one.now, one.best, one.work, tries, unit * heat[0], unit * heat[1]
                )
                for one in workers
            ]
            for job in jobs:
                job.result()
            iterations += tries * len(workers)
            tries = _next_tries(clock, tries, clock.elapsed - before)
            done = _share(clock, iterations)
            if done < 0.5 / cycles:
                cycles = _cycles(iterations / len(workers) / max(done, 1e-9), len(visits.role))
    return iterations


def _cycles(tries: float, visits: int) -> int:
    """How often to anneal with so many proposals in all."""
    return max(1, min(MOST_CYCLES, int(tries / (ENOUGH * max(1, visits)))))


def _heat(done: float, ahead: float, cycles: int) -> tuple[float, float]:
    """Temperatures at the begin and the end of a part of the search."""
    cycle = min(int(done * cycles), cycles - 1)
    shares = [min(max(share * cycles - cycle, 0.0), 1.0) for share in (done, ahead)]
    hot, cold = (HOT * (COLD / HOT) ** share for share in shares)
    return hot, cold


def _share(clock: StopClock, iterations: int) -> float:
    """How much of the search is done."""
    limits = clock.stop
    shares = [0.0]
    if limits.seconds is not None:
        shares.append(clock.elapsed / max(limits.seconds, 1e-9))
    if limits.iterations is not None:
        shares.append(iterations / max(limits.iterations, 1))
    return max(shares)


def _tries(clock: StopClock, iterations: int, tries: int, workers: int) -> int:
    """Proposals per worker of the next part."""
    limit = clock.stop.iterations
    if limit is None:
        return tries
    left = max(1, -(-(limit - iterations) // workers))
    return min(left, max(1, limit // (PARTS * workers))) if clock.stop.seconds is None else min(left, tries)


def _next_tries(clock: StopClock, tries: int, took: float) -> int:
    """So many proposals that a part takes its share of the time and never oversteps it."""
    if clock.stop.seconds is None:
        return tries
    wished = min(clock.stop.seconds / PARTS, max(clock.remaining * 0.9, 1e-3))
    return int(min(max(tries * wished / max(took, 1e-6), 50), tries * 4))
