"""Compiled basics of caregivers' rounds: how long one is, and a copy of them all."""

from __future__ import annotations

from dispatch.optimizer.caregivers.visits import Rounds, Visits
from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.copying import copy


@inlined
def round_length(visits: Visits, rounds: Rounds, who: int) -> float:
    """The way of one caregiver from the office and back."""
    here, length = 0, 0.0
    for k in range(rounds.size[who]):
        there = visits.place[rounds.order[who, k]]
        length += visits.distance[here, there]
        here = there
    return length + float(visits.distance[here, 0])


@inlined
def copy_rounds(source: Rounds, target: Rounds) -> None:
    """Make one plan like another."""
    for who in range(len(source.size)):
        target.size[who] = source.size[who]
        target.length[who] = source.length[who]
        for k in range(source.size[who]):
            target.order[who, k] = source.order[who, k]
    copy(target.caregiver, source.caregiver, len(source.caregiver))
    copy(target.spot, source.spot, len(source.spot))
    copy(target.start, source.start, len(source.start))
    copy(target.value, source.value, len(source.value))
