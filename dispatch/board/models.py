"""What dispatchers changed by hand, each with the certificate of the check that let it stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.board.words import HandKind
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Words, owned_by, protect


class HandChange(Identified, Base):
    """One change to the plan by a person of the vendor's office; never altered afterwards."""

    __tablename__ = "hand_changes"
    __table_args__ = (
        Index(None, "booking_id"),
        Index(None, "other_booking_id"),
        Index(None, "vendor_organization_id", "made_at"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[HandKind] = mapped_column(Words(HandKind))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    other_booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id"))
    """The other one of a swap."""
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    """Where the service now is."""
    previous_vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"))
    problem_digest: Mapped[str] = mapped_column(Text, default="")
    certificate: Mapped[dict[str, Any]]
    """Empty for letting a service go: that needs no check."""
    moved: Mapped[list[Any]]
    """Every service whose vehicle or time changed with it: booking, vehicle, starts_at."""
    made_by_user_id: Mapped[UUID | None]
    made_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


protect(
    HandChange,
    owned_by("vendor_organization_id"),
    append_only=True,
    grants={"planner": "SELECT", "janitor": "SELECT"},
)
