"""Asking for a home-health visit: a draft becomes a referral only under the patient's own choice."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.context import BookingContext, context_of
from marketplace.bookings.events import BookingRequested
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import Address, RequestedWindow, VisitOrder
from marketplace.bookings.placing import (
    new_booking,
    note_errors,
    payer_for,
    place,
    refuse,
    window_refusals,
)
from marketplace.bookings.rules import (
    LONGEST_WINDOW,
    address_errors,
    discipline_errors,
    start_of_care_errors,
    usual_visit_offsets,
    visit_seconds,
    visit_window_errors,
)
from marketplace.bookings.sealed import Rider
from marketplace.bookings.words import CALLED_OFF, BookingKind, BookingState, VisitPurpose, WindowAnchor
from marketplace.careplans.disciplines import DISCIPLINES, Discipline
from marketplace.choices.service import Choice, choice_of
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from marketplace.patients.words import ServiceLine

BOOKERS = ("planner",)
CHOICE_FIELD = "patient_choice"


def request_visit(session: WorkSession, order: VisitOrder) -> Booking:
    """A home-health visit for a task, referred under the patient's choice; publishes BookingRequested.

    Raises InvalidInput naming each wrong field and its remedy (`patient_choice` when no choice is recorded),
    Conflict when the task is booked already, NotFound when it is missing or foreign.
    """
    booking = draft_visit(session, order)
    return refer(session, booking.id)


def draft_visit(session: WorkSession, order: VisitOrder) -> Booking:
    """The visit as a draft: checked like a request and with its units set aside, but nobody is asked yet."""
    session.actor.require(*BOOKERS)
    known = context_of(session, order.task_id, BookingKind.HOME_HEALTH)
    discipline = _discipline(known, order)
    purpose = order.purpose or _purpose(session, known, discipline)
    window = visit_window(known, order)
    destination = order.destination or known.home()
    leaves = known.encounter.expected_discharge_at
    errors = discipline_errors(discipline, known.task.discipline, purpose)
    errors += window_refusals(session, known, window) + visit_window_errors(window.start, leaves)
    if purpose is VisitPurpose.START_OF_CARE:
        errors += start_of_care_errors(
            window, leaves, order.start_of_care_on, known.zone, left_at=known.encounter.discharged_at
        )
    refuse(errors + address_errors(destination, "destination") + note_errors(order.note))
    codes = (DISCIPLINES[discipline].code,)
    payer = payer_for(session, known, order.payer, window, ServiceLine.HOME_HEALTH, codes, 1)
    booking = new_booking(session, known, BookingKind.HOME_HEALTH, window, payer, destination)
    booking.id = order.booking_id or booking.id
    booking.state = BookingState.DRAFT
    booking.discipline, booking.visit_purpose = discipline, purpose
    booking.start_of_care_on = order.start_of_care_on
    booking.service_seconds = visit_seconds(discipline, purpose)
    return place(session, known, booking, payer, _visited(known, destination, order.note), units=1)


def refer(session: WorkSession, booking_id: UUID) -> Booking:
    """The draft becomes a referral that agencies can be asked for; publishes BookingRequested.

    Without a recorded choice for this home it stays a draft (42 CFR 482.43(c)): InvalidInput.
    """
    session.actor.require(*BOOKERS)
    booking = locked_booking(session, booking_id)
    if booking.kind is not BookingKind.HOME_HEALTH or booking.state is not BookingState.DRAFT:
        raise Conflict(f"{booking.reference} is {booking.state.replace('_', ' ')} and is not referred now.")
    booking.patient_choice_id = choice_for(session, booking).record.id
    state.move(session, booking, BookingState.REQUESTED)
    publish(session, BookingRequested(booking.id, booking.revision))
    announce(session, [booking.organization_id], "booking", booking.id, booking.revision)
    return booking


def choice_for(session: WorkSession, booking: Booking) -> Choice:
    """The patient's newest choice, made of a list for this home; InvalidInput when there is none."""
    found = choice_of(session, booking.encounter_id)
    if found is None:
        text = "show the patient the list of agencies and record the choice first"
        raise InvalidInput(CHOICE_FIELD, text)
    if found.choice_list.postal_code != booking.destination_postal_code[:5]:
        raise InvalidInput(
            CHOICE_FIELD,
            f"the choice was made of a list for {found.choice_list.postal_code}: "
            "make the list for this home, show it, and record the choice again",
        )
    return found


def visit_window(known: BookingContext, order: VisitOrder) -> RequestedWindow:
    """The window asked for; else the ordered day, the task's due window, or the day after the discharge."""
    if order.window is not None:
        return order.window
    if order.start_of_care_on is not None:
        start, end = (datetime.combine(order.start_of_care_on, time(hour), known.zone) for hour in (9, 17))
        return RequestedWindow(start, end, WindowAnchor.FIXED)
    due = known.window(None)
    if due.end - due.start <= LONGEST_WINDOW:
        return due
    leaves = known.encounter.expected_discharge_at
    first, last = usual_visit_offsets(leaves, known.zone)
    return RequestedWindow(leaves + timedelta(minutes=first), leaves + timedelta(minutes=last), due.anchor)


def _discipline(known: BookingContext, order: VisitOrder) -> Discipline:
    found = order.discipline or known.task.discipline
    if found is None:
        raise InvalidInput("discipline", "choose who is to visit, such as sn for skilled nursing")
    return found


def _purpose(session: WorkSession, known: BookingContext, discipline: Discipline) -> VisitPurpose:
    """The start of care, unless the stay has one already or this discipline may not make it."""
    first = select(Booking.id).where(
        Booking.encounter_id == known.encounter.id,
        Booking.visit_purpose == VisitPurpose.START_OF_CARE,
        Booking.state.not_in(CALLED_OFF),
    )
    if not DISCIPLINES[discipline].may_start_care or session.scalars(first.limit(1)).first() is not None:
        return VisitPurpose.FURTHER
    return VisitPurpose.START_OF_CARE


def _visited(known: BookingContext, destination: Address, note: str) -> Rider:
    receiver = known.receiver
    return Rider(
        name=known.identity.name,
        phone=known.identity.phone,
        pickup="",
        destination=destination.line,
        receiver_instructions=receiver.instructions if receiver else "",
        note=note.strip(),
    )
