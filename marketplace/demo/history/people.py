"""The people who went home in the months before: their record, stay, coverage and care plan."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from marketplace.careplans.models import CarePlan
from marketplace.careplans.words import CarePlanState
from marketplace.demo.history.past import Move, Past, Somebody
from marketplace.demo.history.stage import Hospital
from marketplace.foundation.crypto import SearchToken
from marketplace.foundation.plain_text import digits, name_words, normalise
from marketplace.patients.coverage import PLACE as MEMBER_PLACE
from marketplace.patients.coverage_models import Coverage
from marketplace.patients.demo import PLANS
from marketplace.patients.demo_people import Person, draw_person
from marketplace.patients.identity import PLACE, RECEIVER_PLACE
from marketplace.patients.models import (
    DischargeTimeMove,
    Encounter,
    HandlingNeeds,
    Patient,
    PatientIdentity,
)
from marketplace.patients.words import DischargeReason, EncounterState

FIRST_NUMBER = 20_000
"""History's people count on from here, so that no record number is one of today's guests."""
OPTIMISTIC_UNIT = "Orthopedics"
"""A unit whose expected times are two hours too early, day after day."""
_COVERED = 0.78
_PAYER_WEIGHTS = (60, 28, 12)


@dataclass(frozen=True)
class PastPatient:
    """Somebody who went home: what bookings and claims need to know."""

    person: Person
    hospital: Hospital
    planner: Somebody
    patient_id: UUID
    encounter_id: UUID
    care_plan_id: UUID
    leaves_at: datetime
    coverage: Coverage | None
    member_id: str


def past_patient(past: Past, number: int, hospital: Hospital, unit: str, leaves_at: datetime) -> PastPatient:
    """One stay that has ended, with all that was known when services were booked for it."""
    dice, own = past.dice, past.stage.health_system_id
    person = draw_person(dice, FIRST_NUMBER + number, past.world.day)
    planner = Somebody(own, *past.stage.planners[number % len(past.stage.planners)])
    admitted = leaves_at - timedelta(days=dice.randrange(1, 9), hours=dice.randrange(3, 20))
    patient = past.rows.keep(
        Patient(
            organization_id=own,
            reference=past.stage.patient_reference(past.session),
            created_at=admitted,
            revision=1,
        ),
        admitted,
    )
    _identity(past, patient, person, admitted)
    past.audit(planner, "patients:created", "patients", patient.id, admitted, patient_id=patient.id)
    stay = _stay(past, patient.id, hospital, unit, admitted, leaves_at, planner)
    coverage, member_id = _coverage(past, patient.id, planner, admitted)
    plan = past.rows.keep(
        CarePlan(
            organization_id=own,
            patient_id=patient.id,
            encounter_id=stay.id,
            state=CarePlanState.ACTIVE,
            created_at=admitted,
        ),
        admitted,
    )
    past.trail(plan, [Move("active", admitted + timedelta(hours=1), planner)])
    return PastPatient(
        person, hospital, planner, patient.id, stay.id, plan.id, leaves_at, coverage, member_id
    )


def _identity(past: Past, patient: Patient, person: Person, at: datetime) -> None:
    own, identity, needs = patient.organization_id, person.identity, person.needs
    vault, mrn = past.session.runtime.vault, normalise(identity.mrn).replace(" ", "")
    past.rows.keep(
        PatientIdentity(
            patient_id=patient.id,
            organization_id=own,
            mrn_token=vault.blind(own, "mrn", mrn),
            sealed=past.seal(own, PLACE, patient.id, json.dumps(asdict(identity))),
        ),
        at,
    )
    receiver = json.dumps(asdict(person.receiver)) if person.receiver else None
    past.rows.keep(
        HandlingNeeds(
            patient_id=patient.id,
            organization_id=own,
            stairs_count=needs.stairs_count,
            weight_kg=needs.weight_kg,
            oxygen_lpm=Decimal(needs.oxygen_lpm),
            mobility_aid=needs.mobility_aid,
            escort=needs.escort,
            isolation_precaution=needs.isolation_precaution,
            interpreter_language=needs.interpreter_language,
            receiver_sealed=past.seal(own, RECEIVER_PLACE, patient.id, receiver) if receiver else None,
        ),
        at,
    )
    words = {
        "name": name_words(identity.name),
        "phone": {digits(identity.phone)},
        "mrn": {mrn},
        "reference": {patient.reference},
    }
    tokens = {vault.blind(own, kind, text) for kind, texts in words.items() for text in texts if text}
    for token in sorted(tokens):
        row = SearchToken(organization_id=own, token=token, object_kind="patient", object_id=patient.id)
        past.rows.keep(row, at)


def _stay(
    past: Past,
    patient_id: UUID,
    hospital: Hospital,
    unit: str,
    admitted: datetime,
    leaves_at: datetime,
    planner: Somebody,
) -> Encounter:
    stay = past.rows.keep(
        Encounter(
            organization_id=past.stage.health_system_id,
            patient_id=patient_id,
            facility_id=hospital.facility_id,
            unit=unit,
            admitted_at=admitted,
            expected_discharge_at=leaves_at,
            discharged_at=leaves_at + timedelta(minutes=past.dice.randrange(5, 50)),
            state=EncounterState.DISCHARGED,
            revision=2,
        ),
        admitted,
    )
    if unit == OPTIMISTIC_UNIT or past.dice.random() < 0.12:
        _slip(past, stay, planner, leaves_at)
    moves = [
        Move("admitted", admitted, planner),
        Move("discharged", stay.discharged_at or leaves_at, planner),
    ]
    past.trail(stay, moves)
    return stay


def _slip(past: Past, stay: Encounter, planner: Somebody, leaves_at: datetime) -> None:
    """The stay's time was moved once: by about two hours on the optimistic unit, else by chance."""
    optimistic = stay.unit == OPTIMISTIC_UNIT
    minutes = past.dice.randrange(105, 136) if optimistic else past.dice.choice((30, 45, 60, 90))
    said = leaves_at - timedelta(minutes=minutes + past.dice.randrange(60, 240))
    past.rows.keep(
        DischargeTimeMove(
            encounter_id=stay.id,
            organization_id=stay.organization_id,
            previous=leaves_at - timedelta(minutes=minutes),
            current=leaves_at,
            reason_code=past.dice.choice((DischargeReason.AWAITING_PRESCRIPTIONS, DischargeReason.CLINICAL)),
            actor_user_id=planner.user_id,
            actor_name=planner.name,
            happened_at=said,
        ),
        said,
    )


def _coverage(past: Past, patient_id: UUID, planner: Somebody, at: datetime) -> tuple[Coverage | None, str]:
    if past.dice.random() > _COVERED:
        return None, ""
    known = past.world.things["organizations"]
    plans = [(slug, names) for slug, names in PLANS if slug in known]
    slug, names = past.dice.choices(plans, weights=_PAYER_WEIGHTS[: len(plans)])[0]
    own, member_id = past.stage.health_system_id, f"{slug[:2].upper()}-{past.dice.randrange(10**7, 10**8)}"
    row = Coverage(
        id=past.rows.id(at),
        organization_id=own,
        patient_id=patient_id,
        payer_organization_id=known[slug],
        plan_name=past.dice.choice(names),
        effective_from=past.world.day.replace(year=past.world.day.year - 1, month=1, day=1),
        created_at=at,
    )
    row.member_id_sealed = past.seal(own, MEMBER_PLACE, row.id, member_id)
    past.audit(planner, "coverages:created", "coverages", row.id, at, patient_id=patient_id)
    return past.rows.keep(row, at), member_id
