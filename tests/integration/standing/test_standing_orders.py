"""A standing order books its days as they come near, each once; changes touch only what still waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.telling_models import Telling, TellingSubject
from marketplace.bookings.words import BookingState, CancelReason, LevelOfService, WayBackWish
from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import mark_not_needed, plan_view
from marketplace.careplans.words import TaskState
from marketplace.desk.standing import service
from marketplace.desk.standing.looking import FILL, look
from marketplace.desk.standing.words import StandingState, SuspendReason
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.foundation.jobs.models import Job
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import unit_of_work
from marketplace.patients.coverage_models import Authorization
from tests.integration.standing.conftest import MONDAY, TERMS, StandingStage
from tests.support.ground_stage import NOW
from vendors.offers.models import Offer

WEDNESDAY, FRIDAY = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)
FORTNIGHT = [date(2026, 11, 25), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 2),
             date(2026, 12, 4), date(2026, 12, 7)]  # fmt: skip


def at_six(day: date) -> datetime:
    """06:00 in Portland, in winter."""
    return datetime(day.year, day.month, day.day, 14, tzinfo=UTC)


def the_clock_goes_round(stage: StandingStage) -> int:
    """What the schedule does: look, and fill whom it found; returns how many were filled."""
    with unit_of_work(stage.runtime, system_actor(), "janitor") as session:
        look(session, {})
    with stage.ground.owner() as session:
        waiting = session.scalars(select(Job.id).where(Job.kind == FILL, Job.state == "queued")).all()
    for job_id in waiting:
        run_job(stage.runtime, job_id)
    with stage.ground.owner() as session:
        assert session.scalars(select(Job.error).where(Job.kind == FILL, Job.error != "")).all() == []
    return len(waiting)


def test_the_next_two_weeks_are_booked_at_once_as_round_trips_with_the_vendor_asked_first(
    stage: StandingStage,
) -> None:
    order = stage.begin(vendor_id=stage.driver_vendor, note="Fistula on the left arm")

    days = stage.days()
    assert list(days) == FORTNIGHT, "today's ride is gone"
    _, there, back = days[WEDNESDAY]
    assert there.requested_start == at_six(WEDNESDAY)
    assert back.requested_start == at_six(WEDNESDAY) + timedelta(hours=4, minutes=30)
    assert (back.outward_booking_id, back.flexible) == (there.id, False)
    assert (there.origin_place_kind, there.destination_place_kind) == ("R", "J")
    with stage.ground.owner() as session:
        asked = set(session.scalars(select(Offer.vendor_organization_id)))
        assert asked == {stage.driver_vendor}
        assert session.scalar(select(func.count()).select_from(Offer)) == 12
        assert session.get(Authorization, stage.dialysis_authorization).units_used == 12
        assert session.get(CarePlanTask, stage.task).state is TaskState.STANDING
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        assert bookings.rider(session, back.id).note == "Fistula on the left arm"
        titles = [task.title for task in plan_view(session, stage.ground.encounter).tasks]
    assert titles.count("Ride to dialysis") == 1, "its days are not on the plan"
    assert order.filled_until == date(2026, 12, 7)
    assert stage.all_breaches() == []


def test_however_often_the_clock_goes_round_a_day_is_booked_once(stage: StandingStage) -> None:
    stage.begin()
    assert the_clock_goes_round(stage) == 0, "everything is booked"
    stage.ground.at(NOW + timedelta(days=7))
    assert the_clock_goes_round(stage) == 1
    assert the_clock_goes_round(stage) == 0, "once for each business day"

    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        assert service.fill_order(session, stage.order().id) == 0
    days = stage.days()
    assert list(days)[-1] == date(2026, 12, 14)
    assert len(days) == 9
    assert stage.all_breaches() == []


def test_a_number_of_trips_and_days_left_out_are_kept(stage: StandingStage) -> None:
    stage.begin(ends_on=None, trips=3, skipped=(FRIDAY,), way_back=WayBackWish.NONE, back_at=None)

    assert list(stage.days()) == [MONDAY + timedelta(days=days) for days in (2, 7)], "today counts as one"
    assert {back for _, _, back in stage.days().values()} == {None}


def test_another_time_moves_the_rides_that_wait_and_another_day_replaces_them(stage: StandingStage) -> None:
    order = stage.begin()
    before = stage.days()
    terms = replace(TERMS, weekdays=(0, 2, 5), pickup_at=time(7), back_at=time(11, 45))
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        service.change(session, order.id, terms)

    after = stage.days()
    _, there, back = after[WEDNESDAY]
    assert there.id == before[WEDNESDAY][1].id, "moved, not booked anew"
    assert there.requested_start == at_six(WEDNESDAY) + timedelta(hours=1)
    assert back.requested_start == at_six(WEDNESDAY) + timedelta(hours=5, minutes=45)
    state, friday, friday_back = after[FRIDAY]
    assert state == "called_off"
    assert friday.state is friday_back.state is BookingState.CANCELLED_ADVANCE
    assert after[FRIDAY + timedelta(days=1)][0] == "booked"
    with stage.ground.owner() as session:
        assert session.get(CarePlanTask, friday.care_plan_task_id).state is TaskState.NOT_NEEDED
    assert stage.all_breaches() == []


def test_a_hospital_stay_calls_off_what_waits_and_nothing_else(stage: StandingStage) -> None:
    order = stage.begin()
    under_way = stage.days()[WEDNESDAY][1]
    stage.ground.at(at_six(WEDNESDAY) - timedelta(hours=1))
    vendor = stage.ground.vendors[0]
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        for offer in session.scalars(select(Offer).where(Offer.booking_id == under_way.id)):
            vendor = offer.vendor_organization_id
    with stage.ground.acting(vendor, "vendor_admin", "driver") as session:
        window = (under_way.requested_start, under_way.requested_end)
        bookings.award(session, under_way.id, vendor, under_way.id, *window)
        bookings.record_service_status(session, under_way.id, "en_route_pickup", window[0])
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        service.suspend(session, order.id, SuspendReason.HOSPITAL_STAY, WEDNESDAY, date(2026, 12, 1))

    states = {day: (state, there.state) for day, (state, there, _) in stage.days().items()}
    assert states[WEDNESDAY] == ("booked", BookingState.UNDER_WAY)
    assert states[FRIDAY][0] == states[date(2026, 11, 30)][0] == "called_off"
    assert states[date(2026, 12, 2)][0] == "booked"
    assert stage.order().state is StandingState.SUSPENDED
    with stage.ground.planning() as session, pytest.raises(Conflict):  # type: ignore[attr-defined]
        service.suspend(session, order.id, SuspendReason.AWAY, FRIDAY)

    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        service.resume(session, order.id)
    again = stage.days()[FRIDAY]
    assert (again[0], again[1].state in {BookingState.REQUESTED, BookingState.OFFERED}) == ("booked", True)
    assert stage.order().state is StandingState.ACTIVE


def test_a_pause_with_a_last_day_ends_by_itself(stage: StandingStage) -> None:
    order = stage.begin()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        service.suspend(session, order.id, SuspendReason.AWAY, FRIDAY, date(2026, 12, 4))
    stage.ground.at(NOW + timedelta(days=12))
    the_clock_goes_round(stage)

    assert stage.order().state is StandingState.ACTIVE
    assert stage.order().pause is None
    assert stage.all_breaches() == []


def test_ending_it_calls_the_waiting_rides_off_and_opens_the_task(stage: StandingStage) -> None:
    order = stage.begin()
    with (
        stage.ground.planning() as session,
        pytest.raises(Conflict, match="standing order works"),
    ):  # type: ignore[attr-defined]
        mark_not_needed(session, stage.task, "no")
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        service.end_order(session, order.id, note="Transplant")

    assert {there.state for _, there, _ in stage.days().values()} == {BookingState.CANCELLED_ADVANCE}
    with stage.ground.owner() as session:
        assert session.get(CarePlanTask, stage.task).state is TaskState.OPEN
        assert session.get(Authorization, stage.dialysis_authorization).units_used == 0
    with stage.ground.planning() as session, pytest.raises(Conflict, match="has ended"):  # type: ignore[attr-defined]
        service.resume(session, order.id)
    assert the_clock_goes_round(stage) == 0
    assert stage.all_breaches() == []


def test_with_a_last_day_it_goes_on_until_then_and_a_done_ride_closes_the_task(stage: StandingStage) -> None:
    order = stage.begin()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        service.end_order(session, order.id, WEDNESDAY)
    assert [day for day, (state, _, _) in stage.days().items() if state == "booked"] == [WEDNESDAY]
    assert stage.order().state is StandingState.ACTIVE

    _, there, back = stage.days()[WEDNESDAY]
    for ride in (there, back):
        with stage.ground.planning() as session:  # type: ignore[attr-defined]
            (vendor,) = session.scalars(
                select(Offer.vendor_organization_id).where(Offer.booking_id == ride.id)
            )
        with stage.ground.acting(vendor, "vendor_admin") as session:
            bookings.award(session, ride.id, vendor, ride.id, ride.requested_start, ride.requested_end)
        stage.ground.perform(stage.ground.fresh(ride), ride.requested_start)
    stage.ground.at(NOW + timedelta(days=4))
    the_clock_goes_round(stage)

    assert stage.order().state is StandingState.ENDED
    with stage.ground.owner() as session:
        task = session.get(CarePlanTask, stage.task)
        assert (task.state, task.evidence_booking_id) == (TaskState.COMPLETED, there.id)
    assert stage.all_breaches() == []


def test_units_that_run_out_are_told_and_the_next_days_wait(stage: StandingStage) -> None:
    with stage.ground.owner() as session:
        session.get(Authorization, stage.dialysis_authorization).units_approved = 5
    order = stage.begin()

    assert len(stage.days()) == 2
    assert "PA-2002 cannot be used: it has 0 of 5 units left" in stage.order().trouble
    with stage.ground.owner() as session:
        session.get(Authorization, stage.dialysis_authorization).units_approved = 80
        told = session.scalars(
            select(Telling).where(Telling.subject == TellingSubject.STANDING_ORDER)
        ).all()  # fmt: skip
    assert len(told) <= 1
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        assert service.fill_order(session, order.id) == 4
    assert (stage.order().trouble, len(stage.days())) == ("", 6)
    assert stage.all_breaches() == []


def test_a_day_called_off_by_hand_stays_called_off(stage: StandingStage) -> None:
    order = stage.begin()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, stage.days()[FRIDAY][1].id, CancelReason.PATIENT_DECLINED)
        service.leave_out(session, order.id, date(2026, 11, 30))
        assert service.fill_order(session, order.id) == 0

    days = stage.days()
    assert (days[FRIDAY][0], days[FRIDAY][1].state) == ("booked", BookingState.CANCELLED_ADVANCE)
    assert days[date(2026, 11, 30)][0] == "called_off"
    assert stage.order().skipped == ["2026-11-30"]
    assert stage.all_breaches() == []


def test_repetitive_ambulance_rides_are_judged_before_they_are_booked(stage: StandingStage) -> None:
    from marketplace.bookings.orders import PayerChoice
    from marketplace.bookings.words import PayerKind

    bare = PayerChoice(PayerKind.COVERAGE, stage.ground.coverage)
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        unpaid = service.foresee(session, stage.new(level_of_service=LevelOfService.BLS, payer=bare))
        held = service.foresee(session, stage.new(level_of_service=LevelOfService.BLS))
        wheels = service.foresee(session, stage.new())
    assert unpaid.findings[0].code == "repetitive_authorization"
    assert (len(held.days), held.rides) == (30, 60)
    assert "repetitive_certification" in {one.code for one in held.findings}
    assert "affirmation_limit" in {one.code for one in held.findings}, "it runs for seventy days"
    assert not [one for one in wheels.findings if "repetitive" in one.code]
    with stage.ground.owner() as session:
        assert session.scalars(select(Booking)).all() == [], "nothing is stored"

    order = stage.begin(level_of_service=LevelOfService.BLS)
    assert "affirmation_limit" in {one["code"] for one in order.findings}


def test_wrong_orders_are_refused_and_store_nothing(stage: StandingStage) -> None:
    with pytest.raises(InvalidInput) as refused:
        stage.begin(weekdays=())
    assert [error.field for error in refused.value.errors] == ["weekdays"]
    with pytest.raises(InvalidInput) as refused:
        stage.begin(level_of_service=LevelOfService.AMBULATORY, vendor_id=stage.ground.payer)
    assert {error.field for error in refused.value.errors} == {"level_of_service", "vendor_id"}
    with pytest.raises(InvalidInput, match="ride to an appointment"):
        stage.begin(task_id=stage.ground.ride_task)
    with pytest.raises(Forbidden), stage.ground.acting(stage.ground.hospital, "org_admin") as session:
        service.begin(session, stage.new())
    assert stage.days() == {}

    order = stage.begin()
    with pytest.raises(Conflict):
        stage.begin()
    with pytest.raises(NotFound), stage.ground.acting(stage.ground.other_hospital, "planner") as session:
        service.end_order(session, order.id)
    assert stage.order().state is StandingState.ACTIVE
