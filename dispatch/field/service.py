"""The verbs of field work: put on a vehicle, record a step, prove, complete, withdraw.

Locks are taken on the booking first, then on the running record; each step is pushed down onto the
booking in its own transaction, so that the floors below know at once how far the crew is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from dispatch.field.chain import GENESIS, Link, link_hash
from dispatch.field.holding import require_home_is_ready, require_leg_before, require_patient_is_home
from dispatch.field.models import FieldService, ServiceEvent
from dispatch.field.rules import time_errors
from dispatch.field.words import ENDED_WITHOUT_SERVICE, STATUSES_OF_KIND, FieldStatus
from marketplace.bookings.field_status import record_service_status
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.words import MissedReason, ServiceStatus
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.foundation.transitions import StateTable
from marketplace.foundation.work import WorkSession

CREW_ROLES = ("driver", "technician", "clinician", "dispatcher", "vendor_admin")


@dataclass(frozen=True, slots=True)
class Step:
    """One report from the device: what, when (aware), where, and the device's own key for it."""

    status: FieldStatus
    occurred_at: datetime
    device_key: str
    latitude: float | None = None
    longitude: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def assign(
    session: WorkSession,
    *,
    booking_id: UUID,
    award_id: UUID,
    organization_id: UUID,
    vendor_organization_id: UUID,
    kind: str,
    vehicle_id: UUID,
    driver_user_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
) -> FieldService:
    """Put awarded work on a vehicle's list, or move it there; planning calls this as it commits."""
    running = _live(session, booking_id)
    if running is not None and running.award_id != award_id:
        running.status = FieldStatus.WITHDRAWN
        session.flush()
        running = None
    if running is None:
        running = FieldService(
            booking_id=booking_id,
            award_id=award_id,
            organization_id=organization_id,
            vendor_organization_id=vendor_organization_id,
            kind=kind,
            status=FieldStatus.ASSIGNED,
        )
        session.add(running)
    running.vehicle_id, running.driver_user_id = vehicle_id, driver_user_id
    running.planned_start, running.planned_end = starts_at, ends_at
    running.revision = (running.revision or 0) + 1
    session.flush()
    announce(session, [vendor_organization_id], "stop", running.id, running.revision)
    return running


def withdraw(session: WorkSession, booking_id: UUID, award_id: UUID) -> None:
    """Take work off the crew's list when its award was released or the booking cancelled."""
    running = _live(session, booking_id)
    if running is None or running.award_id != award_id or running.status in _FINAL:
        return
    if table_of(running.kind).allows(running.status, FieldStatus.WITHDRAWN):
        running.status = FieldStatus.WITHDRAWN
        running.revision += 1
        announce(session, [running.vendor_organization_id], "stop", running.id, running.revision)


def stops_of_crew(session: WorkSession, since: datetime, until: datetime) -> list[FieldService]:
    """The acting person's stops in [since, until) by planned time; the office sees all of the vendor's."""
    session.actor.require(*CREW_ROLES)
    query = (
        select(FieldService)
        .where(FieldService.vendor_organization_id == session.actor.organization())
        .where(FieldService.planned_start >= since, FieldService.planned_start < until)
        .where(FieldService.status != FieldStatus.WITHDRAWN)
        .order_by(FieldService.planned_start, FieldService.id)
        .limit(200)
    )
    if not session.actor.has("dispatcher", "vendor_admin"):
        query = query.where(FieldService.driver_user_id == session.actor.user_id)
    return list(session.scalars(query))


def stop(session: WorkSession, booking_id: UUID) -> FieldService:
    """One stop the actor may work on; NotFound for anybody else's, like for none at all."""
    session.actor.require(*CREW_ROLES)
    running = _live(session, booking_id)
    if running is None or not _is_mine(session, running):
        raise NotFound
    return running


def record(session: WorkSession, booking_id: UUID, step: Step) -> ServiceEvent:
    """Record one step of the crew; a repeated `device_key` returns what was recorded the first time.

    Raises TransitionRefused for a step out of order, InvalidInput for an impossible time, NotFound for
    work that is not the actor's.
    """
    booking = locked_booking(session, booking_id)
    running = locked_stop(session, booking_id)
    if repeated := recorded(session, booking_id, step.device_key):
        return repeated
    table_of(running.kind).require(running.status, step.status)
    return append(session, booking, running, step)


def append(session: WorkSession, booking: Booking, running: FieldService, step: Step) -> ServiceEvent:
    """Chain the step, move the running record, push the status onto the booking, tell whoever watches."""
    previous = _last_event(session, booking.id)
    if errors := time_errors(step.occurred_at, session.now(), previous.occurred_at if previous else None):
        raise InvalidInput(errors)
    if step.status is FieldStatus.ON_BOARD and not _sent_all_the_same(session, step):
        require_leg_before(session, booking)
        require_home_is_ready(session, booking, step.occurred_at)
    if step.status is FieldStatus.STARTED and not _sent_all_the_same(session, step):
        require_patient_is_home(session, booking)
    event = _chained(session, running, step, previous)
    running.status, running.revision = step.status, running.revision + 1
    if step.latitude is not None:
        running.last_latitude, running.last_longitude = step.latitude, step.longitude
    if step.status in {each.value for each in ServiceStatus}:  # Python 3.11: `in` an enum knows only its own
        status, missed = ServiceStatus(step.status), _missed(step)
        record_service_status(session, booking.id, status, step.occurred_at, missed=missed)
    audit.record(
        session, f"field_services:{step.status}", "bookings", booking.id, patient_id=booking.patient_id
    )
    parties = [running.organization_id, running.vendor_organization_id]
    announce(session, parties, "stop", running.id, running.revision)
    announce(session, parties, "booking", booking.id, booking.revision)
    return event


