"""Filling a care plan from a condition's template: what is missing is added, what is there stays."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.careplans.conditions import (
    TEMPLATES,
    Condition,
    Template,
    UsualTask,
    hardness_before_home,
)
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import NewTask, add_precedence, add_task, open_plan
from marketplace.careplans.ways_back import add_way_back, is_outbound
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory, TaskState
from marketplace.foundation import audit
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.encounters import encounter
from marketplace.patients.models import Encounter

_STANDING = (TaskState.OPEN, TaskState.BOOKED, TaskState.STANDING, TaskState.COMPLETED)
_SATURDAY = 5


def apply_template(
    session: WorkSession, encounter_id: UUID, condition: Condition, owner_user_id: UUID | None
) -> list[CarePlanTask]:
    """Add the template's tasks that the stay's plan does not have yet, each with its order; returns the new.

    A task of the same category, service and item counts as there already, so that applying a template twice
    adds nothing. Equipment is put before the ride home; a ride to a follow-up brings its way back.
    NotFound for a stay that is missing or foreign.
    """
    stay, template = encounter(session, encounter_id), TEMPLATES[condition]
    plan = open_plan(session, stay.id)
    zone = _zone_of(session, stay)
    session.flush()
    query = select(CarePlanTask).where(
        CarePlanTask.care_plan_id == plan.id,
        CarePlanTask.state.in_(_STANDING),
        CarePlanTask.way_back_of_task_id.is_(None),
        CarePlanTask.occurrence_of_task_id.is_(None),
        CarePlanTask.leg_of_task_id.is_(None),
    )
    there = {_sameness(task): task for task in session.scalars(query)}
    made = []
    for usual in template.tasks:
        if usual.sameness not in there:
            row = add_task(session, plan.id, _new(usual, stay, zone, owner_user_id))
            there[usual.sameness] = row
            made += [row, add_way_back(session, row.id)] if is_outbound(row) else [row]
    session.flush()
    _put_in_order(session, template, there, made)
    details = {"template": condition.value, "added": len(made)}
    audit.record(session, "care_plans:template_applied", "care_plans", plan.id, details)
    return made


def appointment(stay: Encounter, days: int, hour: int, zone: ZoneInfo) -> datetime:
    """That many days after the discharge at the local hour; from a weekend on to Monday."""
    day = stay.expected_discharge_at.astimezone(zone).date() + timedelta(days=days)
    if day.weekday() >= _SATURDAY:
        day += timedelta(days=7 - day.weekday())
    return datetime.combine(day, time(hour), zone)


def _zone_of(session: WorkSession, stay: Encounter) -> ZoneInfo:
    facility = session.get(Facility, stay.facility_id)
    assert facility is not None  # a foreign key keeps it
    return ZoneInfo(facility.time_zone)


def _sameness(task: CarePlanTask) -> tuple[str, str, str]:
    return (task.category.value, task.service_kind.value, task.equipment_code or "")


def _new(usual: UsualTask, stay: Encounter, zone: ZoneInfo, owner_user_id: UUID | None) -> NewTask:
    fixed = usual.days_after is not None
    due_at = appointment(stay, usual.days_after or 0, usual.at_hour, zone) if fixed else None
    return NewTask(
        category=usual.category,
        title=usual.title,
        owner_user_id=owner_user_id,
        service_kind=usual.kind,
        equipment_code=usual.equipment_code,
        due_anchor=DueAnchor.FIXED if fixed else DueAnchor.DISCHARGE,
        due_at=due_at,
        due_offset_start_minutes=usual.start_minutes,
        due_offset_end_minutes=usual.end_minutes,
        discipline=usual.discipline,
    )


def _put_in_order(
    session: WorkSession,
    template: Template,
    there: dict[tuple[str, str, str], CarePlanTask],
    made: list[CarePlanTask],
) -> None:
    home = there.get((TaskCategory.TRANSPORT.value, ServiceKind.RIDE.value, ""))
    if home is None or home.state is not TaskState.OPEN:
        return
    for usual in template.tasks:
        task = there[usual.sameness]
        if usual.equipment_code and (task in made or home in made):
            hardness = hardness_before_home(template, usual.equipment_code)
            add_precedence(session, task.id, home.id, hardness)
