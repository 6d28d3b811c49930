"""What is known when somebody books for a task: its stay, the patient, the hospital; in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from marketplace.bookings.orders import Address, RequestedWindow
from marketplace.bookings.words import BookingKind, PlaceKind, WindowAnchor
from marketplace.careplans.models import CarePlan, CarePlanTask
from marketplace.careplans.service import window_of
from marketplace.careplans.words import CarePlanState, DueAnchor, ServiceKind, TaskState
from marketplace.foundation import audit
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.geography import Position, place_of
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.identity import open_identity, open_receiver
from marketplace.patients.models import Encounter, HandlingNeeds, Patient, PatientIdentity
from marketplace.patients.service import needs_of
from marketplace.patients.words import EncounterState, Identity, Needs, Receiver


@dataclass(frozen=True, slots=True)
class BookingContext:
    """Everything a new booking is made from besides the order."""

    task: CarePlanTask
    encounter: Encounter
    patient: Patient
    identity: Identity
    needs: Needs
    receiver: Receiver | None
    receiver_window: tuple[datetime, datetime] | None
    facility: Facility

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's time zone, by which days are counted."""
        return ZoneInfo(self.facility.time_zone)

    @property
    def hospital(self) -> Address:
        """The hospital as an origin."""
        parts = [part.strip() for part in self.facility.address.rsplit(",", 2)]
        street, city, state = [*parts, "", "", ""][:3]
        return Address(
            PlaceKind.HOSPITAL, street, city, state[:2], self.facility.postal_code, self.facility.name
        )

    @property
    def hospital_position(self) -> Position:
        """Where the hospital stands, exactly."""
        return Position(self.facility.latitude, self.facility.longitude)

    def home(self, field: str = "destination") -> Address:
        """The patient's home; refuses a record without a complete address, naming what to do."""
        person = self.identity
        if not (person.address_line and person.city and person.state and person.postal_code):
            raise InvalidInput(
                field, "the patient's record has no complete address: complete it, or write where to go"
            )
        return Address(
            PlaceKind.RESIDENCE, person.address_line, person.city, person.state, person.postal_code
        )

    def window(self, given: RequestedWindow | None) -> RequestedWindow:
        """The window asked for, or the task's due window tied as the task is."""
        if given is not None:
            return given
        due = window_of(self.task, self.encounter)
        anchor = WindowAnchor.DISCHARGE if self.task.due_anchor is DueAnchor.DISCHARGE else WindowAnchor.FIXED
        return RequestedWindow(due.start, due.end, anchor)

    def offsets(self, window: RequestedWindow) -> tuple[int | None, int | None]:
        """The window's distance from the expected discharge in minutes; None when it is fixed."""
        if window.anchor is WindowAnchor.FIXED:
            return None, None
        leaves, minute = self.encounter.expected_discharge_at, timedelta(minutes=1)
        return (window.start - leaves) // minute, (window.end - leaves) // minute


_CONTEXT = (
    select(CarePlanTask, CarePlan, Encounter, Patient, PatientIdentity, HandlingNeeds, Facility)
    .join(CarePlan, CarePlan.id == CarePlanTask.care_plan_id)
    .join(Encounter, Encounter.id == CarePlan.encounter_id)
    .join(Patient, Patient.id == CarePlan.patient_id)
    .join(PatientIdentity, PatientIdentity.patient_id == Patient.id)
    .join(HandlingNeeds, HandlingNeeds.patient_id == Patient.id)
    .join(Facility, Facility.id == Encounter.facility_id)
    .where(CarePlanTask.id == bindparam("task"))
)


def context_of(session: WorkSession, task_id: UUID, kind: BookingKind) -> BookingContext:
    """The context of a booking of `kind`; refuses a task that cannot be booked now. The look is audited."""
    found = session.execute(_CONTEXT, {"task": task_id}).one_or_none()
    if found is None:
        raise NotFound
    task, plan, stay, patient, sealed, needs, facility = found
    _require_bookable(task, plan, stay, kind)
    audit.read(session, patient.id, "patients")
    window = None
    if needs.receiver_from and needs.receiver_until:
        window = (needs.receiver_from, needs.receiver_until)
    return BookingContext(
        task=task,
        encounter=stay,
        patient=patient,
        identity=open_identity(session, sealed),
        needs=needs_of(needs),
        receiver=open_receiver(session, needs),
        receiver_window=window,
        facility=facility,
    )


def position_of(address: Address, field: str) -> Position:
    """Where an address lies, as finely as its postal code says."""
    return place_of(address.postal_code, f"{field}.postal_code").position


def _require_bookable(task: CarePlanTask, plan: CarePlan, stay: Encounter, kind: BookingKind) -> None:
    if task.service_kind is ServiceKind.OTHER:
        raise Conflict("Nothing is booked for this task.", remedy="Add a task for the service first.")
    if task.service_kind.value != kind.value:
        raise InvalidInput(
            "task_id", f"this task is for {task.service_kind.replace('_', ' ')}; choose one for {kind.value}"
        )
    if task.state is not TaskState.OPEN:
        raise Conflict(
            f"This task is {task.state.replace('_', ' ')} already.",
            remedy="Look at its booking; cancel that one before booking again.",
        )
    if plan.state is not CarePlanState.ACTIVE or stay.state is EncounterState.CANCELLED:
        raise Conflict("This care plan is closed.", remedy="Open it again before booking from it.")
