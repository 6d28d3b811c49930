"""A trip by air is booked as one act: three legs, linked in order, each with its vendor; or nothing is."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from dispatch.field.words import FieldStatus
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.orders import PayerChoice
from marketplace.bookings.words import BookingState, LevelOfService, LinkAnchor, PayerKind
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import Hardness, TaskState
from marketplace.foundation.errors import Conflict, InvalidInput
from tests.support.ground_stage import LEAVES
from tests.support.trip_stage import TripStage

_S = BookingState
MINUTE = timedelta(minutes=1)


def links(stage: TripStage) -> list[BookingLink]:
    with stage.ground.owner() as session:
        mine = BookingLink.after_anchor == LinkAnchor.PICKUP
        order = BookingLink.predecessor_booking_id
        return list(session.scalars(select(BookingLink).where(mine).order_by(order)))


def test_three_legs_are_booked_in_order_each_for_a_task_of_its_own(stage: TripStage) -> None:
    trip, made = stage.book(escort=True)
    assert [leg.level_of_service for leg in made] == [
        LevelOfService.BLS,
        LevelOfService.AIR_FIXED,
        LevelOfService.BLS,
    ]
    assert [(leg.origin_place_kind, leg.destination_place_kind) for leg in made] == [
        ("H", "I"),
        ("I", "I"),
        ("I", "N"),
    ]
    assert (trip.legs, trip.reference[:2]) == (3, "T-")
    assert made[0].requested_start == LEAVES
    for before, after in pairwise(made):
        shortest = timedelta(seconds=before.service_seconds + before.dropoff_seconds, minutes=15)
        assert after.requested_start - before.requested_start > shortest
    assert all(leg.needs["escort"] for leg in made)
    assert [leg.needs["stairs_count"] for leg in made] == [0, 0, 0]
    with stage.ground.owner() as session:
        tasks = [session.get_one(CarePlanTask, leg.care_plan_task_id) for leg in made]
    assert [task.leg_number for task in tasks] == [1, 2, None]
    assert tasks[2].id == stage.task
    assert {task.state for task in tasks} == {TaskState.BOOKED}
    assert [(one.hardness, one.min_lag_seconds) for one in links(stage)] == [(Hardness.HARD, 900)] * 2
    assert stage.all_breaches() == []


def test_every_leg_asks_the_vendor_that_can_do_it_there(stage: TripStage) -> None:
    _, made = stage.standing()
    assert [leg.vendor_organization_id for leg in made] == [stage.metro, stage.air, stage.desert]
    assert [leg.state for leg in made] == [_S.SCHEDULED] * 3


def test_the_plan_keeps_the_legs_apart_and_flies_straight(stage: TripStage) -> None:
    _, made = stage.standing()
    for before, after in pairwise(made):
        assert after.planned_start >= before.planned_end + 15 * MINUTE
    flight = made[1]
    aloft = flight.planned_end - flight.planned_start
    aloft -= timedelta(seconds=flight.service_seconds + flight.dropoff_seconds)
    # 109 miles at 430 km/h and 20 minutes of taxi and climb; the road would take more than two hours
    assert 40 * MINUTE <= aloft <= 50 * MINUTE
    assert 108 < stage.miles(flight) < 112


def test_without_a_reason_nothing_is_booked(stage: TripStage) -> None:
    with pytest.raises(InvalidInput) as refused:
        stage.book(necessity=None, necessity_note="far")
    assert {error.field for error in refused.value.errors} == {"necessity", "necessity_note"}
    with stage.ground.owner() as session:
        assert session.scalars(select(Booking)).all() == []
        assert session.scalars(select(CarePlanTask.leg_number)).all().count(None) == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"takeoff": "KXXX"}, "takeoff"),
        ({"landing": "KTTD"}, "landing"),
        ({"takeoff": "helipad"}, "takeoff"),
        ({"flight_level": LevelOfService.BLS}, "flight_level"),
        ({"first_level": LevelOfService.AIR_ROTOR}, "first_level"),
        ({"first_level": LevelOfService.AMBULATORY}, "first_level"),
        ({"hand_over_minutes": 999}, "hand_over_minutes"),
        ({"takeoff": "KPDX", "landing": "KTTD"}, None),
        ({"flight_level": LevelOfService.AIR_ROTOR, "takeoff": "helipad", "landing": "KPDX"}, "landing"),
    ],
)
def test_what_is_wrong_is_named(stage: TripStage, changes: dict[str, object], field: str | None) -> None:
    if field is None:  # ten miles are short, but no shorter than the shortest flight
        stage.book(**changes)
        return
    with pytest.raises(InvalidInput) as refused:
        stage.book(**changes)
    assert field in {error.field for error in refused.value.errors}


def test_a_helicopter_from_the_hospitals_pad_needs_no_first_leg(stage: TripStage) -> None:
    trip, made = stage.book(flight_level=LevelOfService.AIR_ROTOR, takeoff="helipad")
    assert [leg.level_of_service for leg in made] == [LevelOfService.AIR_ROTOR, LevelOfService.BLS]
    assert [leg.origin_place_kind for leg in made] == ["H", "I"]
    assert trip.legs == 2
    assert stage.all_breaches() == []


def test_an_authorization_with_too_few_units_is_refused_before_anything_is_booked(stage: TripStage) -> None:
    payer = PayerChoice(PayerKind.COVERAGE, stage.ground.coverage, stage.ground.ride_authorization)
    with pytest.raises(InvalidInput) as refused:
        stage.book(payer=payer)
    assert {error.field for error in refused.value.errors} == {"authorization_id"}


def test_a_flight_by_itself_and_a_leg_by_itself_are_refused(stage: TripStage) -> None:
    flight = stage.ground.ride(task_id=stage.task, level_of_service=LevelOfService.AIR_ROTOR)
    with pytest.raises(InvalidInput, match="trip by air"):
        stage.ground.book(flight)
    _, made = stage.book()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, made[2].id, "not_needed")
    with pytest.raises(Conflict, match="belongs to the trip"):
        stage.ground.book(stage.ground.ride(task_id=stage.task))


def test_the_next_leg_does_not_take_on_a_patient_who_was_not_handed_over(stage: TripStage) -> None:
    _, made = stage.standing()
    flight, start = made[1], made[1].planned_start
    stage.report(flight, FieldStatus.EN_ROUTE_PICKUP, start - 20 * MINUTE)
    stage.report(flight, FieldStatus.ARRIVED_PICKUP, start)
    with pytest.raises(Conflict, match="has not handed the patient over"):
        stage.report(flight, FieldStatus.ON_BOARD, start + 5 * MINUTE)


def test_a_whole_trip_is_flown_and_driven_in_order(stage: TripStage) -> None:
    _, made = stage.standing()
    at = made[0].planned_start - 10 * MINUTE
    for leg in made:
        at = stage.perform(leg, at) + 15 * MINUTE
        stage.settle()
    done = [stage.ground.fresh(leg) for leg in made]
    assert [leg.state for leg in done] == [_S.COMPLETED] * 3
    assert done[1].boarded_at > done[0].finished_at
    with stage.ground.owner() as session:
        assert session.get_one(CarePlanTask, stage.task).state is TaskState.COMPLETED
    assert stage.all_breaches() == []
