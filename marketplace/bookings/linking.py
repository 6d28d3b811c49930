"""Links between bookings, derived from the precedences of their tasks; a visit comes after the ride home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select

from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.words import CALLED_OFF, BookingKind, LinkAnchor, PlaceKind
from marketplace.careplans.models import TaskPrecedence
from marketplace.careplans.words import Hardness
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession

Neighbour = tuple[TaskPrecedence, Booking]
_EDGES = select(TaskPrecedence).where(
    or_(
        TaskPrecedence.successor_task_id == bindparam("task"),
        TaskPrecedence.predecessor_task_id == bindparam("task"),
    )
)
_OF_STAY = select(Booking).where(Booking.encounter_id == bindparam("stay"))
# built once: every booking asks both


def others_of_stay(session: WorkSession, booking: Booking) -> list[Booking]:
    """The other bookings of the stay that still count."""
    found = session.scalars(_OF_STAY, {"stay": booking.encounter_id})
    return [other for other in found if other.state not in CALLED_OFF and other.id != booking.id]


def neighbours(session: WorkSession, booking: Booking, others: Sequence[Booking]) -> list[Neighbour]:
    """The precedences of the booking's task whose other task has a booking among the stay's `others`."""
    task_id = booking.care_plan_task_id
    by_task = {
        edge.predecessor_task_id if edge.successor_task_id == task_id else edge.successor_task_id: edge
        for edge in session.scalars(_EDGES, {"task": task_id})
    }
    return [
        (by_task[other.care_plan_task_id], other) for other in others if other.care_plan_task_id in by_task
    ]


def links_for(booking: Booking, found: Sequence[Neighbour]) -> list[BookingLink]:
    """The links of a new booking; raises InvalidInput when its window cannot keep a hard one."""
    links = []
    for precedence, other in found:
        before = precedence.predecessor_task_id == other.care_plan_task_id
        first, second = (other, booking) if before else (booking, other)
        if precedence.hardness is Hardness.HARD:
            _require_possible(booking, first, second, precedence.min_lag_minutes)
        links.append(_link(first, second, precedence))
    return links


def homecoming_links(
    booking: Booking, others: Sequence[Booking], made: Sequence[BookingLink]
) -> list[BookingLink]:
    """The hard links "after arrival at home" between the stay's ride home and its visits.

    They need no precedence of tasks: nobody is visited at home before being there. Links in `made` stand.
    """
    if booking.kind is BookingKind.HOME_HEALTH:
        found = [other for other in others if is_ride_home(other)]
    elif is_ride_home(booking):
        found = [other for other in others if other.kind is BookingKind.HOME_HEALTH]
    else:
        return []
    known = {(link.predecessor_booking_id, link.successor_booking_id): link for link in made}
    links = []
    for other in found:
        first, second = (other, booking) if booking.kind is BookingKind.HOME_HEALTH else (booking, other)
        _require_possible(booking, first, second, 0)
        if link := known.get((first.id, second.id)):
            link.hardness = Hardness.HARD
        else:
            links.append(_homecoming(first, second))
    return links


def trip_links(session: WorkSession, booking: Booking) -> list[BookingLink]:
    """The hard links between a leg and those beside it: the patient is handed over before the next pickup."""
    if booking.trip_id is None or booking.trip_leg is None:
        return []
    trip = session.get_one(Trip, booking.trip_id)
    beside = select(Booking).where(
        Booking.trip_id == booking.trip_id,
        Booking.trip_leg.in_([booking.trip_leg - 1, booking.trip_leg + 1]),
        Booking.state.not_in(CALLED_OFF),
        Booking.id != booking.id,
    )
    links = []
    for other in session.scalars(beside):
        assert other.trip_leg is not None
        first, second = (other, booking) if other.trip_leg < booking.trip_leg else (booking, other)
        links.append(
            BookingLink(
                predecessor_booking_id=first.id,
                successor_booking_id=second.id,
                organization_id=second.organization_id,
                hardness=Hardness.HARD,
                min_lag_seconds=trip.hand_over_minutes * 60,
                after_anchor=LinkAnchor.PICKUP,
            )
        )
    return links


def is_ride_home(booking: Booking) -> bool:
    """Whether this brings the patient from the hospital home, also as the last leg of a trip.

    The way back of a round trip does not.
    """
    if booking.outward_booking_id is not None or booking.kind is not BookingKind.RIDE:
        return False
    leaves = booking.origin_place_kind == PlaceKind.HOSPITAL or booking.trip_id is not None
    return leaves and booking.destination_place_kind == PlaceKind.RESIDENCE


def latest_arrival(booking: Booking) -> datetime:
    """The latest moment the booking may arrive at its destination; for a ride after its latest pickup."""
    if booking.kind is not BookingKind.RIDE:
        return booking.requested_end
    # a slow road: 25 km/h all the way, so that only what can never work is refused
    travel_seconds = booking.distance_meters * 3.6 / 25 + booking.service_seconds
    return booking.requested_end + timedelta(seconds=travel_seconds)


def earliest_finish(booking: Booking) -> datetime:
    """The earliest moment the booking can be finished; exact travel is dispatch's matter."""
    return booking.requested_start + timedelta(seconds=booking.service_seconds + booking.dropoff_seconds)


def _require_possible(booking: Booking, first: Booking, second: Booking, lag_minutes: int) -> None:
    if earliest_finish(first) + timedelta(minutes=lag_minutes) <= latest_arrival(second):
        return
    if booking is second:
        raise InvalidInput(
            "requested_end",
            f"{first.reference} must be finished before this one arrives and starts too late for that: "
            "choose a later window, or an earlier one there",
        )
    raise InvalidInput(
        "requested_start",
        f"this must be finished before {second.reference} arrives: "
        "choose an earlier window, or a later one there",
    )


def _homecoming(ride: Booking, visit: Booking) -> BookingLink:
    return BookingLink(
        predecessor_booking_id=ride.id,
        successor_booking_id=visit.id,
        organization_id=visit.organization_id,
        hardness=Hardness.HARD,
        min_lag_seconds=0,
    )


def _link(first: Booking, second: Booking, precedence: TaskPrecedence) -> BookingLink:
    longest = precedence.max_lag_minutes
    return BookingLink(
        predecessor_booking_id=first.id,
        successor_booking_id=second.id,
        organization_id=second.organization_id,
        hardness=precedence.hardness,
        min_lag_seconds=precedence.min_lag_minutes * 60,
        max_lag_seconds=None if longest is None else longest * 60,
    )
