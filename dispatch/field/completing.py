"""Ending a service: with proof it is completed and may be claimed, without it only ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.field import rules
from dispatch.field.events import ServiceCompleted
from dispatch.field.evidence import add_item
from dispatch.field.models import FieldService, ServiceEvent
from dispatch.field.rules import DeliverySigned, Signature, VisitSigned
from dispatch.field.service import Step, append, locked_stop, recorded, status_at, table_of
from dispatch.field.words import EvidenceKind, FieldStatus
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking, BookingItem
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, User
from vendors.fleet.models import CrewMember
from vendors.network.contracts import contract_at

NO_SIGNATURE = Signature()


@dataclass(frozen=True, slots=True)
class TripLog:
    """The driver's record at drop-off: odometer in miles, the rider's signature or why there is none."""

    odometer_start: float | None
    odometer_end: float | None
    signature: Signature = NO_SIGNATURE
    unable_to_sign: str = ""


def complete_ride(session: WorkSession, booking_id: UUID, step: Step, log: TripLog) -> ServiceEvent:
    """Complete a ride with its trip log; publishes ServiceCompleted. A repeated device key changes nothing.

    Raises InvalidInput naming the field when the log would not stand up.
    """
    booking, running, repeated = _begin(session, booking_id, step)
    if repeated is not None:
        return repeated
    errors = rules.trip_log_errors(log.odometer_start, log.odometer_end, log.signature, log.unable_to_sign)
    if errors or log.odometer_start is None or log.odometer_end is None:
        raise InvalidInput(errors)
    miles = round(log.odometer_end - log.odometer_start, 2)
    event = append(session, booking, running, _with_facts(step, {"loaded_miles": miles}))
    facts = {
        "odometer_start": log.odometer_start,
        "odometer_end": log.odometer_end,
        "loaded_miles": miles,
        "driver_user_id": str(session.actor.user_id),
        "vehicle_id": str(running.vehicle_id),
        "signed": log.signature.given,
    }
    private = {**log.signature.content(), "unable_to_sign": log.unable_to_sign.strip()}
    add_item(session, running, EvidenceKind.TRIP_LOG, facts, private, event=event, signed_at=step.occurred_at)
    _completed(session, booking, running)
    return event


def accept_delivery(
    session: WorkSession, booking_id: UUID, step: Step, signed: DeliverySigned
) -> ServiceEvent:
    """Record the receiver's acceptance with proof of delivery (status `accepted_by_receiver`).

    Raises InvalidInput naming the field when the proof would not stand up in an audit.
    """
    booking, running, repeated = _begin(session, booking_id, step)
    if repeated is not None:
        return repeated
    items = list(session.scalars(select(BookingItem).where(BookingItem.booking_id == booking_id)))
    ordered = {item.hcpcs_code: item.quantity for item in items}
    people = session.scalars(
        select(CrewMember.name).where(CrewMember.vendor_organization_id == running.vendor_organization_id)
    ).all()
    if errors := rules.delivery_errors(signed, ordered, people):
        raise InvalidInput(errors)
    for item in items:
        item.serial_number = signed.serial_numbers.get(item.hcpcs_code) or item.serial_number
    event = append(session, booking, running, step)
    facts = {
        "relationship": signed.relationship,
        "items": [{"hcpcs_code": code, "quantity": quantity} for code, quantity in ordered.items()],
        "serial_numbers": {code: bool(number) for code, number in signed.serial_numbers.items()},
        "signed": True,
    }
    private = {
        "receiver_name": " ".join(signed.receiver_name.split()),
        **signed.signature.content(),
        "serial_numbers": signed.serial_numbers,
    }
    kind = EvidenceKind.PROOF_OF_DELIVERY
    add_item(session, running, kind, facts, private, event=event, signed_at=step.occurred_at)
    return event


def complete_delivery(session: WorkSession, booking_id: UUID, step: Step) -> ServiceEvent:
    """Complete a delivery whose receiver has signed; publishes ServiceCompleted."""
    booking, running, repeated = _begin(session, booking_id, step)
    if repeated is not None:
        return repeated
    if running.kind != "equipment":
        raise InvalidInput("status", "finish this with its record: the trip log, or the visit record")
    event = append(session, booking, running, step)
    _completed(session, booking, running)
    return event


def complete_visit(session: WorkSession, booking_id: UUID, step: Step, signed: VisitSigned) -> ServiceEvent:
    """Complete a home-health visit with its record; publishes ServiceCompleted.

    The record holds the six elements of electronic visit verification (section 12006 of the Cures Act):
    type of service, who received it, who provided it, date, place, begin and end. Raises InvalidInput naming
    the field when one is missing.
    """
    booking, running, repeated = _begin(session, booking_id, step)
    if repeated is not None:
        return repeated
    began, ended = (
        _first(session, booking_id, status) for status in (FieldStatus.STARTED, FieldStatus.ENDED)
    )
    clinician_id = running.driver_user_id or began.actor_user_id
    located = began.latitude is not None and ended.latitude is not None
    if errors := rules.visit_errors(signed, located=located):
        raise InvalidInput(errors)
    event = append(session, booking, running, step)
    facts = {
        "service_type": str(booking.discipline),
        "clinician_user_id": str(clinician_id),
        "started_at": began.occurred_at.isoformat(),
        "ended_at": ended.occurred_at.isoformat(),
        "minutes": int((ended.occurred_at - began.occurred_at).total_seconds() // 60),
        "place": "position" if located else "confirmed_home",
        "signed": signed.signature.given,
    }
    private = {
        "note": signed.note.strip(),
        "clinician_name": session.scalar(select(User.name).where(User.id == clinician_id)) or "",
        **signed.signature.content(),
        "unable_to_sign": signed.unable_to_sign.strip(),
    }
    kind = EvidenceKind.VISIT_RECORD
    add_item(session, running, kind, facts, private, event=event, signed_at=step.occurred_at)
    _completed(session, booking, running)
    return event


def _first(session: WorkSession, booking_id: UUID, status: FieldStatus) -> ServiceEvent:
    query = select(ServiceEvent).where(ServiceEvent.booking_id == booking_id, ServiceEvent.status == status)
    return session.scalars(query.order_by(ServiceEvent.sequence).limit(1)).one()


def report_no_show(session: WorkSession, booking_id: UUID, step: Step) -> ServiceEvent:
    """The rider did not come: only after the waiting time of the contract (15 minutes without one)."""
    booking, running, repeated = _begin(session, booking_id, step)
    if repeated is not None:
        return repeated
    arrived = status_at(session, booking_id, FieldStatus.ARRIVED_PICKUP)
    wait = _waiting_time(session, booking, running)
    if rules.too_early_for_no_show(arrived, step.occurred_at, wait):
        minutes = int(wait.total_seconds() // 60)
        raise Conflict(
            f"The rider has {minutes} minutes from your arrival.", remedy="Wait, call the unit, then report."
        )
    return append(session, booking, running, step)


def _waiting_time(session: WorkSession, booking: Booking, running: FieldService) -> timedelta:
    """How long the rider is waited for, by the contract of the promised day."""
    facility = session.get(Facility, booking.facility_id)
    zone = ZoneInfo(facility.time_zone if facility else "UTC")
    day = (booking.promised_start or booking.requested_start).astimezone(zone).date()
    contract = contract_at(session, running.vendor_organization_id, booking.organization_id, day)
    return rules.NO_SHOW_WAIT if contract is None else timedelta(minutes=contract.wait_minutes)


def _begin(
    session: WorkSession, booking_id: UUID, step: Step
) -> tuple[Booking, FieldService, ServiceEvent | None]:
    booking = locked_booking(session, booking_id)
    running = locked_stop(session, booking_id)
    repeated = recorded(session, booking_id, step.device_key)
    if repeated is None:
        table_of(running.kind).require(running.status, step.status)
    return booking, running, repeated


def _completed(session: WorkSession, booking: Booking, running: FieldService) -> None:
    publish(
        session,
        ServiceCompleted(
            booking_id=booking.id,
            award_id=running.award_id,
            vendor_organization_id=running.vendor_organization_id,
            payer_organization_id=booking.payer_organization_id,
            revision=booking.revision,
        ),
    )


def _with_facts(step: Step, facts: dict[str, Any]) -> Step:
    return Step(
        step.status, step.occurred_at, step.device_key, step.latitude, step.longitude, {**step.facts, **facts}
    )
