"""What was booked in the months before: the task, the booking with its parties and sealed identities."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from marketplace.bookings.models import (
    Booking,
    BookingItem,
    BookingParty,
    BookingRider,
    BookingSubscriber,
)
from marketplace.bookings.rules import boarding_seconds, suggested_level
from marketplace.bookings.sealed import RIDER_PLACE, SUBSCRIBER_PLACE, Rider, Subscriber
from marketplace.bookings.words import (
    BookingKind,
    BookingState,
    LevelOfService,
    PartyRole,
    PartyStatus,
    PayerKind,
    WindowAnchor,
)
from marketplace.careplans.equipment import CATALOG
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory, TaskState
from marketplace.demo.history.past import Move, Past
from marketplace.demo.history.people import PastPatient
from marketplace.foundation.geography import GreatCircleTravel, Position, place_of

LEAD_MINUTES = ((40, 60, 20), (60, 180, 35), (180, 480, 23), (480, 1440, 15), (1440, 4320, 7))
"""(from, to, weight): how long before leaving a ride was asked for."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of a regular ride: which way, between what, in which window of the pickup."""

    title: str
    outward: bool
    clinic: str
    postal_code: str
    place_kind: str
    start: datetime
    end: datetime


@dataclass
class Errand:
    """One booking of the past while its story is told."""

    patient: PastPatient
    booking: Booking
    task: CarePlanTask
    asked_at: datetime
    pickup: str = ""
    going_to: str = ""
    """Addresses in a line, as the crew gets them; a discharge goes from hospital to home."""
    items: tuple[BookingItem, ...] = ()
    moves: list[Move] = field(default_factory=list)
    parties: list[BookingParty] = field(default_factory=list)

    @property
    def origin(self) -> Position:
        """Where a ride begins."""
        assert self.booking.origin_latitude is not None
        assert self.booking.origin_longitude is not None
        return Position(self.booking.origin_latitude, self.booking.origin_longitude)

    @property
    def home(self) -> Position:
        """Where the work ends."""
        return Position(self.booking.destination_latitude, self.booking.destination_longitude)

    def became(self, move: Move) -> None:
        """The booking moved on."""
        self.moves.append(move)
        self.booking.state = BookingState(move.state)
        self.booking.revision = len(self.moves)


def ask_for_ride(past: Past, patient: PastPatient) -> Errand:
    """A ride home on the day of leaving."""
    level = suggested_level(patient.person.needs)
    low, high, _ = past.dice.choices(LEAD_MINUTES, weights=[weight for *_, weight in LEAD_MINUTES])[0]
    asked_at = patient.leaves_at - timedelta(minutes=past.dice.randrange(low, high))
    errand = _errand(past, patient, BookingKind.RIDE, asked_at, (0, 60), None)
    errand.pickup = f"{patient.hospital.name}, {patient.hospital.address}"
    _goes(past, errand, level, patient.hospital.position, (patient.hospital.postal_code, "H"))
    return errand


def ask_for_leg(past: Past, patient: PastPatient, leg: Leg, asked_at: datetime) -> Errand:
    """One leg of somebody who rides regularly, between home and a clinic, at a fixed time."""
    errand = _errand(past, patient, BookingKind.RIDE, asked_at, (0, 1), None)
    booking, home = errand.booking, place_of(patient.person.identity.postal_code)
    errand.task.title, errand.task.due_anchor, errand.task.due_at = leg.title, DueAnchor.FIXED, leg.start
    errand.task.due_offset_end_minutes = (leg.end - leg.start) // timedelta(minutes=1)
    booking.anchor, booking.offset_start_minutes, booking.offset_end_minutes = WindowAnchor.FIXED, None, None
    booking.requested_start, booking.requested_end = leg.start, leg.end
    for row in errand.parties:
        row.due_at = leg.start
    level = suggested_level(patient.person.needs)
    if leg.outward:
        clinic = place_of(leg.postal_code)
        booking.destination_latitude = clinic.position.latitude
        booking.destination_longitude = clinic.position.longitude
        booking.destination_postal_code, booking.destination_place_kind = leg.postal_code, leg.place_kind
        errand.pickup, errand.going_to = patient.person.identity.address, leg.clinic
        _goes(past, errand, level, home.position, (home.postal_code, "R"))
    else:
        errand.pickup = leg.clinic
        _goes(past, errand, level, place_of(leg.postal_code).position, (leg.postal_code, leg.place_kind))
    return errand


