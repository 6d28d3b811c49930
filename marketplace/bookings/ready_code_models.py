"""The table of patients' codes: each belongs to one flexible ride, and is kept as a keyed hash alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import owned_by, protect

MOST_TRIES = 5
"""After so many wrong codes it is dead, and the care team gives a new one."""


class ReadyCode(Identified, Base):
    """The code with which a patient or the family says "I am ready" for one ride, and nothing else."""

    __tablename__ = "ready_codes"
    __table_args__ = (
        Index("uq_ready_codes_live", "booking_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index(None, "reference"),
        CheckConstraint(f"tries BETWEEN 0 AND {MOST_TRIES}", name="tries"),
        CheckConstraint("expires_at > issued_at", name="lifetime"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID]
    """The health system."""
    reference: Mapped[str] = mapped_column(Text)
    """The ride's, `R-7K3QF`: what is typed beside the code."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed hash of ride and code; the code itself is nowhere."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Business time: a day after the window, so that a discharge that slips does not kill the paper."""
    tries: Mapped[int] = mapped_column(default=0)
    """Wrong ones so far."""
    used_at: Mapped[datetime | None]
    """When it released the ride; afterwards it still opens the page that says what happens next."""
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(Text, default="")
    """tries, or replaced (by a newer code)."""


_AT_THE_DOOR = "reference = nullif(current_setting('homeward.ride_reference', true), '')"
"""Nobody has signed in on the patient's page: it finds the one ride whose reference was typed, no other."""
_OWN = owned_by("organization_id")

protect(
    ReadyCode,
    f"({_OWN} OR {_AT_THE_DOOR})",
    insert=_OWN,
    change=f"({_OWN} OR {_AT_THE_DOOR})",
    verbs="SELECT, INSERT, UPDATE",
)
