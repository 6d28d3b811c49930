"""What can be done with a patient's record; every look at it leaves an audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.crypto import matching_objects
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.ids import new_id, normalise_reference, spoken_reference
from marketplace.foundation.plain_text import digits, normalise
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from marketplace.patients.encounters import move_discharge
from marketplace.patients.identity import (
    identities,
    mrn_token,
    open_identity,
    open_receiver,
    seal_identity,
    seal_receiver,
)
from marketplace.patients.models import (
    PATIENT_NUMBERS,
    Encounter,
    HandlingNeeds,
    Patient,
    PatientIdentity,
)
from marketplace.patients.rules import identity_errors, needs_errors, receiver_errors
from marketplace.patients.words import Identity, Needs, Receiver

__all__ = [
    "PatientHit",
    "PatientView",
    "create_patient",
    "move_discharge",
    "needs_of",
    "patient",
    "patient_by_reference",
    "patient_view",
    "search",
    "update_identity",
    "update_needs",
]

READERS = ("planner",)
_MOST_HITS = 20


@dataclass(frozen=True, slots=True)
class PatientView:
    """A patient's record as its page shows it."""

    patient: Patient
    identity: Identity
    needs: Needs
    needs_revision: int
    receiver: Receiver | None
    receiver_from: datetime | None
    receiver_until: datetime | None
    encounters: tuple[Encounter, ...]
    """Newest first."""
    facility: Facility | None
    """Where the newest stay is."""


@dataclass(frozen=True, slots=True)
class PatientHit:
    """A patient found by a search."""

    patient_id: UUID
    reference: str
    identity: Identity


def create_patient(
    session: WorkSession,
    identity: Identity,
    needs: Needs | None = None,
    *,
    receiver: Receiver | None = None,
    receiver_from: datetime | None = None,
    receiver_until: datetime | None = None,
    patient_id: UUID | None = None,
) -> Patient:
    """A new patient of the acting health system; `patient_id` is given where ids come from a seed.

    Raises InvalidInput naming each wrong field; a record number that is taken names its patient.
    """
    session.actor.require(*READERS)
    needs = needs or Needs()
    errors = identity_errors(identity, session.now().date()) + needs_errors(needs)
    errors += receiver_errors(receiver, receiver_from, receiver_until)
    organization_id = session.actor.organization()
    errors += _taken_mrn(session, organization_id, identity.mrn, None)
    _refuse(errors)
    number = session.scalar(PATIENT_NUMBERS)
    assert number is not None
    found = Patient(
        id=patient_id or new_id(), organization_id=organization_id, reference=spoken_reference("P", number)
    )
    session.add(found)
    session.flush()
    seal_identity(session, found, identity)
    row = HandlingNeeds(patient_id=found.id, organization_id=organization_id)
    _write_needs(session, row, needs, receiver, receiver_from, receiver_until)
    session.add(row)
    audit.record(session, "patients:created", "patients", found.id, patient_id=found.id)
    return found


def update_identity(session: WorkSession, patient_id: UUID, identity: Identity) -> Patient:
    """Replace the identity; the search finds the patient under the new words only."""
    session.actor.require(*READERS)
    found = patient(session, patient_id)
    errors = identity_errors(identity, session.now().date())
    errors += _taken_mrn(session, found.organization_id, identity.mrn, patient_id)
    _refuse(errors)
    seal_identity(session, found, identity)
    found.revision += 1
    audit.record(session, "patients:identity_changed", "patients", found.id, patient_id=found.id)
    announce(session, [found.organization_id], "patient", found.id, found.revision)
    return found


def update_needs(
    session: WorkSession,
    patient_id: UUID,
    needs: Needs,
    *,
    receiver: Receiver | None = None,
    receiver_from: datetime | None = None,
    receiver_until: datetime | None = None,
) -> Needs:
    """Replace the handling needs and the receiver; bookings keep the needs they were made with."""
    session.actor.require(*READERS)
    _refuse(needs_errors(needs) + receiver_errors(receiver, receiver_from, receiver_until))
    row = _needs_row(session, patient_id)
    _write_needs(session, row, needs, receiver, receiver_from, receiver_until)
    row.revision += 1
    audit.record(session, "patients:needs_changed", "patients", patient_id, patient_id=patient_id)
    announce(session, [row.organization_id], "patient", patient_id, row.revision)
    return needs


def patient(session: WorkSession, patient_id: UUID) -> Patient:
    """The patient's row, which identifies nobody; NotFound when missing or foreign."""
    found = session.get(Patient, patient_id)
    if found is None:
        raise NotFound
    return found