def _goes(
    past: Past, errand: Errand, level: LevelOfService, start: Position, origin: tuple[str, str]
) -> None:
    """Where a ride begins, how long it is and how long people take."""
    booking = errand.booking
    booking.level_of_service = LevelOfService(level)
    booking.origin_latitude, booking.origin_longitude = start.latitude, start.longitude
    booking.origin_postal_code, booking.origin_place_kind = origin
    way = GreatCircleTravel(past.world.zone).travel(start, errand.home, booking.requested_start)
    booking.distance_meters = max(way.meters, 400)
    needs = errand.patient.person.needs
    booking.service_seconds, booking.dropoff_seconds = boarding_seconds(needs, level)


def ask_for_equipment(past: Past, patient: PastPatient, code: str) -> Errand:
    """One item at home before its patient."""
    asked_at = patient.leaves_at - timedelta(minutes=past.dice.randrange(300, 1500))
    errand = _errand(past, patient, BookingKind.EQUIPMENT, asked_at, (-240, 0), code)
    errand.booking.service_seconds = CATALOG[code].setup_minutes * 60
    item = BookingItem(
        booking_id=errand.booking.id,
        hcpcs_code=code,
        description=CATALOG[code].name,
        quantity=1,
        modifier=CATALOG[code].modifier,
    )
    errand.items = (item,)
    return errand


def write_errand(past: Past, errand: Errand) -> None:
    """Everything of a told booking that the ground keeps, once its last state is known."""
    booking, rows = errand.booking, past.rows
    task, completed = errand.task, booking.state is BookingState.COMPLETED
    task.state = _task_state(booking.state)
    if completed:
        task.evidence_booking_id, task.completed_at = booking.id, booking.finished_at
    rows.keep(task, errand.asked_at)
    rows.keep(booking, errand.asked_at)
    planner, last = errand.patient.planner, errand.moves[-1]
    moves = [
        Move("open", errand.asked_at - timedelta(minutes=5), planner),
        Move("booked", errand.asked_at, planner, note=booking.reference),
    ]
    if task.state is not TaskState.BOOKED:
        moves.append(Move(task.state, last.at, last.by, reason=last.reason, note=booking.reference))
    past.trail(task, moves)
    past.trail(booking, errand.moves)
    for item in errand.items:
        rows.keep(item, errand.asked_at)
    over = booking.state not in (BookingState.ACCEPTED, BookingState.SCHEDULED)
    for party in errand.parties:
        if over and party.status is PartyStatus.ACTIVE:
            party.status = PartyStatus.CLOSED
        rows.keep(party, errand.asked_at)
    _seal(past, errand)


def _task_state(state: BookingState) -> TaskState:
    if state is BookingState.COMPLETED:
        return TaskState.COMPLETED
    return TaskState.BOOKED if state in (BookingState.ACCEPTED, BookingState.SCHEDULED) else TaskState.OPEN


