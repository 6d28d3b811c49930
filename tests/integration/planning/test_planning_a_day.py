"""What is accepted is planned: oxygen before patient, promises kept, no commit without a certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatch.field import service as field
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from dispatch.planning.committing import FactsMoved, commit
from dispatch.planning.invariants import PLANNING_INVARIANTS
from dispatch.planning.jobs import certificate_key, make_plan
from dispatch.planning.models import Plan, PlanState, PlanVersion
from dispatch.planning.reading import read_day
from marketplace.bookings import service as bookings
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.words import BookingState, CancelReason, WindowAnchor
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict, Forbidden
from marketplace.foundation.work import unit_of_work
from tests.integration.planning.conftest import PlanningStage
from tests.support.ground_stage import NOW
from vendors.offers.service import award_of
from vendors.offers.words import AwardState

ZONE = "America/Los_Angeles"


def _both(stage: PlanningStage) -> tuple[object, object]:
    ride = stage.accept(stage.ground.ride(), stage.driver_vendor)
    oxygen = stage.accept(stage.oxygen_order(), stage.supplier)
    stage.plan()
    return ride, oxygen


def _breaches(stage: PlanningStage) -> list[object]:
    with unit_of_work(stage.runtime, system_actor(), "verifier") as session:
        return [breach for one in PLANNING_INVARIANTS for breach in one.breaches(session)]


def test_oxygen_is_planned_into_the_home_before_the_patient(stage: PlanningStage) -> None:
    ride, oxygen = _both(stage)
    rosa, gear = stage.assignment(ride), stage.assignment(oxygen)
    assert rosa is not None
    assert gear is not None
    fresh = stage.ground.fresh(ride)
    assert gear.ends_at <= rosa.ends_at - timedelta(seconds=fresh.dropoff_seconds)
    assert fresh.promised_start <= rosa.starts_at <= fresh.promised_end
    assert fresh.state is BookingState.SCHEDULED
    assert _breaches(stage) == []


def test_the_plan_confirms_the_awards_and_fills_the_crews_lists(stage: PlanningStage) -> None:
    ride, _ = _both(stage)
    planned = stage.assignment(ride)
    with stage.ground.owner() as session:
        award = award_of(session, ride.id)
    assert (award.state, award.vehicle_id, award.planned_at) == (
        AwardState.CONFIRMED,
        planned.vehicle_id,
        planned.starts_at,
    )
    running = stage.running(ride)
    assert running.driver_user_id == stage.ground.people[stage.driver_vendor]
    assert (running.planned_start, running.planned_end) == (planned.starts_at, planned.ends_at)


def test_a_ride_waits_for_oxygen_that_nobody_has_accepted_and_goes_once_it_is(stage: PlanningStage) -> None:
    oxygen_booking = stage.ground.book(stage.oxygen_order())
    ride = stage.accept(stage.ground.ride(), stage.driver_vendor)
    stage.plan()
    assert stage.assignment(ride) is None
    assert stage.left_out(ride).code == "waits"
    assert stage.ground.fresh(ride).state is BookingState.ACCEPTED
    _accept_existing(stage, oxygen_booking.id, stage.supplier)
    stage.plan()
    assert stage.left_out(ride) is None
    assert stage.assignment(ride) is not None
    assert _breaches(stage) == []


def test_a_cancelled_ride_leaves_plan_and_phone(stage: PlanningStage) -> None:
    ride, oxygen = _both(stage)
    with stage.ground.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.DISCHARGE_CANCELLED)
    stage.plan()
    assert stage.assignment(ride) is None
    assert stage.running(ride).status is FieldStatus.WITHDRAWN
    assert stage.assignment(oxygen) is not None


def test_the_version_keeps_the_certificate_of_the_check(stage: PlanningStage) -> None:
    _both(stage)
    with stage.ground.owner() as session:
        version = session.scalars(select(PlanVersion).order_by(PlanVersion.number.desc())).first()
        plan = session.get(Plan, version.plan_id)
    assert "link" in version.certificate["rules"]
    assert len(version.certificate["seal"]) == 64
    assert (plan.state, plan.current_version) == (PlanState.CURRENT, version.number)


def _made(stage: PlanningStage) -> tuple[UUID, object]:
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        plan = session.scalars(select(Plan)).one()
        facts = read_day(session, plan)
    return plan.id, make_plan(stage.runtime.settings, facts, ZoneInfo(ZONE), "by hand")


def test_a_plan_without_its_certificate_is_not_committed(stage: PlanningStage) -> None:
    ride, _ = _both(stage)
    before = stage.assignment(ride)
    plan_id, made = _made(stage)
    forged = replace(made, certificate=replace(made.certificate, seal="0" * 64))
    key = certificate_key(stage.runtime.settings)
    with pytest.raises(Conflict, match="no valid certificate"):
        _commit(stage, plan_id, forged, key)
    assert stage.assignment(ride).version_number == before.version_number


def test_a_plan_over_facts_that_have_moved_is_not_committed(stage: PlanningStage) -> None:
    ride, oxygen = _both(stage)
    plan_id, made = _made(stage)
    with stage.ground.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.DISCHARGE_CANCELLED)
    with pytest.raises(FactsMoved):
        _commit(stage, plan_id, made, certificate_key(stage.runtime.settings))
    assert stage.assignment(oxygen) is not None


def test_work_that_has_begun_while_the_day_was_planned_keeps_its_place(stage: PlanningStage) -> None:
    ride, oxygen = _both(stage)
    before = stage.assignment(oxygen)
    plan_id, made = _made(stage)
    with stage.ground.acting(stage.supplier, "dispatcher") as session:
        field.record(session, oxygen.id, Step(FieldStatus.LOADED, session.now(), "while planning"))
    _commit(stage, plan_id, made, certificate_key(stage.runtime.settings))
    after = stage.assignment(oxygen)
    assert (after.id, after.vehicle_id, after.starts_at) == (before.id, before.vehicle_id, before.starts_at)
    assert stage.running(oxygen).status is FieldStatus.LOADED
    assert stage.assignment(ride).version_number == before.version_number + 1
    assert _breaches(stage) == []


def test_a_place_that_stays_as_it_was_is_not_written_anew(stage: PlanningStage) -> None:
    ride, oxygen = _both(stage)
    before = {booking.id: stage.assignment(booking) for booking in (ride, oxygen)}
    plan_id, made = _made(stage)
    _commit(stage, plan_id, made, certificate_key(stage.runtime.settings))
    for booking in (ride, oxygen):
        old, new = before[booking.id], stage.assignment(booking)
        assert new.version_number == old.version_number + 1
        unmoved = (new.vehicle_id, new.starts_at, new.leaves_at) == (
            old.vehicle_id,
            old.starts_at,
            old.leaves_at,
        )
        assert not unmoved or new.id == old.id


def test_boarding_waits_until_the_home_will_be_ready(stage: PlanningStage) -> None:
    ride, oxygen = _both(stage)
    at = stage.assignment(oxygen).ends_at - timedelta(hours=1)
    _drive_to_the_door(stage, ride, at)
    step = Step(FieldStatus.ON_BOARD, at, "board")
    with (
        pytest.raises(Conflict, match="minutes after you would arrive"),
        stage.ground.acting(stage.driver_vendor, "driver") as session,
    ):
        field.record(session, ride.id, step)
    assert stage.running(ride).status is FieldStatus.ARRIVED_PICKUP


def test_only_the_dispatcher_sends_the_patient_all_the_same_with_a_reason(
    stage: PlanningStage,
) -> None:
    ride, oxygen = _both(stage)
    at = stage.assignment(oxygen).ends_at - timedelta(hours=1)
    _drive_to_the_door(stage, ride, at)
    step = Step(FieldStatus.ON_BOARD, at, "board", facts={"override_reason": "portable tank on board"})
    with pytest.raises(Forbidden), stage.ground.acting(stage.driver_vendor, "driver") as session:
        field.record(session, ride.id, step)
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
        event = field.record(session, ride.id, step)
    assert event.facts["override_reason"] == "portable tank on board"


def _drive_to_the_door(stage: PlanningStage, ride: object, at: object) -> None:
    stage.ground.at(at)
    for status in (FieldStatus.EN_ROUTE_PICKUP, FieldStatus.ARRIVED_PICKUP):
        with stage.ground.acting(stage.driver_vendor, "driver") as session:
            field.record(session, ride.id, Step(status, at, str(status)))


def _commit(stage: PlanningStage, plan_id: UUID, made: object, key: bytes) -> None:
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        commit(session, plan_id, made, key)


def _accept_existing(stage: PlanningStage, booking_id: UUID, vendor: UUID) -> None:
    from vendors.offers import service as offers

    with stage.ground.planning() as session:
        (offer,) = offers.propose(session, booking_id, [vendor], session.now() + timedelta(hours=1))
    with stage.ground.acting(vendor, "vendor_admin") as session:
        offers.accept(session, offer.id)


def test_what_no_vehicle_can_serve_names_the_vehicle_as_people_do(stage: PlanningStage) -> None:
    evening = RequestedWindow(NOW + timedelta(hours=11), NOW + timedelta(hours=12), WindowAnchor.FIXED)
    ride = stage.accept(stage.ground.ride(window=evening), stage.driver_vendor)
    stage.plan()
    left_out = stage.left_out(ride)
    assert left_out is not None
    assert stage.vehicles[stage.driver_vendor].name in left_out.reason
