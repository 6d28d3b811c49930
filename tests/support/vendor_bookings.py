"""Requested bookings written straight into the tables: many of them in little time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.words import (
    BookingKind,
    BookingState,
    LevelOfService,
    PartyRole,
    PartyStatus,
    PayerKind,
    WindowAnchor,
)
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory
from marketplace.foundation.ids import new_id, spoken_reference
from marketplace.foundation.work import WorkSession

if TYPE_CHECKING:
    from tests.support.vendor_stage import VendorStage

_RIDE_COLUMNS: dict[str, Any] = {
    "origin_latitude": 45.5440,
    "origin_longitude": -122.6703,
    "origin_postal_code": "97227",
    "origin_place_kind": "H",
    "distance_meters": 16_093,
}


def requested_booking(
    session: WorkSession,
    stage: VendorStage,
    kind: BookingKind,
    start: datetime,
    level: LevelOfService | None,
    needs: dict[str, object] | None,
) -> Booking:
    """A booking of its own task, requested by the stage's hospital and paid by it."""
    stage.task_count += 1
    booking = Booking(
        id=new_id(),
        reference=spoken_reference("R", 500_000 + stage.task_count),
        kind=kind,
        organization_id=stage.hospital,
        facility_id=stage.stay.facility_id,
        patient_id=stage.stay.patient_id,
        encounter_id=stage.stay.id,
        care_plan_task_id=_task(session, stage, kind),
        payer_kind=PayerKind.HEALTH_SYSTEM,
        payer_organization_id=stage.hospital,
        level_of_service=level,
        destination_latitude=45.4853,
        destination_longitude=-122.6206,
        destination_postal_code="97202",
        destination_place_kind="R",
        service_seconds=600,
        needs=needs or {"mobility_aid": "wheelchair", "oxygen_lpm": "2"},
        anchor=WindowAnchor.DISCHARGE,
        offset_start_minutes=0,
        offset_end_minutes=30,
        requested_start=start,
        requested_end=start + timedelta(minutes=30),
        state=BookingState.REQUESTED,
        **(_RIDE_COLUMNS if kind is BookingKind.RIDE else {}),
    )
    session.add(booking)
    session.flush()
    session.add(
        BookingParty(
            booking_id=booking.id,
            organization_id=stage.hospital,
            requester_organization_id=stage.hospital,
            role=PartyRole.REQUESTER,
            status=PartyStatus.ACTIVE,
            due_at=start,
        )
    )
    return booking


def _task(session: WorkSession, stage: VendorStage, kind: BookingKind) -> UUID:
    task = CarePlanTask(
        id=new_id(),
        organization_id=stage.hospital,
        care_plan_id=stage.plan.id,
        category=next(iter(TaskCategory)),
        title=f"Task {stage.task_count}",
        owner_user_id=stage.planner_id,
        service_kind=ServiceKind(kind.value),
        due_anchor=DueAnchor.DISCHARGE,
        due_offset_start_minutes=0,
        due_offset_end_minutes=60,
    )
    session.add(task)
    session.flush()
    return task.id
