"""What goes in and out of care plans as JSON or an HTML form."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.words import (
    CarePlanState,
    DueAnchor,
    Hardness,
    ServiceKind,
    TaskCategory,
    TaskState,
)
from marketplace.patients.fields import Whole
from marketplace.web.fields import LocalMoment, Text

_MINUTES = validate.Range(min=-86_400, max=86_400, error="Stay within 60 days: -86,400 to 86,400 minutes.")


class PlanSchema(Schema):
    """The stay to open a plan for."""

    encounter_id = fields.UUID(required=True)


class TaskSchema(Schema):
    """A task to add."""

    category = fields.Enum(TaskCategory, by_value=True, required=True)
    title = Text(required=True, shortest=1, longest=160)
    owner_user_id = fields.UUID(required=True)
    service_kind = fields.Enum(ServiceKind, by_value=True, load_default=ServiceKind.OTHER)
    equipment_code = Text(longest=10, load_default=None, allow_none=True)
    discipline = fields.Enum(Discipline, by_value=True, load_default=None, allow_none=True)
    due_anchor = fields.Enum(DueAnchor, by_value=True, load_default=DueAnchor.DISCHARGE)
    due_at = LocalMoment(load_default=None, allow_none=True)
    due_offset_start_minutes = Whole(load_default=-60, validate=_MINUTES)
    due_offset_end_minutes = Whole(load_default=60, validate=_MINUTES)
    note = Text(longest=500, load_default="")


class TaskForm(TaskSchema):
    """The page's form: the service with its item, and what must come first."""

    predecessor_task_id = fields.UUID(load_default=None, allow_none=True)
    hardness = fields.Enum(Hardness, by_value=True, load_default=Hardness.HARD)


class TaskView(TaskSchema):
    """A task with its state and when it is due."""

    id = fields.UUID()
    care_plan_id = fields.UUID()
    state = fields.Enum(TaskState, by_value=True)
    evidence_booking_id = fields.UUID(allow_none=True)
    completed_at = LocalMoment(allow_none=True)
    way_back_of_task_id = fields.UUID(allow_none=True)
    occurrence_of_task_id = fields.UUID(allow_none=True)
    leg_of_task_id = fields.UUID(allow_none=True)
    leg_number = fields.Integer(allow_none=True)
    revision = fields.Integer()


class PrecedenceSchema(Schema):
    """What comes before a task, by which lag in minutes."""

    predecessor_task_id = fields.UUID(required=True)
    hardness = fields.Enum(Hardness, by_value=True, load_default=Hardness.HARD)
    min_lag_minutes = Whole(load_default=0, validate=_MINUTES)
    max_lag_minutes = Whole(load_default=None, allow_none=True, validate=_MINUTES)


class PrecedenceView(PrecedenceSchema):
    """An edge between two tasks."""

    successor_task_id = fields.UUID()


class PlanView(Schema):
    """A plan with its tasks in the order they are due."""

    id = fields.UUID(attribute="plan.id")
    encounter_id = fields.UUID(attribute="plan.encounter_id")
    patient_id = fields.UUID(attribute="plan.patient_id")
    state = fields.Enum(CarePlanState, by_value=True, attribute="plan.state")
    tasks = fields.List(fields.Nested(TaskView))
    precedences = fields.List(fields.Nested(PrecedenceView))


class NoteSchema(Schema):
    """What was done, or why not."""

    note = Text(required=True, shortest=1, longest=500)


class OwnerSchema(Schema):
    """Who shall see to it."""

    owner_user_id = fields.UUID(required=True)
