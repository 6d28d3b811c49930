"""What the board reads of a vendor's day: the columns that it shows and judges by, nothing more.

The board is asked for all day long and shows hundreds of services. Its statements were built once and their
rows come as they are, past the mapped classes: objects with all their columns would cost more than the
page. Nobody's name or street is among what is read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, CursorResult, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from dispatch.planning.models import Assignment, LeftOut, Plan, PlanState
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingKind, BookingState, LevelOfService, WindowAnchor
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import BlockedTime, CrewMember, Depot, Shift, ShiftCrew, Vehicle
from vendors.fleet.service import LONGEST_SHIFT
from vendors.network.models import VendorProfile

WAITING_STATES = (BookingState.ACCEPTED, BookingState.ON_HOLD)
NOT_YET = "The plan that gives it a vehicle is being made."


class PlannedLeg(NamedTuple):
    """Of a planned service its place in the plan, the booking, and how far the crew is."""

    booking_id: UUID
    reference: str
    kind: BookingKind
    level_of_service: LevelOfService | None
    shift_id: UUID
    vehicle_id: UUID
    starts_at: datetime
    ends_at: datetime
    leaves_at: datetime
    pinned: bool
    promised_start: datetime | None
    promised_end: datetime | None
    requested_start: datetime
    anchor: WindowAnchor
    offset_start_minutes: int | None
    origin_place_kind: str | None
    origin_latitude: float | None
    origin_longitude: float | None
    origin_postal_code: str | None
    destination_latitude: float
    destination_longitude: float
    destination_postal_code: str
    service_seconds: int
    dropoff_seconds: int
    status: FieldStatus | None
    """None while no crew has a record of it."""
    last_latitude: float | None
    last_longitude: float | None

    @property
    def origin(self) -> Position | None:
        """Where a rider is picked up; None for a delivery."""
        if self.origin_latitude is None or self.origin_longitude is None:
            return None
        return Position(self.origin_latitude, self.origin_longitude)

    @property
    def destination(self) -> Position:
        """Where it ends."""
        return Position(self.destination_latitude, self.destination_longitude)


class Waiting(NamedTuple):
    """Accepted work on no vehicle, and why."""

    booking_id: UUID
    reference: str
    kind: BookingKind
    level_of_service: LevelOfService | None
    promised_start: datetime
    promised_end: datetime | None
    latitude: float
    longitude: float
    reason: str

    @property
    def place(self) -> Position:
        """Where it begins."""
        return Position(self.latitude, self.longitude)


class ShiftGlance(NamedTuple):
    """Of a shift its vehicle, depot and crew, as a lane shows them."""

    id: UUID
    vehicle_id: UUID
    name: str
    plate: str
    latitude: float
    longitude: float
    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    break_earliest_at: datetime | None
    break_latest_at: datetime | None
    crew_ids: list[UUID] | None
    crew_names: list[str] | None
    """The driver first; None without a crew."""

    @property
    def home(self) -> Position:
        """Where the vehicle begins and ends its day."""
        return Position(self.latitude, self.longitude)


class BlockedGlance(NamedTuple):
    """Of a blocked time whom it concerns, when and why."""

    subject_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str


class PlanGlance(NamedTuple):
    """Of a day's plan how it stands."""

    id: UUID
    state: PlanState
    roads: str


class Region(NamedTuple):
    """Where and by which clock a vendor works."""

    time_zone: str
    regions: list[str]


class Asked(NamedTuple):
    """From local midnight to local midnight, and the shift that alone is wanted (None: all)."""

    start: datetime
    end: datetime
    shift_id: UUID | None = None


def region_of(session: WorkSession) -> Region | None:
    """The acting vendor's; None without a profile."""
    row = _rows(session, _REGION).one_or_none()
    return Region._make(row) if row else None


def plan_of(session: WorkSession, region: str, day: date) -> PlanGlance | None:
    """The plan of a region's local day."""
    row = _rows(session, _PLAN, region=region, day=day).one_or_none()
    return PlanGlance._make(row) if row else None


def shifts_of(session: WorkSession, asked: Asked) -> list[ShiftGlance]:
    """The shifts that touch the span, by the names of their vehicles and their times."""
    rows = _rows(session, _SHIFTS, **asked._asdict(), since=asked.start - LONGEST_SHIFT)
    return sorted(map(ShiftGlance._make, rows), key=lambda shift: (shift.name, shift.starts_at))


def blocked_in(session: WorkSession, asked: Asked) -> list[BlockedGlance]:
    """The blocked times that touch the span, by their beginnings."""
    rows = _rows(session, _BLOCKED, start=asked.start, end=asked.end)
    return [BlockedGlance._make(row) for row in rows]


def legs_of(session: WorkSession, asked: Asked) -> list[PlannedLeg]:
    """What is planned to begin in the span, by time."""
    return [PlannedLeg._make(row) for row in _rows(session, _LEGS, **asked._asdict())]


def waiting_in(session: WorkSession, asked: Asked) -> list[Waiting]:
    """What was accepted for the span, planned or not, with the reason for which it may be on no vehicle."""
    return [Waiting._make(row) for row in _rows(session, _WAITING, start=asked.start, end=asked.end)]


