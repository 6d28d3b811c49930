"""Flexible rides: accepted for a long window, sent only once somebody says "I am ready"."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.bookings.events import BookingWindowMoved
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.words import FINAL, BookingState
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession

PICKED_UP_WITHIN = timedelta(hours=1)
"""After the word a vendor has an hour for a discharge, as Oregon's Medicaid rides do (our choice)."""
BY_CODE = "patient"
"""The role of whoever typed the code of one ride; nobody who signs in holds it."""


def say_ready(session: WorkSession, booking_id: UUID) -> Booking:
    """The patient can be fetched now: the plan takes the ride in; publishes BookingWindowMoved.

    Saying it again changes nothing. Raises Conflict for a ride that is not flexible, that has ended or begun,
    or whose window is over.
    """
    session.actor.require("planner", BY_CODE)
    booking = locked_booking(session, booking_id)
    if not booking.flexible:
        raise Conflict("This booking has a fixed time.", remedy="Move its window if the time has changed.")
    if booking.ready_at is not None:
        return booking
    if booking.state in FINAL or booking.state is BookingState.UNDER_WAY:
        raise Conflict(f"{booking.reference} is {booking.state.replace('_', ' ')} already.")
    if session.now() > booking.requested_end:
        raise Conflict("The window of this ride is over.", remedy="Move its window, then say it again.")
    booking.ready_at = session.now()
    booking.revision += 1
    audit.record(session, "bookings:ready", "bookings", booking.id, patient_id=booking.patient_id)
    publish(session, BookingWindowMoved(booking.id, booking.revision))
    announce(
        session,
        [booking.organization_id, booking.vendor_organization_id],
        "booking",
        booking.id,
        booking.revision,
    )
    return booking


def narrowed(booking: Booking, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The part of a promised window in which a ride is really fetched: after the word, within the hour."""
    if not booking.flexible or booking.ready_at is None:
        return start, end
    begin = min(max(start, booking.ready_at), end)
    return begin, min(end, max(begin, booking.ready_at + PICKED_UP_WITHIN))
