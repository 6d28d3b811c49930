"""The clock of trips: a leg of which nothing is heard is late too, and the later legs must know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.trip_delays import WORTH_TELLING, push_later_legs
from marketplace.bookings.words import FINAL, BookingState
from marketplace.foundation.jobs import JobKind, Schedule, enqueue_each
from marketplace.foundation.work import WorkSession

LOOK, FOLLOW = "trips.look", "trips.follow"
EVERY = timedelta(minutes=1)
_BATCH = 500
_AWAITED = (BookingState.ACCEPTED, BookingState.SCHEDULED)


def look(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Let what follows an overdue leg follow, once in ten minutes of business time for each.

    A leg that waits for another one is not overdue by itself.
    """
    now = session.now()
    since = now - WORTH_TELLING
    before = aliased(Booking)
    waits = exists().where(
        before.trip_id == Booking.trip_id,
        before.trip_leg < Booking.trip_leg,
        before.state.not_in(FINAL),
    )
    begins = func.coalesce(Booking.planned_start, Booking.promised_end)
    due = session.execute(
        select(Booking.id, Booking.organization_id)
        .where(Booking.trip_id.is_not(None), ~waits)
        .where(
            or_(
                and_(Booking.state.in_(_AWAITED), begins < since),
                and_(Booking.state == BookingState.UNDER_WAY, Booking.planned_end < since),
            )
        )
        .order_by(Booking.id)
        .limit(_BATCH)
    )
    slot = int(now.timestamp() // WORTH_TELLING.total_seconds())
    return {"legs": enqueue_each(session, FOLLOW, "booking", due, slot)}


def follow(session: WorkSession, arguments: dict[str, Any]) -> dict[str, Any]:
    """The legs after one that is overdue move as far as it is late."""
    leg = locked_booking(session, UUID(arguments["booking"]))
    return {"moved": len(push_later_legs(session, leg))}


JOB_KINDS = (JobKind(LOOK, look, role="janitor"), JobKind(FOLLOW, follow))
SCHEDULES = (Schedule(LOOK, LOOK, EVERY),)
