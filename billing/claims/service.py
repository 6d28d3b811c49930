"""The life of a claim: born from a completed service, scrubbed, sent, scrubbed again, paid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text

from billing.claims.edits.findings import Finding
from billing.claims.edits.scrub import holds
from billing.claims.events import ClaimSubmitted
from billing.claims.facts import FactSource, ServiceFacts, judge
from billing.claims.models import Claim, ClaimEvidence, ClaimLine, ClaimMember, ClaimService
from billing.claims.values import Line
from billing.claims.words import ClaimState
from marketplace.foundation import events, state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession

GROWING = (ClaimState.DRAFT, ClaimState.HELD, ClaimState.READY)
"""States in which a further service of the day joins the claim, and in which its lines are made anew."""
SUPERSEDED = (ClaimState.VOIDED, ClaimState.REPLACED)


def claim_service(session: WorkSession, booking_id: UUID, source: FactSource) -> Claim:
    """The claim for a completed booking, made if there is none yet; acts for the vendor.

    One vendor's services to one member on one date are one claim while it has not been sent (RFI 1876); later
    ones follow in a claim of their own. Conflict when the service is not completed. Doing it twice does
    nothing.
    """
    facts = source.service(session, booking_id)
    if not facts.completed:
        raise Conflict("This service is not completed, so there is nothing to claim.")
    _queue_up(session, facts)
    known = session.scalars(
        select(Claim).join(ClaimService).where(ClaimService.booking_id == booking_id, ClaimService.live)
    ).first()
    if known is not None:
        return known
    claim = _growing_claim(session, facts) or _new_claim(session, facts)
    claim.services.append(
        ClaimService(
            booking_id=facts.booking_id,
            award_id=facts.award_id,
            booking_reference=facts.booking_reference,
            booking_revision=facts.revision,
            route=facts.route,
        )
    )
    session.flush()
    scrub_claim(session, claim, source)
    return claim


def evidence_added(session: WorkSession, booking_id: UUID, source: FactSource) -> Claim | None:
    """Look again at the claim for a booking that has new evidence; None when there is no claim yet."""
    claim = session.scalars(
        select(Claim)
        .join(ClaimService)
        .where(ClaimService.booking_id == booking_id, ClaimService.live)
        .with_for_update(of=Claim)
    ).first()
    if claim is not None:
        scrub_claim(session, claim, source)
    return claim


def check_again(session: WorkSession, claim_id: UUID, source: FactSource) -> Claim:
    """Look again at the acting vendor's claim after something was mended (a rate, an NPI, a credential)."""
    claim = locked(session, claim_id)
    if claim.vendor_organization_id != session.actor.organization():
        raise NotFound
    if claim.state not in GROWING:
        raise Conflict("This claim has been sent; only its payer can say more about it.")
    scrub_claim(session, claim, source)
    return claim


def scrub_claim(session: WorkSession, claim: Claim, source: FactSource) -> None:
    """Ask the floors below again, make the lines anew, judge, and send the claim when nothing holds it.

    A claim that has been sent keeps its lines and its state; its evidence and findings are brought up to
    date.
    """
    services = [source.service(session, part.booking_id) for part in claim.services]
    numbered = _numbered(services)
    if claim.state in GROWING:
        _write_lines(session, claim, numbered)
        _write_member(session, claim, services[0])
    _write_evidence(session, claim, services)
    found = judge(claim.reference, services[0].service_date, numbered, _same_as(session, claim))
    claim.findings = [finding.as_dict() for finding in found]
    claim.scrubbed_at = session.now()
    _follow(session, claim, found)
    announce(session, _sides(claim), "claim", claim.id, claim.revision)


def submit(session: WorkSession, claim: Claim) -> None:
    """Send a ready claim to its payer."""
    state.move(session, claim, ClaimState.SUBMITTED)
    claim.submitted_at = session.now()
    events.publish(
        session,
        ClaimSubmitted(claim.id, claim.vendor_organization_id, claim.payer_organization_id, claim.revision),
    )


def record_payment(session: WorkSession, claim_id: UUID, paid: Money) -> Claim:
    """Note what the vendor has received in total for an approved claim. Runs under the janitor role."""
    claim = locked(session, claim_id)
    whole = claim.approved_cents is not None and paid.cents >= claim.approved_cents
    target = ClaimState.PAID if whole else ClaimState.PARTIALLY_PAID
    if claim.state in {ClaimState.APPROVED, ClaimState.PARTIALLY_PAID} and claim.state is not target:
        state.move(session, claim, target)
        announce(session, _sides(claim), "claim", claim.id, claim.revision)
    return claim


def locked(session: WorkSession, claim_id: UUID) -> Claim:
    """The claim, locked until the transaction ends; NotFound when the actor cannot see it."""
    claim = session.scalars(select(Claim).where(Claim.id == claim_id).with_for_update()).one_or_none()
    if claim is None:
        raise NotFound
    return claim


