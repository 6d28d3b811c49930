"""What happens is in the plan at once, from the plan as it stands; later it is thought about for longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dispatch.planning.models import Assignment, LeftOut, Plan, PlanState, PlanVersion
from dispatch.planning.reading import read_day
from dispatch.planning.standing import standing_plan
from dispatch.planning.wanting import IMPROVE_DAY, PAUSE, want_improvement
from marketplace.bookings.models import Booking
from marketplace.foundation.access import system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime, unit_of_work
from tests.support.board_stage import BoardStage, board_stage
from vendors.fleet.models import Depot, Vehicle

OTHER_WORK = "foundation.deliver"


@pytest.fixture
def stage(runtime: Runtime) -> BoardStage:
    return board_stage(runtime)


def improvements(stage: BoardStage) -> list[Job]:
    """The jobs that think longer, the first asked for first."""
    with stage.ground.owner() as session:
        return list(session.scalars(select(Job).where(Job.kind == IMPROVE_DAY).order_by(Job.id)))


def improve(stage: BoardStage) -> Job:
    """Run the newest of them now, and return it as it is afterwards."""
    with stage.ground.owner() as session:
        session.execute(update(Job).where(Job.kind != IMPROVE_DAY).values(state=JobState.CANCELLED))
        session.execute(update(Job).values(run_after=machine_now()))
    newest = improvements(stage)[-1]
    run_job(stage.runtime, newest.id)
    with stage.ground.owner() as session:
        job = session.get(Job, newest.id)
        assert job is not None
        assert job.error == ""
        return job


def versions(stage: BoardStage) -> list[PlanVersion]:
    with stage.ground.owner() as session:
        return list(session.scalars(select(PlanVersion).order_by(PlanVersion.number)))


def two_rides_apart(stage: BoardStage) -> tuple[Booking, Booking]:
    """Two rides of which the second has a van that must come from far away for it."""
    first, second = stage.ride_at(6), stage.ride_at(7.5)
    stage.plan()
    far = next(name for name in ("Van 1", "Van 2") if name != stage.van_of(first))
    with stage.ground.owner() as session:
        places = {"vehicle_id": stage.vans[far], "shift_id": stage.shift_of(far)}
        session.execute(update(Assignment).where(Assignment.booking_id == second.id).values(**places))
        depot = select(Vehicle.depot_id).where(Vehicle.id == stage.vans[far]).scalar_subquery()
        session.execute(update(Depot).where(Depot.id == depot).values(latitude=Depot.latitude + 0.4))
    assert stage.van_of(first) != stage.van_of(second)
    return first, second


def test_a_newcomer_leaves_everybody_else_where_they_are(stage: BoardStage) -> None:
    known = [stage.ride_at(6), stage.ride_at(6.75), stage.ride_at(8.5)]
    stage.plan()
    before = {one.id: (one.vehicle_id, one.starts_at) for one in map(stage.assignment, known) if one}
    newcomer = stage.ride_at(7.5)
    stage.plan()
    assert stage.assignment(newcomer) is not None
    after = {one.id: (one.vehicle_id, one.starts_at) for one in map(stage.assignment, known) if one}
    assert (len(before), after) == (3, before)


def test_a_plan_is_left_alone_for_a_while_before_it_is_thought_about(stage: BoardStage) -> None:
    stage.ride_at(6)
    stage.plan()
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        want_improvement(session, session.scalars(select(Plan.id)).one(), 7)
    waiting = improvements(stage)[-1]
    assert waiting.run_after - waiting.created_at > PAUSE - timedelta(seconds=1)
    assert not run_job(stage.runtime, waiting.id)


def test_a_plan_is_kept_where_nothing_is_worth_telling(stage: BoardStage) -> None:
    stage.ride_at(6)
    stage.plan()
    (asked,) = improvements(stage)
    assert asked.arguments["version"] == versions(stage)[-1].number
    before = versions(stage)[-1].number
    assert improve(stage).result == {"outcome": "kept"}
    assert versions(stage)[-1].number == before


def test_a_plan_that_costs_too_much_is_replaced_by_a_certified_one(stage: BoardStage) -> None:
    first, second = two_rides_apart(stage)
    number = versions(stage)[-1].number
    assert improve(stage).result == {"outcome": "improved", "version": number + 1}
    newest = versions(stage)[-1]
    assert (newest.number, newest.reason) == (number + 1, "improved")
    assert newest.certificate["seal"]
    assert stage.van_of(first) == stage.van_of(second)
    assert len(improvements(stage)) == 1


def test_somebody_without_a_place_gets_one_although_it_costs_more(stage: BoardStage) -> None:
    first, second = stage.ride_at(6), stage.ride_at(7.5)
    stage.plan()
    with stage.ground.owner() as session:
        row = session.scalars(select(Assignment).where(Assignment.booking_id == second.id)).one()
        left = LeftOut(
            plan_id=row.plan_id,
            version_number=row.version_number,
            booking_id=second.id,
            organization_id=row.organization_id,
            vendor_organization_id=row.vendor_organization_id,
            code="no_room",
            reason="",
            remedies=[],
        )
        session.add(left)
        session.delete(row)
    assert improve(stage).result["outcome"] == "improved"
    assert stage.assignment(first) is not None
    assert stage.assignment(second) is not None
    assert stage.left_out(second) is None


@pytest.mark.parametrize("change", ["stale", "newer"])
def test_a_plan_that_is_not_current_any_more_is_left_alone(stage: BoardStage, change: str) -> None:
    two_rides_apart(stage)
    before = len(versions(stage))
    values = {"state": PlanState.STALE} if change == "stale" else {"current_version": before + 7}
    with stage.ground.owner() as session:
        session.execute(update(Plan).values(**values))
    assert improve(stage).result == {"outcome": "overtaken"}
    assert len(versions(stage)) == before


def test_other_work_is_not_kept_waiting_and_the_plan_gets_another_try(stage: BoardStage) -> None:
    stage.ride_at(6)
    stage.plan()
    newest = improvements(stage)[-1]
    with stage.ground.owner() as session:
        session.execute(update(Job).where(Job.kind != IMPROVE_DAY).values(state=JobState.CANCELLED))
        session.execute(update(Job).values(run_after=machine_now()))
        enqueue(session, OTHER_WORK, {}, run_after=machine_now() - timedelta(seconds=5))
    began = machine_now()
    run_job(stage.runtime, newest.id)
    assert machine_now() - began < timedelta(seconds=0.9)
    first, again = improvements(stage)
    assert (first.state, first.result) == (JobState.DONE, {"outcome": "kept"})
    assert again.arguments == first.arguments | {"tries": 1}


def test_the_plan_that_stands_is_read_stop_by_stop(stage: BoardStage) -> None:
    known = [stage.ride_at(6), stage.ride_at(7.5)]
    stage.plan()
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        facts = read_day(session, session.scalars(select(Plan)).one())
    plan = standing_plan(facts, facts.works)
    assert plan is not None
    assert plan.served == {str(one.id) for one in known}
    for booking in known:
        row, (work,) = stage.assignment(booking), [w for w in facts.works if w.booking_id == booking.id]
        assert row is not None
        starts = {stop.point: stop.start for stop in plan.stops() if stop.request == str(booking.id)}
        assert starts[0] == (row.starts_at - facts.day_start).total_seconds()
        assert starts[1] + work.last_seconds == (row.ends_at - facts.day_start).total_seconds()
    assert standing_plan(facts, []) is None
