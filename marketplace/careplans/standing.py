"""What a standing order does to its task: a task for each of its days, and the end of them all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import NewTask, add_task, locked_task
from marketplace.careplans.ways_back import is_outbound
from marketplace.careplans.words import DueAnchor, TaskState
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.work import WorkSession


def stand(session: WorkSession, task_id: UUID, note: str) -> CarePlanTask:
    """A standing order works for the task from now on; refuses all but an open ride to an appointment."""
    session.actor.require("planner")
    row = locked_task(session, task_id)
    if not is_outbound(row) or row.occurrence_of_task_id is not None:
        raise InvalidInput("task_id", "choose a task for a ride to an appointment (part of follow-up)")
    if row.state is not TaskState.OPEN:
        raise Conflict(
            f"This task is {row.state.replace('_', ' ')} already.",
            remedy="Cancel its booking or its standing order before you begin another.",
        )
    state.move(session, row, TaskState.STANDING, note=note)
    announce(session, [row.organization_id], "task", row.id, row.revision)
    return row


def add_occurrence(
    session: WorkSession, task: CarePlanTask, due_from: datetime, minutes: int, task_id: UUID | None = None
) -> CarePlanTask:
    """The task of one day, due from a moment on for some minutes; owner and title are those of its order."""
    new = NewTask(
        category=task.category,
        title=task.title,
        owner_user_id=task.owner_user_id,
        service_kind=task.service_kind,
        due_anchor=DueAnchor.FIXED,
        due_at=due_from,
        due_offset_start_minutes=0,
        due_offset_end_minutes=minutes,
    )
    row = add_task(session, task.care_plan_id, new, task_id=task_id)
    row.occurrence_of_task_id = task.id
    session.flush()
    return row


def stand_no_more(session: WorkSession, task_id: UUID, evidence: UUID | None, note: str) -> CarePlanTask:
    """The order is over: the task is done by the last completed ride, or open again when there was none."""
    session.actor.require("planner")
    row = locked_task(session, task_id)
    if row.state is not TaskState.STANDING:
        return row
    if evidence is not None:
        row.evidence_booking_id, row.completed_at = evidence, session.now()
    state.move(session, row, TaskState.OPEN if evidence is None else TaskState.COMPLETED, note=note)
    announce(session, [row.organization_id], "task", row.id, row.revision)
    return row
