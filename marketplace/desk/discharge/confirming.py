"""Confirming a whole discharge: every part is booked and vendors asked in one transaction, or nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import (
    EquipmentOrder,
    ItemOrder,
    RequestedWindow,
    RideOrder,
    VisitOrder,
)
from marketplace.bookings.page_parts import payer_of
from marketplace.bookings.words import WindowAnchor
from marketplace.careplans.words import ServiceKind
from marketplace.desk.discharge.choosing import settle
from marketplace.desk.discharge.drafts import choice_in, save
from marketplace.desk.discharge.models import DischargeDraft
from marketplace.desk.discharge.outlook import PartOutlook, outlook
from marketplace.desk.discharge.parts import Part
from marketplace.desk.discharge.proposing import proposal_of
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.desk.discharge.sketching import field_of
from marketplace.desk.discharge.words import DraftState
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.work import WorkSession
from vendors.offers import service as offers
from vendors.offers.matching import one_look
from vendors.offers.models import Offer
from vendors.offers.words import OfferState
from vendors.sourcing import service as sourcing

USUAL_ANSWER = timedelta(minutes=30)
RELAXED_ANSWER = timedelta(hours=4)
"""For work more than a day away nobody has to answer within the half hour."""
FAR_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What confirming made: the bookings in the order of their windows, and the offers that went out."""

    draft: DischargeDraft
    bookings: tuple[Booking, ...]
    offers: tuple[Offer, ...]


def confirm(
    session: WorkSession,
    record: DischargeRecord,
    given: Sequence[Mapping[str, Any]],
    *,
    choice: Mapping[str, Any] | None = None,
    proposal_number: int | None = None,
) -> Confirmed:
    """Book every wanted part and ask for each the vendor that was chosen or proposed first.

    `proposal_number` is that of the proposal the planner saw; while that one is the newest its vendors are
    asked first, else the first in order of price and distance. A part that nobody can be asked for is booked
    all the same, and waits on the board. With a visit the patient's choice is recorded first.

    Raises InvalidInput naming every wrong field as `parts.<n>.<field>`,
    Conflict when a part was booked meanwhile; then nothing is stored.
    """
    with one_look(session):  # each part's vendors are judged for the page's errors, and again to be asked
        return _confirmed(session, record, given, choice, proposal_number)


def _confirmed(
    session: WorkSession,
    record: DischargeRecord,
    given: Sequence[Mapping[str, Any]],
    choice: Mapping[str, Any] | None,
    proposal_number: int | None,
) -> Confirmed:
    draft, parts = save(session, record, given, choice)
    wanted = [part for part in parts if part.wanted]
    if not wanted:
        raise InvalidInput("parts", "nothing is chosen: choose at least one part to book")
    places = {part["task_id"]: position for position, part in enumerate(given)}
    chosen = choice_in(session, record, draft)
    found = outlook(session, record, parts, chosen)
    _refuse_wrong(found, places)
    if chosen is not None and any(part.kind is ServiceKind.HOME_HEALTH for part in wanted):
        settle(session, chosen)
    vendors = _proposed_vendors(session, draft, proposal_number)
    made: list[Booking] = []
    errors: list[FieldError] = []
    for one in sorted(found, key=lambda one: one.part.start):
        try:
            booking = _request(session, record, one.part)
            _find_vendor(session, booking, one, vendors.get(one.part.task_id))
            made.append(booking)
        except InvalidInput as refused:
            errors += [_placed(error, one.part, places) for error in refused.errors]
    if errors:
        raise InvalidInput(errors)
    state.move(session, draft, DraftState.CONFIRMED)
    draft.booked, draft.sealed = [str(booking.id) for booking in made], None
    announce(session, [draft.organization_id], "encounter", record.encounter.id)
    return Confirmed(draft, tuple(made), _open_offers(session, made))


def answer_by(booking: Booking, now: datetime) -> datetime:
    """Until when vendors may answer: the half hour, four hours for work far ahead, never after the work."""
    usual = RELAXED_ANSWER if booking.requested_start - now > FAR_AHEAD else USUAL_ANSWER
    return min(now + usual, booking.requested_end)


def _refuse_wrong(found: Sequence[PartOutlook], places: Mapping[UUID, int]) -> None:
    errors = [_placed(error, one.part, places) for one in found for error in one.errors]
    for one in found:
        chosen = one.part.vendor_id
        vendor = next((other for other in one.candidates if other.vendor_id == chosen), None)
        if chosen is not None and not one.errors and (vendor is None or not vendor.is_eligible):
            why = f"{vendor.name}: {vendor.why_not}" if vendor else "choose a vendor of the list"
            errors.append(_placed(FieldError("vendor_id", why, "not-eligible"), one.part, places))
    if errors:
        raise InvalidInput(errors)


def _placed(error: FieldError, part: Part, places: Mapping[UUID, int]) -> FieldError:
    """The error at its field of the page; of a part that was not sent, under the part's title."""
    if error.field in {"chosen", "list_shown"}:
        return error
    name = field_of(error.field)
    if part.task_id in places:
        return FieldError(f"parts.{places[part.task_id]}.{name}", error.message, error.code)
    return FieldError(name, f"{part.title}: {error.message}", error.code)


def _proposed_vendors(session: WorkSession, draft: DischargeDraft, number: int | None) -> dict[UUID, UUID]:
    row = proposal_of(session, draft)
    if row is None or number is None or row.number != number:
        return {}
    return {UUID(one["wish"]): UUID(one["vendor"]) for one in row.result if one["vendor"]}


def _request(session: WorkSession, record: DischargeRecord, part: Part) -> Booking:
    anchor = WindowAnchor.DISCHARGE if part.moves else WindowAnchor.FIXED
    window = RequestedWindow(part.start, part.end, anchor)
    payer = payer_of(part.payer)
    if part.kind is ServiceKind.RIDE and part.level is not None:
        goal = part.elsewhere or (record.hospital if part.outbound else None)
        order = RideOrder(
            part.task_id,
            part.level,
            payer,
            window,
            origin=record.home if part.outbound else None,
            destination=goal,
            note=part.note,
            flexible=part.flexible,
        )
        return bookings.request_ride(session, order)
    if part.kind is ServiceKind.HOME_HEALTH:
        visit = VisitOrder(part.task_id, payer, window=window, destination=part.elsewhere, note=part.note)
        return bookings.request_visit(session, visit)
    items = tuple(ItemOrder(code) for code in part.codes)
    return bookings.request_equipment(
        session,
        EquipmentOrder(part.task_id, items, payer, window, destination=part.elsewhere, note=part.note),
    )


def _find_vendor(session: WorkSession, booking: Booking, found: PartOutlook, proposed: UUID | None) -> None:
    """Ask the vendor the planner or the patient chose; else search in order, the proposed vendor first."""
    eligible = [one.vendor_id for one in found.eligible]
    if not eligible:
        return
    chosen = eligible[0] if found.part.kind is ServiceKind.HOME_HEALTH else found.part.vendor_id
    if chosen is not None:
        offers.propose(session, booking.id, [chosen], answer_by(booking, session.now()))
        return
    sourcing.start(session, booking.id, first=proposed if proposed in eligible else eligible[0])


def _open_offers(session: WorkSession, made: Sequence[Booking]) -> tuple[Offer, ...]:
    mine = Offer.booking_id.in_([booking.id for booking in made])
    return tuple(session.scalars(select(Offer).where(mine, Offer.state == OfferState.OPEN)))
