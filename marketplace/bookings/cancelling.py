"""Calling a booking off, putting it on hold and lifting the hold, giving up on finding a vendor."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.bookings.ending import candidates_out, end_without_service
from marketplace.bookings.events import BookingCancelled, BookingRequested, BookingUnmet
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.pairing import waiting_way_back
from marketplace.bookings.rules import cancellation_state
from marketplace.bookings.trip_holding import hold_other_legs, put_on_hold, require_legs_before
from marketplace.bookings.words import (
    FINAL,
    BookingState,
    CancelReason,
    PartyStatus,
    ServiceStatus,
)
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput, StaleRevision
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility

CANCELLERS = ("planner",)
HOLDERS = ("planner", "dispatcher")
_TOO_LATE = frozenset(
    {ServiceStatus.ON_BOARD, ServiceStatus.ARRIVED_DROPOFF, ServiceStatus.ACCEPTED_BY_RECEIVER}
)
_LONGEST = 500


def cancel(
    session: WorkSession,
    booking_id: UUID,
    reason_code: CancelReason,
    note: str = "",
    *,
    revision: int | None = None,
    with_way_back: bool = True,
) -> Booking:
    """Call the booking off; how late that is decides which cancelled state it ends in.

    Its way back, while that waits, is called off for the same reason unless `with_way_back` is False. The
    task is open again, the units are given back, candidates are out; publishes BookingCancelled. Refused
    once the patient is on board. With `revision` a change made meanwhile is StaleRevision.
    """
    session.actor.require(*CANCELLERS)
    if len(note) > _LONGEST:
        raise InvalidInput("note", "write at most 500 characters")
    if reason_code is CancelReason.OTHER and not note.strip():
        raise InvalidInput("note", "say why, since none of the reasons fits")
    booking = locked_booking(session, booking_id)
    _require_revision(booking, revision)
    if booking.state in FINAL:
        raise Conflict(f"{booking.reference} is {booking.state.replace('_', ' ')} already.")
    if booking.service_status in _TOO_LATE:
        raise Conflict(
            "The service is being done already.",
            remedy="Call the vendor; the crew can record what happened.",
        )
    call_off(session, booking, reason_code, note.strip())
    back = waiting_way_back(session, booking.id) if with_way_back else None
    if back is not None:
        said = f"With {booking.reference}, the way there."
        call_off(session, back, reason_code, f"{said} {note.strip()}".strip())
    return booking


def call_off(
    session: WorkSession,
    booking: Booking,
    reason_code: CancelReason,
    note: str,
    *,
    whole_trip: bool = False,
) -> None:
    """End a locked booking that waits, as late as it is now; of a leg the rest of the trip is held."""
    facility = session.get(Facility, booking.facility_id)
    zone = ZoneInfo(facility.time_zone if facility else "UTC")
    target = cancellation_state(
        booking.promised_start or booking.requested_start, session.now(), zone, booking.service_status
    )
    award_id = booking.award_id
    end_without_service(session, booking, target, reason_code=reason_code, note=note, whole_trip=whole_trip)
    publish(session, BookingCancelled(booking.id, booking.revision, reason_code, award_id))
    _tell(session, booking)


def hold(session: WorkSession, booking_id: UUID, reason: str) -> Booking:
    """Nothing happens with the booking until the hold is lifted; the reason is shown wherever it appears.

    Holding a held booking changes the reason. Refused once the vehicle is on its way.
    """
    session.actor.require(*HOLDERS)
    if not 1 <= len(reason.strip()) <= _LONGEST:
        raise InvalidInput("reason", "write why, at most 500 characters")
    booking = locked_booking(session, booking_id)
    put_on_hold(session, booking, reason.strip())
    _tell(session, booking)
    return booking


def resume(session: WorkSession, booking_id: UUID) -> Booking:
    """Lift the hold; the booking goes back to where it was. A leg behind one that is off stays held."""
    session.actor.require(*HOLDERS)
    booking = locked_booking(session, booking_id)
    if booking.state != BookingState.ON_HOLD:
        raise Conflict(f"{booking.reference} is not on hold.")
    require_legs_before(session, booking)
    target = BookingState(booking.held_from or BookingState.REQUESTED)
    if target is BookingState.OFFERED and not _anybody_asked(session, booking):
        target = BookingState.REQUESTED
    state.move(session, booking, target)
    booking.held_from = booking.hold_reason = None
    if target is BookingState.REQUESTED:
        publish(session, BookingRequested(booking.id, booking.revision))
    _tell(session, booking)
    return booking


def unmet(session: WorkSession, booking_id: UUID, note: str = "") -> Booking:
    """Nobody would do it in time: whoever was asked sees it no more, the other legs of its trip wait.

    Publishes BookingUnmet.

    The planner sees it on top of the board and can ask again.
    """
    session.actor.require(*CANCELLERS)
    booking = locked_booking(session, booking_id)
    if booking.award_id is not None:
        raise Conflict(f"A vendor has promised {booking.reference}.", remedy="Cancel it, or let it go on.")
    state.move(session, booking, BookingState.UNMET, note=note.strip() or None)
    candidates_out(session, booking)
    hold_other_legs(session, booking)
    publish(session, BookingUnmet(booking.id, booking.revision))
    _tell(session, booking)
    return booking


def ask_again(session: WorkSession, booking_id: UUID) -> Booking:
    """An unmet booking waits for vendors again; publishes BookingRequested."""
    session.actor.require(*CANCELLERS)
    booking = locked_booking(session, booking_id)
    if booking.state is not BookingState.UNMET:
        raise Conflict(
            f"{booking.reference} is {booking.state.replace('_', ' ')}; it need not be asked again."
        )
    state.move(session, booking, BookingState.REQUESTED)
    publish(session, BookingRequested(booking.id, booking.revision))
    _tell(session, booking)
    return booking


def _anybody_asked(session: WorkSession, booking: Booking) -> bool:
    mine = (BookingParty.booking_id == booking.id, BookingParty.status == PartyStatus.OPEN)
    return session.scalar(select(BookingParty.booking_id).where(*mine).limit(1)) is not None


def _require_revision(booking: Booking, revision: int | None) -> None:
    if revision is not None and revision != booking.revision:
        raise StaleRevision(
            f"{booking.reference} has changed since you looked: it is {booking.state.replace('_', ' ')} now.",
            remedy="Look at it again, then decide.",
        )


def _tell(session: WorkSession, booking: Booking) -> None:
    who = [booking.organization_id, booking.vendor_organization_id]
    announce(session, who, "booking", booking.id, booking.revision)
