"""How a booking ends: what it means for its parties, its care-plan task and its units."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, update

from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.trip_holding import hold_other_legs
from marketplace.bookings.words import BookingState, PartyRole, PartyStatus
from marketplace.careplans import follow
from marketplace.foundation import state
from marketplace.foundation.work import WorkSession
from marketplace.patients import authorizations


def finish(session: WorkSession, booking: Booking, at: datetime) -> None:
    """The service was done: the task is closed by this evidence, the units are spent."""
    booking.finished_at = at
    state.move(session, booking, BookingState.COMPLETED)
    with requester_acts(session, booking):
        follow.done(session, booking.care_plan_task_id, booking.id, booking.reference)
        authorizations.consume(session, booking.id)
        close_parties(session, booking)


def end_without_service(
    session: WorkSession,
    booking: Booking,
    target: BookingState,
    *,
    reason_code: str,
    note: str = "",
    whole_trip: bool = False,
) -> None:
    """The booking is over and nothing was done: the task is open again, the units are given back.

    The other legs of its trip are held, unless the `whole_trip` ends.
    """
    state.move(session, booking, target, reason_code=reason_code, note=note or None)
    with requester_acts(session, booking):
        follow.opened_again(session, booking.care_plan_task_id, reason_code, booking.reference)
        authorizations.release(session, booking.id, reason_code)
        close_parties(session, booking)
        if not whole_trip:
            hold_other_legs(session, booking)


def close_parties(session: WorkSession, booking: Booking) -> None:
    """Whoever has to do with the booking keeps seeing it, closed; candidates are out."""
    status = case(
        (BookingParty.status == PartyStatus.OPEN, PartyStatus.WITHDRAWN.value),
        (BookingParty.status == PartyStatus.ACTIVE, PartyStatus.CLOSED.value),
        else_=BookingParty.status,
    )
    session.execute(
        update(BookingParty)
        .where(BookingParty.booking_id == booking.id)
        .values(status=status)
        .execution_options(synchronize_session=False)
    )


def candidates_out(session: WorkSession, booking: Booking) -> None:
    """Nobody may accept the booking any more; who has to do with it otherwise stays as they are."""
    session.execute(
        update(BookingParty)
        .where(
            BookingParty.booking_id == booking.id,
            BookingParty.role == PartyRole.CANDIDATE,
            BookingParty.status == PartyStatus.OPEN,
        )
        .values(status=PartyStatus.WITHDRAWN)
    )
