"""A trip that is late: the windows and planned times of the later legs follow in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.events import BookingWindowMoved
from marketplace.bookings.flying import travel_by
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.pairing import SETTLED
from marketplace.bookings.rules import SHORTEST_WINDOW
from marketplace.bookings.telling import tell, tell_planner
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.trip_orders import whole_minute
from marketplace.bookings.window_moves import move_requested
from marketplace.bookings.words import CALLED_OFF, ServiceStatus
from marketplace.foundation.errors import FieldError
from marketplace.foundation.events import publish
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility

WORTH_TELLING = timedelta(minutes=10)
"""Of planned times that shift inside their window; a window that moves is always told."""
_MINUTE = timedelta(minutes=1)
_T = ServiceStatus


def expected_finish(session: WorkSession, leg: Booking) -> datetime:
    """When the patient will have been handed over at the end of a leg, by what is known of it now.

    Nobody begins or arrives in the past: a leg of which nothing is heard is late by as much as it is overdue.
    """
    if leg.finished_at is not None:
        return leg.finished_at
    lasts = timedelta(seconds=leg.service_seconds + leg.dropoff_seconds) + _travel(session, leg)
    usual = leg.requested_start + lasts
    if leg.planned_start and leg.planned_end and leg.planned_start >= leg.requested_start:
        usual = leg.planned_end
    said, at = leg.service_status, leg.service_status_at
    if said is None or at is None:
        overdue = session.now() > (leg.planned_start or leg.requested_end)
        return max(usual, session.now() + lasts) if overdue else usual
    if said is _T.EN_ROUTE_PICKUP:
        return max(usual, at + lasts)
    if said is _T.ARRIVED_PICKUP:
        return max(at + lasts, session.now())
    leaving = timedelta(seconds=leg.dropoff_seconds)
    arrives = at + leaving + (_travel(session, leg) if said is _T.ON_BOARD else timedelta(0))
    return max(arrives, session.now())


def finish_after(session: WorkSession, leg: Booking, ready: datetime | None) -> datetime:
    """The same of a leg whose patient is there at `ready` only (None: nobody is waited for)."""
    expected = expected_finish(session, leg)
    if ready is None or leg.boarded_at is not None or (leg.planned_start and leg.planned_start >= ready):
        return expected
    lasts = timedelta(seconds=leg.service_seconds + leg.dropoff_seconds) + _travel(session, leg)
    return max(expected, ready + lasts)


def push_later_legs(session: WorkSession, leg: Booking) -> list[Booking]:
    """The legs after this one move as far as it is late, and no further; returns those that moved.

    A window moves when less than 15 minutes of it are left once the patient is there; planned times never
    begin before. Planner, vendors and crews of the moved legs are told.
    """
    if leg.trip_id is None:
        return []
    free = expected_finish(session, leg)
    moved = []
    with requester_acts(session, leg):
        trip = session.get_one(Trip, leg.trip_id)
        for one in _later(session, leg):
            if one.state in SETTLED:
                free = max(free, expected_finish(session, one))
                continue
            ready = whole_minute(free + timedelta(minutes=trip.hand_over_minutes))
            if _follow(session, trip, one, ready):
                moved.append(one)
            free = finish_after(session, one, ready)
    return moved


def shift_later_legs(session: WorkSession, leg: Booking, later: timedelta) -> None:
    """The planner moved a leg: those after it that wait keep their distance from it."""
    if leg.trip_id is None:
        return
    for one in _later(session, leg):
        if one.state not in SETTLED:
            _move(session, one, later)


def leg_errors(session: WorkSession, leg: Booking, window: RequestedWindow) -> list[FieldError]:
    """A leg does not begin before the one before it has handed the patient over."""
    before = leg_before(session, leg)
    if before is None or leg.trip_id is None:
        return []
    trip = session.get_one(Trip, leg.trip_id)
    ready = whole_minute(expected_finish(session, before) + timedelta(minutes=trip.hand_over_minutes))
    if window.end - SHORTEST_WINDOW >= ready:
        return []
    text = (
        f"{before.reference}, the leg before, hands the patient over only at about "
        f"{_clock(session, leg, ready)}: choose a later window, or move that leg"
    )
    return [FieldError("requested_end", text)]


def leg_before(session: WorkSession, leg: Booking) -> Booking | None:
    """The leg of the trip before this one that still counts."""
    if leg.trip_id is None or leg.trip_leg is None:
        return None
    mine = (Booking.trip_id == leg.trip_id, Booking.trip_leg == leg.trip_leg - 1)
    return session.scalars(select(Booking).where(*mine, Booking.state.not_in(CALLED_OFF))).one_or_none()


def _later(session: WorkSession, leg: Booking) -> Sequence[Booking]:
    """The legs after this one that still count, in their order; locked by their ids, as everywhere."""
    query = (
        select(Booking)
        .where(Booking.trip_id == leg.trip_id, Booking.trip_leg > leg.trip_leg)
        .where(Booking.state.not_in(CALLED_OFF))
        .order_by(Booking.id)
        .with_for_update(key_share=False)
    )
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    return sorted(found, key=lambda one: one.trip_leg or 0)


def _follow(session: WorkSession, trip: Trip, leg: Booking, ready: datetime) -> bool:
    """Move what begins too early for a patient who is there at `ready`; says whether anything moved."""
    moves = ready > leg.requested_end - SHORTEST_WINDOW
    if moves:
        _move(session, leg, ready - leg.requested_start)
    late = ready - leg.planned_start if leg.planned_start else timedelta(0)
    if leg.planned_start and leg.planned_end and late > timedelta(0):
        leg.planned_start, leg.planned_end = ready, leg.planned_end + late
        if not moves:
            leg.revision += 1
            publish(session, BookingWindowMoved(leg.id, leg.revision))
    if moves or late >= WORTH_TELLING:
        _tell(session, trip, leg, ready, moves=moves)
    return moves or late > timedelta(0)


def _move(session: WorkSession, leg: Booking, later: timedelta) -> None:
    if leg.offset_start_minutes is not None and leg.offset_end_minutes is not None:
        leg.offset_start_minutes += later // _MINUTE
        leg.offset_end_minutes += later // _MINUTE
    move_requested(session, leg, leg.requested_start + later, leg.requested_end + later, "leg_before")


def _tell(session: WorkSession, trip: Trip, leg: Booking, ready: datetime, *, moves: bool) -> None:
    at = _clock(session, leg, ready)
    said = f"Leg {leg.trip_leg} of {trip.reference} waits for the leg before it, which is late: "
    said += f"the patient is there at about {at}."
    remedy = "Nothing to do: it still fits."
    urgent = moves or (leg.promised_end is not None and ready > leg.promised_end - SHORTEST_WINDOW)
    if urgent:
        remedy = "Its window is moved and its vendor is asked. The page of the trip says what no longer fits."
    tell_planner(session, leg, TellingSubject.TRIP, said, remedy=remedy, urgent=urgent)
    if leg.vendor_organization_id is None:
        return
    text = f"The leg before yours is late: the patient is handed over at about {at}."
    for audience in (Audience.OFFICE, Audience.CREW):
        tell(
            session,
            leg,
            leg.vendor_organization_id,
            audience,
            TellingSubject.TRIP,
            text,
            remedy="Do not leave before that." if audience is Audience.CREW else "Tell your crew.",
            urgent=urgent,
        )


def _travel(session: WorkSession, leg: Booking) -> timedelta:
    if leg.level_of_service is None or leg.origin_latitude is None or leg.origin_longitude is None:
        raise ValueError(f"leg {leg.id} has no level or origin")
    origin = Position(leg.origin_latitude, leg.origin_longitude)
    goal = Position(leg.destination_latitude, leg.destination_longitude)
    way = travel_by(leg.level_of_service, _zone(session, leg.facility_id))
    return timedelta(seconds=way.travel(origin, goal, leg.requested_start).seconds)


def _zone(session: WorkSession, facility_id: UUID) -> ZoneInfo:
    facility = session.get(Facility, facility_id)
    return ZoneInfo(facility.time_zone if facility else "UTC")


def _clock(session: WorkSession, leg: Booking, moment: datetime) -> str:
    return f"{moment.astimezone(_zone(session, leg.facility_id)):%H:%M}"
