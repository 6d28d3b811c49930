"""How a discharge looks as it stands on the page: each part with its vendors, live prices, and who pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from dispatch.planning.wishes import Wish
from marketplace.bookings.models import Booking
from marketplace.bookings.words import LevelOfService
from marketplace.careplans.words import ServiceKind
from marketplace.desk.discharge.choosing import Choosing
from marketplace.desk.discharge.parts import Part
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.desk.discharge.sketching import errors_of, field_of, sketch
from marketplace.desk.discharge.words import Availability, availability
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from vendors.offers.matching import judge_all
from vendors.offers.rules import Candidate, in_order
from vendors.preflight.rules import Payability, PayFacts, PayFinding, Permission, judge, level_of


@dataclass(frozen=True, slots=True)
class PartOutlook:
    """One part: what is wrong with it, who could do it at what price, and whether it will be paid."""

    part: Part
    errors: tuple[FieldError, ...]
    candidates: tuple[Candidate, ...]
    """Eligible vendors in the order they would be asked, then the others with their reasons."""
    findings: tuple[PayFinding, ...]
    sketch: Booking | None
    agencies: tuple[tuple[str, str], ...] = ()
    """Name and phone of the home-health agencies that the patient chose, in the patient's order."""

    @property
    def eligible(self) -> list[Candidate]:
        """Those who may be asked."""
        return [one for one in self.candidates if one.is_eligible]

    @property
    def availability(self) -> Availability:
        """How easily somebody can be had."""
        return availability(len(self.eligible))

    @property
    def payability(self) -> Payability:
        """Whether it will be paid."""
        return level_of(list(self.findings))


def outlook(
    session: WorkSession, record: DischargeRecord, parts: Sequence[Part], choice: Choosing | None = None
) -> list[PartOutlook]:
    """The outlook of every wanted part, in the parts' order; of visits under the patient's `choice`."""
    taken: dict[str, int] = {}
    found, trips = [], trip_days(record, parts)
    for part in parts:
        if part.wanted:
            found.append(_of_part(session, record, part, taken, choice, trips))
            taken[part.payer] = taken.get(part.payer, 0) + part.units
    return found


def _of_part(
    session: WorkSession,
    record: DischargeRecord,
    part: Part,
    taken: dict[str, int],
    choice: Choosing | None,
    trips: Mapping[LevelOfService, tuple[date, ...]],
) -> PartOutlook:
    errors = errors_of(session, record, part)
    visit = part.kind is ServiceKind.HOME_HEALTH
    if visit and choice is not None:
        errors += choice.missing
    booking, candidates = None, []
    if not errors:
        try:
            booking, items = sketch(record, part)
            candidates = in_order(judge_all(session, booking, items, frozenset(), chosen=chosen_of(choice)))
            if visit and choice is not None:
                candidates = _as_chosen(candidates, choice)
        except InvalidInput as refused:
            errors = [replace(one, field=field_of(one.field)) for one in refused.errors]
    chosen = part.vendor_id or next((one.vendor_id for one in candidates if one.is_eligible), None)
    facts = pay_facts(record, part, taken.get(part.payer, 0), chosen)
    findings = judge(replace(facts, trip_days=trips.get(part.level, ()) if part.level else ()))
    agencies = choice.agencies if visit and choice is not None else ()
    return PartOutlook(part, tuple(errors), tuple(candidates), tuple(findings), booking, agencies)


def chosen_of(choice: Choosing | None) -> tuple[UUID, ...]:
    """Whom the patient chose, recorded or only ticked so far."""
    return choice.vendor_ids if choice is not None else ()


def _as_chosen(candidates: Sequence[Candidate], choice: Choosing) -> list[Candidate]:
    """Only whom the patient chose, in the patient's order: prices do not rank agencies."""
    places = {vendor_id: place for place, vendor_id in enumerate(choice.vendor_ids)}
    allowed = [one for one in candidates if one.vendor_id in places]
    return sorted(allowed, key=lambda one: (not one.is_eligible, places[one.vendor_id]))


