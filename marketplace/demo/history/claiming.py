"""The claims of past work: lines by the rules of claims, what payers decided, what is still open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from billing.claims.edits.findings import Finding
from billing.claims.models import (
    Claim,
    ClaimDecision,
    ClaimEvidence,
    ClaimLine,
    ClaimMember,
    ClaimService,
)
from billing.claims.pricing import ItemDelivered, RideDone, item_lines, ride_lines
from billing.claims.values import Line
from billing.claims.words import (
    DENIAL_REASONS,
    ClaimState,
    Decision,
    EvidenceKind,
    ServiceKind,
)
from marketplace.demo.history.past import Move, Past, Somebody
from marketplace.demo.history.paying import pay
from marketplace.demo.history.working import Work
from vendors.network.rules import METERS_PER_MILE
from vendors.network.service import work_of

DENIED_SHARE, PENDED_SHARE = 0.055, 0.03
_REASONS = ("not_documented", "not_necessary", "no_authorization", "miles_excessive", "document_incomplete")
_NOTES = {
    "not_documented": "The trip log does not show who was carried.",
    "not_necessary": "The record does not show why the member could not ride otherwise.",
    "no_authorization": "We find no authorization for this date.",
    "miles_excessive": "The miles exceed the direct route by far.",
    "document_incomplete": "The receipt names no item.",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a claim: held by findings, or decided by the payer after some days."""

    findings: tuple[Finding, ...] = ()
    decision: Decision | None = Decision.APPROVED
    after: timedelta = timedelta(days=3)


def ruling(past: Past) -> Ruling:
    """What a payer says as a rule: yes after some days, now and then no or a question."""
    luck, after = past.dice.random(), timedelta(days=past.dice.randrange(1, 8), hours=past.dice.randrange(9))
    if luck < DENIED_SHARE:
        return Ruling(decision=Decision.DENIED, after=after)
    if luck < DENIED_SHARE + PENDED_SHARE:
        return Ruling(decision=Decision.MORE_WANTED, after=after)
    return Ruling(after=after)


def claim_work(past: Past, work: Work, ruled: Ruling, *, sequence: int = 1) -> Claim:
    """The claim for one completed service, up to wherever it stood when the played day began."""
    booking, vendor = work.errand.booking, work.made.vendor
    made_at = (booking.finished_at or work.starts_at) + timedelta(seconds=45)
    lines = _lines(work)
    claim = Claim(
        id=past.rows.id(made_at),
        vendor_organization_id=vendor.organization_id,
        payer_organization_id=booking.payer_organization_id,
        organization_id=booking.organization_id,
        patient_id=booking.patient_id,
        kind=ServiceKind.RIDE if booking.level_of_service else ServiceKind.EQUIPMENT,
        service_date=(booking.finished_at or made_at).astimezone(past.world.zone).date(),
        sequence=sequence,
        total_cents=sum(line.charge.cents for line in lines),
        findings=[finding.as_dict() for finding in ruled.findings],
        scrubbed_at=made_at,
        created_at=made_at,
    )
    moves = _course(past, work, claim, ruled, made_at)
    claim.state, claim.revision = ClaimState(moves[-1].state), len(moves)
    past.rows.keep(claim, made_at)
    past.claims += 1
    past.trail(claim, moves)
    _parts(past, work, claim, lines, made_at)
    _decide(past, claim, ruled, moves)
    return claim


def _course(past: Past, work: Work, claim: Claim, ruled: Ruling, made_at: datetime) -> list[Move]:
    vendor = Somebody(claim.vendor_organization_id, name="Billing")
    moves = [Move(ClaimState.DRAFT, made_at, vendor)]
    if ruled.findings:
        return [*moves, Move(ClaimState.HELD, made_at, vendor, reason=ruled.findings[0].code)]
    moves += [Move(ClaimState.READY, made_at, vendor), Move(ClaimState.SUBMITTED, made_at, vendor)]
    claim.submitted_at = made_at
    decided_at = _in_office_hours(past, made_at + ruled.after)
    if ruled.decision is None or decided_at >= past.world.at(0) or not claim.total_cents:
        return moves
    payer = _reviewer(past, claim)
    if ruled.decision is Decision.MORE_WANTED:
        return [*moves, Move(ClaimState.PENDED, decided_at, payer)]
    claim.decided_at = decided_at
    if ruled.decision is Decision.DENIED:
        return [*moves, Move(ClaimState.DENIED, decided_at, payer, reason=past.dice.choice(_REASONS))]
    claim.approved_cents = claim.total_cents
    paid = Somebody(claim.payer_organization_id, name="Settlement")
    return [
        *moves,
        Move(ClaimState.APPROVED, decided_at, payer),
        Move(ClaimState.PAID, decided_at + timedelta(seconds=20), paid),
    ]


