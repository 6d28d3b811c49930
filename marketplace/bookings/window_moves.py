"""One move of a requested window: its history row, its news, and who must know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from marketplace.bookings.events import BookingWindowMoved
from marketplace.bookings.models import Booking, BookingParty, BookingWindowMove
from marketplace.bookings.telling import tell_planner
from marketplace.bookings.telling_models import TellingSubject
from marketplace.bookings.words import BookingKind, PartyRole, PartyStatus
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from marketplace.patients.models import HandlingNeeds


def move_requested(
    session: WorkSession, booking: Booking, start: datetime, end: datetime, cause: str
) -> None:
    """Give the booking another requested window, with its history row; publishes BookingWindowMoved."""
    session.add(
        BookingWindowMove(
            booking_id=booking.id,
            previous_start=booking.requested_start,
            previous_end=booking.requested_end,
            current_start=start,
            current_end=end,
            cause=cause,
            actor_name=session.actor.name,
            happened_at=session.now(),
        )
    )
    booking.requested_start, booking.requested_end = start, end
    booking.revision += 1
    session.flush()
    session.execute(
        update(BookingParty)
        .where(
            BookingParty.booking_id == booking.id,
            BookingParty.role.in_((PartyRole.REQUESTER, PartyRole.PAYER)),
            BookingParty.status == PartyStatus.ACTIVE,
        )
        .values(due_at=start)
    )
    audit.record(session, "bookings:window_moved", "bookings", booking.id, {"cause": cause})
    publish(session, BookingWindowMoved(booking.id, booking.revision))
    who = [booking.organization_id, booking.vendor_organization_id]
    announce(session, who, "booking", booking.id, booking.revision)
    if booking.kind is BookingKind.EQUIPMENT:
        _tell_when_nobody_is_home(session, booking)


def _tell_when_nobody_is_home(session: WorkSession, booking: Booking) -> None:
    """The one who takes the delivery in is there at certain times only: say so when they do not meet."""
    needs = session.scalars(
        select(HandlingNeeds).where(HandlingNeeds.patient_id == booking.patient_id)
    ).one_or_none()
    if needs is None or needs.receiver_from is None or needs.receiver_until is None:
        return
    if booking.requested_start < needs.receiver_until and needs.receiver_from < booking.requested_end:
        return
    tell_planner(
        session,
        booking,
        TellingSubject.RECEIVER,
        "At its new time nobody is at the home to take the delivery in.",
        remedy="Call the family, name somebody else, or move this delivery back by itself.",
        urgent=True,
    )
