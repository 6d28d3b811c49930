"""Asking for a ride or a delivery: an order from a care-plan task becomes a booking, or nothing is saved."""

from __future__ import annotations

from uuid import UUID

from marketplace.bookings.context import BookingContext, context_of, position_of
from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.orders import (
    Address,
    EquipmentOrder,
    RequestedWindow,
    RideOrder,
)
from marketplace.bookings.pairing import places_of, way_there_of
from marketplace.bookings.placing import (
    new_booking,
    note_errors,
    payer_for,
    place,
    refuse,
    window_refusals,
)
from marketplace.bookings.rules import (
    address_errors,
    boarding_seconds,
    flexible_errors,
    item_errors,
    leaving_errors,
    level_errors,
    receiver_errors,
    way_back_errors,
)
from marketplace.bookings.sealed import Rider
from marketplace.bookings.trips import require_no_trip
from marketplace.bookings.words import BookingKind
from marketplace.careplans.equipment import CATALOG
from marketplace.foundation.errors import FieldError
from marketplace.foundation.geography import GreatCircleTravel
from marketplace.foundation.work import WorkSession
from marketplace.patients.rules import receiver_errors as receiver_entry_errors
from marketplace.patients.words import ServiceLine

BOOKERS = ("planner",)
_LONGEST_NOTE = 500


def request_ride(session: WorkSession, order: RideOrder) -> Booking:
    """A ride for a task, requested; publishes BookingRequested.

    Raises InvalidInput naming each wrong field and its remedy, Conflict when the task is booked already,
    NotFound when it is missing or foreign.
    """
    session.actor.require(*BOOKERS)
    known = context_of(session, order.task_id, BookingKind.RIDE)
    require_no_trip(session, order.task_id)
    there = way_there_of(session, known.task)
    window = known.window(order.window)
    given = order.origin or (places_of(session, there)[1] if there else None)
    origin, destination = given or known.hospital, order.destination or known.home()
    errors = level_errors(known.needs, order.level_of_service) + window_refusals(session, known, window)
    errors += _beginning_errors(known, window, there, given)
    errors += flexible_errors(window.start, window.end) if order.flexible else []
    errors += address_errors(destination, "destination") + note_errors(order.note)
    refuse(errors)
    payer = payer_for(session, known, order.payer, window, ServiceLine.RIDE, (), 1)
    start = position_of(origin, "origin") if given else known.hospital_position
    goal = position_of(destination, "destination")
    booking = new_booking(session, known, BookingKind.RIDE, window, payer, destination)
    booking.id = order.booking_id or booking.id
    booking.outward_booking_id = there.id if there else None
    booking.level_of_service, booking.flexible = order.level_of_service, order.flexible
    booking.origin_latitude, booking.origin_longitude = start.latitude, start.longitude
    booking.origin_postal_code, booking.origin_place_kind = origin.postal_code, origin.place_kind.value
    booking.distance_meters = GreatCircleTravel(known.zone).travel(start, goal, window.start).meters
    boarding = boarding_seconds(known.needs, order.level_of_service)
    booking.service_seconds, booking.dropoff_seconds = boarding
    rider = Rider(
        known.identity.name, known.identity.phone, origin.line, destination.line, note=order.note.strip()
    )
    return place(session, known, booking, payer, rider, units=1)


def _beginning_errors(
    known: BookingContext, window: RequestedWindow, there: Booking | None, given: Address | None
) -> list[FieldError]:
    """Where and when the ride begins: at the hospital after the discharge, a way back after its way there."""
    if there is not None:
        return way_back_errors(there.requested_end, window.start)
    if given is not None:
        return address_errors(given, "origin")
    if known.task.way_back_of_task_id is not None:
        return [FieldError("origin", "book the way there first, or write where this way back begins")]
    return leaving_errors(window.start, known.encounter.expected_discharge_at)


def request_equipment(session: WorkSession, order: EquipmentOrder) -> Booking:
    """A delivery for a task, requested; publishes BookingRequested. Refuses as `request_ride` does."""
    session.actor.require(*BOOKERS)
    known = context_of(session, order.task_id, BookingKind.EQUIPMENT)
    window = known.window(order.window)
    destination = order.destination or known.home()
    errors = item_errors(order.items, known.needs) + window_refusals(session, known, window)
    errors += address_errors(destination, "destination") + note_errors(order.note)
    refuse(errors)
    refuse(_receiver_errors(order, known, window) + _task_item_errors(order, known))
    units = sum(item.quantity for item in order.items)
    codes = [item.hcpcs_code for item in order.items]
    payer = payer_for(session, known, order.payer, window, ServiceLine.EQUIPMENT, codes, units)
    booking = new_booking(session, known, BookingKind.EQUIPMENT, window, payer, destination)
    booking.id = order.booking_id or booking.id
    booking.service_seconds = 60 * max(CATALOG[code].setup_minutes for code in codes)
    booking.service_seconds += 300 * (
        len(codes) - 1
    )  # further items of one stop share the talk and the papers
    receiver = order.receiver or known.receiver
    rider = Rider(
        name=known.identity.name,
        phone=known.identity.phone,
        pickup="",
        destination=destination.line,
        receiver_name=receiver.name if receiver else "",
        receiver_phone=receiver.phone if receiver else "",
        receiver_relationship=receiver.relationship if receiver else "",
        receiver_instructions=receiver.instructions if receiver else "",
        note=order.note.strip(),
    )
    return place(session, known, booking, payer, rider, units=units, items=_items(booking.id, order))


def _items(booking_id: UUID, order: EquipmentOrder) -> tuple[BookingItem, ...]:
    return tuple(
        BookingItem(
            booking_id=booking_id,
            hcpcs_code=item.hcpcs_code,
            description=CATALOG[item.hcpcs_code].name,
            quantity=item.quantity,
            modifier=CATALOG[item.hcpcs_code].modifier,
        )
        for item in order.items
    )


def _receiver_errors(
    order: EquipmentOrder, known: BookingContext, window: RequestedWindow
) -> list[FieldError]:
    entered = receiver_entry_errors(order.receiver, None, None)
    found = order.receiver or known.receiver
    return entered + receiver_errors(
        [CATALOG[item.hcpcs_code] for item in order.items],
        receiver_named=found is not None,
        window=(window.start, window.end),
        receiver_window=None if order.receiver else known.receiver_window,
    )


def _task_item_errors(order: EquipmentOrder, known: BookingContext) -> list[FieldError]:
    wanted = known.task.equipment_code
    if wanted and wanted not in {item.hcpcs_code for item in order.items}:
        return [FieldError("items", f"the task asks for {wanted}: order it, or choose another task")]
    return []
