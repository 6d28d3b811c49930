"""How past work was done: the crew's chained events, its evidence, and the ends that were none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dispatch.field.chain import GENESIS, Link, content_digest, link_hash
from dispatch.field.evidence import PLACE as EVIDENCE_PLACE
from dispatch.field.models import EvidenceItem, FieldService, ServiceEvent
from dispatch.field.words import EvidenceKind, FieldStatus
from marketplace.bookings.words import ServiceStatus
from marketplace.demo.history.asking import Errand
from marketplace.demo.history.past import Move, Past, Somebody
from marketplace.demo.history.promising import Promise
from marketplace.demo.history.stage import Crewed
from marketplace.foundation.geography import GreatCircleTravel, Position

METERS_PER_MILE = 1609.344
_NOT_READY = 0.18
"""Share of rides whose rider was not ready when the vehicle came (data/metro figures, our choice)."""


@dataclass
class Work:
    """What a crew did for one booking."""

    errand: Errand
    made: Promise
    crewed: Crewed
    starts_at: datetime
    """When the plan let the service begin."""
    steps: list[tuple[FieldStatus, datetime, Position, dict[str, Any]]] = field(default_factory=list)
    evidence: EvidenceItem | None = None
    miles: float = 0.0

    @property
    def by(self) -> Somebody:
        """The person who reported."""
        return Somebody(self.made.vendor.organization_id, self.crewed.user_id, self.crewed.name)


def begin_work(past: Past, errand: Errand, made: Promise, *, late_minutes: float | None = None) -> Work:
    """A vehicle is planned and sets off; how late it comes is its company's habit and luck."""
    booking, dice = errand.booking, past.dice
    crewed = made.vendor.vehicle_for(
        str(booking.level_of_service) if booking.level_of_service else None, dice
    )
    window = booking.requested_end - booking.requested_start
    starts_at = booking.requested_start + window * dice.uniform(0.1, 0.55)
    planned = made.accepted_at + timedelta(seconds=40)
    errand.became(Move("scheduled", planned, Somebody(made.vendor.organization_id, name="Planning")))
    booking.planned_start = starts_at
    booking.planned_end = starts_at + timedelta(minutes=40)
    made.award.vehicle_id, made.award.planned_at = crewed.vehicle_id, starts_at
    habit = made.vendor.minutes_late if late_minutes is None else late_minutes
    late = timedelta(minutes=habit + dice.gauss(0, 4) + (dice.uniform(10, 40) if dice.random() < 0.05 else 0))
    return Work(errand, made, crewed, max(starts_at + late, planned + timedelta(minutes=25)))


def ride(past: Past, work: Work, *, ends: FieldStatus = FieldStatus.COMPLETED, detour: float = 1.0) -> None:
    """The steps of a ride until its end; `detour` stretches the way (an over-long ride)."""
    dice, booking, errand = past.dice, work.errand.booking, work.errand
    arrived = work.starts_at
    waited = dice.uniform(20, 45) if dice.random() < _NOT_READY else dice.uniform(2, 9)
    work.steps = [
        (FieldStatus.EN_ROUTE_PICKUP, arrived - timedelta(minutes=dice.uniform(9, 22)), errand.origin, {}),
        (FieldStatus.ARRIVED_PICKUP, arrived, errand.origin, {}),
    ]
    if ends is not FieldStatus.COMPLETED:
        work.steps.append((ends, arrived + timedelta(minutes=dice.uniform(16, 25)), errand.origin, {}))
        return
    aboard = arrived + timedelta(minutes=waited, seconds=booking.service_seconds)
    way = GreatCircleTravel(past.world.zone).travel(errand.origin, errand.home, aboard)
    there = aboard + timedelta(seconds=way.seconds * detour * dice.uniform(0.94, 1.12))
    done = there + timedelta(seconds=booking.dropoff_seconds * dice.uniform(0.7, 1.2))
    work.miles = round(way.meters * detour * dice.uniform(0.99, 1.03) / METERS_PER_MILE, 1)
    booking.arrived_at = there
    work.steps += [
        (FieldStatus.ON_BOARD, aboard, errand.origin, {}),
        (FieldStatus.ARRIVED_DROPOFF, there, errand.home, {}),
        (FieldStatus.COMPLETED, done, errand.home, {"loaded_miles": work.miles}),
    ]


def delivery(past: Past, work: Work, *, ends: FieldStatus = FieldStatus.COMPLETED) -> None:
    """The steps of a delivery until the receiver has signed, or nobody was there."""
    dice, booking, errand = past.dice, work.errand.booking, work.errand
    base, arrived = work.made.vendor.base, work.starts_at
    booking.arrived_at = arrived
    work.steps = [
        (FieldStatus.LOADED, arrived - timedelta(minutes=dice.uniform(28, 50)), base, {}),
        (FieldStatus.EN_ROUTE, arrived - timedelta(minutes=dice.uniform(12, 26)), base, {}),
        (FieldStatus.ARRIVED, arrived, errand.home, {}),
    ]
    if ends is not FieldStatus.COMPLETED:
        work.steps.append((ends, arrived + timedelta(minutes=dice.uniform(4, 12)), errand.home, {}))
        return
    up = arrived + timedelta(seconds=booking.service_seconds * dice.uniform(0.7, 1.3))
    work.steps += [
        (FieldStatus.SET_UP, up, errand.home, {}),
        (FieldStatus.ACCEPTED_BY_RECEIVER, up + timedelta(minutes=3), errand.home, {}),
        (FieldStatus.COMPLETED, up + timedelta(minutes=5), errand.home, {}),
    ]


