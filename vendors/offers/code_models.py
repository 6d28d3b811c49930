"""The table of short codes: each accepts exactly one offer, once, and is kept as a keyed hash alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import owned_by, protect

MOST_TRIES = 5
"""After so many wrong codes it is dead, and a new one must be sent."""


class OfferCode(Identified, Base):
    """The short code of one offer. It lives until it is used, tried too often, or its offer is closed."""

    __tablename__ = "offer_codes"
    __table_args__ = (
        Index("uq_offer_codes_live", "offer_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index(None, "booking_id", postgresql_where="ended_at IS NULL"),
        Index(None, "reference"),
        CheckConstraint(f"tries BETWEEN 0 AND {MOST_TRIES}", name="tries"),
        CheckConstraint("used_at IS NULL OR ended_at IS NOT NULL", name="used_once"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID]
    """The health system."""
    vendor_organization_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(Text)
    """The offer's, `F-7K3QF9`: what is typed beside the code."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed hash of offer and code; the code itself is nowhere."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Business time: the offer's deadline."""
    tries: Mapped[int] = mapped_column(default=0)
    """Wrong ones so far."""
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(Text, default="")
    """used, tries, closed (its offer), or replaced (by a newer code)."""


_AT_THE_DOOR = "reference = nullif(current_setting('homeward.offer_reference', true), '')"
"""Nobody has signed in on the page of codes: it finds the one offer whose reference was typed, no other."""
_PARTIES = owned_by("organization_id", "vendor_organization_id")

protect(
    OfferCode,
    f"({_PARTIES} OR {_AT_THE_DOOR})",
    insert=_PARTIES,
    change=f"({_PARTIES} OR {_AT_THE_DOOR})",
    grants=dict.fromkeys(("planner", "janitor"), "SELECT, INSERT, UPDATE"),
)
