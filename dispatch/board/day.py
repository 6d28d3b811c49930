"""A vendor's day as the board shows it: lanes of vehicles with their legs, and what is on none of them.

Six statements however many vehicles and legs; nobody's name or street is among what is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.board.legs import Leg, with_risks
from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from dispatch.planning.models import Assignment, LeftOut, Plan, PlanState
from dispatch.planning.reading import day_bounds
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import BlockedTime, Shift
from vendors.fleet.service import blocked_between, shifts_between
from vendors.network.models import VendorProfile

OFFICE = ("dispatcher", "vendor_admin")
WAITING_STATES = (BookingState.ACCEPTED, BookingState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane that is no leg: a break's window, or blocked time."""

    starts_at: datetime
    ends_at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One vehicle's shift: who works, when, and everything on it in order."""

    shift_id: UUID
    vehicle_id: UUID
    name: str
    plate: str
    crew: str
    starts_at: datetime
    ends_at: datetime
    home: Position
    legs: tuple[Leg, ...] = ()
    breaks: tuple[Span, ...] = ()
    blocked: tuple[Span, ...] = ()

    @property
    def at_risk(self) -> int:
        """How many legs are more likely late than usual."""
        return sum(leg.tone in ("warn", "bad") for leg in self.legs)

    @property
    def followed(self) -> list[str]:
        """The live names of what the lane shows."""
        return [f"booking:{leg.booking.id}" for leg in self.legs]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Accepted work on no vehicle, and why."""

    booking: Booking
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardDay:
    """Everything the board shows of one local day."""

    day: date
    zone: ZoneInfo
    now: datetime
    starts_at: datetime
    ends_at: datetime
    """The span that is drawn: whole hours around all shifts and legs."""
    lanes: tuple[Lane, ...]
    waiting: tuple[Waiting, ...]
    plan_id: UUID | None
    planning: bool
    """Whether a newer plan is on its way."""
    roads: str = ""
    """Where the plan's travel times came from."""

    @property
    def legs(self) -> list[Leg]:
        """All legs of all lanes."""
        return [leg for lane in self.lanes for leg in lane.legs]

    def lane_of(self, booking_id: UUID) -> Lane | None:
        """The lane that a booking is on."""
        return next(
            (lane for lane in self.lanes if any(leg.booking.id == booking_id for leg in lane.legs)), None
        )


@dataclass(slots=True)
class _Read:
    shifts: Sequence[Shift]
    blocked: Sequence[BlockedTime]
    legs: dict[UUID, list[Leg]] = field(default_factory=lambda: defaultdict(list))


def board_day(session: WorkSession, day: date | None = None, shift_id: UUID | None = None) -> BoardDay:
    """The acting vendor's day (today when none is named), with the risk of every leg.

    With a `shift_id` only its lane, and nothing of what waits.
    """
    session.actor.require(*OFFICE)
    profile = session.get(VendorProfile, session.actor.organization())
    zone = ZoneInfo(profile.time_zone if profile else "UTC")
    now = session.now()
    day = day or now.astimezone(zone).date()
    start, end = day_bounds(day, zone)
    read = _Read(shifts_between(session, start, end), blocked_between(session, start, end))
    if shift_id is not None:
        read.shifts = [shift for shift in read.shifts if shift.id == shift_id]
    planned = _legs(session, start, end, shift_id)
    for leg in planned:
        read.legs[leg.assignment.shift_id].append(leg)
    lanes = tuple(_lane(shift, read, zone, now) for shift in _by_name(read.shifts))
    plan = _plan(session, profile, day)
    known = {leg.booking.id for leg in planned}
    begins, ends = _drawn(lanes, start, end)
    return BoardDay(
        day=day,
        zone=zone,
        now=now,
        starts_at=begins,
        ends_at=ends,
        lanes=lanes,
        waiting=() if shift_id else tuple(_waiting(session, start, end, known)),
        plan_id=plan.id if plan else None,
        planning=plan is not None and plan.state is not PlanState.CURRENT,
        roads=plan.roads if plan is not None else "",
    )


