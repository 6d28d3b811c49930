"""Who is to leave, soonest first: the one question that every list of departures asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, exists, or_, select, tuple_

from marketplace.careplans.models import CarePlan, CarePlanTask
from marketplace.careplans.words import TaskState
from marketplace.foundation.work import WorkSession
from marketplace.patients.models import Encounter, HandlingNeeds
from marketplace.patients.words import EncounterState

AnySelect = Select[*tuple[Any, ...]]
Cursor = tuple[datetime, UUID]
"""Where a page ended: the sort moment and the id of its last row."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Which of the actor's own stays are meant; None and empty leave a condition out.

    `planned_only` leaves out stays without a care-plan task that is still to be done. Without `facility_ids`
    the actor's own facilities count, or all when the actor has none of their own.
    """

    until: datetime | None = None
    facility_ids: Collection[UUID] = ()
    planned_only: bool = True
    encounter_id: UUID | None = None
    after: Cursor | None = None

    def ask(
        self, session: WorkSession, what: tuple[Any, ...], rows: int
    ) -> tuple[AnySelect, dict[str, object]]:
        """The statement for these columns or classes (of Encounter and HandlingNeeds), and its values.

        It asks for one row more than `rows`, which says whether there is another page.
        """
        facilities = list(set(self.facility_ids) or session.actor.facility_ids)
        values: dict[str, object] = {
            "facilities": facilities or None,
            "until": self.until,
            "encounter": self.encounter_id,
            "after_time": self.after[0] if self.after else None,
            "after_id": self.after[1] if self.after else None,
        }
        values = {name: value for name, value in values.items() if value is not None}
        conditions = frozenset(values) | ({"planned"} if self.planned_only else set())
        fixed = {"organization": session.actor.organization(), "most": rows + 1}
        return _statement(what, conditions), {**values, **fixed}


@cache
def _statement(what: tuple[Any, ...], conditions: frozenset[str]) -> AnySelect:
    # made once for each kind of question: building it took longer than asking it
    query: AnySelect = select(*what).where(
        Encounter.organization_id == bindparam("organization"), Encounter.state == EncounterState.ADMITTED
    )
    if any(one is HandlingNeeds for one in what):
        query = query.join(HandlingNeeds, HandlingNeeds.patient_id == Encounter.patient_id)
    if "facilities" in conditions:
        query = query.where(Encounter.facility_id == any_(bindparam("facilities", type_=ARRAY(Uuid))))
    if "until" in conditions:
        query = query.where(Encounter.expected_discharge_at <= bindparam("until"))
    if "planned" in conditions:
        query = query.where(_has_work())
    if "encounter" in conditions:
        query = query.where(Encounter.id == bindparam("encounter"))
    if "after_id" in conditions:
        place = tuple_(Encounter.expected_discharge_at, Encounter.id)
        query = query.where(place > tuple_(bindparam("after_time"), bindparam("after_id")))
    return query.order_by(Encounter.expected_discharge_at, Encounter.id).limit(bindparam("most"))


def _has_work() -> ColumnElement[bool]:
    return exists().where(
        CarePlan.encounter_id == Encounter.id,
        CarePlanTask.care_plan_id == CarePlan.id,
        or_(CarePlanTask.state == TaskState.OPEN, CarePlanTask.state == TaskState.BOOKED),
        CarePlanTask.occurrence_of_task_id.is_(None),
    )