def _missed(step: Step) -> MissedReason | None:
    """Why a visit was missed; InvalidInput for a missed one without a reason."""
    if step.status is not FieldStatus.MISSED:
        return None
    try:
        return MissedReason(step.facts.get("missed_reason", ""))
    except ValueError:
        raise InvalidInput("missed_reason", "say why the visit did not take place") from None


def _sent_all_the_same(session: WorkSession, step: Step) -> bool:
    """The dispatcher lets it go on all the same, with a reason that stays in the record."""
    if not step.facts.get("override_reason"):
        return False
    session.actor.require("dispatcher", "vendor_admin")
    return True


def locked_stop(session: WorkSession, booking_id: UUID) -> FieldService:
    """The actor's stop, locked; call after locking the booking."""
    session.actor.require(*CREW_ROLES)
    running = session.scalars(
        select(FieldService)
        .where(FieldService.booking_id == booking_id, FieldService.status != FieldStatus.WITHDRAWN)
        .with_for_update()
    ).one_or_none()
    if running is None or not _is_mine(session, running):
        raise NotFound
    return running


def events_of(session: WorkSession, booking_id: UUID) -> list[ServiceEvent]:
    """What happened, in order."""
    return list(
        session.scalars(
            select(ServiceEvent).where(ServiceEvent.booking_id == booking_id).order_by(ServiceEvent.sequence)
        )
    )


def status_at(session: WorkSession, booking_id: UUID, status: FieldStatus) -> datetime | None:
    """When the booking reached a status first; None when it has not."""
    occurred: InstrumentedAttribute[datetime] = ServiceEvent.occurred_at
    return session.scalar(
        select(func.min(occurred)).where(ServiceEvent.booking_id == booking_id, ServiceEvent.status == status)
    )


def _chained(
    session: WorkSession, running: FieldService, step: Step, previous: ServiceEvent | None
) -> ServiceEvent:
    link = Link(
        booking_id=running.booking_id,
        award_id=running.award_id,
        sequence=previous.sequence + 1 if previous else 1,
        status=step.status,
        occurred_at=step.occurred_at,
        latitude=step.latitude,
        longitude=step.longitude,
        actor_user_id=session.actor.user_id,
        vehicle_id=running.vehicle_id,
        facts=step.facts,
    )
    event = ServiceEvent(
        booking_id=link.booking_id,
        award_id=link.award_id,
        vendor_organization_id=running.vendor_organization_id,
        sequence=link.sequence,
        status=step.status,
        occurred_at=link.occurred_at,
        latitude=link.latitude,
        longitude=link.longitude,
        actor_user_id=link.actor_user_id,
        vehicle_id=link.vehicle_id,
        device_key=step.device_key,
        facts=step.facts,
        hash=link_hash(bytes(previous.hash) if previous else GENESIS, link),
    )
    session.add(event)
    session.flush()
    return event


_FINAL = ENDED_WITHOUT_SERVICE | {FieldStatus.COMPLETED}


def table_of(kind: str) -> StateTable[FieldStatus]:
    """The states of a kind of field work."""
    return STATUSES_OF_KIND[kind]


def _live(session: WorkSession, booking_id: UUID) -> FieldService | None:
    return session.scalars(
        select(FieldService).where(
            FieldService.booking_id == booking_id, FieldService.status != FieldStatus.WITHDRAWN
        )
    ).one_or_none()


def _is_mine(session: WorkSession, running: FieldService) -> bool:
    if running.vendor_organization_id != session.actor.organization_id:
        return False
    if session.actor.has("dispatcher", "vendor_admin"):
        return True
    return running.driver_user_id is not None and running.driver_user_id == session.actor.user_id


def recorded(session: WorkSession, booking_id: UUID, device_key: str) -> ServiceEvent | None:
    """What was recorded under the device's key before, or None."""
    if not 1 <= len(device_key) <= 100:
        raise InvalidInput("device_key", "send 1 to 100 characters that name this action, such as a UUID")
    return session.scalars(
        select(ServiceEvent).where(
            ServiceEvent.booking_id == booking_id, ServiceEvent.device_key == device_key
        )
    ).one_or_none()


def _last_event(session: WorkSession, booking_id: UUID) -> ServiceEvent | None:
    newest = select(ServiceEvent).where(ServiceEvent.booking_id == booking_id)
    return session.scalars(newest.order_by(ServiceEvent.sequence.desc()).limit(1)).first()
