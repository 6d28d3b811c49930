"""What comes before what in a care plan: edges between tasks, never in a circle."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from marketplace.careplans.models import CarePlan, CarePlanTask, TaskPrecedence
from marketplace.careplans.words import Hardness
from marketplace.foundation import audit
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.work import WorkSession

LONGEST_LAG_MINUTES = 30 * 24 * 60


def add_precedence(
    session: WorkSession,
    predecessor_task_id: UUID,
    successor_task_id: UUID,
    hardness: Hardness,
    *,
    min_lag_minutes: int = 0,
    max_lag_minutes: int | None = None,
) -> TaskPrecedence:
    """`predecessor` is finished before `successor` arrives, by the lags; both tasks are of one plan.

    An edge that is there already gets the new hardness and lags. Bookings made from the tasks earlier keep
    the links they were made with.
    """
    session.actor.require("planner")
    first, second = _tasks(session, predecessor_task_id, successor_task_id)
    errors = _lag_errors(min_lag_minutes, max_lag_minutes)
    if first.care_plan_id != second.care_plan_id:
        errors.append(FieldError("predecessor_task_id", "choose a task of the same care plan"))
    elif closes_circle(_edges(session, first.care_plan_id), first.id, second.id):
        errors.append(
            FieldError("predecessor_task_id", "this task already comes after the other one; undo that first")
        )
    if errors:
        raise InvalidInput(errors)
    row = session.get(TaskPrecedence, (first.id, second.id)) or TaskPrecedence(
        predecessor_task_id=first.id, successor_task_id=second.id, organization_id=second.organization_id
    )
    row.hardness, row.min_lag_minutes, row.max_lag_minutes = hardness, min_lag_minutes, max_lag_minutes
    session.add(row)
    session.flush()
    details = {"predecessor": str(first.id), "hardness": hardness}
    audit.record(session, "care_plan_tasks:preceded", "care_plan_tasks", second.id, details)
    return row


def remove_precedence(session: WorkSession, predecessor_task_id: UUID, successor_task_id: UUID) -> None:
    """Take an edge away; NotFound when there is none."""
    session.actor.require("planner")
    row = session.get(TaskPrecedence, (predecessor_task_id, successor_task_id))
    if row is None:
        raise NotFound
    session.delete(row)
    details = {"predecessor": str(predecessor_task_id)}
    audit.record(session, "care_plan_tasks:unpreceded", "care_plan_tasks", successor_task_id, details)


def closes_circle(edges: Iterable[tuple[UUID, UUID]], predecessor: UUID, successor: UUID) -> bool:
    """Whether the edge would let a task come before itself, given the (predecessor, successor) edges."""
    after: dict[UUID, list[UUID]] = {}
    for first, second in edges:
        after.setdefault(first, []).append(second)
    seen, waiting = set[UUID](), [successor]
    while waiting:
        here = waiting.pop()
        if here == predecessor:
            return True
        if here not in seen:
            seen.add(here)
            waiting += after.get(here, [])
    return False


def _tasks(session: WorkSession, first_id: UUID, second_id: UUID) -> tuple[CarePlanTask, CarePlanTask]:
    second = session.get(CarePlanTask, second_id)
    if second is None:
        raise NotFound
    first = session.get(CarePlanTask, first_id)
    if first is None:
        raise InvalidInput("predecessor_task_id", "choose a task of the same care plan")
    # one writer at a time per plan, so that two edges cannot close a circle together
    session.scalars(select(CarePlan.id).where(CarePlan.id == second.care_plan_id).with_for_update()).one()
    return first, second


def _edges(session: WorkSession, care_plan_id: UUID) -> list[tuple[UUID, UUID]]:
    query = (
        select(TaskPrecedence.predecessor_task_id, TaskPrecedence.successor_task_id)
        .join(CarePlanTask, CarePlanTask.id == TaskPrecedence.successor_task_id)
        .where(CarePlanTask.care_plan_id == care_plan_id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _lag_errors(min_lag: int, max_lag: int | None) -> list[FieldError]:
    errors = []
    if not 0 <= min_lag <= LONGEST_LAG_MINUTES:
        errors.append(FieldError("min_lag_minutes", "write 0 to 43,200 minutes"))
    if max_lag is not None and not min_lag <= max_lag <= LONGEST_LAG_MINUTES:
        errors.append(
            FieldError("max_lag_minutes", "write at least the shortest lag, at most 43,200 minutes")
        )
    return errors
