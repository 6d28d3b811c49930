"""The ground's Service: what its rooms contribute, in the order in which they build on each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.bookings.service_parts import parts as bookings
from marketplace.careplans.service_parts import parts as careplans
from marketplace.choices.service_parts import parts as choices
from marketplace.foundation.service import Service
from marketplace.foundation.world import World
from marketplace.identity.service_parts import parts as identity
from marketplace.patients.service_parts import parts as patients

ROOMS: tuple[Service, ...] = (identity, patients, careplans, choices, bookings)
"""One per room; a room's `service_parts.py` says what it brings."""


def _blueprints() -> Sequence[Any]:
    return [blueprint for room in ROOMS for blueprint in room.blueprints()]


def _commands() -> Sequence[Any]:
    return [command for room in ROOMS for command in room.commands()]


def _demo(world: World) -> None:
    for room in ROOMS:
        if room.demo is not None:
            room.demo(world)


service = Service(
    name="ground",
    rank=1,
    models=[module for room in ROOMS for module in room.models],
    blueprints=_blueprints,
    commands=_commands,
    handlers=[handler for room in ROOMS for handler in room.handlers],
    job_kinds=[kind for room in ROOMS for kind in room.job_kinds],
    schedules=[schedule for room in ROOMS for schedule in room.schedules],
    invariants=[invariant for room in ROOMS for invariant in room.invariants],
    navigation=[item for room in ROOMS for item in room.navigation],
    demo=_demo,
)
