"""Writing down how a promise ended: once per award, whoever asks again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from marketplace.bookings.events import ServiceEnded
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.events import Handler
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from vendors.performance.models import ServiceRecord
from vendors.performance.rules import judge_arrival
from vendors.performance.words import Outcome

_OUTCOMES = {
    BookingState.VENDOR_NO_SHOW: Outcome.MISSED,
    BookingState.RIDER_NO_SHOW: Outcome.NOT_ITS_FAULT,
    BookingState.TURNED_DOWN: Outcome.NOT_ITS_FAULT,
}

_RIGHTFUL = frozenset({"amendment_refused", "needs_changed", "rider_unsuited", "unsafe"})
"""Reasons to give work back that count for nothing: it is not the work that was accepted, or a crew that
speaks up for somebody's safety shall not have to weigh it against a score."""


def on_service_ended(session: WorkSession, event: ServiceEnded) -> None:
    """The field is done with a booking: write down whether the vendor was at the door in time."""
    booking = session.get(Booking, event.booking_id)
    if booking is None or booking.award_id is None or booking.vendor_organization_id is None:
        return
    outcome, late = _OUTCOMES.get(booking.state, Outcome.ON_TIME), 0
    if booking.state is BookingState.COMPLETED and booking.promised_end is not None:
        outcome, late = judge_arrival(booking.promised_end, booking.reached_at)
    write(
        session,
        booking,
        award_id=booking.award_id,
        vendor_id=booking.vendor_organization_id,
        outcome=outcome,
        happened_at=booking.reached_at or session.now(),
        minutes_late=late,
    )


def turned_back(
    session: WorkSession, booking: Booking, award_id: UUID, vendor_id: UUID, reason_code: str
) -> None:
    """The vendor gave the work back; keeps how long before its time that was. Call before the release."""
    start = booking.promised_start
    notice = int((start - session.now()).total_seconds() // 60) if start else None
    write(
        session,
        booking,
        award_id=award_id,
        vendor_id=vendor_id,
        outcome=Outcome.NOT_ITS_FAULT if reason_code in _RIGHTFUL else Outcome.TURNED_BACK,
        happened_at=session.now(),
        reason_code=reason_code,
        notice_minutes=notice,
        vehicle_had_left=booking.state is BookingState.UNDER_WAY,
    )


def write(
    session: WorkSession,
    booking: Booking,
    *,
    award_id: UUID,
    vendor_id: UUID,
    outcome: Outcome,
    happened_at: datetime,
    reason_code: str = "",
    minutes_late: int = 0,
    notice_minutes: int | None = None,
    vehicle_had_left: bool = False,
) -> None:
    """The record of one award; a second one for the same award changes nothing."""
    row = insert(ServiceRecord).values(
        id=new_id(),
        award_id=award_id,
        booking_id=booking.id,
        organization_id=booking.organization_id,
        vendor_organization_id=vendor_id,
        kind=str(booking.kind),
        outcome=outcome,
        reason_code=reason_code,
        promised_start=booking.promised_start,
        promised_end=booking.promised_end,
        reached_at=booking.reached_at,
        minutes_late=minutes_late,
        notice_minutes=notice_minutes,
        vehicle_had_left=vehicle_had_left,
        happened_at=happened_at,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["award_id"]))


HANDLERS = (Handler(ServiceEnded, "performance.on_service_ended", on_service_ended),)
