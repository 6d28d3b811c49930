"""Trips in a care plan: each leg before the last has a task of its own beside that of the whole journey."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import NewTask, add_task, locked_task, mark_not_needed, reopen
from marketplace.careplans.words import ServiceKind, TaskState
from marketplace.foundation.work import WorkSession


def legs_of(session: WorkSession, task_id: UUID) -> dict[int, CarePlanTask]:
    """The tasks of a journey's earlier legs, by number."""
    found = session.scalars(select(CarePlanTask).where(CarePlanTask.leg_of_task_id == task_id))
    return {row.leg_number: row for row in found if row.leg_number is not None}


def leg_tasks(session: WorkSession, task_id: UUID, legs: Sequence[tuple[str, int]]) -> list[CarePlanTask]:
    """Open tasks for the legs before the last; those of an earlier trip are used again.

    `legs` are titles, and by how many minutes each is due later than the journey. A leg that an earlier
    trip had and this one has not is marked as not needed.
    """
    session.actor.require("planner")
    whole, known = locked_task(session, task_id), legs_of(session, task_id)
    session.flush()  # the journey is stored before what points at it
    tasks = []
    for number, (title, later) in enumerate(legs, start=1):
        row = known.pop(number, None) or _add(session, whole, number)
        row.title = title[:160]
        row.due_offset_start_minutes = whole.due_offset_start_minutes + later
        row.due_offset_end_minutes = whole.due_offset_end_minutes + later
        tasks.append(reopen(session, row.id) if row.state is TaskState.NOT_NEEDED else row)
    for row in known.values():
        _close(session, row, "The trip has fewer legs now.")
    session.flush()
    return tasks


def legs_not_needed(session: WorkSession, task_id: UUID, note: str) -> None:
    """The whole trip is off: nobody has to see to its earlier legs any more."""
    for row in legs_of(session, task_id).values():
        _close(session, row, note)


def _add(session: WorkSession, whole: CarePlanTask, number: int) -> CarePlanTask:
    new = NewTask(
        category=whole.category,
        title=whole.title,
        owner_user_id=whole.owner_user_id,
        service_kind=ServiceKind.RIDE,
        due_anchor=whole.due_anchor,
        due_at=whole.due_at,
        due_offset_start_minutes=whole.due_offset_start_minutes,
        due_offset_end_minutes=whole.due_offset_end_minutes,
    )
    row = add_task(session, whole.care_plan_id, new)
    row.leg_of_task_id, row.leg_number = whole.id, number
    session.flush()
    return row


def _close(session: WorkSession, row: CarePlanTask, note: str) -> None:
    if row.state is TaskState.OPEN:
        mark_not_needed(session, row.id, note)
