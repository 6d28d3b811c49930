"""What all requests share: the new row, its payer, and everything that is written with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from marketplace.bookings.context import BookingContext, position_of
from marketplace.bookings.events import BookingRequested
from marketplace.bookings.linking import (
    homecoming_links,
    links_for,
    neighbours,
    others_of_stay,
    trip_links,
)
from marketplace.bookings.models import BOOKING_NUMBERS, Booking, BookingItem, BookingParty
from marketplace.bookings.orders import Address, PayerChoice, RequestedWindow
from marketplace.bookings.pairing import take_way_back
from marketplace.bookings.payers import Demand, Payer, find_payer
from marketplace.bookings.rules import window_errors
from marketplace.bookings.sealed import RIDERS, SUBSCRIBERS, Rider, Subscriber, seal_rider, seal_subscriber
from marketplace.bookings.words import (
    BookingKind,
    BookingState,
    PartyRole,
    PartyStatus,
    WindowAnchor,
)
from marketplace.careplans.follow import booked
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, FieldError, InvalidInput
from marketplace.foundation.events import publish
from marketplace.foundation.ids import new_id, spoken_reference
from marketplace.foundation.work import WorkSession
from marketplace.patients.authorizations import reserve
from marketplace.patients.coverage import member_id
from marketplace.patients.words import ServiceLine

_LONGEST_NOTE = 500


def new_booking(
    session: WorkSession,
    known: BookingContext,
    kind: BookingKind,
    window: RequestedWindow,
    payer: Payer,
    destination: Address,
) -> Booking:
    """A booking with everything that does not depend on its kind, requested; not yet in the session."""
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


def place(
    session: WorkSession,
    known: BookingContext,
    booking: Booking,
    payer: Payer,
    rider: Rider,
    *,
    units: int,
    items: tuple[BookingItem, ...] = (),
) -> Booking:
    """Keep the booking with its parties, sealed identity, links and units; its task is booked.

    A draft tells nobody; a requested one publishes BookingRequested.
    """
    others = others_of_stay(session, booking)
    links = links_for(booking, neighbours(session, booking, others))
    links += homecoming_links(booking, others, links) + trip_links(session, booking)
    booking.authorization_units = units if payer.authorization else 0
    session.add(booking)
    _flush_once(session, booking)
    _append_parties(session, booking)
    session.append(RIDERS, seal_rider(session, booking, rider))
    session.append(SUBSCRIBERS, _subscriber(session, booking, known, payer))
    session.flush()
    session.add_all([*items, *links])
    state.begin(session, booking)
    if payer.authorization:
        reserve(session, payer.authorization.id, units, booking.id)
    booked(session, known.task, booking.reference)
    if booking.state is BookingState.REQUESTED:
        publish(session, BookingRequested(booking.id, booking.revision))
    announce(session, [booking.organization_id], "booking", booking.id, booking.revision)
    if booking.trip_id is None:
        session.hold(booking)  # nobody else sees it yet
    if booking.kind is BookingKind.RIDE and any(other.kind is BookingKind.RIDE for other in others):
        take_way_back(session, booking)
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


_PARTIES = insert(Booking.metadata.tables[BookingParty.__tablename__])


def _append_parties(session: WorkSession, booking: Booking) -> None:
    roles = {booking.organization_id: PartyRole.REQUESTER}
    roles.setdefault(booking.payer_organization_id, PartyRole.PAYER)
    for organization_id, role in roles.items():
        row = {
            "booking_id": booking.id,
            "organization_id": organization_id,
            "requester_organization_id": booking.organization_id,
            "role": role,
            "status": PartyStatus.ACTIVE,
            "due_at": booking.requested_start,
        }
        session.append(_PARTIES, row)


def _subscriber(
    session: WorkSession, booking: Booking, known: BookingContext, payer: Payer
) -> dict[str, Any]:
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


def payer_for(
    session: WorkSession,
    known: BookingContext,
    choice: PayerChoice,
    window: RequestedWindow,
    line: ServiceLine,
    codes: tuple[str, ...] | list[str],
    units: int,
) -> Payer:
    """Who pays for it, checked against coverage in force and units that are left."""
    return find_payer(
        session,
        choice,
        patient_id=known.patient.id,
        health_system_id=known.encounter.organization_id,
        demand=Demand(line, codes, units, window.start, window.end),
        zone=known.zone,
    )


def window_refusals(session: WorkSession, known: BookingContext, window: RequestedWindow) -> list[FieldError]:
    """What is wrong with a requested window as things stand now."""
    errors = window_errors(window.start, window.end, session.now())
    if window.anchor is WindowAnchor.DISCHARGE and known.encounter.discharged_at is not None:
        errors.append(FieldError("anchor", "the patient has left; choose a fixed window"))
    return errors


def note_errors(note: str) -> list[FieldError]:
    """A note for the crew is short."""
    return [FieldError("note", "write at most 500 characters")] if len(note) > _LONGEST_NOTE else []


def refuse(errors: list[FieldError]) -> None:
    """Raise InvalidInput when there are any."""
    if errors:
        raise InvalidInput(errors)
