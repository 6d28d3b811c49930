"""The tables of standing orders: their terms, and which booking was made for which day."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings import models as _bookings  # noqa: F401  tables that orders refer to
from marketplace.bookings.words import LevelOfService, PayerKind, WayBackWish
from marketplace.desk.standing.rules import Pause, Terms
from marketplace.desk.standing.words import STANDING_STATES, OccurrenceState, StandingState
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, metadata, owned_by, protect
from marketplace.foundation.state import StateChange

STANDING_NUMBERS = Sequence("standing_order_numbers", metadata=metadata)
"""Counts standing orders; `spoken_reference("S", n)` makes the number sayable."""


class StandingOrderChange(StateChange, Base):
    """A move of a standing order's state."""

    __tablename__ = "standing_order_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("standing_orders.id"), index=True)


class StandingOrder(Identified, Revised, Base):
    """The same ride, with its way back, on days of the week: made from one task, booked day by day."""

    __tablename__ = "standing_orders"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index(
            "uq_standing_orders_live_task",
            "care_plan_task_id",
            unique=True,
            postgresql_where="state <> 'ended'",
        ),
        Index(None, "organization_id", "state"),
        Index(None, "patient_id"),
        CheckConstraint("(ends_on IS NULL) <> (trips IS NULL)", name="end"),
        CheckConstraint("(way_back = 'none') = (back_at IS NULL)", name="way_back_time"),
        CheckConstraint("(state = 'suspended') = (paused_from IS NOT NULL)", name="pause"),
        CheckConstraint("paused_until IS NULL OR paused_until >= paused_from", name="pause_days"),
        CheckConstraint("(payer_kind = 'coverage') = (coverage_id IS NOT NULL)", name="payer"),
    )
    __states__: ClassVar = STANDING_STATES
    __history__: ClassVar = StandingOrderChange

    reference: Mapped[str]
    """Sayable, `S-7K3QF9`."""
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    care_plan_task_id: Mapped[UUID] = mapped_column(ForeignKey("care_plan_tasks.id"))
    state: Mapped[StandingState] = mapped_column(Words(StandingState))

    level_of_service: Mapped[LevelOfService] = mapped_column(Words(LevelOfService))
    payer_kind: Mapped[PayerKind] = mapped_column(Words(PayerKind))
    coverage_id: Mapped[UUID | None] = mapped_column(ForeignKey("coverages.id"))
    authorization_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorizations.id"))
    vendor_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    """Asked first for every ride; None is whoever ranks best."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Where to, and the note for the crew, as one sealed JSON."""

    weekdays: Mapped[list[Any]]
    """Numbers, 0 is Monday."""
    pickup_at: Mapped[time] = mapped_column(Time)
    """Local time at the facility, as are all times of an order."""
    window_minutes: Mapped[int] = mapped_column(Integer)
    way_back: Mapped[WayBackWish] = mapped_column(Words(WayBackWish))
    back_at: Mapped[time | None] = mapped_column(Time)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    trips: Mapped[int | None] = mapped_column(Integer)
    skipped: Mapped[list[str]]
    """Days without a ride, ISO 8601."""
    paused_from: Mapped[date | None] = mapped_column(Date)
    paused_until: Mapped[date | None] = mapped_column(Date)
    """The last day of the pause; None until somebody resumes it."""

    findings: Mapped[list[Any]]
    """What spoke against payment when the order was confirmed: code, weight, text, remedy."""
    filled_until: Mapped[date | None] = mapped_column(Date)
    """Every day up to this one has been seen to."""
    trouble: Mapped[str] = mapped_column(Text, default="")
    """Why the next day could not be booked; empty while all is well."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)

    @property
    def terms(self) -> Terms:
        """The terms as the rules take them."""
        return Terms(
            weekdays=tuple(int(day) for day in self.weekdays),
            pickup_at=self.pickup_at,
            starts_on=self.starts_on,
            window_minutes=self.window_minutes,
            way_back=self.way_back,
            back_at=self.back_at,
            ends_on=self.ends_on,
            trips=self.trips,
            skipped=tuple(date.fromisoformat(day) for day in self.skipped),
        )

    @property
    def pause(self) -> Pause | None:
        """The days without rides while it is suspended."""
        return Pause(self.paused_from, self.paused_until) if self.paused_from else None

    def take(self, terms: Terms) -> None:
        """Write terms into the row."""
        self.weekdays, self.skipped = list(terms.weekdays), [day.isoformat() for day in terms.skipped]
        self.pickup_at, self.window_minutes = terms.pickup_at, terms.window_minutes
        self.way_back, self.back_at = terms.way_back, terms.back_at
        self.starts_on, self.ends_on, self.trips = terms.starts_on, terms.ends_on, terms.trips


class StandingOccurrence(Base):
    """One day of a standing order and the bookings made for it; there is at most one for a day."""

    __tablename__ = "standing_occurrences"
    __table_args__ = (Index(None, "outward_booking_id"),)

    standing_order_id: Mapped[UUID] = mapped_column(ForeignKey("standing_orders.id"), primary_key=True)
    on_day: Mapped[date] = mapped_column(Date, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    state: Mapped[OccurrenceState] = mapped_column(Words(OccurrenceState))
    outward_booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    back_booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id"))
    booked_at: Mapped[datetime]
    """Business time."""


_OWN = owned_by("organization_id")
protect(StandingOrder, _OWN, grants={"janitor": "SELECT"})
protect(
    StandingOrderChange,
    "EXISTS (SELECT 1 FROM standing_orders one WHERE one.id = subject_id)",
    append_only=True,
)
protect(StandingOccurrence, _OWN)
