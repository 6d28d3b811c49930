"""The arrays of a day of visits, and of the rounds of its caregivers, as the kernels see them.

A *visit* is one service at one patient. Late starts are allowed and counted; caregivers start and end at the
office, from time 0, and walk distances that are also times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.optimizer.engine.bundle import Bundle
from dispatch.optimizer.engine.dice import State, seeded
from dispatch.optimizer.engine.instance import Floats, Integers

# Values of `role`: alone, at the same time as its mate, before its mate, after its mate
ALONE, TOGETHER, FIRST, SECOND = range(4)
KEPT = 4
"""The most rounds that one move changes."""


@dataclass(frozen=True, eq=False)
class Visits(Bundle):
    """A day's visits; V visits, C caregivers, L places of which 0 is the office."""

    distance: Floats  # (L, L) also the minutes on the way
    place: Integers  # (V,)
    early: Floats  # (V,) no start before
    late: Floats  # (V,) every minute after counts
    stay: Floats  # (V,)
    role: Integers  # (V,)
    mate: Integers  # (V,) the other visit of a pair, -1
    least: Floats  # (V,) smallest time from the first start of a pair to the second
    most: Floats  # (V,) largest
    able: Any  # (V, C) bool
    choice: Integers  # (V, C) caregivers who can do it, first `choices` entries
    choices: Integers  # (V,)


@dataclass(frozen=True, eq=False)
class Rounds(Bundle):
    """Who visits what in which order."""

    order: Integers  # (C, V) visits of each caregiver, first `size` entries
    size: Integers  # (C,)
    caregiver: Integers  # (V,)
    spot: Integers  # (V,) its index in the caregiver's order
    length: Floats  # (C,) the way of each round, there and back
    start: Floats  # (V,) starts of service when last timed
    value: Floats  # (1,) distance + lateness + greatest lateness when last timed


@dataclass(frozen=True, eq=False)
class Scratch(Bundle):
    """Memory of one worker."""

    start: Floats  # (V,)
    floor: Floats  # (V,) no start before, raised where a first visit must wait for its second
    state: Integers  # (V,)
    stack: Integers  # (C + 1,)
    head: Integers  # (C,)
    clock: Floats  # (C,)
    at: Integers  # (C,)
    kept: Integers  # (KEPT, V) orders as they were before a move
    kept_size: Integers  # (KEPT,)
    kept_who: Integers  # (KEPT,)
    kept_length: Floats  # (KEPT,)
    late: Floats  # (2,) total and greatest lateness while timing
    dice: State


def empty_rounds(visits: Visits) -> Rounds:
    """Rounds without visits."""
    count, caregivers = visits.able.shape
    return Rounds(
        order=np.zeros((caregivers, count), dtype=np.int32),
        size=np.zeros(caregivers, dtype=np.int32),
        caregiver=np.full(count, -1, dtype=np.int32),
        spot=np.zeros(count, dtype=np.int32),
        length=np.zeros(caregivers),
        start=np.zeros(count),
        value=np.zeros(1),
    )


def scratch(visits: Visits, seed: int, worker: int) -> Scratch:
    """Memory and random numbers of one worker of a seeded search."""
    count, caregivers = visits.able.shape
    return Scratch(
        start=np.zeros(count),
        floor=np.zeros(count),
        state=np.zeros(count, dtype=np.int32),
        stack=np.zeros(caregivers + 1, dtype=np.int32),
        head=np.zeros(caregivers, dtype=np.int32),
        clock=np.zeros(caregivers),
        at=np.zeros(caregivers, dtype=np.int32),
        kept=np.zeros((KEPT, count), dtype=np.int32),
        kept_size=np.zeros(KEPT, dtype=np.int32),
        kept_who=np.zeros(KEPT, dtype=np.int32),
        kept_length=np.zeros(KEPT),
        late=np.zeros(2),
        dice=seeded(seed, worker),
    )
