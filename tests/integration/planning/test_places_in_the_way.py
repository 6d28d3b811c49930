"""A plan meets places that are not its own: work that is gone, another shift, another day, a late crew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from dispatch.board import hand
from dispatch.board.hand import ChangeRefused
from dispatch.field import service as field
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from dispatch.planning.committing import commit
from dispatch.planning.invariants import PLANNING_INVARIANTS
from dispatch.planning.jobs import certificate_key, make_plan
from dispatch.planning.models import Assignment, Plan
from dispatch.planning.reading import read_day
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.words import CancelReason
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import Runtime, unit_of_work
from tests.support.board_stage import BoardStage, board_stage
from tests.support.ground_stage import NOW
from vendors.fleet import service as fleet
from vendors.fleet.models import Shift, Vehicle
from vendors.offers import service as offers
from vendors.offers.service import award_of
from vendors.offers.words import TurnBackReason

ZONE = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def stage(runtime: Runtime) -> BoardStage:
    """Van 1 alone is on the road."""
    stage = board_stage(runtime)
    others = [stage.vans["Van 2"], stage.vans["Van 3"]]
    with stage.ground.owner() as session:
        session.execute(update(Vehicle).where(Vehicle.id.in_(others)).values(in_service=False))
    return stage


def plan_at_once(stage: BoardStage) -> UUID:
    """Read, solve and commit the day, while the news of what went before still waits for its handlers."""
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        plan = session.scalars(select(Plan)).one()
        facts = read_day(session, plan)
    made = make_plan(stage.runtime.settings, facts, ZONE, "at once")
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        commit(session, plan.id, made, certificate_key(stage.runtime.settings))
    return plan.id


def breaches(stage: BoardStage) -> list[object]:
    with unit_of_work(stage.runtime, system_actor(), "verifier") as session:
        return [breach for one in PLANNING_INVARIANTS for breach in one.breaches(session)]


def planned_ride(stage: BoardStage) -> Booking:
    """A ride on Van 1."""
    ride = stage.ride_at(6.5, minutes=15)
    stage.plan()
    assert stage.assignment(ride) is not None
    return ride


def add_shift(stage: BoardStage, hours: float, length: float) -> None:
    """Another shift of Van 1, so many hours after nine, with the crew of its first one."""
    with stage.ground.owner() as session:
        first = session.scalars(select(Shift).where(Shift.vehicle_id == stage.vans["Van 1"])).first()
        assert first is not None
        crew = first.crew_member_ids
    starts = NOW + timedelta(hours=hours)
    with stage.ground.acting(stage.driver_vendor, "dispatcher", "vendor_admin") as session:
        fleet.add_shift(session, stage.vans["Van 1"], crew, starts, starts + timedelta(hours=length))


def set_off(stage: BoardStage, ride: Booking) -> None:
    """The crew is on its way, at the minute at which it was to be at the door."""
    row = stage.assignment(ride)
    assert row is not None
    stage.ground.at(row.starts_at)
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
        field.record(session, ride.id, Step(FieldStatus.EN_ROUTE_PICKUP, row.starts_at, "off"))


def call_off(stage: BoardStage, ride: Booking) -> None:
    with stage.ground.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.CONDITION_CHANGED)


def turn_back(stage: BoardStage, ride: Booking) -> None:
    with stage.ground.acting(stage.driver_vendor, "vendor_admin") as session:
        award = award_of(session, ride.id)
        offers.turn_back(session, award.id, TurnBackReason.CREW_ILL)


@pytest.mark.parametrize("lose", [call_off, turn_back])
def test_the_place_of_work_that_was_just_lost_is_free(
    stage: BoardStage, lose: Callable[[BoardStage, Booking], None]
) -> None:
    gone = planned_ride(stage)
    lose(stage, gone)
    instead = stage.ride_at(6.5, minutes=15)
    plan_at_once(stage)
    assert stage.assignment(gone) is None
    assert stage.van_of(instead) == "Van 1"
    stage.plan()  # the news finds nothing to do any more
    assert stage.van_of(instead) == "Van 1"
    assert breaches(stage) == []


def test_by_hand_nothing_is_put_where_lost_work_still_stands(stage: BoardStage) -> None:
    gone = planned_ride(stage)
    instead = stage.ride_at(6.5, minutes=15)
    call_off(stage, gone)
    with pytest.raises(ChangeRefused), stage.at_the_board() as session:
        hand.assign(session, instead.id, stage.shift_of("Van 1"))
    stage.plan()
    assert stage.van_of(instead) == "Van 1"


def test_a_ride_that_nobody_came_for_gives_its_place_free(stage: BoardStage) -> None:
    gone = planned_ride(stage)
    instead = stage.ride_at(6.75, minutes=15)
    stage.ground.at(stage.ground.fresh(gone).promised_end + timedelta(seconds=1))
    with stage.ground.planning() as session:
        bookings.vendor_no_show(session, gone.id)
    with stage.ground.owner() as session:  # the latest minute that was promised
        row = session.scalars(select(Assignment).where(Assignment.booking_id == gone.id)).one()
        late = stage.ground.fresh(gone).promised_end
        row.starts_at, row.standing = late, Range(late, late + timedelta(minutes=30))
    plan_at_once(stage)
    assert stage.van_of(instead) == "Van 1"
    assert breaches(stage) == []


def test_a_vehicle_is_back_when_its_next_shift_begins(stage: BoardStage) -> None:
    add_shift(stage, 10, 6)
    first, second = stage.ride_at(9.75, minutes=15), stage.ride_at(10, minutes=15)
    stage.plan()
    assert stage.assignment(first) is None, "the van would be back only in overtime"
    assert stage.van_of(second) == "Van 1"


def test_around_midnight_two_days_do_not_send_one_vehicle_twice(stage: BoardStage) -> None:
    add_shift(stage, 10, 12)
    first, second = stage.ride_at(14.75, minutes=15), stage.ride_at(15, minutes=15)
    stage.plan()
    on_a_van = [one for one in (first, second) if stage.assignment(one) is not None]
    assert len(on_a_van) == 1
    assert len({row.plan_id for one in (first, second) if (row := stage.left_out(one))}) == 1


def test_a_crew_that_works_overtime_is_not_sent_out_before_it_is_done(stage: BoardStage) -> None:
    late = stage.ride_at(9.8, minutes=15)
    stage.plan()
    more = stage.ride_at(10, minutes=15)
    set_off(stage, late)
    plan_at_once(stage)
    done = stage.assignment(late)
    assert done is not None
    row = stage.assignment(more)
    assert row is None or row.starts_at >= done.ends_at
    assert breaches(stage) == []
