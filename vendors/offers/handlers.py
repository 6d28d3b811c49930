"""What offers and awards do when the booking below them changes; every handler may run twice."""

from __future__ import annotations

from marketplace.bookings.events import BookingCancelled, BookingUnmet, BookingWindowMoved
from marketplace.foundation.announce import announce
from marketplace.foundation.events import Handler
from marketplace.foundation.state import move
from marketplace.foundation.work import WorkSession
from vendors.network.capacity import count_use
from vendors.offers.amendments import propose_amendment
from vendors.offers.closing import open_offers_of, withdraw_all, withdraw_question
from vendors.offers.locking import locked_award, locked_booking
from vendors.offers.service import award_of
from vendors.offers.words import AwardState


def on_cancelled(session: WorkSession, event: BookingCancelled) -> None:
    """The hospital called the work off: open offers are withdrawn, the promise is released."""
    locked_booking(session, event.booking_id)
    withdraw_all(session, event.booking_id, event.reason_code)
    award = award_of(session, event.booking_id)
    if award is None:
        return
    award = locked_award(session, award.id)
    withdraw_question(session, award)
    move(session, award, AwardState.RELEASED, reason_code=event.reason_code)
    count_use(session, award.vendor_organization_id, award.kind, award.agreed_start, -1)
    parties = [award.organization_id, award.vendor_organization_id]
    announce(session, parties, "award", award.id, award.revision)


def on_window_moved(session: WorkSession, event: BookingWindowMoved) -> None:
    """The discharge moved: open offers show the new window, an accepted one is to be amended."""
    booking = locked_booking(session, event.booking_id)
    if booking is None or booking.revision < event.revision:
        return
    for offer in open_offers_of(session, booking.id):
        if (offer.window_start, offer.window_end) != (booking.requested_start, booking.requested_end):
            offer.window_start, offer.window_end = booking.requested_start, booking.requested_end
            offer.revision += 1
            announce(session, [offer.vendor_organization_id], "offer", offer.id, offer.revision)
    propose_amendment(session, booking.id, booking.requested_start, booking.requested_end)


def on_unmet(session: WorkSession, event: BookingUnmet) -> None:
    """The hospital gave up on it: whoever was asked is asked no more. Asked again meanwhile: nothing."""
    booking = locked_booking(session, event.booking_id)
    if booking is not None and booking.revision == event.revision:
        withdraw_all(session, event.booking_id, "unmet")


HANDLERS = (
    Handler(BookingCancelled, "offers.on_cancelled", on_cancelled),
    Handler(BookingUnmet, "offers.on_unmet", on_unmet),
    Handler(BookingWindowMoved, "offers.on_window_moved", on_window_moved),
)
"""All act for the health system whose booking it is."""
