"""Drafts of whole discharges, which survive leaving the page, and the joint proposals made for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings import models as _bookings  # noqa: F401  tables that drafts refer to
from marketplace.desk.discharge.words import DRAFT_STATES, DraftState, ProposalState
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.state import StateChange


class DischargeDraftChange(StateChange, Base):
    """A move of a draft's state."""

    __tablename__ = "discharge_draft_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("discharge_drafts.id"), index=True)


class DischargeDraft(Identified, Revised, Base):
    """What a planner changed of what the record fills in; sealed, as notes and addresses are identity."""

    __tablename__ = "discharge_drafts"
    __table_args__ = (
        Index("uq_discharge_drafts_open", "encounter_id", unique=True, postgresql_where="state = 'open'"),
    )
    __states__: ClassVar = DRAFT_STATES
    __history__: ClassVar = DischargeDraftChange

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    state: Mapped[DraftState] = mapped_column(Words(DraftState), default=DraftState.OPEN)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed JSON: by task id, only what differs from the record. None when nothing does."""
    booked: Mapped[list[Any]] = mapped_column(default=list)
    """Ids of the bookings that confirming it made."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


class DischargeProposal(Identified, Base):
    """How a draft looks as it was last shown, and the joint proposal for that; names no patient."""

    __tablename__ = "discharge_proposals"
    __table_args__ = (UniqueConstraint("draft_id"),)

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("discharge_drafts.id"))
    number: Mapped[int] = mapped_column(Integer, default=0)
    """Counts what was asked: an answer to an older question is dropped."""
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    time_zone: Mapped[str] = mapped_column(Text)
    state: Mapped[ProposalState] = mapped_column(Words(ProposalState))
    outlook: Mapped[list[Any]]
    """`outlook.PartOutlook` of each part, as the page shows them."""
    wishes: Mapped[list[Any]]
    """`planning.wishes.Wish` of each part that somebody could be asked for."""
    orders: Mapped[list[Any]]
    """[before, after, hard, shortest lag, longest lag], lags in seconds."""
    result: Mapped[list[Any]] = mapped_column(default=list)
    """`planning.wishes.ProposedWork` of each wish, once it is made."""
    asked_at: Mapped[datetime]
    """Machine time, as the next."""
    made_at: Mapped[datetime | None]
    thinking_seconds: Mapped[float | None]


_OWN = owned_by("organization_id")
protect(DischargeDraft, _OWN)
protect(
    DischargeDraftChange,
    "EXISTS (SELECT 1 FROM discharge_drafts draft WHERE draft.id = subject_id)",
    append_only=True,
)
protect(DischargeProposal, _OWN, grants={"planner": "SELECT, UPDATE"})