def _legs(session: WorkSession, start: datetime, end: datetime, shift_id: UUID | None) -> list[Leg]:
    query = (
        select(Assignment, Booking, FieldService)
        .join(Booking, Booking.id == Assignment.booking_id)
        .outerjoin(
            FieldService,
            (FieldService.booking_id == Assignment.booking_id)
            & (FieldService.status != FieldStatus.WITHDRAWN),
        )
        .where(Assignment.vendor_organization_id == session.actor.organization())
        .where(Assignment.starts_at >= start, Assignment.starts_at < end)
        .order_by(Assignment.starts_at, Assignment.id)
    )
    if shift_id is not None:
        query = query.where(Assignment.shift_id == shift_id)
    return [Leg(row[0], row[1], row[2]) for row in session.execute(query)]


def _waiting(session: WorkSession, start: datetime, end: datetime, known: set[UUID]) -> Iterator[Waiting]:
    rows = session.execute(
        select(Booking, LeftOut.reason)
        .outerjoin(LeftOut, LeftOut.booking_id == Booking.id)
        .where(Booking.vendor_organization_id == session.actor.organization())
        .where(Booking.promised_start >= start, Booking.promised_start < end)
        .where(Booking.state.in_(WAITING_STATES))
        .order_by(Booking.promised_start, Booking.id)
    )
    for booking, reason in rows:
        if booking.id not in known:
            yield Waiting(
                booking, reason or booking.hold_reason or "The plan that gives it a vehicle is being made."
            )


def _plan(session: WorkSession, profile: VendorProfile | None, day: date) -> Plan | None:
    if profile is None or not profile.regions:
        return None
    return session.scalars(
        select(Plan).where(Plan.region == profile.regions[0], Plan.day == day)
    ).one_or_none()


def _by_name(shifts: Sequence[Shift]) -> list[Shift]:
    return sorted(shifts, key=lambda shift: (shift.vehicle.name, shift.starts_at))


def _lane(shift: Shift, read: _Read, zone: ZoneInfo, now: datetime) -> Lane:
    vehicle = shift.vehicle
    home = Position(vehicle.depot.latitude, vehicle.depot.longitude)
    breaks: tuple[Span, ...] = ()
    if shift.break_minutes and shift.break_earliest_at and shift.break_latest_at:
        until = shift.break_latest_at + timedelta(minutes=shift.break_minutes)
        label = f"Break of {shift.break_minutes} minutes in this time"
        breaks = (Span(shift.break_earliest_at, until, label),)
    subjects = {vehicle.id, *shift.crew_member_ids}
    blocked = tuple(
        Span(
            max(time.starts_at, shift.starts_at), min(time.ends_at, shift.ends_at), f"Blocked: {time.reason}"
        )
        for time in read.blocked
        if (time.vehicle_id or time.crew_member_id) in subjects
        and time.starts_at < shift.ends_at
        and time.ends_at > shift.starts_at
    )
    return Lane(
        shift_id=shift.id,
        vehicle_id=vehicle.id,
        name=vehicle.name,
        plate=vehicle.plate,
        crew=", ".join(seat.crew_member.name for seat in shift.crew),
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        home=home,
        legs=tuple(with_risks(read.legs.get(shift.id, []), home, zone, now)),
        breaks=breaks,
        blocked=blocked,
    )


def _drawn(lanes: Sequence[Lane], start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Whole hours around everything; from 6 to 20 o'clock where there is nothing."""
    firsts = [lane.starts_at for lane in lanes] + [leg.sets_off_at for lane in lanes for leg in lane.legs[:1]]
    lasts = [lane.ends_at for lane in lanes] + [leg.assignment.ends_at for lane in lanes for leg in lane.legs]
    first = max(start, min(firsts, default=start + timedelta(hours=6)))
    last = min(end + timedelta(hours=6), max(lasts, default=start + timedelta(hours=20)))
    begins = first.replace(minute=0, second=0, microsecond=0)
    ends = (last + timedelta(minutes=59, seconds=59)).replace(minute=0, second=0, microsecond=0)
    return begins, max(ends, begins + timedelta(hours=1))
