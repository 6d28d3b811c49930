"""How likely a stop is late: a vehicle's day played over quantiles of travel time and readiness (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dispatch.optimizer.readiness import Readiness, lognormal_readiness

PLAYS = 200
"""Days played per vehicle: percentages are good to about three points."""
READINESS = lognormal_readiness(46 * 60, 0.95)
"""How late patients of a large hospital become ready: median about 46 minutes, with a long tail."""
TRAVEL_SIGMA = 0.18
"""Spread (standard deviation of the logarithm) of a city drive around its usual time."""
LONGEST_WAIT_SECONDS = 15 * 60
"""A driver waits this long for a rider who is not ready before the next stop goes first."""

WATCH_PERCENT, ALARM_PERCENT = 20, 50


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a vehicle's day in its order; seconds since a common moment.

    `drive_seconds` leads here from the stop before (or from where the vehicle stands). `ready_at` is when
    the patient was said to be ready, None where nobody has to become ready. `late_after` is the promise's
    end, None for a stop without a promise of its own (a drop-off). A stop that is `done` happened at
    `planned_at`.
    """

    drive_seconds: int
    earliest: int
    planned_at: int
    service_seconds: int
    late_after: int | None = None
    ready_at: int | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Risk:
    """Chances in whole percent, and when the vehicle will probably be there (seconds, the median)."""

    late_percent: int
    unready_percent: int
    """That the patient is not ready when the vehicle comes and has waited."""
    expected_at: int

    @property
    def tone(self) -> str:
        """`good`, `warn` from 20 %, `bad` from 50 %."""
        if self.late_percent >= ALARM_PERCENT:
            return "bad"
        return "warn" if self.late_percent >= WATCH_PERCENT else "good"


def played(visits: tuple[Visit, ...], leaves_at: int, now: int, seed: int) -> tuple[Risk, ...]:
    """What `play` finds, kept for the days that were looked at last.

    A day is known by all that it is played with. Only a moment that lies before everything still to be done
    makes no difference, so vehicles whose work is ahead, or over, are not played again as time passes.
    """
    undone = [visit.earliest for visit in visits if not visit.done]
    return _kept(visits, leaves_at, max(now, min(undone)) if undone else 0, seed)


@lru_cache(maxsize=1024)
def _kept(visits: tuple[Visit, ...], leaves_at: int, now: int, seed: int) -> tuple[Risk, ...]:
    return tuple(play(visits, leaves_at, now, seed))


def play(
    visits: Sequence[Visit], leaves_at: int, now: int, seed: int, readiness: Readiness = READINESS
) -> list[Risk]:
    """The risk of each visit in turn, the same for the same seed; nothing undone happens before `now`.

    Late means that the vehicle arrives after the promised window's end. A patient who is not ready holds
    the vehicle up, at most `LONGEST_WAIT_SECONDS`, and so the stops behind.
    """
    factors, slips = _draws(seed, len(visits), readiness)
    free = np.full(PLAYS, float(leaves_at))
    found = []
    for number, visit in enumerate(visits):
        if visit.done:
            free = np.full(PLAYS, float(visit.planned_at + visit.service_seconds))
            found.append(Risk(0, 0, visit.planned_at))
            continue
        arrives = free + visit.drive_seconds * factors[number]
        begins = np.maximum(arrives, max(now, visit.earliest))
        if visit.ready_at is None:
            found.append(_risk(visit, begins, 0.0))
            free = begins + visit.service_seconds
            continue
        unready = np.maximum(visit.ready_at + slips[number] - begins, 0)
        not_there = np.count_nonzero(unready > LONGEST_WAIT_SECONDS) / PLAYS
        found.append(_risk(visit, begins, not_there))
        free = begins + np.minimum(unready, LONGEST_WAIT_SECONDS) + visit.service_seconds
    return found


def _risk(visit: Visit, begins: NDArray[np.float64], not_there: float) -> Risk:
    late = 0.0 if visit.late_after is None else np.count_nonzero(begins > visit.late_after) / PLAYS
    middle = np.partition(begins, (PLAYS // 2 - 1, PLAYS // 2))[PLAYS // 2 - 1 : PLAYS // 2 + 1]
    return Risk(round(100 * late), round(100 * not_there), int(middle.sum() / 2))


@lru_cache(maxsize=512)
def _draws(
    seed: int, visits: int, readiness: Readiness
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Factors of travel time and slips of readiness for each visit in turn: the same for the same seed.

    Kept, since a vehicle's day is played again whenever somebody looks at it.
    """
    random = np.random.default_rng(seed)
    factors, slips = [], []
    for _ in range(visits):
        factors.append(np.exp(random.standard_normal(PLAYS) * TRAVEL_SIGMA))
        slips.append(_slips(random, readiness))
    return factors, slips


def _slips(random: np.random.Generator, readiness: Readiness) -> NDArray[np.float64]:
    """Quantiles of readiness, each equally often, in random order: steadier than drawing."""
    shares = (random.permutation(PLAYS) + 0.5) / PLAYS
    places = (np.arange(len(readiness.slips)) + 0.5) / len(readiness.slips)
    return np.interp(shares, places, readiness.slips)
