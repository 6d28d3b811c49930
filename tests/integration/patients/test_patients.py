"""Records under seal, found by blind tokens, audited at every look; stays, coverage, authorizations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.crypto import SealBroken
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleRevision
from marketplace.foundation.ids import new_id
from marketplace.patients import authorizations, coverage, encounters
from marketplace.patients import service as patients
from marketplace.patients.coverage_models import Authorization
from marketplace.patients.identity import open_identity
from marketplace.patients.models import Patient, PatientIdentity
from marketplace.patients.words import DischargeReason, Identity, Needs, Receiver, ServiceLine
from tests.support.ground_stage import DAUGHTER, LEAVES, NOW, ROSA, ROSA_NEEDS, GroundStage


def test_the_record_comes_back_as_it_was_written_and_the_look_is_audited(stage: GroundStage) -> None:
    with stage.planning() as session:
        view = patients.patient_view(session, stage.patient)
    assert (view.identity, view.needs, view.receiver) == (ROSA, ROSA_NEEDS, DAUGHTER)
    assert [stay.id for stay in view.encounters] == [stage.encounter]
    with stage.owner() as session:
        looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "patients:read")).all()
    assert [(look.patient_id, look.user_id) for look in looks] == [
        (stage.patient, stage.people[stage.hospital])
    ]


def test_an_identity_sealed_for_one_patient_does_not_open_for_another(stage: GroundStage) -> None:
    with stage.planning() as session:
        other = patients.create_patient(session, replace(ROSA, mrn="SB-2"))
        row = session.get(PatientIdentity, other.id)
        row.sealed = session.get(PatientIdentity, stage.patient).sealed
        with pytest.raises(SealBroken):
            open_identity(session, row)
        session.rollback()


@pytest.mark.parametrize(
    "text",
    [
        "rosa",
        "alv",
        "Álvarez, Rosa",
        "alvarez ros",
        "(503) 555-0142",
        "+1 503 555 0142",
        "sb 104822",
        "SB-104822",
    ],
)
def test_search_forgives_how_a_patient_is_written(stage: GroundStage, text: str) -> None:
    with stage.planning() as session:
        assert [hit.patient_id for hit in patients.search(session, text)] == [stage.patient]


def test_search_by_reference_and_for_nobody(stage: GroundStage) -> None:
    with stage.planning() as session:
        reference = session.get(Patient, stage.patient).reference
        assert [hit.reference for hit in patients.search(session, reference.lower())] == [reference]
        for nobody in ("", "al", "zzz", "P-7K3QF9", "%", "5035550199", "x" * 300):
            assert patients.search(session, nobody) == []
    with stage.acting(stage.other_hospital, "planner") as session:
        assert patients.search(session, "alvarez") == []


def test_after_a_correction_the_old_name_finds_nobody(stage: GroundStage) -> None:
    with stage.planning() as session:
        patients.update_identity(session, stage.patient, replace(ROSA, family_name="Ortega"))
        assert patients.search(session, "alvarez") == []
        assert [hit.identity.family_name for hit in patients.search(session, "orteg")] == ["Ortega"]


def test_a_record_number_belongs_to_one_patient(stage: GroundStage) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        patients.create_patient(session, replace(ROSA, mrn=" sb104822 "))
    assert [(error.field, error.code) for error in caught.value.errors] == [("mrn", "taken")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given_name": " "}, "given_name"),
        ({"family_name": "x" * 101}, "family_name"),
        ({"mrn": ""}, "mrn"),
        ({"birth_date": "17.05.1948"}, "birth_date"),
        ({"birth_date": "2030-01-01"}, "birth_date"),
        ({"birth_date": "1800-01-01"}, "birth_date"),
        ({"phone": "12345"}, "phone"),
        ({"postal_code": "9721"}, "postal_code"),
        ({"state": "Oregon"}, "state"),
    ],
)
def test_a_wrong_identity_is_refused_by_field_and_nothing_is_saved(
    stage: GroundStage, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        patients.create_patient(session, replace(ROSA, **{"mrn": "SB-3", **changes}))
    assert [error.field for error in caught.value.errors] == [field]
    with stage.owner() as session:
        assert session.scalar(select(func.count()).select_from(Patient)) == 1


@pytest.mark.parametrize(
    ("needs", "field"),
    [
        (Needs(stairs_count=-1), "stairs_count"),
        (Needs(weight_kg=501), "weight_kg"),
        (Needs(oxygen_lpm=Decimal("2.55")), "oxygen_lpm"),
        (Needs(oxygen_lpm=Decimal("NaN")), "oxygen_lpm"),
        (Needs(interpreter_language="x" * 61), "interpreter_language"),
    ],
)
def test_needs_no_body_and_no_house_can_have_are_refused(
    stage: GroundStage, needs: Needs, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        patients.update_needs(session, stage.patient, needs)
    assert [error.field for error in caught.value.errors] == [field]


def test_a_receiver_has_a_name_a_phone_and_a_window_in_order(stage: GroundStage) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        patients.update_needs(
            session,
            stage.patient,
            ROSA_NEEDS,
            receiver=Receiver("", "1"),
            receiver_from=LEAVES,
            receiver_until=NOW,
        )
    assert {error.field for error in caught.value.errors} == {
        "receiver_name",
        "receiver_phone",
        "receiver_until",
    }


def test_a_foreign_patient_and_a_missing_one_answer_alike(stage: GroundStage) -> None:
    refusals = []
    for organization, patient_id in ((stage.other_hospital, stage.patient), (stage.hospital, new_id())):
        with pytest.raises(NotFound) as caught, stage.acting(organization, "planner") as session:
            patients.patient_view(session, patient_id)
        refusals.append(str(caught.value))
    assert refusals[0] == refusals[1]
    with pytest.raises(Forbidden), stage.acting(stage.vendors[0], "vendor_admin") as session:
        patients.patient_view(session, stage.patient)


def test_a_discharge_time_moves_with_its_history_and_a_stale_look_is_refused(stage: GroundStage) -> None:
    later = LEAVES + timedelta(minutes=45)
    with stage.planning() as session:
        encounters.move_discharge(
            session, stage.encounter, later, reason_code=DischargeReason.CLINICAL, revision=1
        )
        encounters.move_discharge(session, stage.encounter, later)  # the same again changes nothing
    with pytest.raises(StaleRevision), stage.planning() as session:
        encounters.move_discharge(session, stage.encounter, LEAVES, revision=1)
    with stage.planning() as session:
        moves = encounters.discharge_moves(session, stage.encounter)
        assert [(move.previous, move.current, move.reason_code) for move in moves] == [
            (LEAVES, later, DischargeReason.CLINICAL)
        ]
        encounters.discharge(session, stage.encounter)
    with pytest.raises(Conflict), stage.planning() as session:
        encounters.move_discharge(session, stage.encounter, LEAVES)
    assert stage.breaches() == []


@pytest.mark.parametrize(
    "moment", [NOW - timedelta(hours=1), NOW - timedelta(days=9), NOW + timedelta(days=61)]
)
def test_an_impossible_discharge_time_is_refused(stage: GroundStage, moment: object) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        encounters.move_discharge(session, stage.encounter, moment)
    assert [error.field for error in caught.value.errors] == ["expected_discharge_at"]


def test_a_coverage_names_a_payer_and_keeps_the_member_id_under_seal(stage: GroundStage) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        coverage.add_coverage(
            session,
            stage.patient,
            stage.vendors[0],
            plan_name="",
            member_id="",
            effective_from=date(2026, 1, 1),
            effective_to=date(2025, 1, 1),
        )
    assert {error.field for error in caught.value.errors} == {
        "payer_organization_id",
        "plan_name",
        "member_id",
        "effective_to",
    }
    with stage.planning() as session:
        [(row, _payer, found)] = coverage.coverages_of(session, stage.patient)
        assert coverage.member_id(session, row) == "EV-88310442"
        assert [each.number for each in found] == ["PA-1001"]


def test_an_authorization_says_everything_it_is_not_good_for(stage: GroundStage) -> None:
    with stage.owner() as session:
        found = session.get(Authorization, stage.ride_authorization)
        found.hcpcs_codes = ["A0130"]
        errors = authorizations.shortcomings(
            found,
            coverage_id=new_id(),
            service_line=ServiceLine.EQUIPMENT,
            codes=["E1390"],
            units=3,
            first_day=date(2026, 10, 1),
            last_day=date(2026, 10, 1),
        )
        session.rollback()
    assert len(errors) == 1
    for part in (
        "another coverage",
        "is for ride",
        "valid from",
        "does not cover E1390",
        "2 of 2 units left",
    ):
        assert part in errors[0].message


def test_an_authorization_number_is_entered_once(stage: GroundStage) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        authorizations.add_authorization(
            session,
            stage.coverage,
            number="PA-1001",
            service_line=ServiceLine.RIDE,
            units_approved=0,
            valid_from=date(2026, 11, 2),
            valid_to=date(2026, 11, 1),
        )
    assert {error.field for error in caught.value.errors} == {"number", "units_approved", "valid_to"}


def test_identity_words_are_said_in_order() -> None:
    person = Identity("Ada", "Byron", "1815-12-10", "1", address_line="1 Main St", city="Salem", state="OR")
    assert (person.name, person.listed_name, person.address) == (
        "Ada Byron",
        "Byron, Ada",
        "1 Main St, Salem, OR",
    )
