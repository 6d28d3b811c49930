"""Taking a way out: the change is made, and whoever may do the work then is asked at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from marketplace.bookings.models import Booking
from marketplace.bookings.moving import move_window
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.releveling import change_level
from marketplace.bookings.service import ask_again, items_of
from marketplace.bookings.words import BookingState, LevelOfService
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.work import WorkSession
from vendors.offers.locking import locked_booking
from vendors.offers.matching import asked_already, judge_all
from vendors.offers.models import Offer
from vendors.offers.service import open_offers
from vendors.sourcing.models import Sourcing
from vendors.sourcing.rules import answer_time
from vendors.sourcing.service import start

LONGEST_WIDENING_MINUTES = 480


def ask_beyond(session: WorkSession, booking_id: UUID) -> list[Offer]:
    """Offer the work to every vendor that could do it but does not usually go there; the first gets it.

    All other rules hold as always. Raises Conflict when there is no such vendor.
    """
    booking = _waiting(session, booking_id)
    items = items_of(session, [booking.id])[booking.id]
    asked = asked_already(session, booking_id)
    usual = {one.vendor_id for one in judge_all(session, booking, items, asked) if one.is_eligible}
    farther = judge_all(session, booking, items, asked, beyond_area=True)
    chosen = [one for one in farther if one.is_eligible and one.vendor_id not in usual]
    if not chosen:
        raise Conflict("No vendor from farther away could do this either.")
    until = min(session.now() + answer_time(session.now(), booking.requested_start), booking.requested_end)
    return open_offers(session, booking, items, chosen, until)


def widen_window(session: WorkSession, booking_id: UUID, minutes: int) -> Sourcing:
    """Let the work begin up to `minutes` later (1 to 480), and look for a vendor again."""
    if not 1 <= minutes <= LONGEST_WIDENING_MINUTES:
        raise InvalidInput("minutes", f"write a number from 1 to {LONGEST_WIDENING_MINUTES}")
    booking = _waiting(session, booking_id)
    end = booking.requested_end + timedelta(minutes=minutes)
    move_window(session, booking_id, RequestedWindow(booking.requested_start, end, booking.anchor))
    return start(session, booking_id)


def ride_otherwise(session: WorkSession, booking_id: UUID, level: LevelOfService) -> Sourcing:
    """Carry the patient at another level of service, and look for a vendor again."""
    _waiting(session, booking_id)
    change_level(session, booking_id, level)
    return start(session, booking_id)


def _waiting(session: WorkSession, booking_id: UUID) -> Booking:
    """The booking, locked, waiting for a vendor; an unmet one waits again."""
    session.actor.require("planner")
    booking = locked_booking(session, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    if booking.state is BookingState.UNMET:
        booking = ask_again(session, booking_id)
    if booking.state is not BookingState.REQUESTED:
        raise Conflict("Vendors are being asked, or one has accepted: this needs no way out now.")
    return booking
