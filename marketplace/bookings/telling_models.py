"""The table of tellings: who was told what about a booking, and who has said that they know."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db import Base, Identified, Words, owned_by, protect


class Audience(StrEnum):
    """For whom in an organization a telling is."""

    PLANNER = "planner"
    OFFICE = "office"
    """A vendor's office."""
    CREW = "crew"
    """Whoever drives or sets up; the office sees it too."""


class TellingSubject(StrEnum):
    """What a telling is about; a newer one on the same subject takes the place of an older one."""

    DISCHARGE_MOVED = "discharge_moved"
    CHANGE = "change"
    """The question about another promised time, and its answer."""
    SOURCING = "sourcing"
    """How the search for a vendor goes."""
    TURNED_BACK = "turned_back"
    HOLD = "hold"
    """The patient waits for something that must be in the home first, or waits no more."""
    PLAN = "plan"
    RECEIVER = "receiver"
    WAY_BACK = "way_back"
    """The way there did not take place; its way back still stands."""
    STANDING_ORDER = "standing_order"
    """A standing order could not be filled."""
    TRIP = "trip"
    """Another leg of the trip is late, or does not take place."""


class Telling(Identified, Base):
    """A sentence told to one side of a booking. It names no patient."""

    __tablename__ = "booking_tellings"
    __table_args__ = (
        # as with parties: a row can only name the booking's own requester
        ForeignKeyConstraint(
            ["booking_id", "requester_organization_id"], ["bookings.id", "bookings.organization_id"]
        ),
        Index(
            "ix_booking_tellings_open",
            "organization_id",
            "audience",
            "told_at",
            postgresql_where="acknowledged_at IS NULL AND superseded_at IS NULL",
        ),
        Index(None, "booking_id"),
    )

    booking_id: Mapped[UUID]
    requester_organization_id: Mapped[UUID]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """Who is told."""
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """The one person of a crew it is for; None: whoever belongs to the audience."""
    audience: Mapped[Audience] = mapped_column(Words(Audience))
    subject: Mapped[TellingSubject] = mapped_column(Words(TellingSubject))
    reference: Mapped[str] = mapped_column(Text)
    """The booking's, for those who may no longer see the booking itself."""
    text: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text, default="")
    """What the reader is to do; empty when nothing."""
    urgent: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    """When something newer took its place before anybody had said that they know."""
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_user_id: Mapped[UUID | None]
    acknowledged_by: Mapped[str] = mapped_column(Text, default="")


_WORKING = dict.fromkeys(("planner", "janitor"), "SELECT, INSERT, UPDATE")
protect(
    Telling,
    owned_by("organization_id", "requester_organization_id"),
    insert="requester_organization_id = homeward_organization()",
    grants=_WORKING,
)
