"""Asking for a trip by air: ground, flight, ground as one act, each leg a booking of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.context import BookingContext, context_of, position_of
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import PayerChoice
from marketplace.bookings.payers import Payer
from marketplace.bookings.placing import (
    new_booking,
    note_errors,
    payer_for,
    place,
    refuse,
    window_refusals,
)
from marketplace.bookings.rules import address_errors, leaving_errors
from marketplace.bookings.sealed import Rider
from marketplace.bookings.trip_models import TRIP_NUMBERS, Trip
from marketplace.bookings.trip_orders import LegPlan, Stop, TripOrder
from marketplace.bookings.trip_rules import flight_errors, lay_out, order_errors, stops_of
from marketplace.bookings.words import AIR_LEVELS, CALLED_OFF, LEVEL_LABELS, BookingKind
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.trip_legs import leg_tasks
from marketplace.foundation import audit
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.geography import Position
from marketplace.foundation.ids import new_id, spoken_reference
from marketplace.foundation.work import WorkSession
from marketplace.patients.words import ServiceLine

BOOKERS = ("planner",)


@dataclass(frozen=True, slots=True)
class PlannedTrip:
    """An order that is in order: what its legs would be, and what they are made from."""

    order: TripOrder
    known: BookingContext
    legs: tuple[LegPlan, ...]
    payer: Payer


def plan_trip(session: WorkSession, order: TripOrder) -> PlannedTrip:
    """The legs of the order, nothing stored. InvalidInput names each wrong field and its remedy."""
    session.actor.require(*BOOKERS)
    known = context_of(session, order.task_id, BookingKind.RIDE)
    _require_journey(known)
    require_no_trip(session, order.task_id)
    needs = replace(known.needs, escort=known.needs.escort or order.escort)
    destination, window = order.destination or known.home(), known.window(order.window)
    errors = order_errors(order, needs) + window_refusals(session, known, window)
    errors += leaving_errors(window.start, known.encounter.expected_discharge_at)
    refuse(errors + address_errors(destination, "destination") + note_errors(order.note))
    begin = Stop(known.hospital, known.hospital_position)
    goal = Stop(destination, position_of(destination, "destination"))
    stops, levels = stops_of(order, begin, goal)
    hand_over = timedelta(minutes=order.hand_over_minutes)
    legs = lay_out(stops, levels, window, needs, hand_over, known.zone)
    refuse(flight_errors(legs))
    payer = payer_for(session, known, order.payer, window, ServiceLine.RIDE, (), len(legs))
    return PlannedTrip(order, known, tuple(legs), payer)


def request_trip(session: WorkSession, order: TripOrder) -> tuple[Trip, list[Booking]]:
    """The trip with all its legs requested, or nothing; publishes BookingRequested for each leg.

    The task of the order belongs to the last leg; the legs before get tasks of their own. Raises what
    `plan_trip` does, and Conflict when the task is booked already.
    """
    planned = plan_trip(session, order)
    known, legs = planned.known, planned.legs
    number = session.scalar(TRIP_NUMBERS)
    assert number is not None
    assert order.necessity is not None  # `plan_trip` has seen to it
    trip = Trip(
        id=order.trip_id or new_id(),
        reference=spoken_reference("T", number),
        organization_id=known.encounter.organization_id,
        facility_id=known.facility.id,
        patient_id=known.patient.id,
        encounter_id=known.encounter.id,
        care_plan_task_id=known.task.id,
        legs=len(legs),
        hand_over_minutes=order.hand_over_minutes,
        necessity=order.necessity,
        necessity_note=order.necessity_note.strip(),
        asked_by=session.actor.name,
    )
    session.add(trip)
    session.flush()
    first, minute = legs[0].window.start, timedelta(minutes=1)
    earlier = [
        (f"Leg {leg.number} of {len(legs)}: {_to(leg)}", (leg.window.start - first) // minute)
        for leg in legs[:-1]
    ]
    tasks = [row.id for row in leg_tasks(session, known.task.id, earlier)]
    made = [
        book_leg(session, trip, leg, task_id, order.payer, order.note, booking_id)
        for leg, task_id, booking_id in zip(legs, [*tasks, known.task.id], _ids(order, legs), strict=True)
    ]
    details = {"legs": [one.reference for one in made], "necessity": str(trip.necessity)}
    audit.record(session, "trips:request", "trips", trip.id, details, patient_id=trip.patient_id)
    return trip, made


def book_leg(
    session: WorkSession,
    trip: Trip,
    leg: LegPlan,
    task_id: UUID,
    payer: PayerChoice,
    note: str,
    booking_id: UUID | None = None,
) -> Booking:
    """One leg of a trip as a booking, linked hard to the legs beside it; also for a leg booked again."""
    known = context_of(session, task_id, BookingKind.RIDE)
    paid = payer_for(session, known, payer, leg.window, ServiceLine.RIDE, (), 1)
    goal, start = leg.destination, leg.origin
    booking = new_booking(session, known, BookingKind.RIDE, leg.window, paid, goal.address)
    booking.id = booking_id or booking.id
    booking.trip_id, booking.trip_leg = trip.id, leg.number
    booking.level_of_service, booking.needs = leg.level, leg.needs.to_json()
    booking.origin_latitude, booking.origin_longitude = start.position.latitude, start.position.longitude
    booking.origin_postal_code = start.address.postal_code
    booking.origin_place_kind = start.address.place_kind.value
    booking.destination_latitude = goal.position.latitude
    booking.destination_longitude = goal.position.longitude
    booking.distance_meters = leg.distance_meters
    booking.service_seconds, booking.dropoff_seconds = leg.service_seconds, leg.dropoff_seconds
    person = known.identity
    rider = Rider(person.name, person.phone, start.address.line, goal.address.line, note=note.strip())
    return place(session, known, booking, paid, rider, units=1)


def trip(session: WorkSession, trip_id: UUID) -> Trip:
    """The trip; NotFound when missing or foreign."""
    found = session.get(Trip, trip_id)
    if found is None:
        raise NotFound
    return found


def legs_of(session: WorkSession, trip_id: UUID) -> list[Booking]:
    """The booking that counts for each leg, in order: the newest, which may have been called off."""
    query = select(Booking).where(Booking.trip_id == trip_id).order_by(Booking.trip_leg, Booking.id)
    newest: dict[int, Booking] = {}
    for one in session.scalars(query):
        assert one.trip_leg is not None
        if one.trip_leg not in newest or newest[one.trip_leg].state in CALLED_OFF:
            newest[one.trip_leg] = one
    return [newest[number] for number in sorted(newest)]


def trip_of_task(session: WorkSession, task_id: UUID) -> Trip | None:
    """The newest trip of a task (of the journey or of one of its legs) that has a leg which still counts."""
    query = (
        select(Trip)
        .join(Booking, Booking.trip_id == Trip.id)
        .where(Booking.state.not_in(CALLED_OFF))
        .where(
            Trip.id.in_(select(Booking.trip_id).where(Booking.care_plan_task_id == task_id))
        )
        .order_by(Trip.created_at.desc())
        .limit(1)
    )  # fmt: skip
    return session.scalars(query).first()


def require_no_trip(session: WorkSession, task_id: UUID) -> None:
    """Refuse (Conflict) to book a task by itself that is a leg, or whose trip still has legs that stand."""
    task = session.get(CarePlanTask, task_id)
    if task is not None and task.leg_of_task_id is not None:
        raise Conflict("This task is a leg of a trip by air.", remedy="Book it on the page of its trip.")
    found = trip_of_task(session, task_id)
    if found is not None:
        raise Conflict(
            f"This task belongs to the trip {found.reference}.",
            remedy="Book the leg again on the page of the trip, or cancel the whole trip first.",
        )


def position_at(latitude: float | None, longitude: float | None) -> Position:
    """The stored position of a ride's end."""
    if latitude is None or longitude is None:
        raise NotFound
    return Position(latitude, longitude)


def _require_journey(known: BookingContext) -> None:
    """A way back is no journey of its own."""
    if known.task.way_back_of_task_id is not None:
        raise Conflict("This task is a way back.", remedy="Add a task for the journey by air.")


def _to(leg: LegPlan) -> str:
    what = "flight" if leg.level in AIR_LEVELS else LEVEL_LABELS[leg.level].split(",")[0].lower()
    return f"{what} to {leg.destination.address.name or leg.destination.address.city}"


def _ids(order: TripOrder, legs: Sequence[LegPlan]) -> list[UUID | None]:
    given: list[UUID | None] = list(order.ids)
    return given or [None] * len(legs)
