"""What claims ask the floors below, as one narrow question, so that a claim knows no other room's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from billing.claims.edits.findings import Finding
from billing.claims.edits.scrub import scrub
from billing.claims.pricing import total_of
from billing.claims.values import (
    AuthorizationFacts,
    ClaimFacts,
    Line,
    MemberFacts,
    OrderFacts,
    PayerFacts,
    ProofOfDelivery,
    TripLog,
    VendorFacts,
    VisitRecord,
)
from billing.claims.words import EvidenceKind, ServiceKind
from marketplace.foundation.work import WorkSession


@dataclass(frozen=True, slots=True)
class EvidencePointer:
    """Where a piece of evidence lies, and the SHA-256 of its content when the claim last looked."""

    kind: EvidenceKind
    source_id: UUID
    digest: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A completed service with all that a claim for it needs, as of one moment."""

    booking_id: UUID
    award_id: UUID
    booking_reference: str
    revision: int
    organization_id: UUID
    """The health system that asked."""
    vendor_id: UUID
    payer_id: UUID
    patient_id: UUID
    kind: ServiceKind
    service_date: date
    """Local date at the place of service."""
    route: str
    """What makes two services of a day the same: from where to where, or which items."""
    completed: bool
    vendor: VendorFacts
    member: MemberFacts
    payer: PayerFacts
    lines: tuple[Line, ...]
    evidence: tuple[EvidencePointer, ...]
    order: OrderFacts | None = None
    order_required: bool = False
    authorization: AuthorizationFacts | None = None
    trip_log: TripLog | None = None
    proof_of_delivery: ProofOfDelivery | None = None
    visit_record: VisitRecord | None = None
    evidence_intact: bool = True


class FactSource(Protocol):
    """Whoever can tell about a completed service."""

    def service(self, session: WorkSession, booking_id: UUID) -> ServiceFacts:
        """The facts of one booking's service; NotFound when the actor has nothing to do with it."""


def judge(
    reference: str,
    today: date,
    services: Sequence[tuple[ServiceFacts, tuple[Line, ...]]],
    same_as: tuple[str, ...],
) -> tuple[Finding, ...]:
    """What the edits find on a claim of several services, each finding once.

    `services` pairs each service with its lines as they are numbered on the claim.
    """
    found: dict[Finding, None] = {}
    for facts, lines in services:
        for finding in scrub(_one_claim(reference, today, facts, lines, same_as)):
            found.setdefault(finding)
    return tuple(found)


def _one_claim(
    reference: str, today: date, facts: ServiceFacts, lines: tuple[Line, ...], same_as: tuple[str, ...]
) -> ClaimFacts:
    """The service as the edits see it."""
    return ClaimFacts(
        reference=reference,
        kind=facts.kind,
        service_date=facts.service_date,
        today=today,
        vendor=facts.vendor,
        member=facts.member,
        payer=facts.payer,
        lines=lines,
        total=total_of(lines),
        order=facts.order,
        order_required=facts.order_required,
        authorization=facts.authorization,
        trip_log=facts.trip_log,
        proof_of_delivery=facts.proof_of_delivery,
        visit_record=facts.visit_record,
        evidence_intact=facts.evidence_intact,
        same_as=same_as,
    )
