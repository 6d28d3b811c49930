"""Calling a whole trip off, and booking a leg again that was called off or did not take place."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.bookings.cancelling import call_off
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.flying import travel_by
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import PayerChoice, RequestedWindow
from marketplace.bookings.pairing import SETTLED, places_of
from marketplace.bookings.placing import refuse
from marketplace.bookings.reading import rider
from marketplace.bookings.rules import window_errors
from marketplace.bookings.trip_delays import expected_finish
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.trip_orders import LegPlan, Stop
from marketplace.bookings.trips import book_leg, legs_of, position_at, trip
from marketplace.bookings.words import CALLED_OFF, CancelReason, WindowAnchor
from marketplace.careplans.trip_legs import legs_not_needed
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.words import Needs

_SOON = timedelta(minutes=30)
"""A leg that is booked again begins no earlier: somebody has to be found."""


def cancel_trip(
    session: WorkSession, trip_id: UUID, reason_code: CancelReason, note: str = ""
) -> list[Booking]:
    """Call every leg off that still waits; a leg under way goes on, and is told apart on the page.

    The task of the journey is open again, those of the earlier legs are not needed any more. Raises Conflict
    when nothing is left to call off.
    """
    session.actor.require("planner")
    if len(note) > 500:
        raise InvalidInput("note", "write at most 500 characters")
    if reason_code is CancelReason.OTHER and not note.strip():
        raise InvalidInput("note", "say why, since none of the reasons fits")
    found = trip(session, trip_id)
    waiting = [one for one in legs_of(session, trip_id) if one.state not in SETTLED]
    if not waiting:
        raise Conflict(f"No leg of {found.reference} waits any more.", remedy="Look at its legs.")
    said = f"With the whole trip {found.reference}. {note.strip()}".strip()
    locked = {one.id: locked_booking(session, one.id) for one in sorted(waiting, key=lambda one: one.id)}
    for one in waiting:
        call_off(session, locked[one.id], reason_code, said, whole_trip=True)
    legs_not_needed(session, found.care_plan_task_id, f"{found.reference} was called off.")
    return waiting


def book_leg_again(
    session: WorkSession, trip_id: UUID, number: int, window: RequestedWindow | None = None
) -> Booking:
    """A leg that was called off or ended without the ride, booked anew as it was.

    Without a window it begins when the leg before has handed over, in half an hour at the earliest. The legs
    that were held for it go on by themselves once it has a vendor.
    """
    session.actor.require("planner")
    found = trip(session, trip_id)
    legs = {one.trip_leg: one for one in legs_of(session, trip_id)}
    gone = legs.get(number)
    if gone is None:
        raise NotFound
    if gone.state not in CALLED_OFF:
        raise Conflict(f"Leg {number} stands already: {gone.reference}.", remedy="Look at its booking.")
    given = window or _usual_window(session, found, gone, legs.get(number - 1))
    refuse(window_errors(given.start, given.end, session.now()))
    payer = PayerChoice(gone.payer_kind, gone.coverage_id, gone.authorization_id)
    note = rider(session, gone.id).note
    return book_leg(session, found, _as_before(session, gone, given), gone.care_plan_task_id, payer, note)


def _usual_window(
    session: WorkSession, found: Trip, gone: Booking, before: Booking | None
) -> RequestedWindow:
    length = gone.requested_end - gone.requested_start
    start = max(gone.requested_start, session.now() + _SOON)
    if before is not None and before.state not in CALLED_OFF:
        free = expected_finish(session, before) + timedelta(minutes=found.hand_over_minutes)
        start = max(start, free)
    moved = start != gone.requested_start
    return RequestedWindow(start, start + length, WindowAnchor.FIXED if moved else gone.anchor)


def _as_before(session: WorkSession, gone: Booking, window: RequestedWindow) -> LegPlan:
    begins, ends = places_of(session, gone)
    facility = session.get(Facility, gone.facility_id)
    assert facility is not None  # foreign keys keep both
    assert gone.level_of_service is not None
    assert gone.trip_leg is not None
    origin = Stop(begins, position_at(gone.origin_latitude, gone.origin_longitude))
    goal = Stop(ends, position_at(gone.destination_latitude, gone.destination_longitude))
    way = travel_by(gone.level_of_service, ZoneInfo(facility.time_zone)).travel(
        origin.position, goal.position, window.start
    )
    return LegPlan(
        number=gone.trip_leg,
        level=gone.level_of_service,
        origin=origin,
        destination=goal,
        window=window,
        needs=Needs.from_json(gone.needs),
        distance_meters=way.meters,
        travel_seconds=way.seconds,
        service_seconds=gone.service_seconds,
        dropoff_seconds=gone.dropoff_seconds,
    )
