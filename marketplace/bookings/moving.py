"""Requested windows that move: with the discharge they hang on, or because the planner moves them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.pairing import SETTLED, waiting_way_back
from marketplace.bookings.rules import (
    leaving_errors,
    start_of_care_errors,
    visit_window_errors,
    way_back_errors,
    window_errors,
)
from marketplace.bookings.trip_delays import leg_errors, push_later_legs, shift_later_legs
from marketplace.bookings.window_moves import move_requested
from marketplace.bookings.words import (
    CALLED_OFF,
    BookingKind,
    VisitPurpose,
    WindowAnchor,
)
from marketplace.foundation.errors import Conflict, FieldError, InvalidInput
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.events import DischargeTimeChanged
from marketplace.patients.models import Encounter


def follow_discharge(session: WorkSession, event: DischargeTimeChanged) -> None:
    """Handler of DischargeTimeChanged: windows tied to the discharge follow; a stale event changes nothing.

    The vendor's promise stays as it is; whoever planned it hears BookingWindowMoved.
    """
    stay = session.get(Encounter, event.encounter_id)
    if stay is None or stay.revision != event.revision:
        return
    moved: dict[UUID, Booking] = {}
    for booking in _locked_of_stay(session, stay.id):
        if booking.anchor is not WindowAnchor.DISCHARGE or booking.state in SETTLED:
            continue
        start, end = shifted(booking, stay.expected_discharge_at)
        if start != booking.requested_start or end != booking.requested_end:
            later = start - booking.requested_start
            move_requested(session, booking, start, end, "discharge_time")
            _move_way_back(session, booking, later, {WindowAnchor.FIXED})
            if booking.trip_id is not None:
                first = moved.setdefault(booking.trip_id, booking)
                moved[booking.trip_id] = min(first, booking, key=lambda leg: leg.trip_leg or 0)
    for leg in moved.values():  # legs that were booked again for a fixed time keep their order too
        push_later_legs(session, leg)


def move_window(session: WorkSession, booking_id: UUID, window: RequestedWindow) -> Booking:
    """The planner moves the requested window; the vendor's promise stands until it is amended.

    A way back that waits moves with its way there by as much, and so do the later legs of a trip; moved by
    itself it moves alone.
    """
    session.actor.require("planner")
    booking = locked_booking(session, booking_id)
    if booking.state in SETTLED:
        raise Conflict(f"{booking.reference} is {booking.state.replace('_', ' ')}; its window does not move.")
    errors = window_errors(window.start, window.end, session.now())
    stay = session.get(Encounter, booking.encounter_id)
    assert stay is not None
    there = session.get(Booking, booking.outward_booking_id) if booking.outward_booking_id else None
    if there is not None and there.state not in CALLED_OFF:
        errors += way_back_errors(there.requested_end, window.start)
    elif booking.kind is BookingKind.RIDE and booking.origin_place_kind == "H":
        errors += leaving_errors(window.start, stay.expected_discharge_at)
    if booking.kind is BookingKind.HOME_HEALTH:
        errors += _visit_errors(session, booking, window, stay)
    errors += leg_errors(session, booking, window)
    if errors:
        raise InvalidInput(errors)
    booking.anchor = window.anchor
    fixed = window.anchor is WindowAnchor.FIXED
    minute = timedelta(minutes=1)
    leaves = stay.expected_discharge_at
    booking.offset_start_minutes = None if fixed else (window.start - leaves) // minute
    booking.offset_end_minutes = None if fixed else (window.end - leaves) // minute
    later = window.start - booking.requested_start
    move_requested(session, booking, window.start, window.end, "planner")
    if later:
        _move_way_back(session, booking, later, set(WindowAnchor))
        shift_later_legs(session, booking, later)
    return booking


def _locked_of_stay(session: WorkSession, encounter_id: UUID) -> Sequence[Booking]:
    """What may move with the discharge: all that hangs on it, whole trips, and ways back, locked by id."""
    query = select(Booking).where(
        Booking.encounter_id == encounter_id,
        Booking.state.not_in(CALLED_OFF),
        or_(
            Booking.anchor == WindowAnchor.DISCHARGE,
            Booking.trip_id.is_not(None),
            Booking.outward_booking_id.is_not(None),
        ),
    )
    return session.scalars(query.order_by(Booking.id).with_for_update()).all()


def _move_way_back(
    session: WorkSession, there: Booking, later: timedelta, anchors: Collection[WindowAnchor]
) -> None:
    """The appointment has slipped: the way back, of one of these anchors, keeps its distance from it."""
    back = waiting_way_back(session, there.id)
    if back is None or back.anchor not in anchors:
        return
    if back.offset_start_minutes is not None and back.offset_end_minutes is not None:
        back.offset_start_minutes += later // timedelta(minutes=1)
        back.offset_end_minutes += later // timedelta(minutes=1)
    move_requested(session, back, back.requested_start + later, back.requested_end + later, "way_there")


def _visit_errors(
    session: WorkSession, booking: Booking, window: RequestedWindow, stay: Encounter
) -> list[FieldError]:
    leaves, errors = stay.expected_discharge_at, visit_window_errors(window.start, stay.expected_discharge_at)
    if booking.visit_purpose is not VisitPurpose.START_OF_CARE:
        return errors
    facility = session.get(Facility, booking.facility_id)
    zone = ZoneInfo(facility.time_zone if facility else "UTC")
    return errors + start_of_care_errors(
        window, leaves, booking.start_of_care_on, zone, left_at=stay.discharged_at
    )


def shifted(booking: Booking, expected_discharge_at: datetime) -> tuple[datetime, datetime]:
    """The window at its distance from a discharge time; a fixed one stays where it is."""
    if booking.offset_start_minutes is None or booking.offset_end_minutes is None:
        return booking.requested_start, booking.requested_end
    return (
        expected_discharge_at + timedelta(minutes=booking.offset_start_minutes),
        expected_discharge_at + timedelta(minutes=booking.offset_end_minutes),
    )
