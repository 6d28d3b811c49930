"""What crews did: the running record per booking, append-only events, and sealed evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.field.words import EvidenceKind, FieldStatus
from marketplace.bookings.models import party_policy
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect

_SYSTEM = {"planner": "SELECT, INSERT, UPDATE", "janitor": "SELECT"}
_BOTH_SIDES = owned_by("vendor_organization_id", "organization_id")


class FieldService(Identified, Revised, Base):
    """The running record of one awarded booking: which vehicle and crew, and how far they are."""

    __tablename__ = "field_services"
    __table_args__ = (
        Index(
            "uq_field_services_live_booking",
            "booking_id",
            unique=True,
            postgresql_where=text("status <> 'withdrawn'"),
        ),
        Index(None, "vendor_organization_id", "planned_start"),
        Index(None, "vehicle_id", "planned_start"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    award_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    """The health system that asked."""
    vendor_organization_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    """`ride`, `equipment` or `home_health`."""
    status: Mapped[FieldStatus] = mapped_column(Words(FieldStatus), default=FieldStatus.ASSIGNED)
    vehicle_id: Mapped[UUID | None]
    driver_user_id: Mapped[UUID | None]
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    last_latitude: Mapped[float | None]
    last_longitude: Mapped[float | None]


class ServiceEvent(Identified, Base):
    """One thing that happened in the field; each carries the hash of the one before it (same booking)."""

    __tablename__ = "service_events"
    __table_args__ = (
        UniqueConstraint("booking_id", "sequence"),
        UniqueConstraint("booking_id", "device_key"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    award_id: Mapped[UUID]
    vendor_organization_id: Mapped[UUID]
    sequence: Mapped[int]
    status: Mapped[FieldStatus] = mapped_column(Words(FieldStatus))
    occurred_at: Mapped[datetime]
    """Business time at the device; never later than when it was recorded."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    actor_user_id: Mapped[UUID | None]
    vehicle_id: Mapped[UUID | None]
    device_key: Mapped[str] = mapped_column(Text)
    """The device's own key of the action: a repeated sending adds nothing."""
    facts: Mapped[dict[str, Any]]
    """Numbers and codes (odometer miles, reason); never a patient's data."""
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class EvidenceItem(Identified, Base):
    """A paper of the service, sealed; its digest stands in the claim, so a later change would show."""

    __tablename__ = "evidence_items"
    __table_args__ = (Index(None, "booking_id"),)

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    service_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_events.id"))
    organization_id: Mapped[UUID]
    """Whose key seals it: the health system's."""
    vendor_organization_id: Mapped[UUID]
    kind: Mapped[EvidenceKind] = mapped_column(Words(EvidenceKind))
    facts: Mapped[dict[str, Any]]
    """What rules judge by: relationship code, item codes and quantities, odometer, signed date."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Names and the signature's strokes as JSON, encrypted."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the content before sealing, with the facts."""
    signed_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)
    recorded_by: Mapped[UUID | None]


protect(FieldService, _BOTH_SIDES, insert=owned_by("vendor_organization_id"), grants=_SYSTEM)
protect(
    ServiceEvent,
    party_policy("booking_id"),
    insert=owned_by("vendor_organization_id"),
    append_only=True,
    grants={"planner": "SELECT, INSERT", "janitor": "SELECT"},
)
protect(
    EvidenceItem,
    party_policy("booking_id"),
    insert=owned_by("vendor_organization_id"),
    append_only=True,
    grants={"janitor": "SELECT"},
)
