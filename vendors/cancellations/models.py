"""Fees between a health system and a vendor for work that did not take place."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings.words import BookingState
from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Words
from vendors.cancellations.rules import Debtor
from vendors.offers import models as _offers  # noqa: F401  tables that fees refer to


class CancellationFee(Identified, Revised, Base):
    """What is owed for one award, by the contract of its day; who it is owed to may waive it."""

    __tablename__ = "cancellation_fees"
    __table_args__ = (
        UniqueConstraint("award_id"),
        Index(None, "vendor_organization_id", "happened_at"),
        Index(None, "organization_id", "happened_at"),
        CheckConstraint("cents > 0", name="something"),
        CheckConstraint("debtor <> 'nobody'", name="owed"),
        CheckConstraint("waived_at IS NULL OR settled_from IS NULL", name="waived_or_settled"),
    )

    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system."""
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    debtor: Mapped[Debtor] = mapped_column(Words(Debtor), server_default="health_system")
    """Which of the two owes it to the other."""
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("vendor_contracts.id"))
    ended_as: Mapped[BookingState] = mapped_column(Words(BookingState))
    rule: Mapped[str] = mapped_column(Text)
    cents: Mapped[int]
    happened_at: Mapped[datetime]
    """Business time at which the work ended."""
    waived_at: Mapped[datetime | None]
    waived_note: Mapped[str] = mapped_column(Text, default="")
    settled_from: Mapped[datetime | None]
    """Business time at which settlement took it up; from then on it can no longer be waived."""


_PARTIES = owned_by("organization_id", "vendor_organization_id")
_CREDITOR = (
    "CASE debtor WHEN 'vendor' THEN organization_id ELSE vendor_organization_id END = homeward_organization()"
)
protect(
    CancellationFee,
    _PARTIES,
    change=_CREDITOR,
    grants={"janitor": "SELECT, UPDATE"},
)