def trip_days(record: DischargeRecord, parts: Sequence[Part]) -> dict[LevelOfService, tuple[date, ...]]:
    """By level, the days on which the patient rides: booked for the stay, or about to be; ways back aside."""
    rides = [
        (booking.level_of_service, booking.requested_start)
        for booking in record.bookings.values()
        if booking.outward_booking_id is None
    ]
    rides += [(part.level, part.start) for part in parts if part.wanted and part.there_task_id is None]
    found: dict[LevelOfService, tuple[date, ...]] = {}
    for level, start in rides:
        if level is not None:
            found[level] = (*found.get(level, ()), start.astimezone(record.zone).date())
    return found


def pay_facts(record: DischargeRecord, part: Part, taken: int, vendor_id: UUID | None) -> PayFacts:
    """What the pre-flight rules ask of a part, of whose authorization `taken` units go to earlier parts."""
    kind, _, chosen = part.payer.partition(":")
    coverage_id, _, authorization_id = chosen.partition(":")
    row, payer, permission = None, "", None
    for candidate, name, authorizations in record.coverages:
        if str(candidate.id) == coverage_id:
            row, payer = candidate, name
            held = next((one for one in authorizations if str(one.id) == authorization_id), None)
            if held is not None:
                permission = Permission(
                    number=held.number,
                    service_line=held.service_line.value,
                    codes=frozenset(held.hcpcs_codes),
                    units_left=held.units_approved - held.units_used - taken,
                    valid_from=held.valid_from,
                    valid_to=held.valid_to,
                    vendor_id=held.vendor_organization_id,
                )
    return PayFacts(
        kind=part.kind.value,
        level=part.level.value if part.level else None,
        codes=frozenset(part.codes),
        units=part.units,
        first_day=part.start.astimezone(record.zone).date(),
        last_day=part.end.astimezone(record.zone).date(),
        payer=kind,
        payer_name=payer,
        covered_from=row.effective_from if row else None,
        covered_to=row.effective_to if row else None,
        permission=permission,
        vendor_id=vendor_id,
    )


def wish_of(found: PartOutlook, record: DischargeRecord) -> Wish | None:
    """The part as the optimizer is asked about it; None when nobody could be asked."""
    booking, part = found.sketch, found.part
    eligible = found.eligible
    if part.vendor_id is not None:
        eligible = [one for one in eligible if one.vendor_id == part.vendor_id]
    if booking is None or not eligible:
        return None
    goal = Position(booking.destination_latitude, booking.destination_longitude)
    ride = part.kind is ServiceKind.RIDE
    start = Position(booking.origin_latitude or 0.0, booking.origin_longitude or 0.0) if ride else goal
    return Wish(
        id=part.task_id,
        kind=part.kind.value,
        origin=start,
        destination=goal if ride else None,
        earliest=part.start,
        latest=part.end,
        first_seconds=booking.service_seconds,
        last_seconds=booking.dropoff_seconds,
        needs=record.needs,
        level=part.level,
        discipline=part.discipline,
        items=tuple((code, 1) for code in part.codes) if part.kind is ServiceKind.EQUIPMENT else (),
        quotes={one.vendor_id: one.quote.cents for one in eligible if one.quote is not None},
    )


def as_document(found: PartOutlook) -> dict[str, Any]:
    """The outlook as JSON values, without a word of who the patient is."""
    part = found.part
    return {
        "task_id": str(part.task_id),
        "title": part.title,
        "kind": part.kind.value,
        "start": part.start.isoformat(),
        "end": part.end.isoformat(),
        "errors": [{"field": one.field, "message": one.message} for one in found.errors],
        "availability": found.availability.value,
        "vendors": [
            {
                "id": str(one.vendor_id),
                "name": one.name,
                "cents": one.quote.cents if one.quote is not None else None,
                "why_not": one.why_not,
                "remedy": one.remedy,
            }
            for one in found.candidates
        ],
        "agencies": [{"name": name, "phone": phone} for name, phone in found.agencies],
        "payability": found.payability.value,
        "findings": [
            {"code": one.code, "weight": one.weight.value, "text": one.text, "remedy": one.remedy}
            for one in found.findings
        ],
    }
