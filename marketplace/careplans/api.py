"""JSON routes of care plans and their tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.careplans import service
from marketplace.careplans.models import CarePlanTask, TaskPrecedence
from marketplace.careplans.schemas import (
    NoteSchema,
    OwnerSchema,
    PlanSchema,
    PlanView,
    PrecedenceSchema,
    PrecedenceView,
    TaskSchema,
    TaskView,
)
from marketplace.careplans.ways_back import add_way_back
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.api import Api

api = Api("care_plans", __name__)
PLANNERS = {"planner"}


@api.get(
    "/care-plans",
    summary="The care plan of a stay",
    roles=PLANNERS,
    query=PlanSchema,
    response=PlanView,
)
def show_plan(query: dict[str, Any]) -> service.PlanView:
    """With its tasks and what precedes what."""
    found = service.plan_view(current.session(), query["encounter_id"])
    if found is None:
        raise NotFound
    return found


@api.post(
    "/care-plans", summary="Open a stay's care plan", roles=PLANNERS, body=PlanSchema, response=PlanView
)
def open_plan(body: dict[str, Any]) -> service.PlanView | None:
    """The plan that is there already, or a new one."""
    service.open_plan(current.session(), body["encounter_id"])
    return service.plan_view(current.session(), body["encounter_id"])


@api.post(
    "/care-plans/<uuid:care_plan_id>/tasks",
    summary="Add a task",
    roles=PLANNERS,
    body=TaskSchema,
    response=TaskView,
)
def add_task(care_plan_id: UUID, body: dict[str, Any]) -> CarePlanTask:
    """A task has an owner."""
    return service.add_task(current.session(), care_plan_id, service.NewTask(**body))


@api.get("/tasks/<uuid:task_id>", summary="One task", roles=PLANNERS, response=TaskView)
def show_task(task_id: UUID) -> CarePlanTask:
    """The task."""
    return service.task(current.session(), task_id)


@api.post(
    "/tasks/<uuid:task_id>/owner",
    summary="Hand a task to another owner",
    roles=PLANNERS,
    body=OwnerSchema,
    response=TaskView,
    status=200,
)
def assign(task_id: UUID, body: dict[str, Any]) -> CarePlanTask:
    """Somebody of the same organization."""
    return service.assign(current.session(), task_id, body["owner_user_id"])


@api.post(
    "/tasks/<uuid:task_id>/close",
    summary="Close a task that needs no service",
    roles=PLANNERS,
    body=NoteSchema,
    response=TaskView,
    status=200,
)
def close_task(task_id: UUID, body: dict[str, Any]) -> CarePlanTask:
    """Tasks for a service close on evidence from the field only."""
    return service.close_task(current.session(), task_id, body["note"])


@api.post(
    "/tasks/<uuid:task_id>/not-needed",
    summary="Mark a task as not needed",
    roles=PLANNERS,
    body=NoteSchema,
    response=TaskView,
    status=200,
)
def mark_not_needed(task_id: UUID, body: dict[str, Any]) -> CarePlanTask:
    """With the reason."""
    return service.mark_not_needed(current.session(), task_id, body["note"])


@api.post(
    "/tasks/<uuid:task_id>/reopen",
    summary="Open a task again",
    roles=PLANNERS,
    response=TaskView,
    status=200,
)
def reopen(task_id: UUID) -> CarePlanTask:
    """One that was closed by hand or not needed."""
    return service.reopen(current.session(), task_id)


@api.post(
    "/tasks/<uuid:task_id>/predecessors",
    summary="Let another task come before this one",
    roles=PLANNERS,
    body=PrecedenceSchema,
    response=PrecedenceView,
)
def add_predecessor(task_id: UUID, body: dict[str, Any]) -> TaskPrecedence:
    """Hard or soft, by a lag in minutes from its finish to this one's arrival."""
    first = body.pop("predecessor_task_id")
    return service.add_precedence(current.session(), first, task_id, **body)


@api.post(
    "/tasks/<uuid:task_id>/way-back",
    summary="Add the ride back to a ride there",
    roles=PLANNERS,
    response=TaskView,
)
def add_ride_back(task_id: UUID) -> CarePlanTask:
    """The task of the way back; the one that is there already when there is one."""
    return add_way_back(current.session(), task_id)
