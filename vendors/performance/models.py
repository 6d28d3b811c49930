"""The table of ended promises: kept, late, missed or turned back, and by how much."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Words
from vendors.performance.words import Outcome


class ServiceRecord(Identified, Base):
    """How the promise of one award ended; written once and never changed."""

    __tablename__ = "service_records"
    __table_args__ = (
        Index("uq_service_records_award", "award_id", unique=True),
        Index(
            "ix_service_records_vendor", "organization_id", "vendor_organization_id", "kind", "happened_at"
        ),
        Index(None, "booking_id"),
        CheckConstraint("minutes_late >= 0", name="late"),
    )

    award_id: Mapped[UUID]
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system."""
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str] = mapped_column(Text)
    outcome: Mapped[Outcome] = mapped_column(Words(Outcome))
    reason_code: Mapped[str] = mapped_column(Text, default="")
    promised_start: Mapped[datetime | None]
    promised_end: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    """At the pickup or at the home; None when it never got there."""
    minutes_late: Mapped[int] = mapped_column(default=0)
    """At the door after the end of the promised window; 0 when it was in time or never came."""
    notice_minutes: Mapped[int | None]
    """How long before the promised window the work was turned back; negative when it had begun."""
    vehicle_had_left: Mapped[bool] = mapped_column(default=False)
    happened_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


_ADDING = dict.fromkeys(("planner", "janitor"), "SELECT, INSERT")
protect(
    ServiceRecord, owned_by("organization_id", "vendor_organization_id"), append_only=True, grants=_ADDING
)