def write_work(past: Past, work: Work, *, signed: bool = True) -> None:
    """The running record, the chain of events, and for completed work its sealed evidence."""
    booking, last = work.errand.booking, work.steps[-1]
    past.rows.keep(
        FieldService(
            booking_id=booking.id,
            award_id=work.made.award.id,
            organization_id=booking.organization_id,
            vendor_organization_id=work.made.vendor.organization_id,
            kind=str(booking.kind),
            status=last[0],
            vehicle_id=work.crewed.vehicle_id,
            driver_user_id=work.crewed.user_id,
            planned_start=booking.planned_start,
            planned_end=booking.planned_end,
            last_latitude=last[2].latitude,
            last_longitude=last[2].longitude,
            revision=1 + len(work.steps),
        ),
        work.made.accepted_at,
    )
    events = _chain(past, work)
    booking.service_status_at = last[1]
    known = {status.value for status in ServiceStatus}
    booking.service_status = next(
        ServiceStatus(status) for status, *_ in reversed(work.steps) if status.value in known
    )
    if last[0] is FieldStatus.COMPLETED:
        booking.finished_at = last[1]
        _evidence(past, work, events, signed=signed)


def _chain(past: Past, work: Work) -> dict[FieldStatus, UUID]:
    booking, previous, ids = work.errand.booking, GENESIS, {}
    for sequence, (status, at, place, facts) in enumerate(work.steps, start=1):
        link = Link(
            booking_id=booking.id,
            award_id=work.made.award.id,
            sequence=sequence,
            status=status,
            occurred_at=at,
            latitude=place.latitude,
            longitude=place.longitude,
            actor_user_id=work.crewed.user_id,
            vehicle_id=work.crewed.vehicle_id,
            facts=facts,
        )
        previous = link_hash(previous, link)
        event = ServiceEvent(
            booking_id=link.booking_id,
            award_id=link.award_id,
            vendor_organization_id=work.made.vendor.organization_id,
            sequence=sequence,
            status=status,
            occurred_at=at,
            latitude=link.latitude,
            longitude=link.longitude,
            actor_user_id=link.actor_user_id,
            vehicle_id=link.vehicle_id,
            device_key=f"{booking.reference}-{sequence}",
            facts=facts,
            hash=previous,
        )
        ids[status] = past.rows.keep(event, at).id
        action = f"field_services:{status}"
        past.audit(work.by, action, "bookings", booking.id, at, patient_id=booking.patient_id)
    return ids


def _evidence(past: Past, work: Work, events: dict[FieldStatus, UUID], *, signed: bool) -> None:
    booking = work.errand.booking
    if booking.level_of_service is not None:
        kind, status = EvidenceKind.TRIP_LOG, FieldStatus.COMPLETED
        facts, private = _trip_log(past, work, signed=signed)
    else:
        kind, status = EvidenceKind.PROOF_OF_DELIVERY, FieldStatus.ACCEPTED_BY_RECEIVER
        facts, private = _proof(work, work.errand.items, signed=signed)
    at = next(moment for step, moment, *_ in work.steps if step is status)
    item = EvidenceItem(
        id=past.rows.id(at),
        booking_id=booking.id,
        service_event_id=events[status],
        organization_id=booking.organization_id,
        vendor_organization_id=work.made.vendor.organization_id,
        kind=kind,
        facts=facts,
        digest=content_digest(facts, private),
        signed_at=at,
        recorded_at=at,
        recorded_by=work.crewed.user_id,
    )
    content = json.dumps(private, sort_keys=True)
    item.sealed = past.seal(booking.organization_id, EVIDENCE_PLACE, item.id, content)
    work.evidence = past.rows.keep(item, at)
    past.audit(work.by, f"evidence:{kind}", "evidence_items", item.id, at)


def _trip_log(past: Past, work: Work, *, signed: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    begun = round(past.dice.uniform(18_000, 140_000), 1)
    facts = {
        "odometer_start": begun,
        "odometer_end": round(begun + work.miles, 1),
        "loaded_miles": work.miles,
        "driver_user_id": str(work.crewed.user_id),
        "vehicle_id": str(work.crewed.vehicle_id),
        "signed": signed,
    }
    name = work.errand.patient.person.identity.name if signed else ""
    unable = "" if signed else "The rider's hand is in a cast."
    return facts, {"signature": "", "signature_typed": name, "unable_to_sign": unable}


def _proof(work: Work, items: Sequence[Any], *, signed: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    person = work.errand.patient.person
    receiver = person.receiver
    relationship = _RELATIONSHIPS.get(receiver.relationship, "relative") if receiver else "self"
    facts = {
        "relationship": relationship,
        "items": [{"hcpcs_code": item.hcpcs_code, "quantity": item.quantity} for item in items],
        "serial_numbers": {},
        "signed": signed,
    }
    name = receiver.name if receiver else person.identity.name
    private = {
        "receiver_name": name,
        "signature": "",
        "signature_typed": name if signed else "",
        "serial_numbers": {},
    }
    return facts, private


_RELATIONSHIPS = {"daughter": "child", "son": "child", "spouse": "spouse", "neighbor": "neighbor"}