def patient_by_reference(session: WorkSession, reference: str) -> Patient:
    """The patient with this reference, as typed or dictated."""
    wanted = normalise_reference("reference", reference)
    found = session.scalars(select(Patient).where(Patient.reference == wanted)).one_or_none()
    if found is None:
        raise NotFound
    return found


def patient_view(session: WorkSession, patient_id: UUID) -> PatientView:
    """The whole record, opened; the look is audited."""
    session.actor.require(*READERS)
    query = (
        select(Patient, PatientIdentity, HandlingNeeds)
        .join(PatientIdentity, PatientIdentity.patient_id == Patient.id)
        .join(HandlingNeeds, HandlingNeeds.patient_id == Patient.id)
        .where(Patient.id == patient_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound
    row, sealed, needs = found
    stays = session.execute(
        select(Encounter, Facility)
        .join(Facility, Facility.id == Encounter.facility_id)
        .where(Encounter.patient_id == patient_id)
        .order_by(Encounter.admitted_at.desc())
    ).all()
    audit.read(session, patient_id, "patients")
    return PatientView(
        patient=row,
        identity=open_identity(session, sealed),
        needs=needs_of(needs),
        needs_revision=needs.revision,
        receiver=open_receiver(session, needs),
        receiver_from=needs.receiver_from,
        receiver_until=needs.receiver_until,
        encounters=tuple(row[0] for row in stays),
        facility=stays[0][1] if stays else None,
    )


def search(session: WorkSession, text: str) -> list[PatientHit]:
    """Patients by reference, phone, record number, or the beginnings of their names; each hit is audited."""
    session.actor.require(*READERS)
    ids = _matching(session, text.strip()[:200])[:_MOST_HITS]
    if not ids:
        return []
    known = identities(session, ids)
    rows = session.scalars(select(Patient).where(Patient.id.in_(known)))
    hits = [PatientHit(row.id, row.reference, known[row.id]) for row in rows]
    for hit in hits:
        audit.read(session, hit.patient_id, "patients")
    return sorted(hits, key=lambda hit: hit.identity.listed_name)


def needs_of(row: HandlingNeeds) -> Needs:
    """The frozen needs of a row, as bookings copy them."""
    return Needs(
        stairs_count=row.stairs_count,
        weight_kg=row.weight_kg,
        oxygen_lpm=row.oxygen_lpm,
        mobility_aid=row.mobility_aid,
        escort=row.escort,
        isolation_precaution=row.isolation_precaution,
        interpreter_language=row.interpreter_language,
    )


def _matching(session: WorkSession, text: str) -> list[UUID]:
    organization_id, vault = session.actor.organization(), session.runtime.vault

    def look(kind: str, texts: list[str]) -> list[UUID]:
        return matching_objects(session, vault, organization_id, "patient", kind, texts) if texts else []

    if text.upper().startswith("P-"):
        try:
            return look("reference", [normalise_reference("reference", text)])
        except InvalidInput:
            return []
    found = look("phone", [digits(text)]) if len(digits(text)) == 10 else []
    compact = normalise(text).replace(" ", "")
    found += look("mrn", [compact]) if any(letter.isdigit() for letter in compact) else []
    words = [word for word in normalise(text).split() if word.isalpha()]
    return list(dict.fromkeys(found + look("name", words)))


def _taken_mrn(
    session: WorkSession, organization_id: UUID, mrn: str, except_patient: UUID | None
) -> list[FieldError]:
    token = mrn_token(session, organization_id, mrn)
    query = (
        select(Patient.id, Patient.reference)
        .join(PatientIdentity, PatientIdentity.patient_id == Patient.id)
        .where(PatientIdentity.organization_id == organization_id, PatientIdentity.mrn_token == token)
    )
    taken = session.execute(query).first()
    if taken is None or taken.id == except_patient:
        return []
    return [FieldError("mrn", f"this number already belongs to {taken.reference}; open that record", "taken")]


def _needs_row(session: WorkSession, patient_id: UUID) -> HandlingNeeds:
    query = select(HandlingNeeds).where(HandlingNeeds.patient_id == patient_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _write_needs(
    session: WorkSession,
    row: HandlingNeeds,
    needs: Needs,
    receiver: Receiver | None,
    receiver_from: datetime | None,
    receiver_until: datetime | None,
) -> None:
    row.stairs_count, row.weight_kg, row.oxygen_lpm = needs.stairs_count, needs.weight_kg, needs.oxygen_lpm
    row.mobility_aid, row.escort = needs.mobility_aid, needs.escort
    row.isolation_precaution = needs.isolation_precaution
    row.interpreter_language = needs.interpreter_language
    row.receiver_sealed = seal_receiver(session, row.organization_id, row.patient_id, receiver)
    row.receiver_from, row.receiver_until = receiver_from, receiver_until


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise InvalidInput(errors)