def _queue_up(session: WorkSession, facts: ServiceFacts) -> None:
    """Let claims of one vendor and member be made one after another."""
    key = f"claim:{facts.vendor_id}:{facts.patient_id}"
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _of_the_day(facts: ServiceFacts) -> tuple[ColumnElement[bool], ...]:
    """The conditions that pick the claims which this service could stand on."""
    return (
        Claim.vendor_organization_id == facts.vendor_id,
        Claim.payer_organization_id == facts.payer_id,
        Claim.patient_id == facts.patient_id,
        Claim.service_date == facts.service_date,
        Claim.kind == facts.kind,
    )


def _growing_claim(session: WorkSession, facts: ServiceFacts) -> Claim | None:
    """A claim of the same day that has not been sent."""
    query = select(Claim).where(*_of_the_day(facts), Claim.state.in_(GROWING)).with_for_update()
    return session.scalars(query.order_by(Claim.sequence)).first()


def _new_claim(session: WorkSession, facts: ServiceFacts) -> Claim:
    """A fresh draft with the next sequence number of its day."""
    newest = session.scalar(select(func.max(Claim.sequence)).where(*_of_the_day(facts)))
    claim = Claim(
        vendor_organization_id=facts.vendor_id,
        payer_organization_id=facts.payer_id,
        organization_id=facts.organization_id,
        patient_id=facts.patient_id,
        kind=facts.kind,
        service_date=facts.service_date,
        sequence=(newest or 0) + 1,
        created_at=session.now(),
    )
    session.add(claim)
    state.begin(session, claim)
    return claim


def _numbered(services: Sequence[ServiceFacts]) -> list[tuple[ServiceFacts, tuple[Line, ...]]]:
    """Each service with its lines under the numbers they have on the claim."""
    numbered, number = [], 0
    for facts in services:
        lines = []
        for line in facts.lines:
            number += 1
            lines.append(replace(line, number=number))
        numbered.append((facts, tuple(lines)))
    return numbered


def _write_lines(
    session: WorkSession, claim: Claim, numbered: Sequence[tuple[ServiceFacts, tuple[Line, ...]]]
) -> None:
    """Put the priced lines and their sum on the claim, in place of the earlier ones."""
    claim.lines.clear()
    session.flush()
    for facts, lines in numbered:
        claim.lines.extend(_row(facts.booking_id, line) for line in lines)
    claim.total_cents = sum(line.charge_cents for line in claim.lines)


def _row(booking_id: UUID, line: Line) -> ClaimLine:
    return ClaimLine(
        booking_id=booking_id,
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


def _write_member(session: WorkSession, claim: Claim, facts: ServiceFacts) -> None:
    """Seal who the member is, under the vendor's key."""
    member = facts.member
    born = member.date_of_birth.isoformat() if member.date_of_birth else ""
    plain = json.dumps({"name": member.name, "date_of_birth": born, "member_id": member.member_id})
    vault, vendor = session.runtime.vault, claim.vendor_organization_id
    sealed = vault.seal(session, vendor, "claim_members.sealed", claim.id, plain)
    row = session.get(ClaimMember, claim.id)
    if row is None:
        session.add(ClaimMember(claim_id=claim.id, vendor_organization_id=vendor, sealed=sealed))
    else:
        row.sealed = sealed


def _write_evidence(session: WorkSession, claim: Claim, services: Sequence[ServiceFacts]) -> None:
    """Add pointers to evidence the claim does not know yet; known ones keep the digest first seen."""
    known = {pointer.source_id for pointer in claim.evidence}
    for facts in services:
        claim.evidence.extend(
            ClaimEvidence(
                booking_id=facts.booking_id,
                kind=pointer.kind,
                source_id=pointer.source_id,
                digest=pointer.digest,
                recorded_at=pointer.recorded_at,
            )
            for pointer in facts.evidence
            if pointer.source_id not in known
        )
    session.flush()


def _same_as(session: WorkSession, claim: Claim) -> tuple[str, ...]:
    """References of other live claims for the same member, date, vendor and way (edit 17)."""
    routes = {part.route for part in claim.services}
    query = (
        select(Claim)
        .join(ClaimService)
        .where(
            Claim.vendor_organization_id == claim.vendor_organization_id,
            Claim.patient_id == claim.patient_id,
            Claim.service_date == claim.service_date,
            Claim.kind == claim.kind,
            Claim.id < claim.id,
            Claim.state.not_in(SUPERSEDED),
            ClaimService.route.in_(routes),
        )
    )
    return tuple(sorted({other.reference for other in session.scalars(query)}))


def _follow(session: WorkSession, claim: Claim, found: tuple[Finding, ...]) -> None:
    """Hold the claim, or make it ready and send it."""
    if claim.state not in GROWING:
        return
    if holds(found):
        if claim.state is not ClaimState.HELD:
            state.move(session, claim, ClaimState.HELD, reason_code=found[0].code)
        return
    if claim.state is not ClaimState.READY:
        state.move(session, claim, ClaimState.READY)
    submit(session, claim)


def _sides(claim: Claim) -> tuple[UUID, ...]:
    """Whose open pages show this claim: the payer's only once it was sent."""
    vendor, payer = claim.vendor_organization_id, claim.payer_organization_id
    return (vendor,) if claim.state in GROWING else (vendor, payer)
