"""Round trips: which booking is the way back of which, and what happens to both of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.models import Booking, BookingRider
from marketplace.bookings.orders import Address
from marketplace.bookings.sealed import open_rider
from marketplace.bookings.words import CALLED_OFF, FINAL, BookingState, PlaceKind
from marketplace.careplans.models import CarePlanTask
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession

SETTLED = FINAL | {BookingState.UNDER_WAY}
"""Nothing is planned anew for these: it is over, or the vehicle is on its way."""


def way_there_of(session: WorkSession, task: CarePlanTask) -> Booking | None:
    """The ride that counts for the way there of a task that is a way back."""
    if task.way_back_of_task_id is None:
        return None
    mine = (Booking.care_plan_task_id == task.way_back_of_task_id, Booking.state.not_in(CALLED_OFF))
    return session.scalars(select(Booking).where(*mine)).one_or_none()


def way_back_of(session: WorkSession, booking_id: UUID) -> Booking | None:
    """The way back of a ride that still counts; None when it has none."""
    mine = (Booking.outward_booking_id == booking_id, Booking.state.not_in(CALLED_OFF))
    return session.scalars(select(Booking).where(*mine)).one_or_none()


def waiting_way_back(session: WorkSession, booking_id: UUID) -> Booking | None:
    """The way back that can still be moved or called off with its way there, locked."""
    mine = (Booking.outward_booking_id == booking_id, Booking.state.not_in(SETTLED))
    query = select(Booking).where(*mine).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def take_way_back(session: WorkSession, booking: Booking) -> None:
    """A ride there that was booked anew: the way back that was kept belongs to it now."""
    query = (
        select(Booking)
        .join(CarePlanTask, CarePlanTask.id == Booking.care_plan_task_id)
        .where(
            CarePlanTask.way_back_of_task_id == booking.care_plan_task_id,
            Booking.state.not_in(CALLED_OFF),
        )
    )
    back = session.scalars(query.with_for_update(of=Booking)).one_or_none()
    if back is not None:
        back.outward_booking_id = booking.id
        back.revision += 1


def places_of(session: WorkSession, ride: Booking) -> tuple[Address, Address]:
    """Where a ride begins and ends, opened; the caller audits the look. NotFound for who may not know."""
    sealed = session.get(BookingRider, ride.id)
    if sealed is None or ride.origin_place_kind is None:
        raise NotFound
    rider = open_rider(session, sealed)
    begins = Address.of_line(rider.pickup, PlaceKind(ride.origin_place_kind))
    return begins, Address.of_line(rider.destination, PlaceKind(ride.destination_place_kind))
