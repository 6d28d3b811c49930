"""Asking for a ride or a delivery: an order from a care-plan task becomes a booking, or nothing is saved."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from marketplace.bookings.context import BookingContext, context_of, position_of
from marketplace.bookings.events import BookingRequested
from marketplace.bookings.linking import links_for, neighbours
from marketplace.bookings.models import BOOKING_NUMBERS, Booking, BookingItem, BookingParty
from marketplace.bookings.orders import (
    Address,
    EquipmentOrder,
    PayerChoice,
    RequestedWindow,
    RideOrder,
)
from marketplace.bookings.payers import Demand, Payer, find_payer
from marketplace.bookings.rules import (
    address_errors,
    boarding_seconds,
    item_errors,
    leaving_errors,
    level_errors,
    receiver_errors,
    window_errors,
)
from marketplace.bookings.sealed import Rider, Subscriber, seal_rider, seal_subscriber
from marketplace.bookings.words import (
    BookingKind,
    BookingState,
    PartyRole,
    PartyStatus,
    WindowAnchor,
)
from marketplace.careplans.equipment import CATALOG
from marketplace.careplans.follow import booked
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, FieldError, InvalidInput
from marketplace.foundation.events import publish
from marketplace.foundation.geography import GreatCircleTravel
from marketplace.foundation.ids import new_id, spoken_reference
from marketplace.foundation.work import WorkSession
from marketplace.patients.authorizations import reserve
from marketplace.patients.coverage import member_id
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
    window = known.window(order.window)
    origin, destination = order.origin or known.hospital, order.destination or known.home()
    errors = level_errors(known.needs, order.level_of_service) + _window_errors(session, known, window)
    if order.origin is None:
        errors += leaving_errors(window.start, known.encounter.expected_discharge_at)
    errors += address_errors(order.origin, "origin") if order.origin else []
    errors += address_errors(destination, "destination") + _note_errors(order.note)
    _refuse(errors)
    payer = _payer(session, known, order.payer, window, ServiceLine.RIDE, (), 1)
    start = position_of(origin, "origin") if order.origin else known.hospital_position
    goal = position_of(destination, "destination")
    booking = _booking(session, known, BookingKind.RIDE, window, payer, destination)
    booking.id = order.booking_id or booking.id
    booking.level_of_service = order.level_of_service
    booking.origin_latitude, booking.origin_longitude = start.latitude, start.longitude
    booking.origin_postal_code, booking.origin_place_kind = origin.postal_code, origin.place_kind.value
    booking.distance_meters = GreatCircleTravel(known.zone).travel(start, goal, window.start).meters
    boarding = boarding_seconds(known.needs, order.level_of_service)
    booking.service_seconds, booking.dropoff_seconds = boarding
    rider = Rider(
        known.identity.name, known.identity.phone, origin.line, destination.line, note=order.note.strip()
    )
    return _place(session, known, booking, payer, rider, units=1)


def request_equipment(session: WorkSession, order: EquipmentOrder) -> Booking:
    """A delivery for a task, requested; publishes BookingRequested. Refuses as `request_ride` does."""
    session.actor.require(*BOOKERS)
    known = context_of(session, order.task_id, BookingKind.EQUIPMENT)
    window = known.window(order.window)
    destination = order.destination or known.home()
    errors = item_errors(order.items, known.needs) + _window_errors(session, known, window)
    errors += address_errors(destination, "destination") + _note_errors(order.note)
    _refuse(errors)
    _refuse(_receiver_errors(order, known, window) + _task_item_errors(order, known))
    units = sum(item.quantity for item in order.items)
    codes = [item.hcpcs_code for item in order.items]
    payer = _payer(session, known, order.payer, window, ServiceLine.EQUIPMENT, codes, units)
    booking = _booking(session, known, BookingKind.EQUIPMENT, window, payer, destination)
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
    return _place(session, known, booking, payer, rider, units=units, items=_items(booking.id, order))


def _booking(
    session: WorkSession,
    known: BookingContext,
    kind: BookingKind,
    window: RequestedWindow,
    payer: Payer,
    destination: Address,
) -> Booking:
    number = session.scalar(BOOKING_NUMBERS)
    assert number is not None
    goal, offsets = position_of(destination, "destination"), known.offsets(window)
    return Booking(
        id=new_id(),
        reference=spoken_reference("R", number),
        kind=kind,
        organization_id=known.encounter.organization_id,
        facility_id=known.facility.id,
        patient_id=known.patient.id,
        encounter_id=known.encounter.id,
        care_plan_task_id=known.task.id,
        requested_by_user_id=session.actor.user_id,
        payer_kind=payer.kind,
        payer_organization_id=payer.organization_id,
        coverage_id=payer.coverage.id if payer.coverage else None,
        authorization_id=payer.authorization.id if payer.authorization else None,
        destination_latitude=goal.latitude,
        destination_longitude=goal.longitude,
        destination_postal_code=destination.postal_code,
        destination_place_kind=destination.place_kind.value,
        needs=known.needs.to_json(),
        anchor=window.anchor,
        offset_start_minutes=offsets[0],
        offset_end_minutes=offsets[1],
        distance_meters=0,
        dropoff_seconds=0,
        requested_start=window.start,
        requested_end=window.end,
        state=BookingState.REQUESTED,
        revision=1,
    )


def _place(
    session: WorkSession,
    known: BookingContext,
    booking: Booking,
    payer: Payer,
    rider: Rider,
    *,
    units: int,
    items: tuple[BookingItem, ...] = (),
) -> Booking:
    links = links_for(booking, neighbours(session, booking))
    booking.authorization_units = units if payer.authorization else 0
    session.add(booking)
    _flush_once(session, booking)
    session.add_all(_parties(booking))
    session.flush()
    session.add_all([seal_rider(session, booking, rider), _subscriber(session, booking, known, payer)])
    session.add_all([*items, *links])
    state.begin(session, booking)
    if payer.authorization:
        reserve(session, payer.authorization.id, units, booking.id)
    booked(session, known.task, booking.reference)
    publish(session, BookingRequested(booking.id, booking.revision))
    announce(session, [booking.organization_id], "booking", booking.id, booking.revision)
    return booking


def _flush_once(session: WorkSession, booking: Booking) -> None:
    """Insert the booking; a second live one for the task is refused by the database's own promise."""
    try:
        session.flush()
    except IntegrityError as refused:
        if "uq_bookings_live_task" not in str(refused.orig):
            raise
        raise Conflict(
            "This task has just been booked by somebody else.", remedy="Look at the booking that is there."
        ) from None


