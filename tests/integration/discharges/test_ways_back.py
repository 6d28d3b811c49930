"""On the page of a whole discharge a ride to a follow-up has its way back beside it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.bookings.words import BookingState
from marketplace.careplans import service as careplans
from marketplace.careplans.ways_back import add_way_back
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory
from marketplace.desk.discharge.words import ProposalState
from marketplace.foundation.errors import InvalidInput
from tests.integration.discharges.conftest import DeskStage
from tests.support.ground_stage import LEAVES

APPOINTMENT = LEAVES + timedelta(days=6, hours=-4)


@pytest.fixture
def tasks(stage: DeskStage) -> tuple[UUID, UUID]:
    """The ride to the clinic and its way back."""
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        new = careplans.NewTask(
            category=TaskCategory.FOLLOW_UP,
            title="Ride to the heart failure clinic",
            owner_user_id=stage.ground.people[stage.ground.hospital],
            service_kind=ServiceKind.RIDE,
            due_anchor=DueAnchor.FIXED,
            due_at=APPOINTMENT,
            due_offset_start_minutes=-75,
            due_offset_end_minutes=-30,
        )
        there = careplans.add_task(session, stage.ground.plan, new)
        return there.id, add_way_back(session, there.id).id


def test_both_ways_are_filled_in_priced_and_booked_as_a_pair(
    stage: DeskStage, tasks: tuple[UUID, UUID]
) -> None:
    clinic = {"address_line": "5051 NE Hoyt St", "city": "Portland", "state": "OR", "postal_code": "97213"}
    given = [{"task_id": tasks[0], **clinic}, {"task_id": tasks[1]}]
    looks = {one.part.task_id: one for one in stage.look(given)}
    back = looks[tasks[1]]
    assert (back.part.flexible, back.part.title) == (True, "Way back: Ride to the heart failure clinic")
    assert back.errors == ()
    assert back.part.start == APPOINTMENT + timedelta(minutes=30)
    assert back.sketch.origin_postal_code == "97213"
    prices = [looks[one].eligible[0].quote.cents for one in tasks]
    assert prices[0] == prices[1] > 0

    made = {booking.care_plan_task_id: booking for booking in stage.confirm(given).bookings}

    assert made[tasks[1]].outward_booking_id == made[tasks[0]].id
    assert (made[tasks[1]].origin_postal_code, made[tasks[1]].destination_postal_code) == ("97213", "97214")
    assert made[tasks[1]].flexible
    assert all(stage.ground.fresh(one).state is BookingState.OFFERED for one in made.values())
    assert stage.ground.breaches() + stage.desk_breaches() == []


def test_the_joint_proposal_places_both_ways(stage: DeskStage, tasks: tuple[UUID, UUID]) -> None:
    stage.keep([{"task_id": tasks[0]}, {"task_id": tasks[1]}])
    made = stage.propose()

    assert made.state is ProposalState.MADE
    by_wish = {UUID(one["wish"]): one for one in made.result}
    assert set(tasks) <= set(by_wish)
    assert {by_wish[one]["vendor"] for one in tasks} == {str(stage.driver_vendor)}
    assert stage.desk_breaches() == []


def test_without_the_way_there_nobody_comes_back(stage: DeskStage, tasks: tuple[UUID, UUID]) -> None:
    wanted = {one.part.task_id for one in stage.look([{"task_id": tasks[0], "wanted": False}])}
    assert not wanted & set(tasks)


def test_a_way_back_before_the_way_there_is_refused_at_its_window(
    stage: DeskStage, tasks: tuple[UUID, UUID]
) -> None:
    early = {"start": APPOINTMENT - timedelta(hours=2), "end": APPOINTMENT}
    with pytest.raises(InvalidInput) as refused:
        stage.confirm([{"task_id": tasks[0]}, {"task_id": tasks[1], **early}])
    assert [error.field for error in refused.value.errors] == ["parts.1.start"]
