"""Tables of credentials: the papers themselves and the reminders sent before they expire."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import protect
from marketplace.foundation.db.types import Words
from vendors.credentials.words import HeldCredential, ScreeningResult, Standing, SubjectKind
from vendors.network.visibility import BUYER_IS_ACTING, OWN, PLATFORM_IS_ACTING


class Credential(Identified, Revised, Base):
    """A paper of a vendor, a vehicle or a crew member; a renewal is a new row beside the old one."""

    __tablename__ = "credentials"
    __table_args__ = (
        CheckConstraint("expires_at IS NULL OR expires_at > valid_from", name="some_time"),
        CheckConstraint("(verified_at IS NULL) = (verification_source IS NULL)", name="verified_with_source"),
        Index(None, "vendor_organization_id", "subject_kind", "subject_id"),
        Index(None, "expires_at", postgresql_where="expires_at IS NOT NULL"),
    )

    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    subject_kind: Mapped[SubjectKind] = mapped_column(Words(SubjectKind))
    subject_id: Mapped[UUID]
    """The organization's, vehicle's or crew member's id."""
    credential_type: Mapped[str] = mapped_column(Text)
    """A code of the catalogue."""
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Licence or policy number, encrypted: a driver's licence number identifies a person."""
    issued_on: Mapped[date] = mapped_column(Date)
    valid_from: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """The first moment at which it no longer counts."""
    verified_at: Mapped[datetime | None]
    verification_source: Mapped[str | None] = mapped_column(Text)
    """Where it was checked, such as `LEIE 2026-02` or `state licence register`."""
    standing: Mapped[Standing] = mapped_column(Words(Standing), default=Standing.GOOD)
    screening: Mapped[ScreeningResult | None] = mapped_column(Words(ScreeningResult))
    """For searches of an exclusion list only."""

    def held(self) -> HeldCredential:
        """The credential as the rules see it."""
        return HeldCredential(
            self.credential_type,
            self.valid_from,
            self.expires_at,
            self.verified_at is not None,
            self.standing,
            self.screening,
        )


class CredentialReminder(Identified, Base):
    """A reminder that was sent `days_before` a credential's expiry; at most one each."""

    __tablename__ = "credential_reminders"
    __table_args__ = (
        UniqueConstraint("credential_id", "days_before"),
        Index(None, "vendor_organization_id"),
    )

    credential_id: Mapped[UUID] = mapped_column(ForeignKey("credentials.id"))
    vendor_organization_id: Mapped[UUID]
    days_before: Mapped[int]
    sent_at: Mapped[datetime]
    """Business time."""


protect(
    Credential,
    f"({OWN} OR subject_kind = 'vendor' AND {BUYER_IS_ACTING} OR {PLATFORM_IS_ACTING})",
    insert=OWN,
    change=f"({OWN} OR {PLATFORM_IS_ACTING})",
    grants=dict.fromkeys(("planner", "janitor"), "SELECT"),
)
protect(CredentialReminder, OWN, insert="false", verbs="SELECT", grants={"janitor": "SELECT, INSERT"})
