"""Avoidable hours of whoever has left in some days, from what is recorded: six queries for any number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from marketplace.bookings.models import Booking, BookingChange
from marketplace.bookings.words import AWARDED, BookingState
from marketplace.careplans.models import CarePlan, CarePlanTask
from marketplace.careplans.words import ServiceKind
from marketplace.choices.models import PatientChoice
from marketplace.desk.ready_delay import Condition, avoidable
from marketplace.desk.ready_rules import PLANNED, Cause, TaskEvidence, cause_of, keeps_here
from marketplace.foundation.work import WorkSession
from marketplace.patients.models import Encounter
from marketplace.patients.words import EncounterState

MOST_DAYS = 92


@dataclass(frozen=True, slots=True)
class AvoidableHours:
    """The report: seconds by cause, and how many stays they come from."""

    since: datetime
    stays: int
    """Who left in the time, with a moment of medical readiness."""
    left_ready: int
    """Of them, with everything confirmed by evidence."""
    unknown: int
    """Who left without anybody having said when they were ready: no hours can be told."""
    seconds: dict[Cause, int]

    @property
    def total_seconds(self) -> int:
        """All causes together."""
        return sum(self.seconds.values())


def avoidable_hours(session: WorkSession, days: int) -> AvoidableHours:
    """The avoidable hours of the acting health system's stays that ended in the last 1 to 92 days."""
    session.actor.require("planner", "org_admin")
    since = session.now() - timedelta(days=min(max(days, 1), MOST_DAYS))
    left = session.scalars(
        select(Encounter)
        .where(Encounter.organization_id == session.actor.organization())
        .where(Encounter.state == EncounterState.DISCHARGED, Encounter.discharged_at >= since)
    ).all()
    known = {stay.id: stay for stay in left if stay.medically_ready_at is not None}
    conditions = _conditions(session, known)
    seconds: Counter[Cause] = Counter()
    for stay in known.values():
        if stay.medically_ready_at is not None and stay.discharged_at is not None:
            seconds.update(avoidable(stay.medically_ready_at, stay.discharged_at, conditions[stay.id]))
    ready = sum(stay.left_ready is True for stay in known.values())
    return AvoidableHours(since, len(known), ready, len(left) - len(known), dict(seconds))


def _conditions(session: WorkSession, stays: Collection[UUID]) -> dict[UUID, list[Condition]]:
    found: dict[UUID, list[Condition]] = defaultdict(list)
    if not stays:
        return found
    made = session.scalars(select(Booking).where(Booking.encounter_id.in_(stays)).order_by(Booking.id))
    newest = {booking.care_plan_task_id: booking for booking in made}
    moved = _moved(session, [booking.id for booking in newest.values()])
    tasks = select(CarePlanTask, CarePlan.encounter_id).join(
        CarePlan, CarePlan.id == CarePlanTask.care_plan_id
    )
    nursed: set[UUID] = set()
    for task, stay_id in session.execute(tasks.where(CarePlan.encounter_id.in_(stays))):
        evidence = _evidence(task)
        if keeps_here(evidence):
            booking = newest.get(task.id)
            found[stay_id].append(Condition(cause_of(evidence), _met_at(task, booking, moved)))
            if task.service_kind is ServiceKind.HOME_HEALTH:
                nursed.add(stay_id)
    chosen = _chosen(session, nursed)
    for stay_id in nursed:
        found[stay_id].append(Condition(Cause.CHOICE, chosen.get(stay_id)))
    return found


def _evidence(task: CarePlanTask) -> TaskEvidence:
    return TaskEvidence(
        title=task.title,
        category=task.category,
        kind=task.service_kind,
        state=task.state,
        owner="",
        anchor=task.due_anchor,
        offset_start_minutes=task.due_offset_start_minutes,
    )


def _met_at(
    task: CarePlanTask, booking: Booking | None, moved: dict[tuple[UUID, str], datetime]
) -> datetime | None:
    """When the condition of `ready_rules.is_met` first came true."""
    if task.service_kind is ServiceKind.OTHER:
        return task.completed_at
    if booking is None:
        return None
    if task.service_kind is ServiceKind.EQUIPMENT:
        return booking.finished_at
    states = PLANNED if task.service_kind is ServiceKind.RIDE else AWARDED
    return min((at for state in states if (at := moved.get((booking.id, state)))), default=None)


def _moved(session: WorkSession, booking_ids: Collection[UUID]) -> dict[tuple[UUID, str], datetime]:
    """When each booking last entered each state that counts."""
    query = (
        select(BookingChange.subject_id, BookingChange.to_state, func.max(BookingChange.happened_at))
        .where(BookingChange.subject_id.in_(booking_ids))
        .where(BookingChange.to_state.in_([str(state) for state in (*AWARDED, BookingState.SCHEDULED)]))
        .group_by(BookingChange.subject_id, BookingChange.to_state)
    )
    rows = session.execute(query) if booking_ids else ()
    return {(row[0], row[1]): row[2] for row in rows}


def _chosen(session: WorkSession, stays: Collection[UUID]) -> dict[UUID, datetime]:
    query = select(PatientChoice.encounter_id, func.min(PatientChoice.chosen_at))
    rows = session.execute(
        query.where(PatientChoice.encounter_id.in_(stays)).group_by(PatientChoice.encounter_id)
    )
    return {row[0]: row[1] for row in rows}
