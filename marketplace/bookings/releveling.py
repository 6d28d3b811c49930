"""Another level of service for a ride that waits for a vendor: a way out when nobody has the first."""

from __future__ import annotations

from uuid import UUID

from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.rules import boarding_seconds, level_errors
from marketplace.bookings.words import AIR_LEVELS, BookingKind, BookingState, LevelOfService
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.work import WorkSession
from marketplace.patients.words import Needs


def change_level(session: WorkSession, booking_id: UUID, level: LevelOfService) -> Booking:
    """Carry the patient at another level; refused once a vendor is asked, or where it is not safe.

    An authorization is good for what it names: with one, the ride is cancelled and booked again instead.
    """
    session.actor.require("planner")
    booking = locked_booking(session, booking_id)
    if booking.kind is not BookingKind.RIDE or booking.state is not BookingState.REQUESTED:
        raise Conflict("Only a ride that waits for a vendor can have another level of service.")
    if booking.authorization_id is not None:
        raise Conflict(
            "This ride's authorization is for the level it was asked at.",
            remedy="Ask the payer for another authorization, cancel this ride, and book it at the new level.",
        )
    if booking.level_of_service in AIR_LEVELS:
        raise Conflict("Air and ground do not replace each other.", remedy="Cancel it, then book it anew.")
    needs = Needs.from_json(booking.needs)
    errors = level_errors(needs, level)
    if errors:
        raise InvalidInput(errors)
    before, booking.level_of_service = booking.level_of_service, level
    booking.service_seconds, booking.dropoff_seconds = boarding_seconds(needs, level)
    booking.revision += 1
    details = {"from": str(before), "to": str(level)}
    audit.record(session, "bookings:level_changed", "bookings", booking.id, details)
    announce(session, [booking.organization_id], "booking", booking.id, booking.revision)
    return booking
