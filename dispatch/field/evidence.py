"""Evidence: sealing what was signed, and handing a service's whole evidence to whoever must judge it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dispatch.field.chain import Link, content_digest, first_broken
from dispatch.field.models import EvidenceItem, FieldService, ServiceEvent
from dispatch.field.words import EvidenceKind, FieldStatus
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession

PLACE = "evidence_items.sealed"


@dataclass(frozen=True, slots=True)
class EventFact:
    """One field event as evidence: what, when, where, by whom, and its link in the chain (hex)."""

    id: UUID
    sequence: int
    status: FieldStatus
    occurred_at: datetime
    recorded_at: datetime
    latitude: float | None
    longitude: float | None
    actor_user_id: UUID | None
    vehicle_id: UUID | None
    facts: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class ItemFact:
    """One paper as evidence: what rules judge by, and the digest (hex) of its whole content."""

    id: UUID
    kind: EvidenceKind
    facts: dict[str, Any]
    signed_at: datetime | None
    recorded_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class EvidencePackage:
    """All that the field can show of a booking; `chain_is_whole` is False when an event was tampered with."""

    booking_id: UUID
    award_id: UUID | None
    vendor_organization_id: UUID | None
    status: FieldStatus | None
    vehicle_id: UUID | None
    driver_user_id: UUID | None
    events: tuple[EventFact, ...]
    items: tuple[ItemFact, ...]
    chain_is_whole: bool

    def at(self, status: FieldStatus) -> datetime | None:
        """When the crew reported a status; None when they did not."""
        return next((event.occurred_at for event in self.events if event.status is status), None)

    def item(self, kind: EvidenceKind) -> ItemFact | None:
        """The newest paper of a kind, or None."""
        return next((item for item in reversed(self.items) if item.kind is kind), None)


def add_item(
    session: WorkSession,
    running: FieldService,
    kind: EvidenceKind,
    facts: dict[str, Any],
    private: dict[str, Any],
    *,
    event: ServiceEvent | None = None,
    signed_at: datetime | None = None,
) -> EvidenceItem:
    """Seal a paper under the health system's key and keep it for good.

    `facts` may hold codes and numbers only; names and strokes belong into `private`.
    """
    item_id = new_id()
    sealed = session.runtime.vault.seal(
        session, running.organization_id, PLACE, item_id, json.dumps(private, sort_keys=True)
    )
    item = EvidenceItem(
        id=item_id,
        booking_id=running.booking_id,
        service_event_id=event.id if event else None,
        organization_id=running.organization_id,
        vendor_organization_id=running.vendor_organization_id,
        kind=kind,
        facts=facts,
        sealed=sealed,
        digest=content_digest(facts, private),
        signed_at=signed_at,
        recorded_by=session.actor.user_id,
    )
    session.add(item)
    session.flush()
    audit.record(session, f"evidence:{kind}", "evidence_items", item.id)
    return item


def evidence(session: WorkSession, booking_id: UUID) -> EvidencePackage:
    """All evidence of a booking for a party of it; empty when nothing was recorded yet."""
    running = session.scalars(
        select(FieldService).where(
            FieldService.booking_id == booking_id, FieldService.status != FieldStatus.WITHDRAWN
        )
    ).one_or_none()
    events = session.scalars(
        select(ServiceEvent).where(ServiceEvent.booking_id == booking_id).order_by(ServiceEvent.sequence)
    ).all()
    items = session.scalars(
        select(EvidenceItem).where(EvidenceItem.booking_id == booking_id).order_by(EvidenceItem.id)
    ).all()
    last = events[-1] if events else None
    return EvidencePackage(
        booking_id=booking_id,
        award_id=last.award_id if last else (running.award_id if running else None),
        vendor_organization_id=last.vendor_organization_id if last else None,
        status=last.status if last else None,
        vehicle_id=last.vehicle_id if last else None,
        driver_user_id=last.actor_user_id if last else None,
        events=tuple(_event_fact(event) for event in events),
        items=tuple(_item_fact(item) for item in items),
        chain_is_whole=first_broken((link_of(event), bytes(event.hash)) for event in events) is None,
    )


def private_content(session: WorkSession, item_id: UUID) -> dict[str, Any]:
    """What was signed, opened: names and strokes; the look is audited. Parties of the booking only."""
    item = session.get(EvidenceItem, item_id)
    if item is None:
        raise NotFound
    text = session.runtime.vault.open(session, item.organization_id, PLACE, item.id, bytes(item.sealed))
    audit.record(session, "evidence:read", "evidence_items", item.id, {"booking": str(item.booking_id)})
    content: dict[str, Any] = json.loads(text)
    return content


def is_unchanged(session: WorkSession, item_id: UUID) -> bool:
    """Whether a paper's content still has the digest it was recorded with."""
    item = session.get(EvidenceItem, item_id)
    if item is None:
        return False
    return content_digest(item.facts, private_content(session, item_id)) == bytes(item.digest)


def link_of(event: ServiceEvent) -> Link:
    """The part of an event that is chained."""
    return Link(
        booking_id=event.booking_id,
        award_id=event.award_id,
        sequence=event.sequence,
        status=event.status,
        occurred_at=event.occurred_at,
        latitude=event.latitude,
        longitude=event.longitude,
        actor_user_id=event.actor_user_id,
        vehicle_id=event.vehicle_id,
        facts=event.facts,
    )


def _event_fact(event: ServiceEvent) -> EventFact:
    return EventFact(
        id=event.id,
        sequence=event.sequence,
        status=event.status,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        latitude=event.latitude,
        longitude=event.longitude,
        actor_user_id=event.actor_user_id,
        vehicle_id=event.vehicle_id,
        facts=event.facts,
        hash=bytes(event.hash).hex(),
    )


def _item_fact(item: EvidenceItem) -> ItemFact:
    return ItemFact(
        id=item.id,
        kind=item.kind,
        facts=item.facts,
        signed_at=item.signed_at,
        recorded_at=item.recorded_at,
        digest=bytes(item.digest).hex(),
    )
