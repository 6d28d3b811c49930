"""JSON routes: who is ready to leave, marking and leaving, avoidable hours."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.desk import ready_board
from marketplace.desk.ready_board import ReadyRow
from marketplace.desk.ready_hours import avoidable_hours
from marketplace.desk.ready_schemas import HoursFilter, HoursView, LeaveBody, ReadyBody, ReadyView
from marketplace.patients import encounters
from marketplace.web import current
from marketplace.web.api import Api

api = Api("ready", __name__)
PLANNERS = {"planner"}


@api.get(
    "/departures/ready",
    summary="Who is to leave within a day, whether evidence confirms everything, and what blocks",
    roles=PLANNERS,
    response=ReadyView,
    many=True,
)
def board() -> list[dict[str, Any]]:
    """Soonest first, at most 100."""
    return [_shown(row) for row in ready_board.ready_board(current.session(), rows=100).rows]


@api.post(
    "/encounters/<uuid:encounter_id>/medically-ready",
    summary="Say since when the care team would let the patient go, or that it no longer would",
    roles=PLANNERS,
    body=ReadyBody,
    response=ReadyView,
    status=200,
)
def medically_ready(encounter_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """The verdict afterwards."""
    encounters.medically_ready(
        current.session(), encounter_id, body["medically_ready_at"], withdrawn=body["withdrawn"]
    )
    return _shown(ready_board.ready_row(current.session(), encounter_id))


@api.post(
    "/encounters/<uuid:encounter_id>/left",
    summary="The patient has left; without everything confirmed a note says why",
    roles=PLANNERS,
    body=LeaveBody,
)
def left(encounter_id: UUID, body: dict[str, Any]) -> None:
    """409 naming the first blocker when there is one and no note."""
    ready_board.leave(current.session(), encounter_id, body["note"] or "")


@api.get(
    "/departures/avoidable-hours",
    summary="Time between medically ready and departed, by cause; the causes sum to the total",
    roles={"planner", "org_admin"},
    query=HoursFilter,
    response=HoursView,
)
def hours(query: dict[str, Any]) -> Any:
    """Of the stays that ended in the last days."""
    found = avoidable_hours(current.session(), query["days"])
    return {
        "since": found.since,
        "stays": found.stays,
        "left_ready": found.left_ready,
        "unknown_stays": found.unknown,
        "total_seconds": found.total_seconds,
        "seconds": {str(cause): seconds for cause, seconds in sorted(found.seconds.items())},
    }


def _shown(row: ReadyRow) -> dict[str, Any]:
    stay = row.departure.encounter
    return {
        "encounter_id": stay.id,
        "patient_id": stay.patient_id,
        "expected_discharge_at": stay.expected_discharge_at,
        "medically_ready_at": stay.medically_ready_at,
        "ready_to_leave": row.verdict.is_green,
        "blockers": list(row.verdict.blockers),
    }
