"""JSON routes of field work: the crew's stops, their steps, proof of delivery and completion."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from dispatch.field import completing, service
from dispatch.field.handing_back import hand_back
from dispatch.field.models import FieldService, ServiceEvent
from dispatch.field.schemas import (
    AcceptanceSchema,
    EventView,
    HandBackSchema,
    StepSchema,
    StopView,
    TripLogSchema,
    VisitRecordSchema,
)
from dispatch.field.steps import step_from
from dispatch.field.words import FieldStatus
from marketplace.web import current
from marketplace.web.api import Api

api = Api("field", __name__)
CREW = set(service.CREW_ROLES)


@api.get(
    "/stops",
    summary="The acting crew's stops from yesterday to tomorrow",
    roles=CREW,
    response=StopView,
    many=True,
)
def stops() -> list[FieldService]:
    """Stops by planned time."""
    session = current.session()
    now = session.now()
    return service.stops_of_crew(session, now - timedelta(days=1), now + timedelta(days=1))


@api.get("/stops/<uuid:booking_id>", summary="One stop", roles=CREW, response=StopView)
def stop(booking_id: UUID) -> FieldService:
    """The stop, if it is the actor's."""
    return service.stop(current.session(), booking_id)


@api.post(
    "/stops/<uuid:booking_id>/steps",
    summary="Record a step (en route, arrived, on board, set up, ...)",
    roles=CREW,
    body=StepSchema,
    response=EventView,
)
def record_step(booking_id: UUID, body: dict[str, Any]) -> ServiceEvent:
    """A step without papers; a no-show needs the waiting time to be over."""
    session = current.session()
    step = step_from(session, body)
    if step.status is FieldStatus.RIDER_NO_SHOW:
        return completing.report_no_show(session, booking_id, step)
    if step.status is FieldStatus.COMPLETED:
        return completing.complete_delivery(session, booking_id, step)
    return service.record(session, booking_id, step)


@api.post(
    "/stops/<uuid:booking_id>/hand-back",
    summary="Give a stop back that the crew cannot do",
    roles=CREW - {"clinician"},
    body=HandBackSchema,
    response=EventView,
)
def hand_back_stop(booking_id: UUID, body: dict[str, Any]) -> ServiceEvent:
    """Others are asked at once, and the planner is told."""
    session = current.session()
    return hand_back(session, booking_id, step_from(session, body), body["reason_code"], body["note"] or None)


@api.post(
    "/stops/<uuid:booking_id>/trip-log",
    summary="Complete a ride with its trip log",
    roles=CREW,
    body=TripLogSchema,
    response=EventView,
)
def complete_ride(booking_id: UUID, body: dict[str, Any]) -> ServiceEvent:
    """The ride is done and may be claimed."""
    session = current.session()
    return completing.complete_ride(session, booking_id, step_from(session, body), body["log"])


@api.post(
    "/stops/<uuid:booking_id>/visit-record",
    summary="Complete a home-health visit with its record",
    roles=CREW,
    body=VisitRecordSchema,
    response=EventView,
)
def complete_visit(booking_id: UUID, body: dict[str, Any]) -> ServiceEvent:
    """The visit is verified and may be claimed."""
    session = current.session()
    return completing.complete_visit(session, booking_id, step_from(session, body), body["visit"])


@api.post(
    "/stops/<uuid:booking_id>/acceptance",
    summary="Record proof of delivery",
    roles=CREW,
    body=AcceptanceSchema,
    response=EventView,
)
def accept_delivery(booking_id: UUID, body: dict[str, Any]) -> ServiceEvent:
    """The receiver has the equipment working and has signed."""
    session = current.session()
    return completing.accept_delivery(session, booking_id, step_from(session, body), body["signed"])
