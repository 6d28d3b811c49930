"""A whole discharge is kept as a draft, proposed jointly, and booked at once or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import UUID

import pytest
from sqlalchemy import func, select

from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.words import BookingState
from marketplace.careplans.conditions import Condition
from marketplace.careplans.models import CarePlanTask, TaskPrecedence
from marketplace.careplans.templating import apply_template
from marketplace.careplans.words import Hardness, TaskState
from marketplace.choices.models import PatientChoice
from marketplace.desk.discharge.drafts import changes_of, choice_in, open_draft, parts_of
from marketplace.desk.discharge.proposing import FIND_REMEDIES
from marketplace.desk.discharge.record import discharge_record
from marketplace.desk.discharge.words import Availability, DraftState, ProposalState
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.patients.encounters import move_discharge
from tests.integration.discharges.conftest import DeskStage
from tests.support.ground_stage import LEAVES
from tests.support.home_health_stage import HomeHealthStage
from vendors.offers.models import Offer
from vendors.preflight.rules import Payability

SERVER_SECONDS = 2.0
"""What the whole answer may take, the joint proposal included."""


def count(stage: DeskStage, model: type) -> int:
    with stage.ground.owner() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_record_fills_in_everything_and_one_press_books_and_offers_it(stage: DeskStage) -> None:
    stage.keep()
    number = stage.propose().number

    done = stage.confirm(number=number)

    kinds = {booking.kind.value: booking for booking in done.bookings}
    assert set(kinds) == {"ride", "equipment"}
    assert kinds["ride"].level_of_service == "wheelchair"
    assert kinds["ride"].authorization_id == stage.ground.ride_authorization
    assert {offer.vendor_organization_id for offer in done.offers} == {stage.driver_vendor, stage.supplier}
    assert all(stage.ground.fresh(booking).state is BookingState.OFFERED for booking in done.bookings)
    draft = stage.draft()
    assert (draft.state, draft.sealed) == (DraftState.CONFIRMED, None)
    assert set(draft.booked) == {str(booking.id) for booking in done.bookings}
    assert stage.ground.breaches() + stage.desk_breaches() == []


def test_the_joint_proposal_puts_the_oxygen_before_the_patient_within_two_seconds(stage: DeskStage) -> None:
    stage.keep()
    stage.propose()  # the engine is loaded once in a worker's life
    began = perf_counter()

    stage.keep()
    made = stage.propose()

    took = perf_counter() - began
    assert made.state is ProposalState.MADE
    by_wish = {UUID(one["wish"]): one for one in made.result}
    oxygen, ride = by_wish[stage.ground.oxygen_task], by_wish[stage.ground.ride_task]
    assert {one["basis"] for one in by_wish.values()} == {"planned"}
    assert (oxygen["vendor"], ride["vendor"]) == (str(stage.supplier), str(stage.driver_vendor))
    assert oxygen["ends_at"] <= ride["ends_at"]
    assert datetime.fromisoformat(ride["starts_at"]) >= LEAVES
    assert "It is the only vendor that may be asked." in ride["because"]
    assert took < SERVER_SECONDS
    assert stage.desk_breaches() == []


def test_an_answer_to_an_older_question_is_dropped(stage: DeskStage) -> None:
    first = stage.keep().number
    second = stage.keep().number

    made = stage.propose()

    assert (second, made.number) == (first + 1, second)
    assert len(made.result) == 2


def test_a_proposal_whose_vehicle_cannot_come_says_why_and_what_would_help(stage: DeskStage) -> None:
    late = LEAVES + timedelta(hours=6)
    stage.keep([{"task_id": stage.ground.ride_task, "start": late, "end": late + timedelta(minutes=30)}])

    first = next(one for one in stage.propose().result if one["wish"] == str(stage.ground.ride_task))
    tried = stage.propose(FIND_REMEDIES).result
    ride = next(one for one in tried if one["wish"] == str(stage.ground.ride_task))

    assert (first["remedies"], first["because"]) == ([], ride["because"])
    assert (ride["basis"], ride["vendor"]) == ("left_out", None)
    assert ride["because"][0].endswith(".")
    assert any("earlier" in text.lower() for text in ride["remedies"])
    vehicles = {str(vehicle.id) for vehicle in stage.vehicles.values()}
    assert not any(vehicle in text for text in (*ride["because"], *ride["remedies"]) for vehicle in vehicles)


def test_what_was_changed_survives_leaving_the_page_and_the_rest_follows_the_record(stage: DeskStage) -> None:
    ride, moved = stage.ground.ride_task, LEAVES + timedelta(hours=1)
    usual = {part.part.task_id: part.part for part in stage.look()}[ride]
    same = {"task_id": ride, "start": usual.start, "end": usual.end, "note": "Ring twice"}
    stage.keep([same])
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        assert changes_of(session, stage.draft()) == {str(ride): {"note": "Ring twice"}}
        move_discharge(session, stage.ground.encounter, moved)

    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        record = discharge_record(session, stage.ground.encounter)
        (part,) = [
            one for one in parts_of(session, record, open_draft(session, record)) if one.task_id == ride
        ]
    assert (part.note, part.start) == ("Ring twice", moved)
    assert b"Ring" not in (stage.draft().sealed or b"")


def test_one_wrong_part_and_nothing_is_booked(stage: DeskStage) -> None:
    given = [
        {"task_id": stage.ground.oxygen_task},
        {"task_id": stage.ground.ride_task, "start": LEAVES - timedelta(hours=3)},
    ]

    with pytest.raises(InvalidInput) as refused:
        stage.confirm(given)

    assert [error.field for error in refused.value.errors] == ["parts.1.start"]
    assert (count(stage, Booking), count(stage, Offer)) == (0, 0)


def test_a_refusal_of_the_booking_service_undoes_the_parts_before_it(stage: DeskStage) -> None:
    given = [{"task_id": stage.ground.ride_task, "payer": f"coverage:{stage.ground.patient}"}]

    with pytest.raises(InvalidInput) as refused:
        stage.confirm(given)

    assert [error.field for error in refused.value.errors] == ["parts.0.payer"]
    assert (count(stage, Booking), count(stage, Offer)) == (0, 0)


def test_a_visit_waits_for_the_patients_choice_and_then_goes_to_the_chosen_agency(stage: DeskStage) -> None:
    agencies = HomeHealthStage(stage.ground).build()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        record = discharge_record(session, stage.ground.encounter)
        choice = choice_in(session, record, None)
    assert choice is not None
    assert choice.choice_list is not None
    assert (len(choice.lines), choice.settled) == (3, None)
    shown = {"list": str(choice.choice_list.id), "shown": False, "chosen": None}

    with pytest.raises(InvalidInput) as refused:
        stage.confirm(choice=shown)
    assert {error.field for error in refused.value.errors} == {"list_shown", "chosen"}
    assert (count(stage, Booking), count(stage, PatientChoice)) == (0, 0)

    line = next(one for one in choice.lines if one.vendor_organization_id is None)
    done = stage.confirm(choice=shown | {"shown": True, "chosen": line.position})
    (visit,) = [booking for booking in done.bookings if booking.kind == "home_health"]
    assert (visit.state, visit.care_plan_task_id) == (BookingState.REQUESTED, agencies.nurse_task)
    assert visit.patient_choice_id is not None
    assert visit.requested_end <= LEAVES + timedelta(hours=48)
    assert not [offer for offer in done.offers if offer.booking_id == visit.id], "it takes no work here"
    assert stage.ground.breaches() + stage.desk_breaches() == []


def test_a_part_that_is_not_ticked_stays_open(stage: DeskStage) -> None:
    done = stage.confirm([{"task_id": stage.ground.oxygen_task, "wanted": False}])

    assert [booking.kind.value for booking in done.bookings] == ["ride"]
    with stage.ground.owner() as session:
        task = session.get(CarePlanTask, stage.ground.oxygen_task)
        assert task is not None
        assert task.state is TaskState.OPEN


def test_confirming_again_finds_nothing_to_book(stage: DeskStage) -> None:
    stage.confirm()

    with pytest.raises(InvalidInput, match="nothing is chosen"):
        stage.confirm()


def test_equipment_goes_to_another_address_with_what_usually_goes_with_it(stage: DeskStage) -> None:
    elsewhere = {
        "address_line": "100 SW Main St", "city": "Portland", "state": "or", "postal_code": "97204",
        "extras": [],
    }  # fmt: skip

    done = stage.confirm([{"task_id": stage.ground.oxygen_task, **elsewhere}])

    (delivery,) = [booking for booking in done.bookings if booking.kind == "equipment"]
    assert delivery.destination_postal_code == "97204"
    with stage.ground.owner() as session:
        codes = session.scalars(select(BookingItem.hcpcs_code).where(BookingItem.booking_id == delivery.id))
        assert codes.all() == ["E1390"]


def test_availability_and_payability_are_said_with_a_remedy(stage: DeskStage) -> None:
    by_task = {one.part.task_id: one for one in stage.look()}

    ride, oxygen = by_task[stage.ground.ride_task], by_task[stage.ground.oxygen_task]
    assert ride.availability is Availability.THIN
    assert ride.payability is Payability.PAYABLE
    assert oxygen.payability is Payability.DOUBTFUL
    assert [finding.code for finding in oxygen.findings] == ["no_authorization", "written_order"]
    assert all(finding.remedy for finding in oxygen.findings)
    assert ride.eligible[0].quote is not None


def test_a_vendor_that_may_not_be_asked_cannot_be_chosen(stage: DeskStage) -> None:
    with pytest.raises(InvalidInput) as refused:
        stage.confirm([{"task_id": stage.ground.ride_task, "vendor_id": stage.supplier}])

    assert [error.field for error in refused.value.errors] == ["parts.0.vendor_id"]


def test_somebody_else_finds_no_stay(stage: DeskStage) -> None:
    with (
        stage.ground.acting(stage.ground.other_hospital, "planner") as session,
        pytest.raises(NotFound),
    ):
        discharge_record(session, stage.ground.encounter)


@pytest.mark.parametrize("condition", list(Condition))
def test_a_template_adds_what_is_missing_once(stage: DeskStage, condition: Condition) -> None:
    owner = stage.ground.people[stage.ground.hospital]
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        first = apply_template(session, stage.ground.encounter, condition, owner)
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        assert apply_template(session, stage.ground.encounter, condition, owner) == []

    titles = {task.title for task in first}
    assert "Ride home" not in titles, "she has one already"
    follow_up = next(task for task in first if task.due_at is not None)
    local = follow_up.due_at.astimezone(UTC)
    assert local.weekday() < 5
    with stage.ground.owner() as session:
        edges = session.scalars(
            select(TaskPrecedence).where(TaskPrecedence.successor_task_id == stage.ground.ride_task)
        ).all()
    items = [task for task in first if task.equipment_code]
    assert {edge.predecessor_task_id for edge in edges} == {
        stage.ground.oxygen_task, *(task.id for task in items)
    }  # fmt: skip
    soft = {edge.predecessor_task_id for edge in edges if edge.hardness is Hardness.SOFT}
    assert soft == {task.id for task in items if task.equipment_code != "E1390"}
