"""Tables of claims: the claim, its services, lines, evidence, the member under seal, and what was decided."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.claims.words import CLAIM_MOVES, ClaimState, Decision, EvidenceKind, ServiceKind
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.ids import spoken_reference
from marketplace.foundation.money import Money
from marketplace.foundation.state import StateChange
from marketplace.foundation.transitions import StateTable

CLAIM_STATES = StateTable("claim", CLAIM_MOVES)


class ClaimChange(StateChange, Base):
    """A move of a claim's state."""

    __tablename__ = "claim_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("claims.id"), index=True)


class Claim(Identified, Revised, Base):
    """What a vendor asks of a payer for the services to one member on one date."""

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint(
            "vendor_organization_id",
            "payer_organization_id",
            "patient_id",
            "service_date",
            "kind",
            "sequence",
        ),
        CheckConstraint("total_cents >= 0", name="total"),
        CheckConstraint("approved_cents BETWEEN 0 AND total_cents", name="approved"),
        CheckConstraint(
            "state NOT IN ('approved', 'partially_paid', 'paid') OR approved_cents > 0",
            name="approved_amount",
        ),
        Index(None, "payer_organization_id", "state", "submitted_at", "id"),
        Index(None, "vendor_organization_id", "state", "service_date", "id"),
    )
    __states__: ClassVar = CLAIM_STATES
    __history__: ClassVar = ClaimChange

    number: Mapped[int] = mapped_column(Identity())
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system that asked for the service."""
    patient_id: Mapped[UUID]
    kind: Mapped[ServiceKind] = mapped_column(Words(ServiceKind))
    service_date: Mapped[date] = mapped_column(Date)
    sequence: Mapped[int] = mapped_column(Integer, default=1)
    """Counts the claims of one vendor for one member, date and kind: services after the first went out."""
    state: Mapped[ClaimState] = mapped_column(Words(ClaimState), default=ClaimState.DRAFT)
    total_cents: Mapped[int] = mapped_column(default=0)
    approved_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(Text, default="USD")
    findings: Mapped[list[Any]] = mapped_column(default=list)
    """What the last scrub found: [{code, text, field, severity, carc, rarc}]."""
    scrubbed_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    """All of these in business time."""

    lines: Mapped[list[ClaimLine]] = relationship(order_by="ClaimLine.number", cascade="all, delete-orphan")
    services: Mapped[list[ClaimService]] = relationship(
        order_by="ClaimService.id", cascade="all, delete-orphan"
    )
    evidence: Mapped[list[ClaimEvidence]] = relationship(
        order_by="ClaimEvidence.id", cascade="all, delete-orphan"
    )

    @property
    def reference(self) -> str:
        """How people name it."""
        return spoken_reference("C", self.number)

    @property
    def total(self) -> Money:
        """The sum of the lines' charges."""
        return Money(self.total_cents, self.currency)


class ClaimService(Identified, Base):
    """A completed booking that a claim is for; a booking stands on one live claim at most."""

    __tablename__ = "claim_services"
    __table_args__ = (
        Index("uq_claim_services_live", "booking_id", unique=True, postgresql_where="live"),
        Index(None, "claim_id"),
    )

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claims.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    award_id: Mapped[UUID]
    booking_reference: Mapped[str] = mapped_column(Text)
    booking_revision: Mapped[int]
    route: Mapped[str] = mapped_column(Text)
    live: Mapped[bool] = mapped_column(Boolean, default=True)
    """False once the claim was voided or replaced."""


class ClaimLine(Identified, Base):
    """One line: code, modifiers, units and charge."""

    __tablename__ = "claim_lines"
    __table_args__ = (
        UniqueConstraint("claim_id", "number"),
        CheckConstraint("charge_cents >= 0", name="charge"),
    )

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claims.id"))
    booking_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(Integer)
    hcpcs_code: Mapped[str] = mapped_column(Text)
    modifiers: Mapped[list[str]]
    units: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    unit_cents: Mapped[int]
    charge_cents: Mapped[int]
    place_of_service: Mapped[str] = mapped_column(Text)
    loaded_miles: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    route_miles: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    rental_month: Mapped[int | None] = mapped_column(Integer)


class ClaimEvidence(Identified, Base):
    """A pointer to what proves a service, with the digest of its content when the claim looked."""

    __tablename__ = "claim_evidence"
    __table_args__ = (UniqueConstraint("claim_id", "source_id"),)

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claims.id"))
    booking_id: Mapped[UUID]
    kind: Mapped[EvidenceKind] = mapped_column(Words(EvidenceKind))
    source_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]


class ClaimMember(Base):
    """Who the member is: name, date of birth and member number as sealed JSON, under the vendor's key."""

    __tablename__ = "claim_members"

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    vendor_organization_id: Mapped[UUID]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ClaimDecision(Identified, Base):
    """What a payer decided, or a vendor answered; never changed, only followed by another."""

    __tablename__ = "claim_decisions"
    __table_args__ = (
        UniqueConstraint("claim_id", "sequence"),
        CheckConstraint("decision <> 'denied' OR carc <> ''", name="denial_reason"),
        CheckConstraint("(decision = 'approved') = (approved_cents > 0)", name="approval_amount"),
    )

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claims.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    decision: Mapped[Decision] = mapped_column(Words(Decision))
    approved_cents: Mapped[int] = mapped_column(default=0)
    group_code: Mapped[str] = mapped_column(Text, default="")
    """CO, PR or OA: who bears what is not paid."""
    carc: Mapped[str] = mapped_column(Text, default="")
    rarc: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str] = mapped_column(Text, default="")
    organization_id: Mapped[UUID]
    """Whose word it is."""
    decided_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


_VENDOR = owned_by("vendor_organization_id")
_EITHER = owned_by("vendor_organization_id", "payer_organization_id")
_SEEN = f"({_VENDOR} OR {owned_by('payer_organization_id')} AND state NOT IN ('draft', 'held', 'ready'))"
_OF_CLAIM = "EXISTS (SELECT 1 FROM claims c WHERE c.id = {})"
_PART = _OF_CLAIM.format("claim_id")
_FULL = {"janitor": "SELECT, INSERT, UPDATE"}
_READ = {"janitor": "SELECT"}

protect(Claim, _SEEN, insert=_VENDOR, change=_EITHER, grants=_FULL)
protect(ClaimChange, _OF_CLAIM.format("subject_id"), append_only=True, grants={"janitor": "SELECT, INSERT"})
protect(ClaimService, _PART, grants=_READ)
protect(ClaimLine, _PART, verbs="SELECT, INSERT, UPDATE, DELETE", grants=_READ)
protect(ClaimEvidence, _PART, grants=_READ)
protect(ClaimMember, _PART, insert=_VENDOR, change=_VENDOR, grants=_READ)
protect(
    ClaimDecision,
    _PART,
    insert=f"{owned_by('organization_id')} AND {_PART}",
    append_only=True,
    grants=_READ,
)
