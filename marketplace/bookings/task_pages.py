"""Adding tasks to a care plan and closing them, from the patient's page."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from marketplace.bookings.page_parts import EQUIPMENT_CHOICES, owner_choices
from marketplace.careplans import service as careplans
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.careplans.models import CarePlan
from marketplace.careplans.schemas import NoteSchema, TaskForm
from marketplace.careplans.ways_back import add_way_back
from marketplace.careplans.words import CATEGORY_LABELS, SERVICE_LABELS
from marketplace.foundation.errors import NotFound
from marketplace.patients import service as patients
from marketplace.web import current
from marketplace.web.forms import form_for, parse
from marketplace.web.pages import go, render

views = Blueprint("careplans", __name__, template_folder="../templates")
PLANNERS = ("planner",)
_INITIAL = {
    "category": "transport",
    "service_kind": "ride",
    "due_anchor": "discharge",
    "due_offset_start_minutes": 0,
    "due_offset_end_minutes": 60,
    "hardness": "hard",
}


@views.route("/patients/<uuid:patient_id>/tasks/new", methods=["GET", "POST"])
def new_task(patient_id: UUID) -> Response:
    """Add a task to the plan of the newest stay."""
    current.actor().require(*PLANNERS)
    view = patients.patient_view(current.session(), patient_id)
    if not view.encounters:
        raise NotFound
    stay_id = view.encounters[0].id
    form = form_for(TaskForm, {**_INITIAL, "owner_user_id": current.actor().user_id})
    if form.ok:
        with form.refusals():
            data = dict(form.data)
            before, hardness = data.pop("predecessor_task_id"), data.pop("hardness")
            plan = careplans.open_plan(current.session(), stay_id)
            made = careplans.add_task(current.session(), plan.id, careplans.NewTask(**data))
            if before is not None:
                careplans.add_precedence(current.session(), before, made.id, hardness)
        if form.ok:
            return go(url_for("patients.show", patient_id=patient_id), "The task is added.")
    if form.errors:
        view = patients.patient_view(current.session(), patient_id)  # the refused transaction is gone
    plan_view = careplans.plan_view(current.session(), stay_id)
    return render(
        "careplans/new_task.html",
        form=form,
        view=view,
        owners=owner_choices(current.session()),
        others=[(str(task.id), task.title) for task in plan_view.tasks] if plan_view else [],
        categories=[(code.value, label) for code, label in CATEGORY_LABELS.items()],
        services=[(kind.value, label) for kind, label in SERVICE_LABELS.items()],
        disciplines=[(kind.value, facts.name) for kind, facts in DISCIPLINES.items()],
        items=EQUIPMENT_CHOICES,
    )


@views.post("/tasks/<uuid:task_id>/close")
def close_task(task_id: UUID) -> Response:
    """Say what was done."""
    current.actor().require(*PLANNERS)
    form = parse(NoteSchema, request.form)
    note = form.data.get("note", "Done")
    row = careplans.close_task(current.session(), task_id, note)
    return go(_patient_url(row.care_plan_id), "The task is closed.")


@views.post("/tasks/<uuid:task_id>/way-back")
def way_back(task_id: UUID) -> Response:
    """Add the ride back to a ride there."""
    current.actor().require(*PLANNERS)
    row = add_way_back(current.session(), task_id)
    return go(_patient_url(row.care_plan_id), "The way back is added.")


@views.post("/tasks/<uuid:task_id>/not-needed")
def not_needed(task_id: UUID) -> Response:
    """Say that nobody needs it."""
    current.actor().require(*PLANNERS)
    form = parse(NoteSchema, request.form)
    row = careplans.mark_not_needed(current.session(), task_id, form.data.get("note", "Not needed"))
    return go(_patient_url(row.care_plan_id), "The task is marked as not needed.")


@views.post("/tasks/<uuid:task_id>/reopen")
def reopen(task_id: UUID) -> Response:
    """Open it again."""
    current.actor().require(*PLANNERS)
    row = careplans.reopen(current.session(), task_id)
    return go(_patient_url(row.care_plan_id), "The task is open again.")


def _patient_url(care_plan_id: UUID) -> str:
    plan = current.session().get(CarePlan, care_plan_id)
    assert plan is not None
    return url_for("patients.show", patient_id=plan.patient_id)
