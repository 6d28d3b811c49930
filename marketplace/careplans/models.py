"""The tables of care plans; a task without an owner, or closed without evidence, cannot exist."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.words import (
    CARE_PLAN_STATES,
    TASK_STATES,
    CarePlanState,
    DueAnchor,
    Hardness,
    ServiceKind,
    TaskCategory,
    TaskState,
)
from marketplace.foundation.clock import machine_now
from marketplace.foundation.db import Base, Identified, Revised, Words, owned_by, protect
from marketplace.foundation.state import StateChange
from marketplace.patients import models as _patients  # noqa: F401  tables that plans refer to


class CarePlanChange(StateChange, Base):
    """A move of a plan's state."""

    __tablename__ = "care_plan_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("care_plans.id"), index=True)


class CarePlan(Identified, Revised, Base):
    """The plan of one hospital stay: its tasks hang on it."""

    __tablename__ = "care_plans"
    __table_args__ = (Index(None, "encounter_id", unique=True), Index(None, "patient_id"))
    __states__: ClassVar = CARE_PLAN_STATES
    __history__: ClassVar = CarePlanChange

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounters.id"))
    state: Mapped[CarePlanState] = mapped_column(Words(CarePlanState), default=CarePlanState.ACTIVE)
    created_at: Mapped[datetime] = mapped_column(default=machine_now)


class TaskChange(StateChange, Base):
    """A move of a task's state."""

    __tablename__ = "task_changes"

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("care_plan_tasks.id"), index=True)


class CarePlanTask(Identified, Revised, Base):
    """One thing to be done for a patient, with an owner and a due window."""

    __tablename__ = "care_plan_tasks"
    __table_args__ = (
        Index(None, "care_plan_id"),
        Index(None, "owner_user_id", "state"),
        CheckConstraint("due_offset_end_minutes > due_offset_start_minutes", name="due_window"),
        CheckConstraint("(due_anchor = 'fixed') = (due_at IS NOT NULL)", name="fixed_due"),
        CheckConstraint(
            "state <> 'completed' OR service_kind = 'other' OR evidence_booking_id IS NOT NULL",
            name="evidence",
        ),
        CheckConstraint("(equipment_code IS NULL) OR service_kind = 'equipment'", name="equipment"),
        CheckConstraint("(discipline IS NULL) OR service_kind = 'home_health'", name="home_health"),
        Index(None, "occurrence_of_task_id"),
        Index("uq_care_plan_tasks_way_back", "way_back_of_task_id", unique=True),
        CheckConstraint("way_back_of_task_id IS NULL OR service_kind = 'ride'", name="way_back"),
        Index("uq_care_plan_tasks_leg", "leg_of_task_id", "leg_number", unique=True),
        CheckConstraint(
            "(leg_of_task_id IS NULL) = (leg_number IS NULL)"
            " AND (leg_of_task_id IS NULL OR service_kind = 'ride')",
            name="leg",
        ),
    )
    __states__: ClassVar = TASK_STATES
    __history__: ClassVar = TaskChange

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    care_plan_id: Mapped[UUID] = mapped_column(ForeignKey("care_plans.id"))
    category: Mapped[TaskCategory] = mapped_column(Words(TaskCategory))
    title: Mapped[str]
    owner_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    """Who sees to it: nobody's task is nobody's job."""
    state: Mapped[TaskState] = mapped_column(Words(TaskState), default=TaskState.OPEN)
    service_kind: Mapped[ServiceKind] = mapped_column(Words(ServiceKind))
    equipment_code: Mapped[str | None]
    """HCPCS code of the item to deliver."""
    discipline: Mapped[Discipline | None] = mapped_column(Words(Discipline))
    """Who is to visit the patient at home."""
    due_anchor: Mapped[DueAnchor] = mapped_column(Words(DueAnchor))
    due_at: Mapped[datetime | None]
    """The anchor's moment when it is fixed; None when it follows the stay."""
    due_offset_start_minutes: Mapped[int] = mapped_column(Integer)
    due_offset_end_minutes: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")
    way_back_of_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("care_plan_tasks.id"))
    """The ride there of which this one is the ride back."""
    leg_of_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("care_plan_tasks.id"))
    """The ride of which this is an earlier leg: that ride's own booking is the last leg of the trip."""
    leg_number: Mapped[int | None] = mapped_column(Integer)
    """Which leg, from 1."""
    occurrence_of_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("care_plan_tasks.id"))
    """The task whose standing order made this one for one of its days; such tasks are not on the plan."""
    evidence_booking_id: Mapped[UUID | None]
    """The booking whose completion in the field closed the task."""
    completed_at: Mapped[datetime | None]


class TaskPrecedence(Base):
    """One task comes before another in the same plan, by a lag counted from finish to arrival."""

    __tablename__ = "task_precedences"
    __table_args__ = (
        Index(None, "successor_task_id"),
        CheckConstraint("predecessor_task_id <> successor_task_id", name="different"),
        CheckConstraint("max_lag_minutes >= min_lag_minutes", name="lags"),
    )

    predecessor_task_id: Mapped[UUID] = mapped_column(ForeignKey("care_plan_tasks.id"), primary_key=True)
    successor_task_id: Mapped[UUID] = mapped_column(ForeignKey("care_plan_tasks.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    hardness: Mapped[Hardness] = mapped_column(Words(Hardness))
    min_lag_minutes: Mapped[int] = mapped_column(Integer, default=0)
    max_lag_minutes: Mapped[int | None] = mapped_column(Integer)


_OWN = owned_by("organization_id")
_READING = dict.fromkeys(("planner", "janitor"), "SELECT")
protect(CarePlan, _OWN)
protect(CarePlanChange, "EXISTS (SELECT 1 FROM care_plans plan WHERE plan.id = subject_id)", append_only=True)
protect(CarePlanTask, _OWN, grants=dict.fromkeys(_READING, "SELECT, UPDATE"))
protect(
    TaskChange,
    "EXISTS (SELECT 1 FROM care_plan_tasks task WHERE task.id = subject_id)",
    append_only=True,
    grants=dict.fromkeys(_READING, "SELECT, INSERT"),
)
protect(TaskPrecedence, _OWN, verbs="SELECT, INSERT, UPDATE, DELETE", grants=_READING)
