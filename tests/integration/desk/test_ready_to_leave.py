"""Ready to leave: green when the evidence is there, kept as it was when the patient left, hours by cause."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.desk.ready_board import leave, ready_row
from marketplace.desk.ready_hours import avoidable_hours
from marketplace.desk.ready_promises import READY_INVARIANTS
from marketplace.desk.ready_rules import Cause
from marketplace.foundation.access import Actor, system_actor
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.work import unit_of_work
from marketplace.patients import encounters
from marketplace.patients.models import Encounter
from tests.support.board_stage import BoardStage
from tests.support.ground_stage import NOW
from tests.support.vendor_pages import VendorPages


def _planner(stage: BoardStage) -> Actor:
    return stage.ground.actor(stage.ground.hospital, "planner")


def _causes(stage: BoardStage) -> list[Cause]:
    with stage.ground.planning() as session:
        return [one.cause for one in ready_row(session, stage.ground.encounter).verdict.blockers]


def _stay(stage: BoardStage) -> Encounter:
    with stage.ground.owner() as session:
        found = session.get(Encounter, stage.ground.encounter)
        assert found is not None
        return found


def _mark(stage: BoardStage, hours: float = 0) -> None:
    with stage.ground.planning() as session:
        encounters.medically_ready(session, stage.ground.encounter, NOW - timedelta(hours=hours))


def _everything(stage: BoardStage) -> None:
    """Oxygen signed for at home, the ride on a van, the care team content."""
    _mark(stage, 1)
    stage.accept(stage.ground.ride(), stage.driver_vendor)
    stage.oxygen_done()
    stage.plan()


def test_evidence_turns_the_row_green_one_blocker_after_the_other(stage: BoardStage) -> None:
    assert _causes(stage) == [Cause.CARE_TEAM, Cause.EQUIPMENT, Cause.RIDE]
    _mark(stage)
    assert _causes(stage) == [Cause.EQUIPMENT, Cause.RIDE]
    stage.accept(stage.ground.ride(), stage.driver_vendor)
    stage.oxygen_done()
    assert _causes(stage) == [Cause.RIDE]
    stage.plan()
    assert _causes(stage) == []


def test_who_leaves_green_is_kept_as_such_and_verify_agrees(stage: BoardStage) -> None:
    _everything(stage)
    with stage.ground.planning() as session:
        leave(session, stage.ground.encounter)
    assert _stay(stage).left_ready is True
    with unit_of_work(stage.runtime, system_actor(), "verifier") as session:
        assert [breach for one in READY_INVARIANTS for breach in one.breaches(session)] == []


def test_nobody_leaves_unconfirmed_without_a_reason(stage: BoardStage) -> None:
    with stage.ground.planning() as session, pytest.raises(Conflict, match="medically ready"):
        leave(session, stage.ground.encounter)
    with stage.ground.planning() as session:
        leave(session, stage.ground.encounter, "Left against advice")
    assert (_stay(stage).left_ready, _stay(stage).left_note) == (False, "Left against advice")


def test_readiness_lies_in_the_past_of_the_stay_and_can_be_taken_back(stage: BoardStage) -> None:
    with stage.ground.planning() as session, pytest.raises(InvalidInput) as refused:
        encounters.medically_ready(session, stage.ground.encounter, NOW + timedelta(hours=1))
    assert refused.value.errors[0].field == "medically_ready_at"
    _mark(stage)
    with stage.ground.planning() as session:
        encounters.medically_ready(session, stage.ground.encounter, None, withdrawn=True)
    assert _stay(stage).medically_ready_at is None


def test_hours_go_to_what_was_open_and_sum_to_the_stay_after_readiness(stage: BoardStage) -> None:
    _mark(stage, 2)
    with stage.ground.planning() as session:
        leave(session, stage.ground.encounter, "Family took her")
    with stage.ground.planning() as session:
        found = avoidable_hours(session, 30)
    assert (found.stays, found.unknown, found.left_ready) == (1, 0, 0)
    assert found.seconds == {Cause.EQUIPMENT: 3600, Cause.RIDE: 3600}
    assert found.total_seconds == 7200


def test_the_board_shows_blockers_with_owner_and_remedy_in_few_statements(
    stage: BoardStage, pages: VendorPages
) -> None:
    with pages.counting() as statements:
        answer = pages.get(_planner(stage), "/desk/ready/")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert len(statements) <= 12, statements
    assert "Alvarez, Rosa" in text
    assert "Equipment home: not booked" in text
    assert "Book it." in text
    assert "Person 0" in text


def test_marking_and_leaving_on_the_page(stage: BoardStage, pages: VendorPages) -> None:
    planner, stay = _planner(stage), stage.ground.encounter
    assert pages.post(planner, f"/desk/ready/{stay}/medically-ready").status_code == 303
    assert _stay(stage).medically_ready_at == NOW
    refused = pages.post(planner, f"/desk/ready/{stay}/left")
    assert refused.status_code == 422
    assert "Write why the patient leaves although this is not confirmed." in refused.get_data(as_text=True)
    done = pages.post(planner, f"/desk/ready/{stay}/left", {"note": "Her son drives her"})
    assert done.status_code == 303
    assert _stay(stage).left_note == "Her son drives her"
    hours = pages.get(planner, "/desk/ready/hours?days=7")
    assert hours.status_code == 200
    assert (
        pages.get(planner, "/desk/ready/hours?csv=1").get_data(as_text=True).startswith("\ufeffCause,Hours")
    )


def test_the_routes_say_the_same(stage: BoardStage, pages: VendorPages) -> None:
    planner, stay = _planner(stage), stage.ground.encounter
    (row,) = pages.get(planner, "/api/v1/departures/ready").get_json()["items"]
    assert (row["ready_to_leave"], len(row["blockers"])) == (False, 3)
    refused = pages.send(planner, f"/api/v1/encounters/{stay}/left")
    assert refused.status_code == 409
    marked = pages.send(planner, f"/api/v1/encounters/{stay}/medically-ready")
    assert (marked.status_code, len(marked.get_json()["blockers"])) == (200, 2)
    assert pages.get(planner, "/api/v1/departures/avoidable-hours?days=7").get_json()["stays"] == 0


def test_another_hospital_finds_nothing(stage: BoardStage, pages: VendorPages) -> None:
    other = stage.ground.actor(stage.ground.other_hospital, "planner")
    stay = stage.ground.encounter
    assert pages.get(other, f"/desk/ready/rows/{stay}").status_code == 404
    assert pages.post(other, f"/desk/ready/{stay}/medically-ready").status_code == 404
    assert "Alvarez" not in pages.get(other, "/desk/ready/").get_data(as_text=True)
    vendor = stage.dispatcher
    assert pages.get(vendor, "/desk/ready/").status_code == 403
