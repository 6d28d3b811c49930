"""What planning knows of a day, as frozen values: awarded work, links, crews' days and places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from marketplace.foundation.geography import Position

OVERTIME = timedelta(hours=1)
"""How long after its shift a vehicle may be back at the latest, at a price."""


class Mode(StrEnum):
    """How a vehicle travels."""

    ROAD = "road"
    AIR_FIXED = "air_fixed"
    AIR_ROTOR = "air_rotor"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a booking stands in the plan before: its vehicle, when service begins, and whether that stays."""

    vehicle_day_id: str
    starts_at: datetime
    fixed: bool = False
    """The vehicle stays: a person pinned it, or the equipment is loaded already."""
    ends_at: datetime | None = None
    """When the service ends there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwardedWork:
    """One accepted booking as the planner sees it: no name, no address, only what the plan needs.

    `load` is (seats, wheelchairs, stretchers, cargo litres). Times are aware. `destination` is None for a
    delivery or a visit, whose one point is `origin`. `credentials` are names that must be valid during the
    service.
    """

    booking_id: UUID
    award_id: UUID
    revision: int
    organization_id: UUID
    vendor_organization_id: UUID
    kind: str
    reference: str
    origin: Position
    destination: Position | None
    earliest: datetime
    latest: datetime
    load: tuple[int, int, int, int]
    first_seconds: int
    """Boarding, or set-up at the door."""
    last_seconds: int = 0
    """Leaving the vehicle and being brought to the chair or bed."""
    max_ride_seconds: int | None = None
    skills: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    equipment: tuple[tuple[str, int], ...] = ()
    mode: Mode = Mode.ROAD
    """How it travels: its places are apart from those of other modes."""
    start_not_before: datetime | None = None
    """The leg before, under way or planned elsewhere, has handed the patient over by then."""
    arrive_not_before: datetime | None = None
    """What must be there first will be done by then (it is under way, or planned elsewhere)."""
    finish_by: datetime | None = None
    """Somebody else's service waits for this one: it must have ended by then."""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Equipment, then patient: `after` may arrive only `min_lag_seconds` after `before` has ended.

    Of the legs of a trip the later one may only begin then: `at_pickup`.
    `coming` is False when `before` is nobody's accepted work (or ended without service), so that nobody
    knows when it will be there.
    """

    before: UUID
    after: UUID
    hard: bool
    min_lag_seconds: int = 0
    max_lag_seconds: int | None = None
    coming: bool = True
    at_pickup: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleDay:
    """One shift of one vehicle with its crew: where it starts and ends, what it can carry, who may do what.

    `credentials` are (name, valid from, valid until) of vehicle and crew together: a name counts for the
    span in which everybody who needs it has it.
    """

    id: str
    vehicle_id: UUID
    shift_id: UUID
    vendor_organization_id: UUID
    driver_user_id: UUID | None
    start: Position
    """Where it stands when it is free: its depot, or where its last work ended."""
    home: Position
    starts_at: datetime
    ends_at: datetime
    configurations: tuple[tuple[int, int, int, int], ...]
    depot_id: str
    breaks: tuple[tuple[datetime, datetime, int], ...] = ()
    blocked: tuple[tuple[datetime, datetime], ...] = ()
    skills: frozenset[str] = frozenset()
    credentials: tuple[tuple[str, datetime, datetime], ...] = ()
    mode: Mode = Mode.ROAD
    cents_per_km: int = 60
    cents_per_hour: int = 2800
    overtime: timedelta = OVERTIME
    """Less where the vehicle's next shift begins sooner: then another crew takes it over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFacts:
    """A region's day: everything `build_problem` needs, and the moment before which nothing may change."""

    day_start: datetime
    """Local midnight, as UTC."""
    frozen_until: datetime
    works: tuple[AwardedWork, ...]
    orders: tuple[Order, ...]
    vehicle_days: tuple[VehicleDay, ...]
    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    """Pieces by item code for each depot id."""
    left_out: frozenset[UUID] = frozenset()
    """Work that the plan before did without."""
