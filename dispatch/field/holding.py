"""The last gates: before boarding, what must be in the home first; before a visit, the patient at home."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.words import AWARDED, CALLED_OFF, BookingKind, LinkAnchor, ServiceStatus
from marketplace.careplans.words import Hardness
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession

IN_THE_HOME = frozenset({ServiceStatus.SET_UP, ServiceStatus.ACCEPTED_BY_RECEIVER, ServiceStatus.COMPLETED})
AT_HOME = frozenset({ServiceStatus.ARRIVED_DROPOFF, ServiceStatus.COMPLETED})
LOCAL_SPEED_METERS_PER_SECOND = 9.0
"""About 20 miles an hour: how fast a ride gets home at least, for a cautious guess of its arrival."""


def require_home_is_ready(session: WorkSession, ride: Booking, boarding_at: datetime) -> None:
    """Refuse boarding while hard-linked equipment would not be set up before the ride arrives.

    The dispatcher may send the ride all the same with a reason, which the booking's link keeps.
    """
    arrival = boarding_at + timedelta(seconds=ride.distance_meters / LOCAL_SPEED_METERS_PER_SECOND)
    for link, expected in _open_predecessors(session, ride):
        ready_at = expected + timedelta(seconds=link.min_lag_seconds) if expected else None
        if ready_at is None:
            raise Conflict(
                "The equipment that must be in the home first is not on its way.",
                remedy="Keep the patient at the hospital and call your dispatcher and the planner.",
                code="home-not-ready",
            )
        if ready_at > arrival:
            minutes = -(-int((ready_at - arrival).total_seconds()) // 60)
            raise Conflict(
                f"The equipment will be set up {minutes} minutes after you would arrive.",
                remedy=f"Leave {minutes} minutes later, or ask your dispatcher.",
                code="home-not-ready",
            )


def require_leg_before(session: WorkSession, leg: Booking) -> None:
    """Refuse boarding while the leg of the trip before this one has not handed the patient over."""
    if leg.trip_id is None:
        return
    with requester_acts(session, leg):
        rows = session.execute(
            select(Booking.reference, Booking.service_status)
            .join(BookingLink, BookingLink.predecessor_booking_id == Booking.id)
            .where(
                BookingLink.successor_booking_id == leg.id,
                BookingLink.hardness == Hardness.HARD,
                BookingLink.after_anchor == LinkAnchor.PICKUP,
                Booking.state.not_in(CALLED_OFF),
            )
        ).all()
    for reference, status in rows:
        if status is not ServiceStatus.COMPLETED:
            raise Conflict(
                f"The leg before yours, {reference}, has not handed the patient over yet.",
                remedy="Wait for its crew, or ask your dispatcher.",
                code="leg-before-not-done",
            )


def require_patient_is_home(session: WorkSession, visit: Booking) -> None:
    """Refuse to begin a visit while the ride home that it follows has not arrived."""
    with requester_acts(session, visit):
        rows = session.execute(
            select(Booking.reference, Booking.service_status)
            .join(BookingLink, BookingLink.predecessor_booking_id == Booking.id)
            .where(
                BookingLink.successor_booking_id == visit.id,
                BookingLink.hardness == Hardness.HARD,
                BookingLink.after_anchor == LinkAnchor.ARRIVAL,
                Booking.kind == BookingKind.RIDE,
                Booking.state.in_(AWARDED),
            )
        ).all()
    for reference, status in rows:
        if status not in AT_HOME:
            raise Conflict(
                f"The patient's ride {reference} has not arrived yet.",
                remedy="Wait for the patient, or ask your dispatcher.",
                code="patient-not-home",
            )


def _open_predecessors(session: WorkSession, ride: Booking) -> list[tuple[BookingLink, datetime | None]]:
    """Hard links not fulfilled yet, with when the plan has the equipment set up (None: not planned)."""
    with requester_acts(session, ride):
        rows = session.execute(
            select(BookingLink, FieldService.planned_end, Booking.service_status)
            .join(Booking, Booking.id == BookingLink.predecessor_booking_id)
            .outerjoin(
                FieldService,
                (FieldService.booking_id == BookingLink.predecessor_booking_id)
                & (FieldService.status != FieldStatus.WITHDRAWN),
            )
            .where(BookingLink.successor_booking_id == ride.id, BookingLink.hardness == Hardness.HARD)
            .where(BookingLink.after_anchor == LinkAnchor.ARRIVAL)
        )
        return [(link, ends_at) for link, ends_at, status in rows if status not in IN_THE_HOME]
