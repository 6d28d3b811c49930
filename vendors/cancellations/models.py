"""Fees that a health system owes a vendor for work called off late or in vain."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings.words import BookingState
from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Words
from vendors.offers import models as _offers  # noqa: F401  tables that fees refer to


class CancellationFee(Identified, Revised, Base):
    """What is owed for one award, by the contract of its day; the vendor may waive it."""

    __tablename__ = "cancellation_fees"
    __table_args__ = (
        UniqueConstraint("award_id"),
        Index(None, "vendor_organization_id", "happened_at"),
        Index(None, "organization_id", "happened_at"),
        CheckConstraint("cents > 0", name="something"),
    )

    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system, which owes it."""
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("vendor_contracts.id"))
    ended_as: Mapped[BookingState] = mapped_column(Words(BookingState))
    rule: Mapped[str] = mapped_column(Text)
    cents: Mapped[int]
    happened_at: Mapped[datetime]
    """Business time at which the work ended."""
    waived_at: Mapped[datetime | None]
    waived_note: Mapped[str] = mapped_column(Text, default="")


_PARTIES = owned_by("organization_id", "vendor_organization_id")
protect(
    CancellationFee,
    _PARTIES,
    change=owned_by("vendor_organization_id"),
    grants={"janitor": "SELECT"},
)
