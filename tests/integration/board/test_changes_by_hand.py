"""Assign, swap, pin and let go: checked at once, refused with the rule, saved with a certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.board import hand
from dispatch.board.hand import ChangeRefused
from dispatch.board.invariants import BOARD_INVARIANTS
from dispatch.board.models import HandChange
from dispatch.board.words import HandKind
from dispatch.field import service as field
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from dispatch.planning.invariants import PLANNING_INVARIANTS
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.foundation.work import unit_of_work
from tests.support.board_stage import BoardStage
from tests.support.ground_stage import NOW
from vendors.fleet import service as fleet
from vendors.offers.service import award_of


def _breaches(stage: BoardStage) -> list[object]:
    with unit_of_work(stage.runtime, system_actor(), "verifier") as session:
        return [one for rule in (*PLANNING_INVARIANTS, *BOARD_INVARIANTS) for one in rule.breaches(session)]


def test_a_ride_put_on_another_van_stays_there_through_the_next_plan(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    target = "Van 2" if stage.van_of(ride) == "Van 1" else "Van 1"
    with stage.at_the_board() as session:
        change = hand.assign(session, ride.id, stage.shift_of(target))
        assert change.kind is HandKind.ASSIGN
        assert len(change.certificate["seal"]) == 64
        assert "travel" in change.certificate["rules"]
    assert stage.van_of(ride) == target
    assert stage.assignment(ride).pinned
    stage.ride_at(8.5)
    stage.plan()
    assert stage.van_of(ride) == target
    assert stage.assignment(ride).pinned
    assert _breaches(stage) == []


def test_award_and_crew_list_follow_the_change(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    target = "Van 2" if stage.van_of(ride) == "Van 1" else "Van 1"
    with stage.at_the_board() as session:
        hand.assign(session, ride.id, stage.shift_of(target))
    row = stage.assignment(ride)
    with stage.ground.owner() as session:
        award = award_of(session, ride.id)
    assert (award.vehicle_id, award.planned_at) == (row.vehicle_id, row.starts_at)
    assert stage.running(ride).vehicle_id == row.vehicle_id
    assert stage.ground.fresh(ride).planned_start == row.starts_at


def test_a_van_that_cannot_carry_oxygen_is_refused_by_the_name_of_the_rule(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    before = stage.assignment(ride)
    with stage.at_the_board() as session, pytest.raises(ChangeRefused) as refused:
        hand.assign(session, ride.id, stage.shift_of("Van 3"))
    assert refused.value.code == "rule-skill"
    assert refused.value.detail == "Equipment and skills: Van 3 lacks oxygen mount."
    assert stage.assignment(ride).revision == before.revision


def test_three_chairs_at_once_do_not_fit_one_van(stage: BoardStage) -> None:
    rides = [stage.ride_at(6.5, 15) for _ in range(3)]
    stage.plan()
    with pytest.raises(ChangeRefused) as refused:
        stage.put_all(rides, "Van 1")
    assert refused.value.code in {"rule-capacity", "rule-window"}
    assert "Van 1" in refused.value.detail or "R-" in refused.value.detail


def test_a_swap_moves_both_or_neither(stage: BoardStage) -> None:
    first, second = stage.ride_at(6.2), stage.ride_at(8.5)
    stage.plan()
    stage.put(first, "Van 1")
    stage.put(second, "Van 2")
    with stage.at_the_board() as session:
        change = hand.swap(session, first.id, second.id)
        assert change.kind is HandKind.SWAP
    assert (stage.van_of(first), stage.van_of(second)) == ("Van 2", "Van 1")
    assert _breaches(stage) == []


def test_a_swap_within_one_van_is_refused_by_field(stage: BoardStage) -> None:
    first, second = stage.ride_at(6.2), stage.ride_at(8.5)
    stage.plan()
    stage.put(first, "Van 1")
    stage.put(second, "Van 1")
    with stage.at_the_board() as session, pytest.raises(InvalidInput) as refused:
        hand.swap(session, first.id, second.id)
    assert refused.value.errors[0].field == "other_booking_id"


def test_blocked_time_is_a_rule_and_drives_the_work_elsewhere(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    van = stage.van_of(ride)
    other = "Van 2" if van == "Van 1" else "Van 1"
    with stage.at_the_board() as session:
        hand.pin(session, ride.id)
        hand.unpin(session, ride.id)
        fleet.block(
            session,
            NOW + timedelta(hours=1),
            NOW + timedelta(hours=10),
            "Lift repair",
            vehicle_id=stage.vans[van],
        )
    stage.plan()
    assert stage.van_of(ride) == other
    with stage.at_the_board() as session, pytest.raises(ChangeRefused) as refused:
        hand.assign(session, ride.id, stage.shift_of(van))
    assert refused.value.code in {"rule-blocked", "rule-window"}
    assert _breaches(stage) == []


def test_pinned_and_let_go_again_the_day_is_planned_anew(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    with stage.at_the_board() as session:
        hand.pin(session, ride.id)
    assert stage.assignment(ride).pinned
    with stage.at_the_board() as session:
        hand.unpin(session, ride.id)
    version = stage.assignment(ride).version_number
    stage.plan()
    assert not stage.assignment(ride).pinned
    assert stage.assignment(ride).version_number > version
    with stage.at_the_board() as session, pytest.raises(Conflict, match="not pinned"):
        hand.unpin(session, ride.id)


def test_oxygen_of_another_vendor_binds_the_hand_too(stage: BoardStage) -> None:
    ride = stage.accept(stage.ground.ride(), stage.driver_vendor)
    oxygen = stage.accept(stage.oxygen_order(), stage.supplier)
    stage.plan()
    gear, rosa = stage.assignment(oxygen), stage.assignment(ride)
    target = "Van 2" if stage.van_of(ride) == "Van 1" else "Van 1"
    with stage.at_the_board() as session:
        hand.assign(session, ride.id, stage.shift_of(target))
    moved = stage.assignment(ride)
    fresh = stage.ground.fresh(ride)
    assert moved.vehicle_id != rosa.vehicle_id
    assert moved.ends_at - timedelta(seconds=fresh.dropoff_seconds) >= gear.ends_at
    assert _breaches(stage) == []


def test_what_a_crew_has_begun_stays(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    step = Step(FieldStatus.EN_ROUTE_PICKUP, NOW, "en-route")
    with stage.at_the_board() as session:
        field.record(session, ride.id, step)
    with stage.at_the_board() as session, pytest.raises(Conflict, match="begun"):
        hand.assign(session, ride.id, stage.shift_of("Van 2"))


def test_nobody_moves_a_strangers_work_and_drivers_move_nothing(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    with stage.ground.acting(stage.supplier, "dispatcher") as session, pytest.raises(NotFound):
        hand.pin(session, ride.id)
    with stage.ground.acting(stage.driver_vendor, "driver") as session, pytest.raises(Forbidden):
        hand.pin(session, ride.id)
    with stage.at_the_board() as session, pytest.raises(NotFound):
        hand.assign(session, ride.id, ride.id)


def test_changes_by_hand_are_kept_for_good(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    with stage.at_the_board() as session:
        hand.pin(session, ride.id)
    with stage.ground.owner() as session:
        kept = session.scalars(select(HandChange)).one()
        assert (kept.kind, kept.booking_id, kept.made_at) == (HandKind.PIN, ride.id, NOW)
