"""What the record knows of a stay when its whole discharge is booked: loaded once, in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.bookings.orders import Address
from marketplace.bookings.words import CALLED_OFF, PlaceKind
from marketplace.careplans.models import CarePlanTask, TaskPrecedence
from marketplace.careplans.service import plan_view
from marketplace.careplans.words import ServiceKind, TaskState
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.coverage import coverages_of
from marketplace.patients.coverage_models import Authorization, Coverage
from marketplace.patients.identity import open_identity, open_receiver
from marketplace.patients.models import Encounter, HandlingNeeds, Patient, PatientIdentity
from marketplace.patients.service import needs_of
from marketplace.patients.words import Identity, Needs, Receiver

ON_THE_PAGE = frozenset({ServiceKind.RIDE, ServiceKind.EQUIPMENT, ServiceKind.HOME_HEALTH})
"""What can be booked as a part of a discharge."""


@dataclass(frozen=True, slots=True)
class DischargeRecord:
    """A stay with its patient, plan, payers, and what is booked for it already."""

    encounter: Encounter
    patient: Patient
    identity: Identity
    needs: Needs
    receiver: Receiver | None
    receiver_window: tuple[datetime, datetime] | None
    facility: Facility
    tasks: tuple[CarePlanTask, ...]
    """Of the plan, in the order they are due."""
    precedences: tuple[TaskPrecedence, ...]
    coverages: Sequence[tuple[Coverage, str, list[Authorization]]]
    bookings: dict[UUID, Booking]
    """The booking that works for a task, by the task's id."""

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's."""
        return ZoneInfo(self.facility.time_zone)

    @property
    def to_book(self) -> list[CarePlanTask]:
        """The open tasks for which something can be booked."""
        return [
            task
            for task in self.tasks
            if task.state is TaskState.OPEN
            and task.service_kind in ON_THE_PAGE
            and task.leg_of_task_id is None  # booked again on the page of its trip
        ]

    @property
    def hospital(self) -> Address:
        """The hospital as a place to come back to."""
        parts = [part.strip() for part in self.facility.address.rsplit(",", 2)]
        street, city, state = [*parts, "", "", ""][:3]
        return Address(
            PlaceKind.PHYSICIAN, street, city, state[:2], self.facility.postal_code, self.facility.name
        )

    @property
    def hospital_position(self) -> Position:
        """Where it stands."""
        return Position(self.facility.latitude, self.facility.longitude)

    @property
    def home(self) -> Address | None:
        """The patient's home; None while the record has no complete address."""
        person = self.identity
        if not (person.address_line and person.city and person.state and person.postal_code):
            return None
        return Address(
            PlaceKind.RESIDENCE, person.address_line, person.city, person.state, person.postal_code
        )


def discharge_record(session: WorkSession, encounter_id: UUID) -> DischargeRecord:
    """The record of a stay; NotFound when missing or foreign. The look is audited. Five queries."""
    session.actor.require("planner")
    found = session.execute(
        select(Encounter, Patient, PatientIdentity, HandlingNeeds, Facility)
        .join(Patient, Patient.id == Encounter.patient_id)
        .join(PatientIdentity, PatientIdentity.patient_id == Patient.id)
        .join(HandlingNeeds, HandlingNeeds.patient_id == Patient.id)
        .join(Facility, Facility.id == Encounter.facility_id)
        .where(Encounter.id == encounter_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    stay, patient, sealed, needs, facility = found
    plan = plan_view(session, stay.id)
    audit.read(session, patient.id, "patients")
    window = None
    if needs.receiver_from and needs.receiver_until:
        window = (needs.receiver_from, needs.receiver_until)
    return DischargeRecord(
        encounter=stay,
        patient=patient,
        identity=open_identity(session, sealed),
        needs=needs_of(needs),
        receiver=open_receiver(session, needs),
        receiver_window=window,
        facility=facility,
        tasks=plan.tasks if plan else (),
        precedences=plan.precedences if plan else (),
        coverages=coverages_of(session, patient.id),
        bookings=_live_bookings(session, stay.id),
    )


def _live_bookings(session: WorkSession, encounter_id: UUID) -> dict[UUID, Booking]:
    live = select(Booking).where(Booking.encounter_id == encounter_id, Booking.state.not_in(CALLED_OFF))
    return {booking.care_plan_task_id: booking for booking in session.scalars(live)}
