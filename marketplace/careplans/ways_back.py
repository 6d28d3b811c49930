"""Round trips in a care plan: a ride there has a task of its own for the way back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import NewTask, add_task, locked_task, reopen
from marketplace.careplans.words import (
    CALLED_WITHIN_MINUTES,
    STAYS_MINUTES,
    ServiceKind,
    TaskCategory,
    TaskState,
)
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.work import WorkSession


def is_outbound(task: CarePlanTask) -> bool:
    """Whether a ride leads from the home to an appointment, so that somebody has to come back."""
    ride = task.service_kind is ServiceKind.RIDE
    return ride and task.category is TaskCategory.FOLLOW_UP and task.way_back_of_task_id is None


def way_back_of(session: WorkSession, task_id: UUID) -> CarePlanTask | None:
    """The task of the way back; None when the ride has none."""
    return session.scalars(
        select(CarePlanTask).where(CarePlanTask.way_back_of_task_id == task_id)
    ).one_or_none()


def add_way_back(session: WorkSession, task_id: UUID, *, back_id: UUID | None = None) -> CarePlanTask:
    """The way back of a ride, added when there is none yet; one that was not needed is open again.

    It is due from an hour after the way there, for three hours. Raises InvalidInput for a task that is no
    ride, Conflict for one that is a way back itself, or that is done or not needed.
    """
    session.actor.require("planner")
    there = locked_task(session, task_id)
    if there.service_kind is not ServiceKind.RIDE:
        raise InvalidInput("task_id", "only a ride has a way back: choose a task for a ride")
    if there.way_back_of_task_id is not None:
        raise Conflict("This ride is a way back itself.", remedy="Add the way back to the ride there.")
    found = way_back_of(session, task_id)
    if found is not None:
        return _open_again(session, found)
    if there.state in (TaskState.COMPLETED, TaskState.NOT_NEEDED):
        raise Conflict(
            f"This task is {there.state.replace('_', ' ')} already.",
            remedy="Open it again, or add a task for the ride.",
        )
    start = there.due_offset_end_minutes + STAYS_MINUTES
    new = NewTask(
        category=there.category,
        title=f"Way back: {there.title}"[:160],
        owner_user_id=there.owner_user_id,
        service_kind=ServiceKind.RIDE,
        due_anchor=there.due_anchor,
        due_at=there.due_at,
        due_offset_start_minutes=start,
        due_offset_end_minutes=start + CALLED_WITHIN_MINUTES,
    )
    session.flush()  # the way there is stored before what points at it
    back = add_task(session, there.care_plan_id, new, task_id=back_id)
    back.way_back_of_task_id = there.id
    back.occurrence_of_task_id = there.occurrence_of_task_id
    session.flush()
    return back


def _open_again(session: WorkSession, back: CarePlanTask) -> CarePlanTask:
    return reopen(session, back.id) if back.state is TaskState.NOT_NEEDED else back
