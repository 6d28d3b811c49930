"""Tables of sourcing: the search for a vendor for one booking, and its waves of offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db.base import Base, Identified, Revised
from marketplace.foundation.db.security import owned_by, protect
from marketplace.foundation.db.types import Words
from marketplace.foundation.state import StateChange
from vendors.sourcing.states import SOURCING_STATES
from vendors.sourcing.words import SourcingCause, SourcingMode, SourcingState, WaveOutcome


class SourcingChange(StateChange, Base):
    """One move of a search."""

    __tablename__ = "sourcing_changes"
    __table_args__ = (Index(None, "subject_id"),)

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("sourcings.id"))


class Sourcing(Identified, Revised, Base):
    """One search for a vendor; at most one runs for a booking. Vendors never see it."""

    __tablename__ = "sourcings"
    __table_args__ = (
        Index("uq_sourcings_running", "booking_id", unique=True, postgresql_where="state = 'running'"),
        Index(
            "ix_sourcings_to_escalate",
            "escalate_at",
            postgresql_where="state = 'running' AND escalated_at IS NULL",
        ),
        Index(None, "booking_id"),
        CheckConstraint("answer_minutes BETWEEN 1 AND 2880", name="answer"),
    )
    __states__: ClassVar = SOURCING_STATES
    __history__: ClassVar = SourcingChange

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The health system."""
    mode: Mapped[SourcingMode] = mapped_column(Words(SourcingMode))
    state: Mapped[SourcingState] = mapped_column(Words(SourcingState))
    cause: Mapped[SourcingCause] = mapped_column(Words(SourcingCause))
    answer_minutes: Mapped[int | None]
    """How long each wave may answer, when the planner said so; else by urgency."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    escalate_at: Mapped[datetime]
    """From then on time is short: the planner is told even while it goes on."""
    escalated_at: Mapped[datetime | None]


class SourcingWave(Identified, Base):
    """One round of asking: who, in which place of the order, for which reasons, until when."""

    __tablename__ = "sourcing_waves"
    __table_args__ = (
        Index("uq_sourcing_waves_open", "booking_id", unique=True, postgresql_where="closed_at IS NULL"),
        UniqueConstraint("sourcing_id", "number"),
    )

    sourcing_id: Mapped[UUID] = mapped_column(ForeignKey("sourcings.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID]
    number: Mapped[int]
    asked: Mapped[list[Any]]
    """[{vendor_id, offer_id, place, points, reasons: [{what, says, points, most}]}], as decided then."""
    opened_at: Mapped[datetime]
    respond_by: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[WaveOutcome | None] = mapped_column(Words(WaveOutcome))
    explanation: Mapped[str] = mapped_column(Text, default="")
    """Why so many were asked at once, and why until then."""


_MINE = owned_by("organization_id")
_SWEEPING = dict.fromkeys(("planner", "janitor"), "SELECT, INSERT, UPDATE")
_SUBJECT_IS_MINE = (
    "EXISTS (SELECT 1 FROM sourcings s WHERE s.id = subject_id"
    " AND s.organization_id = homeward_organization())"
)

protect(Sourcing, _MINE, grants=_SWEEPING)
protect(SourcingWave, _MINE, grants=_SWEEPING)
protect(
    SourcingChange,
    _SUBJECT_IS_MINE,
    append_only=True,
    grants=dict.fromkeys(("planner", "janitor"), "SELECT, INSERT"),
)
