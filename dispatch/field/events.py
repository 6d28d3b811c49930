"""News from the field."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class ServiceCompleted(Event):
    """A booking was performed and its evidence recorded; billing may claim it."""

    booking_id: UUID
    award_id: UUID
    vendor_organization_id: UUID
    payer_organization_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class EvidenceAdded(Event):
    """Another paper came in for a service that was already completed."""

    booking_id: UUID
    award_id: UUID
    evidence_item_id: UUID
    revision: int
