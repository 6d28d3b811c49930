"""What claims do when the field has news."""

from __future__ import annotations

from billing.claims.floors_below import FloorsBelow
from billing.claims.service import claim_service, evidence_added
from dispatch.field.events import EvidenceAdded, ServiceCompleted
from marketplace.foundation.work import WorkSession


def on_service_completed(session: WorkSession, event: ServiceCompleted) -> None:
    """A completed service becomes a claim, once; acts for the vendor."""
    claim_service(session, event.booking_id, FloorsBelow())


def on_evidence_added(session: WorkSession, event: EvidenceAdded) -> None:
    """New evidence makes the claim look again."""
    evidence_added(session, event.booking_id, FloorsBelow())
