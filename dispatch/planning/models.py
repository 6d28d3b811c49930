"""Plans of a region's day, their versions with certificates, and the assignments people work by."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings.parties import party_policy
from marketplace.bookings.words import PartyRole
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import EVERYBODY, Base, Identified, Revised, Words, owned_by, protect

_FULL = "SELECT, INSERT, UPDATE, DELETE"


class PlanState(StrEnum):
    """Where the planning of a day stands."""

    CURRENT = "current"
    """The newest version covers everything that is accepted."""
    STALE = "stale"
    """Something changed since; a job is on its way."""
    PLANNING = "planning"
    """A job is solving what it has read; a change from now on makes it stale again."""


class Plan(Identified, Revised, Base):
    """One region's day; the unit that is planned at once, by one job at a time."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("region", "day"),)

    region: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    """Local date in `time_zone`."""
    time_zone: Mapped[str] = mapped_column(Text)
    state: Mapped[PlanState] = mapped_column(Words(PlanState), default=PlanState.STALE)
    current_version: Mapped[int] = mapped_column(Integer, default=0)
    roads: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where the current version's travel times came from, in a sentence for people."""


class PlanVersion(Identified, Base):
    """One committed plan: what was solved, what it costs, and the certificate of the independent check."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    """Why it was planned anew: `accepted`, `window moved`, `released`, `by hand`, `improved`."""
    problem_digest: Mapped[str] = mapped_column(Text)
    certificate: Mapped[dict[str, Any]]
    cost_cents: Mapped[int]
    served: Mapped[int] = mapped_column(Integer)
    unserved: Mapped[int] = mapped_column(Integer)
    changes: Mapped[list[Any]]
    """One object per booking whose vehicle or time changed against the version before."""
    seconds: Mapped[float]
    roads: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where its travel times came from, in a sentence for people."""
    made_at: Mapped[datetime]
    """Business time."""
    recorded_at: Mapped[datetime] = mapped_column(default=machine_now)


class LeftOut(Identified, Base):
    """A booking that the current plan could not serve, with the reason and what would make it fit."""

    __tablename__ = "plan_left_out"
    __table_args__ = (UniqueConstraint("booking_id"), Index(None, "plan_id"))

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    version_number: Mapped[int] = mapped_column(Integer)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    organization_id: Mapped[UUID]
    vendor_organization_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    remedies: Mapped[list[Any]]
    """Sentences, each verified by solving with it applied."""


class Assignment(Identified, Revised, Base):
    """A booking on a vehicle at a time: what the current plan says, and crews work by."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("booking_id"),
        Index(None, "plan_id"),
        Index(None, "vehicle_id", "starts_at"),
        Index(None, "vendor_organization_id", "starts_at"),
        ExcludeConstraint(
            ("vehicle_id", "="),
            ("standing", "&&"),
            name="ex_assignments_vehicle_in_two_places",
            using="gist",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    version_number: Mapped[int] = mapped_column(Integer)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    award_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    vendor_organization_id: Mapped[UUID]
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    """Order of the first stop within the vehicle's day."""
    starts_at: Mapped[datetime]
    """Service begins at the pick-up (ride) or at the door (delivery)."""
    ends_at: Mapped[datetime]
    """The rider is through the door, or the equipment set up."""
    leaves_at: Mapped[datetime]
    """The vehicle sets off for the first stop."""
    standing: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    """While the vehicle stands at the first stop: two of them never overlap for one vehicle."""
    pinned: Mapped[bool] = mapped_column(default=False)


_MY_WORK = party_policy("booking_id", roles=(PartyRole.VENDOR,))

protect(Plan, EVERYBODY, verbs="SELECT", grants={"planner": _FULL})
protect(PlanVersion, "false", verbs="SELECT", grants={"planner": "SELECT, INSERT"})
protect(
    LeftOut,
    owned_by("vendor_organization_id", "organization_id"),
    verbs="SELECT, DELETE",
    change=owned_by("vendor_organization_id"),
    grants={"planner": _FULL, "janitor": "SELECT"},
)
protect(
    Assignment,
    owned_by("vendor_organization_id", "organization_id"),
    verbs="SELECT, INSERT, UPDATE",
    insert=f"{owned_by('vendor_organization_id')} AND {_MY_WORK}",
    change=owned_by("vendor_organization_id"),
    grants={"planner": _FULL, "janitor": "SELECT"},
)
