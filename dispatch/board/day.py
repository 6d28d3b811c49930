"""A vendor's day as the board shows it: lanes of vehicles with their legs, and what is on none of them.

Six statements however many vehicles and legs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatch.board.legs import Leg, with_risks
from dispatch.board.reading import (
    Asked,
    BlockedGlance,
    PlannedLeg,
    ShiftGlance,
    Waiting,
    blocked_in,
    legs_of,
    plan_of,
    region_of,
    shifts_of,
    waiting_in,
)
from dispatch.planning.models import PlanState
from dispatch.planning.reading import day_bounds
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession

OFFICE = ("dispatcher", "vendor_admin")


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
        return [f"booking:{leg.planned.booking_id}" for leg in self.legs]


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
        return next((lane for lane in self.lanes if _is_on(lane, booking_id)), None)


def board_day(session: WorkSession, day: date | None = None, shift_id: UUID | None = None) -> BoardDay:
    """The acting vendor's day (today when none is named), with the risk of every leg.

    With a `shift_id` only its lane, and nothing of what waits.
    """
    session.actor.require(*OFFICE)
    region = region_of(session)
    zone = ZoneInfo(region.time_zone if region else "UTC")
    now = session.now()
    day = day or now.astimezone(zone).date()
    asked = Asked(*day_bounds(day, zone), shift_id)
    planned = legs_of(session, asked)
    lanes = _lanes(shifts_of(session, asked), planned, blocked_in(session, asked), zone, now)
    plan = plan_of(session, region.regions[0], day) if region and region.regions else None
    known = {leg.booking_id for leg in planned}
    waiting = [] if shift_id else waiting_in(session, asked)
    begins, ends = _drawn(lanes, asked.start, asked.end)
    return BoardDay(
        day=day,
        zone=zone,
        now=now,
        starts_at=begins,
        ends_at=ends,
        lanes=lanes,
        waiting=tuple(one for one in waiting if one.booking_id not in known),
        plan_id=plan.id if plan else None,
        planning=plan is not None and plan.state is not PlanState.CURRENT,
        roads=plan.roads if plan is not None else "",
    )


def _lanes(
    shifts: Sequence[ShiftGlance],
    planned: Sequence[PlannedLeg],
    blocked: Sequence[BlockedGlance],
    zone: ZoneInfo,
    now: datetime,
) -> tuple[Lane, ...]:
    of_shift: dict[UUID, list[PlannedLeg]] = defaultdict(list)
    for leg in planned:
        of_shift[leg.shift_id].append(leg)
    return tuple(
        Lane(
            shift_id=shift.id,
            vehicle_id=shift.vehicle_id,
            name=shift.name,
            plate=shift.plate,
            crew=", ".join(shift.crew_names or ()),
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            home=shift.home,
            legs=tuple(with_risks(of_shift.get(shift.id, []), shift.home, zone, now)),
            breaks=_breaks(shift),
            blocked=_blocked(shift, blocked),
        )
        for shift in shifts
    )


def _breaks(shift: ShiftGlance) -> tuple[Span, ...]:
    if not shift.break_minutes or shift.break_earliest_at is None or shift.break_latest_at is None:
        return ()
    until = shift.break_latest_at + timedelta(minutes=shift.break_minutes)
    return (Span(shift.break_earliest_at, until, f"Break of {shift.break_minutes} minutes in this time"),)


def _blocked(shift: ShiftGlance, blocked: Sequence[BlockedGlance]) -> tuple[Span, ...]:
    subjects = {shift.vehicle_id, *(shift.crew_ids or ())}
    return tuple(
        Span(
            max(time.starts_at, shift.starts_at), min(time.ends_at, shift.ends_at), f"Blocked: {time.reason}"
        )
        for time in blocked
        if time.subject_id in subjects and time.starts_at < shift.ends_at and time.ends_at > shift.starts_at
    )


def _is_on(lane: Lane, booking_id: UUID) -> bool:
    return any(leg.planned.booking_id == booking_id for leg in lane.legs)


def _drawn(lanes: Sequence[Lane], start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Whole hours around everything; from 6 to 20 o'clock where there is nothing."""
    firsts = [lane.starts_at for lane in lanes] + [
        leg.planned.leaves_at for lane in lanes for leg in lane.legs[:1]
    ]
    lasts = [lane.ends_at for lane in lanes] + [leg.planned.ends_at for lane in lanes for leg in lane.legs]
    first = max(start, min(firsts, default=start + timedelta(hours=6)))
    last = min(end + timedelta(hours=6), max(lasts, default=start + timedelta(hours=20)))
    begins = first.replace(minute=0, second=0, microsecond=0)
    ends = (last + timedelta(minutes=59, seconds=59)).replace(minute=0, second=0, microsecond=0)
    return begins, max(ends, begins + timedelta(hours=1))