def _rows(session: WorkSession, statement: Select[*tuple[Any, ...]], **values: Any) -> CursorResult[Any]:
    return session.connection().execute(statement, {"vendor": session.actor.organization(), **values})


_VENDOR = bindparam("vendor", type_=Uuid)
_START: BindParameter[datetime] = bindparam("start")
_END: BindParameter[datetime] = bindparam("end")


def _wanted(column: Any) -> ColumnElement[bool]:
    """The shift that is asked for, or any."""
    shift_id = bindparam("shift_id", type_=Uuid)
    return or_(shift_id.is_(None), column == shift_id)


def _of_crew(column: Any) -> ColumnElement[Any]:
    """This column of a shift's crew, the driver first."""
    return (
        select(func.array_agg(aggregate_order_by(column, ShiftCrew.position)))
        .select_from(ShiftCrew)
        .join(CrewMember, CrewMember.id == ShiftCrew.crew_member_id)
        .where(ShiftCrew.shift_id == Shift.id)
        .scalar_subquery()
    )


_REGION = select(VendorProfile.time_zone, VendorProfile.regions).where(
    VendorProfile.organization_id == _VENDOR
)
_PLAN = select(Plan.id, Plan.state, Plan.roads).where(
    Plan.region == bindparam("region"), Plan.day == bindparam("day")
)
_SHIFTS = (
    select(
        Shift.id,
        Shift.vehicle_id,
        Vehicle.name,
        Vehicle.plate,
        Depot.latitude,
        Depot.longitude,
        Shift.starts_at,
        Shift.ends_at,
        Shift.break_minutes,
        Shift.break_earliest_at,
        Shift.break_latest_at,
        _of_crew(ShiftCrew.crew_member_id),
        _of_crew(CrewMember.name),
    )
    .join(Vehicle, Vehicle.id == Shift.vehicle_id)
    .join(Depot, Depot.id == Vehicle.depot_id)
    .where(Shift.vendor_organization_id == _VENDOR, _wanted(Shift.id))
    .where(Shift.starts_at < _END, Shift.starts_at > bindparam("since"), Shift.ends_at > _START)
    .where(Shift.cancelled_at.is_(None), Vehicle.in_service)
)
_BLOCKED = (
    select(
        func.coalesce(BlockedTime.vehicle_id, BlockedTime.crew_member_id),
        BlockedTime.starts_at,
        BlockedTime.ends_at,
        BlockedTime.reason,
    )
    .where(BlockedTime.vendor_organization_id == _VENDOR)
    .where(BlockedTime.starts_at < _END, BlockedTime.ends_at > _START)
    .order_by(BlockedTime.starts_at)
)
_LEGS = (
    select(
        Booking.id,
        Booking.reference,
        Booking.kind,
        Booking.level_of_service,
        Assignment.shift_id,
        Assignment.vehicle_id,
        Assignment.starts_at,
        Assignment.ends_at,
        Assignment.leaves_at,
        Assignment.pinned,
        Booking.promised_start,
        Booking.promised_end,
        Booking.requested_start,
        Booking.anchor,
        Booking.offset_start_minutes,
        Booking.origin_place_kind,
        Booking.origin_latitude,
        Booking.origin_longitude,
        Booking.origin_postal_code,
        Booking.destination_latitude,
        Booking.destination_longitude,
        Booking.destination_postal_code,
        Booking.service_seconds,
        Booking.dropoff_seconds,
        FieldService.status,
        FieldService.last_latitude,
        FieldService.last_longitude,
    )
    .select_from(Assignment)
    .join(Booking, Booking.id == Assignment.booking_id)
    .outerjoin(
        FieldService,
        (FieldService.booking_id == Assignment.booking_id) & (FieldService.status != FieldStatus.WITHDRAWN),
    )
    .where(Assignment.vendor_organization_id == _VENDOR, _wanted(Assignment.shift_id))
    .where(Assignment.starts_at >= _START, Assignment.starts_at < _END)
    .order_by(Assignment.starts_at, Assignment.id)
)
_WAITS: BindParameter[BookingState] = bindparam(
    "waits", list(WAITING_STATES), expanding=True, literal_execute=True
)
"""Written out in the statement, so that the database sees that its index of exactly these will do."""
_WAITING = (
    select(
        Booking.id,
        Booking.reference,
        Booking.kind,
        Booking.level_of_service,
        Booking.promised_start,
        Booking.promised_end,
        func.coalesce(Booking.origin_latitude, Booking.destination_latitude),
        func.coalesce(Booking.origin_longitude, Booking.destination_longitude),
        func.coalesce(func.nullif(LeftOut.reason, ""), func.nullif(Booking.hold_reason, ""), NOT_YET),
    )
    .outerjoin(LeftOut, LeftOut.booking_id == Booking.id)
    .where(Booking.vendor_organization_id == _VENDOR, Booking.state.in_(_WAITS))
    .where(Booking.promised_start >= _START, Booking.promised_start < _END)
    .order_by(Booking.promised_start, Booking.id)
)
