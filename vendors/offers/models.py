"""Tables of offers: the offer to one vendor, the award of a booking, amendments of its promise, histories."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Words
from marketplace.foundation.ids import spoken_reference
from marketplace.foundation.state import StateChange
from vendors.fleet import models as _fleet  # noqa: F401  tables that awards refer to
from vendors.offers.states import AMENDMENT_STATES, AWARD_STATES, OFFER_STATES
from vendors.offers.words import LIVE_AWARD, AmendmentState, AwardState, OfferState

_VENDOR, _BOOKING = "organizations.id", "bookings.id"


class OfferChange(StateChange, Base):
    """One move of an offer."""

    __tablename__ = "offer_changes"
    __table_args__ = (Index(None, "subject_id"),)

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))


class Offer(Identified, Revised, Base):
    """Work of one booking offered to one vendor, with what it may know before it accepts."""

    __tablename__ = "offers"
    __table_args__ = (
        Index(
            "uq_offers_open",
            "booking_id",
            "vendor_organization_id",
            unique=True,
            postgresql_where="state = 'open'",
        ),
        Index(
            "ix_offers_inbox",
            "vendor_organization_id",
            "respond_by",
            "id",  # many are to be answered at the same moment: a page of the inbox stops at its last row
            postgresql_where="state = 'open'",
        ),
        Index("ix_offers_due", "respond_by", postgresql_where="state = 'open'"),
        Index(None, "vendor_organization_id", "id"),
        Index(None, "booking_id"),
        UniqueConstraint("number"),
        CheckConstraint("quote_cents >= 0", name="quote_not_negative"),
        CheckConstraint("window_end >= window_start", name="window"),
    )
    __states__ = OFFER_STATES
    __history__ = OfferChange

    number: Mapped[int] = mapped_column(Identity())
    booking_id: Mapped[UUID] = mapped_column(ForeignKey(_BOOKING))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    """The health system that offers."""
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    state: Mapped[OfferState] = mapped_column(Words(OfferState))
    offered_at: Mapped[datetime]
    respond_by: Mapped[datetime]
    """Business time; from this moment on it can no longer be accepted."""
    kind: Mapped[str] = mapped_column(Text)
    level_of_service: Mapped[str | None] = mapped_column(Text)
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    """The window asked for; follows the discharge while the offer is open."""
    preview: Mapped[dict[str, Any]]
    """What a vendor may know before accepting: areas, distance, needs, items. Nobody's name or address."""
    quote_cents: Mapped[int]
    quote_lines: Mapped[list[Any]]
    currency: Mapped[str] = mapped_column(Text, default="USD")

    @property
    def reference(self) -> str:
        """What people say over the phone: `F-7K3QF9`."""
        return spoken_reference("F", self.number)


class AwardChange(StateChange, Base):
    """One move of an award."""

    __tablename__ = "award_changes"
    __table_args__ = (Index(None, "subject_id"),)

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))


class Award(Identified, Revised, Base):
    """The promise of one vendor to perform one booking in a window at a price; one live row per booking."""

    __tablename__ = "awards"
    __table_args__ = (
        Index("uq_awards_live", "booking_id", unique=True, postgresql_where=LIVE_AWARD),
        Index("ix_awards_schedule", "vendor_organization_id", "promised_start", postgresql_where=LIVE_AWARD),
        Index("ix_awards_day", "promised_start", postgresql_where=LIVE_AWARD),
        Index(None, "booking_id"),
        UniqueConstraint("offer_id"),
        CheckConstraint("promised_end >= promised_start", name="window"),
        CheckConstraint("total_cents >= 0", name="not_negative"),
    )
    __states__ = AWARD_STATES
    __history__ = AwardChange

    booking_id: Mapped[UUID] = mapped_column(ForeignKey(_BOOKING))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    """The health system."""
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    payer_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))
    state: Mapped[AwardState] = mapped_column(Words(AwardState))
    accepted_at: Mapped[datetime]
    """Business time; credentials were judged for the promised window at this moment."""
    kind: Mapped[str] = mapped_column(Text)
    level_of_service: Mapped[str | None] = mapped_column(Text)
    promised_start: Mapped[datetime]
    promised_end: Mapped[datetime]
    agreed_start: Mapped[datetime]
    agreed_end: Mapped[datetime]
    """The window last said yes to; the promise drifts from it by at most the contract's tolerance."""
    preview: Mapped[dict[str, Any]]
    """The offer's preview: enough for a schedule without opening a rider's details."""
    rates: Mapped[list[Any]]
    """The rate card's lines as agreed: [{code, description, unit, cents, modifier, ...}]."""
    quote_lines: Mapped[list[Any]]
    total_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Text, default="USD")
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"))
    planned_at: Mapped[datetime | None]
    """Vehicle and pickup (or arrival) as last planned upstairs; None before there is a plan."""


class AwardAmendmentChange(StateChange, Base):
    """One move of an amendment."""

    __tablename__ = "award_amendment_changes"
    __table_args__ = (Index(None, "subject_id"),)

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("award_amendments.id"))


class AwardAmendment(Identified, Revised, Base):
    """The wish to move an award's promised window, with a deadline unless it took effect at once."""

    __tablename__ = "award_amendments"
    __table_args__ = (
        Index("uq_award_amendments_open", "award_id", unique=True, postgresql_where="state = 'proposed'"),
        Index(
            "ix_award_amendments_inbox",
            "vendor_organization_id",
            "respond_by",
            postgresql_where="state = 'proposed'",
        ),
        Index("ix_award_amendments_due", "respond_by", postgresql_where="state = 'proposed'"),
        Index(None, "award_id"),
    )
    __states__ = AMENDMENT_STATES
    __history__ = AwardAmendmentChange

    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey(_BOOKING))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    vendor_organization_id: Mapped[UUID] = mapped_column(ForeignKey(_VENDOR))
    state: Mapped[AmendmentState] = mapped_column(Words(AmendmentState))
    previous_start: Mapped[datetime]
    previous_end: Mapped[datetime]
    proposed_start: Mapped[datetime]
    proposed_end: Mapped[datetime]
    respond_by: Mapped[datetime]
    proposed_at: Mapped[datetime]


_PARTIES = owned_by("organization_id", "vendor_organization_id")
_SEEN_BY = owned_by("organization_id", "vendor_organization_id", "payer_organization_id")
_SUBJECT_IS_MINE = (
    "EXISTS (SELECT 1 FROM {subjects} s WHERE s.id = subject_id"
    " AND homeward_organization() IN (s.organization_id, s.vendor_organization_id))"
)
_SWEEPING = dict.fromkeys(("planner", "janitor"), "SELECT, INSERT, UPDATE")
_ADDING = dict.fromkeys(("planner", "janitor"), "SELECT, INSERT")

protect(Offer, _PARTIES, grants=_SWEEPING)
protect(Award, _SEEN_BY, insert=_PARTIES, change=_PARTIES, grants=_SWEEPING)
protect(AwardAmendment, _PARTIES, grants=_SWEEPING)
protect(OfferChange, _SUBJECT_IS_MINE.format(subjects="offers"), append_only=True, grants=_ADDING)
protect(AwardChange, _SUBJECT_IS_MINE.format(subjects="awards"), append_only=True, grants=_ADDING)
protect(
    AwardAmendmentChange,
    _SUBJECT_IS_MINE.format(subjects="award_amendments"),
    append_only=True,
    grants=_ADDING,
)
