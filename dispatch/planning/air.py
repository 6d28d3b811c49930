"""Aircraft in a day's problem: a travel matrix in which the same place is one row for each way of travelling.

A vehicle travels in one mode only, and so does each ride: what lies between rows of two modes is never used,
and is filled with the road so that every number is one that could be driven.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from dispatch.planning.facts import Mode
from marketplace.bookings.flying import FLIGHTS
from marketplace.bookings.words import AIR_LEVELS, LevelOfService
from marketplace.foundation.geography import FlightTravel, Position

Matrix = list[list[int]]
_ANY_HOUR = datetime(2026, 1, 1, tzinfo=UTC)
"""A flight takes as long at any hour."""


def mode_of(level: LevelOfService | str) -> Mode:
    """How a ride of this level travels."""
    return Mode(str(level)) if level in AIR_LEVELS else Mode.ROAD


def mode_of_vehicle(levels: Sequence[str]) -> Mode:
    """How a vehicle travels, by the levels it serves; an aircraft serves those of the air alone."""
    return next((mode for mode in (Mode.AIR_FIXED, Mode.AIR_ROTOR) if mode.value in levels), Mode.ROAD)


def travel_between(
    places: Sequence[Position],
    modes: Sequence[Mode],
    road: Callable[[Sequence[Position]], tuple[Matrix, Matrix]],
) -> tuple[Matrix, Matrix]:
    """(seconds, metres) between all rows: by air between two rows of the same air mode, on the road else."""
    seconds, metres = road(places)
    for mode in set(modes) - {Mode.ROAD}:
        flight, rows = _flight(mode), [row for row, one in enumerate(modes) if one is mode]
        for first in rows:
            for last in rows:
                way = flight.travel(places[first], places[last], _ANY_HOUR)
                seconds[first][last], metres[first][last] = way.seconds, way.meters
    return seconds, metres


def _flight(mode: Mode) -> FlightTravel:
    return FLIGHTS[LevelOfService(mode.value)]
