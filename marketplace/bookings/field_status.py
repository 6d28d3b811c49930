"""What the crew reports, pushed down onto the booking in the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.course import require_next
from marketplace.bookings.ending import end_without_service, finish
from marketplace.bookings.events import ServiceEnded
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.trip_delays import push_later_legs
from marketplace.bookings.words import (
    AGENCY_MISSED,
    BEFORE_LEAVING,
    STATUS_ENDS,
    BookingState,
    LinkAnchor,
    MissedReason,
    ServiceStatus,
)
from marketplace.careplans.words import Hardness
from marketplace.foundation import audit, state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession

REPORTERS = ("driver", "technician", "clinician", "dispatcher", "vendor_admin")
_ARRIVALS = frozenset({ServiceStatus.ARRIVED_DROPOFF, ServiceStatus.ARRIVED})
_PROMISED_ARRIVALS = frozenset({ServiceStatus.ARRIVED_PICKUP, ServiceStatus.ARRIVED})


def record_service_status(
    session: WorkSession,
    booking_id: UUID,
    status: ServiceStatus,
    at: datetime,
    note: str = "",
    *,
    missed: MissedReason | None = None,
) -> Booking:
    """Take over a report of the crew that happened at `at`; the last one ends the booking.

    Completed closes the care-plan task and spends the units; a no-show, refusal or wrong item opens the task
    again and gives the units back; so does a missed visit, which needs `missed`, its reason. Raises
    TransitionRefused for a report out of its course, Conflict for a booking that nobody holds or that is on
    hold.
    """
    session.actor.require(*REPORTERS)
    booking = locked_booking(session, booking_id)
    _require_working(booking)
    if (status is ServiceStatus.MISSED) != (missed is not None):
        raise InvalidInput("missed", "say why a visit was missed, and only then")
    require_next(booking.kind, booking.service_status, status)
    _note_moment(session, booking, status, at)
    ending = BookingState.VENDOR_NO_SHOW if missed in AGENCY_MISSED else STATUS_ENDS.get(status)
    if booking.state is not BookingState.UNDER_WAY and status not in BEFORE_LEAVING:
        state.move(session, booking, BookingState.UNDER_WAY)
    elif ending is None:
        booking.revision += 1
    audit.record(session, f"bookings:service_{status}", "bookings", booking.id, {"at": at.isoformat()})
    if ending is BookingState.COMPLETED:
        finish(session, booking, at)
    elif ending is not None:
        end_without_service(session, booking, ending, reason_code=missed or status, note=note)
    if ending is not None:
        publish(session, ServiceEnded(booking.id, booking.revision))
    if ending in (None, BookingState.COMPLETED):
        push_later_legs(session, booking)
    _tell(session, booking)
    return booking


def vendor_no_show(session: WorkSession, booking_id: UUID, note: str = "") -> Booking:
    """Nobody came in the promised window (a missed trip, not a no-show of the rider).

    The task is open again; publishes ServiceEnded. Raises Conflict before the window is over, for work that
    no vendor holds, and once the vehicle is at the door.
    """
    session.actor.require("planner", "dispatcher")
    booking = locked_booking(session, booking_id)
    if booking.award_id is None or booking.promised_end is None or booking.reached_at is not None:
        raise Conflict(f"No vendor is awaited for {booking.reference}.", remedy="Look at it again.")
    if session.now() <= booking.promised_end:
        raise Conflict("The promised window is not over.", remedy="Call the vendor; wait until it is over.")
    end_without_service(
        session, booking, BookingState.VENDOR_NO_SHOW, reason_code="vendor_no_show", note=note
    )
    publish(session, ServiceEnded(booking.id, booking.revision))
    _tell(session, booking)
    return booking


def _note_moment(session: WorkSession, booking: Booking, status: ServiceStatus, at: datetime) -> None:
    booking.service_status, booking.service_status_at = status, at
    if status in _PROMISED_ARRIVALS:
        booking.reached_at = at
    if status is ServiceStatus.ON_BOARD:
        booking.boarded_at = at
        _name_broken_links(session, booking, at, LinkAnchor.PICKUP)
    if status in _ARRIVALS:
        booking.arrived_at = at
        _name_broken_links(session, booking, at, LinkAnchor.ARRIVAL)


def _require_working(booking: Booking) -> None:
    if booking.state is BookingState.ON_HOLD:
        raise Conflict(
            f"{booking.reference} is on hold: {booking.hold_reason}.",
            remedy="Ask the planner to lift the hold.",
        )
    if booking.state not in (BookingState.ACCEPTED, BookingState.SCHEDULED, BookingState.UNDER_WAY):
        raise Conflict(
            f"{booking.reference} is {booking.state.replace('_', ' ')}; nothing is reported on it."
        )


def _name_broken_links(session: WorkSession, booking: Booking, at: datetime, anchor: LinkAnchor) -> None:
    """Where a hard predecessor is not finished at this moment, the link keeps the exception for good."""
    with requester_acts(session, booking):
        query = (
            select(BookingLink, Booking)
            .join(Booking, Booking.id == BookingLink.predecessor_booking_id)
            .where(
                BookingLink.successor_booking_id == booking.id,
                BookingLink.hardness == Hardness.HARD,
                BookingLink.after_anchor == anchor,
                BookingLink.broken_at.is_(None),
            )
        )
        for link, before in session.execute(query):
            if before.finished_at is None or before.finished_at > at:
                link.broken_at = at
                did = "left" if anchor is LinkAnchor.PICKUP else "arrived"
                link.broken_note = f"{booking.reference} {did} before {before.reference} was finished"


def _tell(session: WorkSession, booking: Booking) -> None:
    who = [booking.organization_id, booking.vendor_organization_id]
    announce(session, who, "booking", booking.id, booking.revision)
