"""The verbs of standing orders: beginning one, changing, suspending, resuming, ending, leaving a day out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.context import BookingContext, context_of
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import Address, PayerChoice
from marketplace.bookings.placing import note_errors, payer_for
from marketplace.bookings.rules import address_errors, level_errors
from marketplace.bookings.words import CALLED_OFF, BookingKind, LevelOfService
from marketplace.careplans.standing import stand
from marketplace.desk.standing.filling import (
    WAITING,
    Ids,
    call_off,
    end,
    fill,
    locked_order,
    occurrences_of,
    rest_of,
    seal,
    zone_of,
)
from marketplace.desk.standing.models import STANDING_NUMBERS, StandingOccurrence, StandingOrder
from marketplace.desk.standing.rules import (
    Pause,
    Terms,
    days_of,
    terms_errors,
    way_back_on,
    window_on,
)
from marketplace.desk.standing.words import OccurrenceState, StandingState, SuspendReason
from marketplace.foundation import audit, state
from marketplace.foundation.errors import Conflict, FieldError, InvalidInput
from marketplace.foundation.ids import new_id, spoken_reference
from marketplace.foundation.work import WorkSession
from marketplace.patients.coverage import coverages_of
from marketplace.patients.words import ServiceLine
from vendors.network.models import VendorProfile
from vendors.preflight.rules import PayFacts, PayFinding, Permission, judge

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A standing order as a planner enters it; `destination` is where the appointment is."""

    task_id: UUID
    terms: Terms
    level_of_service: LevelOfService
    payer: PayerChoice
    destination: Address
    vendor_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an order would book, and what speaks against its payment."""

    days: tuple[date, ...]
    rides: int
    findings: tuple[PayFinding, ...]


def foresee(session: WorkSession, new: NewOrder) -> Foreseen:
    """The days and rides of an order and whether they will be paid; refuses wrong terms, stores nothing."""
    known = _checked(session, new)
    return _foreseen(session, known, new)


def begin(session: WorkSession, new: NewOrder, *, ids: Ids | None = None) -> StandingOrder:
    """A standing order from an open task for a ride to an appointment; the next two weeks are booked at once.

    What speaks against payment is kept with it. `ids` is given where ids come from a seed. Raises
    InvalidInput naming each wrong field, Conflict for a task that is booked or stands already.
    """
    known = _checked(session, new)
    found = _foreseen(session, known, new)
    number = session.scalar(STANDING_NUMBERS)
    assert number is not None
    order = StandingOrder(
        id=ids("order") if ids else new_id(),
        reference=spoken_reference("S", number),
        organization_id=known.encounter.organization_id,
        facility_id=known.facility.id,
        patient_id=known.patient.id,
        care_plan_task_id=known.task.id,
        state=StandingState.ACTIVE,
        level_of_service=new.level_of_service,
        payer_kind=new.payer.kind,
        coverage_id=new.payer.coverage_id,
        authorization_id=new.payer.authorization_id,
        vendor_organization_id=new.vendor_id,
        findings=[
            {"code": one.code, "weight": one.weight.value, "text": one.text, "remedy": one.remedy}
            for one in found.findings
        ],
        trouble="",
        revision=1,
    )
    order.take(new.terms)
    seal(session, order, new.destination, new.note.strip())
    stand(session, known.task.id, order.reference)
    session.add(order)
    session.flush()
    state.begin(session, order)
    audit.record(session, "standing_orders:begun", "standing_orders", order.id, patient_id=known.patient.id)
    fill(session, order, strict=True, ids=ids)
    return order


def change(session: WorkSession, order_id: UUID, terms: Terms) -> StandingOrder:
    """Other terms from now on: waiting rides move to their new times, days that count no more are called off.

    Rides that are under way or over stay as they are, and so does the first day. Raises InvalidInput for
    wrong terms.
    """
    order = _living(session, order_id)
    today = _today(session, order)
    terms = replace(terms, starts_on=order.starts_on)
    errors = terms_errors(replace(terms, starts_on=max(terms.starts_on, today)), today)
    if errors:
        raise InvalidInput(errors)
    before, rows = order.terms, occurrences_of(session, order.id)
    order.take(terms)
    counting = set(days_of(rest_of(terms, today, rows), order.pause))
    another_way_back = before.way_back is not terms.way_back
    for row in _waiting(rows, today):
        if row.on_day not in counting or another_way_back:
            call_off(session, order, row, "its days or times changed")
        else:
            _move(session, order, row, terms)
    audit.record(session, "standing_orders:changed", "standing_orders", order.id, patient_id=order.patient_id)
    fill(session, order)
    return order


def leave_out(session: WorkSession, order_id: UUID, day: date) -> StandingOrder:
    """No ride on one day: a holiday, a treatment moved."""
    order = _living(session, order_id)
    if day in order.terms.skipped:
        return order
    return change(session, order_id, replace(order.terms, skipped=(*order.terms.skipped, day)))


def suspend(
    session: WorkSession,
    order_id: UUID,
    reason_code: SuspendReason,
    first: date,
    last: date | None = None,
    note: str = "",
) -> StandingOrder:
    """No rides from a day on, until another or until it is resumed; waiting rides are called off."""
    order = _living(session, order_id)
    errors = []
    if first < _today(session, order):
        errors.append(FieldError("first", "choose today or a later day"))
    if last is not None and last < first:
        errors.append(FieldError("last", "the pause ends after it begins"))
    if reason_code is SuspendReason.OTHER and not note.strip():
        errors.append(FieldError("note", "say why, since none of the reasons fits"))
    if len(note) > _LONGEST:
        errors.append(FieldError("note", "write at most 500 characters"))
    if errors:
        raise InvalidInput(errors)
    order.paused_from, order.paused_until = first, last
    state.move(session, order, StandingState.SUSPENDED, reason_code=reason_code, note=note.strip() or None)
    pause = Pause(first, last)
    said = f"suspended, {reason_code.replace('_', ' ')}"
    for row in _waiting(occurrences_of(session, order.id), first):
        if pause.covers(row.on_day):
            call_off(session, order, row, said)
    fill(session, order)
    return order


def resume(session: WorkSession, order_id: UUID) -> StandingOrder:
    """Rides again from now on; the days of the next two weeks are booked."""
    order = _living(session, order_id)
    if order.state is not StandingState.SUSPENDED:
        raise Conflict(f"{order.reference} is not suspended.")
    order.paused_from = order.paused_until = None
    state.move(session, order, StandingState.ACTIVE)
    fill(session, order)
    return order


def end_order(
    session: WorkSession, order_id: UUID, last_day: date | None = None, note: str = ""
) -> StandingOrder:
    """No rides after a day (yesterday unless named); it is over at once when that day has passed.

    Until then it goes on as before. Waiting rides after the day are called off.
    """
    order = _living(session, order_id)
    today = _today(session, order)
    if len(note) > _LONGEST:
        raise InvalidInput("note", "write at most 500 characters")
    if last_day is not None and last_day >= today:
        last_day = min(last_day, order.terms.last_day)
        return change(session, order_id, replace(order.terms, ends_on=last_day, trips=None))
    for row in _waiting(occurrences_of(session, order.id), today):
        call_off(session, order, row, "ended")
    end(session, order, note.strip() or "Ended by the planner.")
    return order


def fill_order(session: WorkSession, order_id: UUID) -> int:
    """Try again now: book what is missing of the next two weeks."""
    session.actor.require("planner")
    order = locked_order(session, order_id)
    return fill(session, order)


def _checked(session: WorkSession, new: NewOrder) -> BookingContext:
    session.actor.require("planner")
    known = context_of(session, new.task_id, BookingKind.RIDE)
    known.home()
    today = session.now().astimezone(known.zone).date()
    errors = terms_errors(new.terms, today) + level_errors(known.needs, new.level_of_service)
    errors += address_errors(new.destination, "destination") + note_errors(new.note)
    if new.vendor_id is not None and session.get(VendorProfile, new.vendor_id) is None:
        errors.append(FieldError("vendor_id", "choose a vendor of the network"))
    if errors:
        raise InvalidInput(errors)
    first = next(days_of(new.terms))
    window = window_on(new.terms, first, known.zone)
    payer_for(session, known, new.payer, window, ServiceLine.RIDE, (), 1)
    return known


def _foreseen(session: WorkSession, known: BookingContext, new: NewOrder) -> Foreseen:
    days = tuple(days_of(new.terms))
    rides = len(days) * (1 if way_back_on(new.terms, days[0], known.zone) is None else 2)
    row, payer, held = None, "", None
    for candidate, name, authorizations in coverages_of(session, known.patient.id):
        if candidate.id == new.payer.coverage_id:
            row, payer = candidate, name
            held = next((one for one in authorizations if one.id == new.payer.authorization_id), None)
    facts = PayFacts(
        kind="ride",
        level=new.level_of_service.value,
        units=rides,
        first_day=days[0],
        last_day=days[-1],
        payer=new.payer.kind.value,
        payer_name=payer,
        covered_from=row.effective_from if row else None,
        covered_to=row.effective_to if row else None,
        permission=Permission(
            number=held.number,
            service_line=held.service_line.value,
            codes=frozenset(held.hcpcs_codes),
            units_left=held.units_approved - held.units_used,
            valid_from=held.valid_from,
            valid_to=held.valid_to,
            vendor_id=held.vendor_organization_id,
        )
        if held
        else None,
        vendor_id=new.vendor_id,
        trip_days=days,
    )
    return Foreseen(days, rides, tuple(judge(facts)))


def _living(session: WorkSession, order_id: UUID) -> StandingOrder:
    session.actor.require("planner")
    order = locked_order(session, order_id)
    if order.state is StandingState.ENDED:
        raise Conflict(f"{order.reference} has ended.", remedy="Begin another standing order.")
    return order


def _waiting(rows: dict[date, StandingOccurrence], first: date) -> list[StandingOccurrence]:
    booked = OccurrenceState.BOOKED
    return [row for day, row in rows.items() if day >= first and row.state is booked]


def _move(session: WorkSession, order: StandingOrder, row: StandingOccurrence, terms: Terms) -> None:
    """Put the rides of a day that still wait to the times of the new terms."""
    zone = zone_of(session, order)
    window, back = window_on(terms, row.on_day, zone), way_back_on(terms, row.on_day, zone)
    there = session.get(Booking, row.outward_booking_id)
    if there is None or there.state not in WAITING:
        return
    if (there.requested_start, there.requested_end) != (window.start, window.end):
        bookings.move_window(session, there.id, window)
    mine = select(Booking).where(Booking.outward_booking_id == there.id, Booking.state.not_in(CALLED_OFF))
    returning = session.scalars(mine).one_or_none()
    if back is None or returning is None or returning.state not in WAITING:
        return
    if (returning.requested_start, returning.requested_end) != (back.window.start, back.window.end):
        bookings.move_window(session, returning.id, back.window)


def _today(session: WorkSession, order: StandingOrder) -> date:
    return session.now().astimezone(zone_of(session, order)).date()
