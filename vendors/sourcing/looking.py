"""Looking after searches by the clock: time runs short, or news got lost and nobody asks the next one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select

from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.jobs import JobKind, Schedule, enqueue
from marketplace.foundation.work import WorkSession
from vendors.offers.locking import locked_booking
from vendors.offers.models import Offer
from vendors.offers.words import OfferState
from vendors.sourcing.models import Sourcing
from vendors.sourcing.service import advance, running_of
from vendors.sourcing.telling import tell_time_short
from vendors.sourcing.words import SourcingState

_BATCH = 200
LOOK = "sourcing.look"
LOOK_AFTER = "sourcing.look_after"


def look(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Find searches that need looking after, and enqueue that for each."""
    asked = exists().where(Offer.booking_id == Sourcing.booking_id, Offer.state == OfferState.OPEN)
    idle = (Booking.state == BookingState.REQUESTED) & ~asked
    short = Sourcing.escalated_at.is_(None) & (Sourcing.escalate_at <= session.now())
    due = session.execute(
        select(Sourcing.id, Sourcing.revision, Sourcing.organization_id, Sourcing.booking_id, short)
        .join(Booking, Booking.id == Sourcing.booking_id)
        .where(Sourcing.state == SourcingState.RUNNING, or_(short, idle))
        .limit(_BATCH)
    ).all()
    for sourcing_id, revision, organization_id, booking_id, is_short in due:
        enqueue(
            session,
            LOOK_AFTER,
            {"booking": str(booking_id)},
            dedupe_key=f"{LOOK_AFTER}:{sourcing_id}:{'short' if is_short else revision}",
            organization_id=organization_id,
        )
    return {"searches": len(due)}


def look_after(session: WorkSession, arguments: dict[str, Any]) -> None:
    """Ask the next ones where nobody is asked; tell the planner once when time is short."""
    booking_id = UUID(arguments["booking"])
    booking = locked_booking(session, booking_id)
    if booking is None:
        return
    advance(session, booking_id)
    sourcing = running_of(session, booking_id)
    if sourcing is not None and sourcing.escalated_at is None and sourcing.escalate_at <= session.now():
        sourcing.escalated_at = session.now()
        tell_time_short(session, booking)


JOB_KINDS = (JobKind(LOOK, look, role="janitor"), JobKind(LOOK_AFTER, look_after))
SCHEDULES = (Schedule(LOOK, LOOK, timedelta(seconds=15)),)
