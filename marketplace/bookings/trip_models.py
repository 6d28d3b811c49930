"""The table of trips: what holds the legs of one journey together, and why it must be flown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Sequence, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings.trip_words import LONGEST_HAND_OVER, LONGEST_REASON, MOST_LEGS, AirNecessity
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Words, metadata, protect

TRIP_NUMBERS = Sequence("trip_numbers", metadata=metadata)
"""Counts trips; `spoken_reference("T", n)` makes the number sayable."""


class Trip(Identified, Base):
    """One journey of several legs, each a booking of its own; how it stands is told by its legs."""

    __tablename__ = "trips"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index(None, "encounter_id"),
        Index(None, "care_plan_task_id"),
        CheckConstraint(f"legs BETWEEN 1 AND {MOST_LEGS}", name="legs"),
        CheckConstraint(f"hand_over_minutes BETWEEN 0 AND {LONGEST_HAND_OVER}", name="hand_over"),
        CheckConstraint(f"length(necessity_note) BETWEEN 1 AND {LONGEST_REASON}", name="necessity"),
    )

    reference: Mapped[str]
    """Sayable, `T-7K3QF9`."""
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    care_plan_task_id: Mapped[UUID] = mapped_column(ForeignKey("care_plan_tasks.id"))
    """The task of the whole journey, which its last leg completes."""
    legs: Mapped[int] = mapped_column(Integer)
    hand_over_minutes: Mapped[int] = mapped_column(Integer)
    """At least this long after one leg the next one begins."""
    necessity: Mapped[AirNecessity] = mapped_column(Words(AirNecessity))
    """Why the ground will not do."""
    necessity_note: Mapped[str] = mapped_column(Text)
    """What in the record shows it; names nobody."""
    asked_by: Mapped[str] = mapped_column(Text)
    """The planner who wrote it."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


protect(
    Trip,
    # whoever may see a leg may see why it is flown: row security of bookings holds inside
    "organization_id = homeward_organization()"
    " OR EXISTS (SELECT 1 FROM bookings leg WHERE leg.trip_id = trips.id)",
    insert="organization_id = homeward_organization()",
    change="organization_id = homeward_organization()",
    grants=dict.fromkeys(("planner", "janitor"), "SELECT"),
)