def _errand(
    past: Past,
    patient: PastPatient,
    kind: BookingKind,
    asked_at: datetime,
    offsets: tuple[int, int],
    code: str | None,
) -> Errand:
    ride = kind is BookingKind.RIDE
    task = CarePlanTask(
        id=past.rows.id(asked_at),
        organization_id=past.stage.health_system_id,
        care_plan_id=patient.care_plan_id,
        category=TaskCategory.TRANSPORT if ride else TaskCategory.EQUIPMENT,
        title="Ride home" if ride else f"{CATALOG[code or ''].name} at home",
        owner_user_id=patient.planner.user_id,
        service_kind=ServiceKind.RIDE if ride else ServiceKind.EQUIPMENT,
        equipment_code=code,
        due_anchor=DueAnchor.DISCHARGE,
        due_offset_start_minutes=offsets[0],
        due_offset_end_minutes=offsets[1],
        revision=3,
    )
    window = [patient.leaves_at + timedelta(minutes=minutes) for minutes in offsets]
    booking = _booking(past, patient, kind, task, asked_at, window)
    booking.offset_start_minutes, booking.offset_end_minutes = offsets
    errand = Errand(patient, booking, task, asked_at)
    errand.became(Move("requested", asked_at, patient.planner))
    roles = {booking.organization_id: PartyRole.REQUESTER}
    roles.setdefault(booking.payer_organization_id, PartyRole.PAYER)
    errand.parties = [party(booking, who, role, PartyStatus.ACTIVE) for who, role in roles.items()]
    return errand


def party(booking: Booking, who: object, role: PartyRole, status: PartyStatus) -> BookingParty:
    """An organization's part in a booking."""
    return BookingParty(
        booking_id=booking.id,
        organization_id=who,
        requester_organization_id=booking.organization_id,
        role=role,
        status=status,
        due_at=booking.requested_start,
    )


def _booking(
    past: Past,
    patient: PastPatient,
    kind: BookingKind,
    task: CarePlanTask,
    asked_at: datetime,
    window: Sequence[datetime],
) -> Booking:
    home, coverage = place_of(patient.person.identity.postal_code), patient.coverage
    own = past.stage.health_system_id
    return Booking(
        id=past.rows.id(asked_at),
        reference=past.stage.booking_reference(past.session),
        kind=kind,
        organization_id=own,
        facility_id=patient.hospital.facility_id,
        patient_id=patient.patient_id,
        encounter_id=patient.encounter_id,
        care_plan_task_id=task.id,
        requested_by_user_id=patient.planner.user_id,
        payer_kind=PayerKind.COVERAGE if coverage else PayerKind.HEALTH_SYSTEM,
        payer_organization_id=coverage.payer_organization_id if coverage else own,
        coverage_id=coverage.id if coverage else None,
        destination_latitude=home.position.latitude,
        destination_longitude=home.position.longitude,
        destination_postal_code=home.postal_code,
        destination_place_kind="R",
        distance_meters=0,
        dropoff_seconds=0,
        service_seconds=600,
        needs=patient.person.needs.to_json(),
        anchor=WindowAnchor.DISCHARGE,
        requested_start=window[0],
        requested_end=window[1],
        created_at=asked_at,
    )


def _seal(past: Past, errand: Errand) -> None:
    booking, identity, patient = errand.booking, errand.patient.person.identity, errand.patient
    receiver = patient.person.receiver if booking.kind is BookingKind.EQUIPMENT else None
    rider = Rider(
        name=identity.name,
        phone=identity.phone,
        pickup=errand.pickup,
        destination=errand.going_to or identity.address,
        receiver_name=receiver.name if receiver else "",
        receiver_phone=receiver.phone if receiver else "",
        receiver_relationship=receiver.relationship if receiver else "",
    )
    subscriber = Subscriber(
        given_name=identity.given_name,
        family_name=identity.family_name,
        birth_date=identity.birth_date,
        address_line=identity.address_line,
        city=identity.city,
        state=identity.state,
        postal_code=identity.postal_code,
        member_id=patient.member_id,
        plan_name=patient.coverage.plan_name if patient.coverage else "",
    )
    for model, place, value in (
        (BookingRider, RIDER_PLACE, rider),
        (BookingSubscriber, SUBSCRIBER_PLACE, subscriber),
    ):
        content = past.seal(booking.organization_id, place, booking.id, json.dumps(asdict(value)))
        row = model(booking_id=booking.id, organization_id=booking.organization_id, sealed=content)
        past.rows.keep(row, errand.asked_at)
