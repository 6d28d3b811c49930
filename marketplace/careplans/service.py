"""What can be done with care plans: opening one, adding tasks with an owner, ordering and closing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.equipment import CATALOG
from marketplace.careplans.models import CarePlan, CarePlanTask, TaskPrecedence
from marketplace.careplans.precedence import add_precedence, remove_precedence
from marketplace.careplans.words import (
    BOOKABLE,
    CarePlanState,
    DueAnchor,
    DueWindow,
    ServiceKind,
    TaskCategory,
    TaskState,
    due_window,
)
from marketplace.foundation import audit, state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, FieldError, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import User
from marketplace.identity.words import UserState
from marketplace.patients.models import Encounter

__all__ = [
    "NewTask",
    "PlanView",
    "add_precedence",
    "add_task",
    "assign",
    "close_task",
    "mark_not_needed",
    "open_plan",
    "plan_view",
    "remove_precedence",
    "reopen",
    "task",
    "window_of",
]

WRITERS = ("planner",)
LONGEST_OFFSET_MINUTES = 60 * 24 * 60
"""Sixty days before or after the anchor."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as a planner enters it."""

    category: TaskCategory
    title: str
    owner_user_id: UUID | None
    service_kind: ServiceKind = ServiceKind.OTHER
    equipment_code: str | None = None
    discipline: Discipline | None = None
    due_anchor: DueAnchor = DueAnchor.DISCHARGE
    due_at: datetime | None = None
    due_offset_start_minutes: int = -60
    due_offset_end_minutes: int = 60
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its stay, its tasks in the order they are due, and what precedes what."""

    plan: CarePlan
    encounter: Encounter
    tasks: tuple[CarePlanTask, ...]
    precedences: tuple[TaskPrecedence, ...]
    owners: dict[UUID, str]
    """Names of the owners, by user."""


def open_plan(session: WorkSession, encounter_id: UUID, *, care_plan_id: UUID | None = None) -> CarePlan:
    """The plan of a stay, made when there is none yet."""
    session.actor.require(*WRITERS)
    stay = session.get(Encounter, encounter_id)
    if stay is None:
        raise NotFound
    found = session.scalars(select(CarePlan).where(CarePlan.encounter_id == encounter_id)).one_or_none()
    if found is not None:
        return found
    plan = CarePlan(
        id=care_plan_id or new_id(),
        organization_id=stay.organization_id,
        patient_id=stay.patient_id,
        encounter_id=stay.id,
        state=CarePlanState.ACTIVE,
    )
    session.add(plan)
    state.begin(session, plan)
    return plan


def add_task(
    session: WorkSession, care_plan_id: UUID, new: NewTask, *, task_id: UUID | None = None
) -> CarePlanTask:
    """A task of the plan; without an owner in the same health system there is none."""
    session.actor.require(*WRITERS)
    plan = session.get(CarePlan, care_plan_id)
    if plan is None:
        raise NotFound
    if plan.state is not CarePlanState.ACTIVE:
        raise Conflict("This care plan is closed.", remedy="Open it again before adding a task.")
    errors = _task_errors(new) + _owner_errors(session, new.owner_user_id)
    if errors:
        raise InvalidInput(errors)
    row = CarePlanTask(
        id=task_id or new_id(),
        organization_id=plan.organization_id,
        care_plan_id=plan.id,
        category=new.category,
        title=new.title.strip(),
        owner_user_id=new.owner_user_id,
        state=TaskState.OPEN,
        service_kind=new.service_kind,
        equipment_code=new.equipment_code,
        discipline=new.discipline,
        due_anchor=new.due_anchor,
        due_at=new.due_at,
        due_offset_start_minutes=new.due_offset_start_minutes,
        due_offset_end_minutes=new.due_offset_end_minutes,
        note=new.note.strip(),
    )
    session.add(row)
    state.begin(session, row)
    announce(session, [row.organization_id], "care_plan", plan.id, plan.revision)
    return row


def assign(session: WorkSession, task_id: UUID, owner_user_id: UUID) -> CarePlanTask:
    """Hand the task to another owner."""
    session.actor.require(*WRITERS)
    row = locked_task(session, task_id)
    if errors := _owner_errors(session, owner_user_id):
        raise InvalidInput(errors)
    row.owner_user_id = owner_user_id
    row.revision += 1
    audit.record(session, "care_plan_tasks:assigned", "care_plan_tasks", row.id, {"to": str(owner_user_id)})
    announce(session, [row.organization_id], "task", row.id, row.revision)
    return row


def close_task(session: WorkSession, task_id: UUID, note: str) -> CarePlanTask:
    """Close a task that needs no service, saying what was done; the others close on field evidence only."""
    session.actor.require(*WRITERS)
    row = locked_task(session, task_id)
    if row.service_kind in BOOKABLE:
        raise Conflict(
            "This task closes when its service has been done and recorded in the field.",
            remedy="Book the service; if nobody needs it any more, mark the task as not needed.",
        )
    if not 1 <= len(note.strip()) <= 500:
        raise InvalidInput("note", "write what was done, at most 500 characters")
    state.move(session, row, TaskState.COMPLETED, note=note.strip())
    row.completed_at = session.now()
    announce(session, [row.organization_id], "task", row.id, row.revision)
    return row


def mark_not_needed(session: WorkSession, task_id: UUID, note: str) -> CarePlanTask:
    """Say that nobody needs the task; a booked one is called off first. Its open way back goes with it."""
    session.actor.require(*WRITERS)
    row = locked_task(session, task_id)
    if not 1 <= len(note.strip()) <= 500:
        raise InvalidInput("note", "write why it is not needed, at most 500 characters")
    if row.state is TaskState.BOOKED:
        raise Conflict("A booking works for this task.", remedy="Cancel the booking first.")
    if row.state is TaskState.STANDING:
        raise Conflict("A standing order works for this task.", remedy="End the standing order first.")
    back = select(CarePlanTask).where(
        CarePlanTask.way_back_of_task_id == row.id, CarePlanTask.state == TaskState.OPEN
    )
    for one in (row, *session.scalars(back.with_for_update())):
        state.move(session, one, TaskState.NOT_NEEDED, note=note.strip())
        announce(session, [one.organization_id], "task", one.id, one.revision)
    return row


def reopen(session: WorkSession, task_id: UUID, note: str = "") -> CarePlanTask:
    """Open a task again that was closed by hand or marked as not needed."""
    session.actor.require(*WRITERS)
    row = locked_task(session, task_id)
    if row.state in (TaskState.BOOKED, TaskState.STANDING) or row.evidence_booking_id is not None:
        raise Conflict("This task follows its booking.", remedy="Cancel the booking, or add another task.")
    state.move(session, row, TaskState.OPEN, note=note.strip() or None)
    row.completed_at = None
    announce(session, [row.organization_id], "task", row.id, row.revision)
    return row


def task(session: WorkSession, task_id: UUID) -> CarePlanTask:
    """The task; NotFound when missing or foreign."""
    found = session.get(CarePlanTask, task_id)
    if found is None:
        raise NotFound
    return found


def locked_task(session: WorkSession, task_id: UUID) -> CarePlanTask:
    """The task as it is now, locked until the end of the transaction."""
    query = select(CarePlanTask).where(CarePlanTask.id == task_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def plan_view(session: WorkSession, encounter_id: UUID) -> PlanView | None:
    """The plan of a stay with everything on it, but for the days of standing orders.

    None when none was opened yet.
    """
    session.actor.require(*WRITERS)
    query = (
        select(CarePlan, Encounter, CarePlanTask, User.name)
        .join(Encounter, Encounter.id == CarePlan.encounter_id)
        .outerjoin(
            CarePlanTask,
            (CarePlanTask.care_plan_id == CarePlan.id) & CarePlanTask.occurrence_of_task_id.is_(None),
        )
        .outerjoin(User, User.id == CarePlanTask.owner_user_id)
        .where(CarePlan.encounter_id == encounter_id)
    )
    rows: list[Any] = list(session.execute(query))
    if not rows:
        return None
    plan, stay, _, _ = rows[0]
    tasks = [row[2] for row in rows if row[2] is not None]
    edges = select(TaskPrecedence).where(TaskPrecedence.successor_task_id.in_([task.id for task in tasks]))
    return PlanView(
        plan=plan,
        encounter=stay,
        tasks=tuple(sorted(tasks, key=lambda task: (window_of(task, stay).start, task.id))),
        precedences=tuple(session.scalars(edges)) if tasks else (),
        owners={task.owner_user_id: row[3] or "" for row in rows if (task := row[2]) is not None},
    )


def window_of(row: CarePlanTask, stay: Encounter) -> DueWindow:
    """When the task is due, as things stand now."""
    anchors = {
        DueAnchor.DISCHARGE: stay.expected_discharge_at,
        DueAnchor.ADMISSION: stay.admitted_at,
        DueAnchor.FIXED: row.due_at or stay.expected_discharge_at,
    }
    return due_window(anchors[row.due_anchor], row.due_offset_start_minutes, row.due_offset_end_minutes)


def _task_errors(new: NewTask) -> list[FieldError]:
    errors = []
    if not 1 <= len(new.title.strip()) <= 160:
        errors.append(FieldError("title", "write what is to be done, at most 160 characters"))
    if len(new.note) > 500:
        errors.append(FieldError("note", "write at most 500 characters"))
    start, end = new.due_offset_start_minutes, new.due_offset_end_minutes
    if end <= start:
        errors.append(FieldError("due_offset_end_minutes", "the window must end after it begins"))
    if max(abs(start), abs(end)) > LONGEST_OFFSET_MINUTES:
        errors.append(FieldError("due_offset_start_minutes", "stay within 60 days of the anchor"))
    if (new.due_anchor is DueAnchor.FIXED) != (new.due_at is not None):
        errors.append(FieldError("due_at", "write the moment when the anchor is fixed, and only then"))
    return errors + _equipment_errors(new) + _discipline_errors(new)


def _equipment_errors(new: NewTask) -> list[FieldError]:
    if new.service_kind is ServiceKind.EQUIPMENT:
        if not new.equipment_code:
            return [FieldError("equipment_code", "choose the item to deliver")]
        if new.equipment_code not in CATALOG:
            return [FieldError("equipment_code", "choose one of the listed items, such as E1390")]
    elif new.equipment_code:
        return [FieldError("equipment_code", "only a delivery has an item; leave it empty")]
    return []


def _discipline_errors(new: NewTask) -> list[FieldError]:
    if (new.service_kind is ServiceKind.HOME_HEALTH) == (new.discipline is not None):
        return []
    if new.discipline is None:
        return [FieldError("discipline", "choose who is to visit, such as sn for skilled nursing")]
    return [FieldError("discipline", "only a home-health visit has a discipline; leave it empty")]


def _owner_errors(session: WorkSession, owner_user_id: UUID | None) -> list[FieldError]:
    if owner_user_id is None:
        return [FieldError("owner_user_id", "choose who sees to it: a task without an owner cannot exist")]
    owner = session.get(User, owner_user_id)
    if (
        owner is None
        or owner.organization_id != session.actor.organization()
        or owner.state is UserState.DEACTIVATED
    ):
        return [FieldError("owner_user_id", "choose somebody of your organization")]
    return []
