"""News from claims."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class ClaimSubmitted(Event):
    """A clean claim has gone to its payer."""

    claim_id: UUID
    vendor_organization_id: UUID
    payer_organization_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class ClaimDecided(Event):
    """A payer has approved or denied a claim, or asks for more; the decision is a row of its own."""

    claim_id: UUID
    decision_id: UUID
    decision: str
    vendor_organization_id: UUID
    payer_organization_id: UUID
    revision: int