def _reviewer(past: Past, claim: Claim) -> Somebody:
    """The payer's reviewer, or the health system's own planner where it pays itself."""
    payer = claim.payer_organization_id
    return Somebody(payer, *(past.stage.reviewers.get(payer) or past.stage.planners[0]))


def _decide(past: Past, claim: Claim, ruled: Ruling, moves: Sequence[Move]) -> None:
    decisions = {
        ClaimState.APPROVED: Decision.APPROVED,
        ClaimState.DENIED: Decision.DENIED,
        ClaimState.PENDED: Decision.MORE_WANTED,
    }
    for move in moves:
        decision = decisions.get(ClaimState(move.state))
        if decision is None:
            continue
        denied = DENIAL_REASONS.get(move.reason or "")
        past.rows.keep(
            ClaimDecision(
                claim_id=claim.id,
                sequence=1,
                decision=decision,
                approved_cents=claim.approved_cents if decision is Decision.APPROVED else 0,
                group_code=denied.group_code if denied else "",
                carc=denied.carc if denied else "",
                rarc=denied.rarc if denied else "",
                note=_NOTES.get(move.reason or "", "")
                or ("Please send the odometer readings." if decision is Decision.MORE_WANTED else ""),
                decided_by=move.by.user_id,
                decided_by_name=move.by.name,
                organization_id=claim.payer_organization_id,
                decided_at=move.at,
            ),
            move.at,
        )
        if decision is Decision.APPROVED:
            pay(past, claim, move.at)


def _parts(past: Past, work: Work, claim: Claim, lines: Sequence[Line], at: datetime) -> None:
    booking, rows = work.errand.booking, past.rows
    rows.keep(
        ClaimService(
            claim_id=claim.id,
            booking_id=booking.id,
            award_id=work.made.award.id,
            booking_reference=booking.reference,
            booking_revision=booking.revision,
            route=_route(work),
        ),
        at,
    )
    for line in lines:
        rows.keep(_row(claim, work, line), at)
    if work.evidence is not None:
        rows.keep(
            ClaimEvidence(
                claim_id=claim.id,
                booking_id=booking.id,
                kind=EvidenceKind(work.evidence.kind.value),
                source_id=work.evidence.id,
                digest=work.evidence.digest,
                recorded_at=work.evidence.recorded_at,
            ),
            at,
        )
    identity = work.errand.patient.person.identity
    member = {
        "name": identity.name,
        "date_of_birth": identity.birth_date,
        "member_id": work.errand.patient.member_id,
    }
    sealed = past.seal(claim.vendor_organization_id, "claim_members.sealed", claim.id, json.dumps(member))
    vendor_id = claim.vendor_organization_id
    rows.keep(ClaimMember(claim_id=claim.id, vendor_organization_id=vendor_id, sealed=sealed), at)


def _row(claim: Claim, work: Work, line: Line) -> ClaimLine:
    return ClaimLine(
        claim_id=claim.id,
        booking_id=work.errand.booking.id,
        number=line.number,
        hcpcs_code=line.hcpcs_code,
        modifiers=list(line.modifiers),
        units=line.units.quantize(Decimal("0.01")),
        unit_cents=line.unit_price.cents,
        charge_cents=line.charge.cents,
        place_of_service=line.place_of_service,
        loaded_miles=line.loaded_miles,
        route_miles=line.route_miles,
        rental_month=line.rental_month,
    )


def _lines(work: Work) -> tuple[Line, ...]:
    booking, rates = work.errand.booking, work.made.rates
    if booking.level_of_service is None:
        items = [
            ItemDelivered(item.hcpcs_code, item.quantity, 1 if item.modifier == "RR" else None)
            for item in work.errand.items
        ]
        return item_lines(items, rates)
    planned = work_of(booking, [])
    done = RideDone(
        level_of_service=str(booking.level_of_service),
        loaded_meters=int(Decimal(str(work.miles)) * METERS_PER_MILE),
        route_meters=booking.distance_meters or None,
        attendants=planned.attendants,
        oxygen=planned.oxygen,
    )
    return ride_lines(done, rates)


def _route(work: Work) -> str:
    booking = work.errand.booking
    if booking.level_of_service is None:
        return "items " + " ".join(sorted(f"{item.hcpcs_code}x{item.quantity}" for item in work.errand.items))
    ends = f"H {booking.origin_postal_code} R {booking.destination_postal_code}"
    return f"{booking.level_of_service} {ends}"


def _in_office_hours(past: Past, moment: datetime) -> datetime:
    """The moment, or the next office hour of a weekday after it."""
    local = moment.astimezone(past.world.zone)
    if not 8 <= local.hour < 17:
        local = datetime.combine(local.date() + timedelta(days=local.hour >= 17), time(8, 30), local.tzinfo)
        local += timedelta(minutes=past.dice.randrange(0, 180))
    while local.weekday() >= 5:
        local += timedelta(days=1)
    return local.astimezone(UTC)
