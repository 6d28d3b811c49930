"""A leg that is late moves the later ones; a leg that does not take place holds them, and says what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.field.words import FieldStatus
from marketplace.bookings import service as bookings
from marketplace.bookings import trip_watching
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.bookings.words import BookingState, CancelReason, WindowAnchor
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.words import TaskState
from marketplace.desk.trips.booking import book_again
from marketplace.desk.trips.reading import trip_record
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.jobs.models import Job
from marketplace.foundation.work import unit_of_work
from marketplace.patients import encounters
from tests.support.ground_stage import LEAVES
from tests.support.trip_stage import TripStage
from vendors.offers import service as offers
from vendors.offers.words import TurnBackReason

_S = BookingState
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_a_discharge_that_moves_takes_every_leg_along(stage: TripStage) -> None:
    _, made = stage.book()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        encounters.move_discharge(session, stage.ground.encounter, LEAVES + HOUR)
    stage.ground.work_off()
    for leg in made:
        assert stage.ground.fresh(leg).requested_start == leg.requested_start + HOUR


def test_a_driver_who_is_late_moves_what_follows_in_the_same_moment(stage: TripStage) -> None:
    trip, made = stage.standing()
    first, flight, last = made
    late = first.planned_start + 90 * MINUTE
    stage.report(first, FieldStatus.EN_ROUTE_PICKUP, late - 15 * MINUTE)
    stage.report(first, FieldStatus.ARRIVED_PICKUP, late)
    moved = [stage.ground.fresh(one) for one in (flight, last)]
    assert moved[0].requested_start >= flight.requested_start + 60 * MINUTE
    assert moved[1].requested_start > last.requested_start
    assert moved[0].planned_start > flight.planned_start
    assert moved[1].requested_start > moved[0].requested_start
    for leg in moved:
        told = {one.audience: one for one in stage.told(leg) if one.subject is TellingSubject.TRIP}
        assert set(told) == set(Audience)
        assert told[Audience.PLANNER].urgent
        assert told[Audience.PLANNER].remedy != ""
    stage.settle()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        record = trip_record(session, trip.id)
    (misfit,) = record.legs[1].warnings
    assert misfit.text.startswith("the patient is there at about")
    assert "is asked for" in misfit.remedy
    assert stage.all_breaches() == []


def test_silence_is_late_too(stage: TripStage) -> None:
    _, made = stage.standing()
    stage.ground.at(made[0].planned_start + 2 * HOUR)
    with unit_of_work(stage.runtime, system_actor(), "janitor") as session:
        assert trip_watching.look(session, {}) == {"legs": 1}
        assert trip_watching.look(session, {}) == {"legs": 1}  # enqueued once all the same
    stage.ground.work_off()
    moved = stage.ground.fresh(made[1])
    assert moved.requested_start >= made[1].requested_start + 100 * MINUTE
    assert stage.ground.fresh(made[2]).requested_start > moved.requested_start
    with stage.ground.owner() as session:
        jobs = session.scalars(select(Job).where(Job.kind == trip_watching.FOLLOW)).all()
    assert len(jobs) == 1


def test_a_few_minutes_move_no_window_and_trouble_nobody(stage: TripStage) -> None:
    _, made = stage.standing()
    first, flight, _ = made
    at = first.planned_start + 4 * MINUTE
    stage.report(first, FieldStatus.EN_ROUTE_PICKUP, at - 10 * MINUTE)
    stage.report(first, FieldStatus.ARRIVED_PICKUP, at)
    assert stage.ground.fresh(flight).requested_start == flight.requested_start
    assert [one for one in stage.told(flight) if one.subject is TellingSubject.TRIP] == []


def test_a_leg_that_the_planner_moves_takes_the_later_ones_along(stage: TripStage) -> None:
    _, made = stage.book()
    later = RequestedWindow(
        made[0].requested_start + HOUR, made[0].requested_end + HOUR, WindowAnchor.DISCHARGE
    )
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.move_window(session, made[0].id, later)
    for leg in made:
        assert stage.ground.fresh(leg).requested_start == leg.requested_start + HOUR
    too_soon = RequestedWindow(made[0].requested_start, made[0].requested_end)
    with (
        pytest.raises(InvalidInput, match="hands the patient over only at"),
        stage.ground.planning() as session,  # type: ignore[attr-defined]
    ):
        bookings.move_window(session, made[1].id, too_soon)


def test_a_cancelled_leg_holds_the_others_until_it_is_booked_again(stage: TripStage) -> None:
    trip, made = stage.standing()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, made[1].id, CancelReason.WRONG_DETAILS)
    first, last = (stage.ground.fresh(one) for one in (made[0], made[2]))
    assert (first.state, last.state) == (_S.ON_HOLD, _S.ON_HOLD)
    assert made[1].reference in last.hold_reason
    planner = [one for one in stage.told(last) if one.audience is Audience.PLANNER and one.urgent]
    assert any("Open the trip" in one.remedy for one in planner)
    with (
        pytest.raises(Conflict, match="does not take place"),
        stage.ground.planning() as session,  # type: ignore[attr-defined]
    ):
        bookings.resume(session, last.id)
    stage.settle()
    assert stage.assignment(last) is None
    assert stage.all_breaches() == []
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        again = book_again(session, trip.id, 2)
    assert (again.trip_leg, again.level_of_service) == (2, made[1].level_of_service)
    assert stage.ground.fresh(last).state is _S.ON_HOLD
    stage.accept_asked(again)
    stage.settle()
    assert [leg.state for leg in stage.legs(trip)] == [_S.SCHEDULED] * 3
    assert stage.all_breaches() == []


def test_a_leg_that_is_given_back_holds_the_others_until_somebody_else_has_it(stage: TripStage) -> None:
    trip, made = stage.standing()
    with stage.ground.owner() as session:
        award = offers.award_of(session, made[1].id)
        assert award is not None
    with stage.ground.acting(stage.air, "vendor_admin") as session:
        offers.turn_back(session, award.id, TurnBackReason.VEHICLE_BREAKDOWN)
    stage.settle()
    held = [stage.ground.fresh(one) for one in (made[0], made[2])]
    assert [one.state for one in held] == [_S.ON_HOLD] * 2
    assert all(one.hold_reason.endswith("which has no vendor now.") for one in held)
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        (offer,) = offers.propose(session, made[1].id, [stage.air], session.now() + HOUR)
    with stage.ground.acting(stage.air, "vendor_admin") as session:
        offers.accept(session, offer.id)
    stage.settle()
    assert [leg.state for leg in stage.legs(trip)] == [_S.SCHEDULED] * 3


def test_a_flight_for_which_nobody_is_found_holds_the_ambulances(stage: TripStage) -> None:
    trip, made = stage.book()
    for leg in (made[0], made[2]):
        stage.accept_asked(leg)
    stage.settle()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.unmet(session, made[1].id)
    stage.settle()
    held = [stage.ground.fresh(one) for one in (made[0], made[2])]
    assert [one.state for one in held] == [_S.ON_HOLD] * 2
    assert held[0].hold_reason.endswith("for which nobody was found.")
    assert stage.assignment(held[0]) is None
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.ask_again(session, made[1].id)
        (offer,) = offers.propose(session, made[1].id, [stage.air], session.now() + HOUR)
    with stage.ground.acting(stage.air, "vendor_admin") as session:
        offers.accept(session, offer.id)
    stage.settle()
    assert [leg.state for leg in stage.legs(trip)] == [_S.SCHEDULED] * 3


def test_a_rider_who_does_not_come_leaves_no_flight_waiting(stage: TripStage) -> None:
    _, made = stage.standing()
    start = made[0].planned_start
    stage.report(made[0], FieldStatus.EN_ROUTE_PICKUP, start - 10 * MINUTE)
    stage.report(made[0], FieldStatus.ARRIVED_PICKUP, start)
    stage.report(made[0], FieldStatus.RIDER_NO_SHOW, start + 30 * MINUTE)
    stage.settle()
    assert [stage.ground.fresh(one).state for one in made] == [_S.RIDER_NO_SHOW, _S.ON_HOLD, _S.ON_HOLD]
    assert stage.assignment(made[1]) is None
    assert stage.all_breaches() == []


def test_a_whole_trip_is_called_off_in_one_press_and_can_be_asked_for_again(stage: TripStage) -> None:
    trip, _ = stage.standing()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        gone = bookings.cancel_trip(session, trip.id, CancelReason.CONDITION_CHANGED)
    assert len(gone) == 3
    assert all(leg.state.startswith("cancelled") for leg in stage.legs(trip))
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        with pytest.raises(Conflict, match="No leg"):
            bookings.cancel_trip(session, trip.id, CancelReason.CONDITION_CHANGED)
    stage.settle()
    second, made = stage.book()
    assert second.id != trip.id
    with stage.ground.owner() as session:
        tasks = session.scalars(select(CarePlanTask).where(CarePlanTask.leg_of_task_id == stage.task)).all()
    assert [(task.leg_number, task.state) for task in sorted(tasks, key=lambda one: one.leg_number)] == [
        (1, TaskState.BOOKED),
        (2, TaskState.BOOKED),
    ]
    assert len(made) == 3
    assert stage.all_breaches() == []