def _parties(booking: Booking) -> list[BookingParty]:
    roles = {booking.organization_id: PartyRole.REQUESTER}
    roles.setdefault(booking.payer_organization_id, PartyRole.PAYER)
    return [
        BookingParty(
            booking_id=booking.id,
            organization_id=organization_id,
            requester_organization_id=booking.organization_id,
            role=role,
            status=PartyStatus.ACTIVE,
            due_at=booking.requested_start,
        )
        for organization_id, role in roles.items()
    ]


def _subscriber(session: WorkSession, booking: Booking, known: BookingContext, payer: Payer) -> object:
    person, coverage = known.identity, payer.coverage
    subscriber = Subscriber(
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        address_line=person.address_line,
        city=person.city,
        state=person.state,
        postal_code=person.postal_code,
        member_id=member_id(session, coverage) if coverage else "",
        plan_name=coverage.plan_name if coverage else "",
        authorization_number=payer.authorization.number if payer.authorization else "",
    )
    return seal_subscriber(session, booking, subscriber)


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


def _payer(
    session: WorkSession,
    known: BookingContext,
    choice: PayerChoice,
    window: RequestedWindow,
    line: ServiceLine,
    codes: tuple[str, ...] | list[str],
    units: int,
) -> Payer:
    return find_payer(
        session,
        choice,
        patient_id=known.patient.id,
        health_system_id=known.encounter.organization_id,
        demand=Demand(line, codes, units, window.start, window.end),
        zone=known.zone,
    )


def _window_errors(session: WorkSession, known: BookingContext, window: RequestedWindow) -> list[FieldError]:
    errors = window_errors(window.start, window.end, session.now())
    if window.anchor is WindowAnchor.DISCHARGE and known.encounter.discharged_at is not None:
        errors.append(FieldError("anchor", "the patient has left; choose a fixed window"))
    return errors


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


def _note_errors(note: str) -> list[FieldError]:
    return [FieldError("note", "write at most 500 characters")] if len(note) > _LONGEST_NOTE else []


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise InvalidInput(errors)
