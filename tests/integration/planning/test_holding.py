"""The patient waits while what must be in the home first has nobody; then it goes on by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from dispatch.field import service as field
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.telling_models import Audience, Telling, TellingSubject
from marketplace.bookings.words import BookingState
from tests.integration.planning.conftest import PlanningStage
from vendors.offers import service as offers
from vendors.offers.words import AwardState, TurnBackReason


def both(stage: PlanningStage) -> tuple[Booking, Booking]:
    """Ride and oxygen, accepted and planned."""
    ride = stage.accept(stage.ground.ride(), stage.driver_vendor)
    oxygen = stage.accept(stage.oxygen_order(), stage.supplier)
    stage.plan()
    return ride, oxygen


def give_back(stage: PlanningStage, booking: Booking, vendor: UUID) -> None:
    with stage.ground.owner() as session:
        award = offers.award_of(session, booking.id)
        assert award is not None
    with stage.ground.acting(vendor, "vendor_admin") as session:
        offers.turn_back(session, award.id, TurnBackReason.NOT_IN_STOCK)
    stage.plan()


def accept_again(stage: PlanningStage, booking: Booking, vendor: UUID) -> None:
    with stage.ground.planning() as session:
        (offer,) = offers.propose(session, booking.id, [vendor], session.now() + timedelta(hours=1))
    with stage.ground.acting(vendor, "vendor_admin") as session:
        offers.accept(session, offer.id)
    stage.plan()


def told(stage: PlanningStage, booking: Booking) -> dict[Audience, Telling]:
    """The newest telling about the hold, by audience."""
    with stage.ground.owner() as session:
        mine = select(Telling).where(
            Telling.booking_id == booking.id,
            Telling.subject == TellingSubject.HOLD,
            Telling.superseded_at.is_(None),
        )
        return {row.audience: row for row in session.scalars(mine.order_by(Telling.told_at, Telling.id))}


def test_the_ride_is_held_off_the_plan_and_planner_office_and_driver_are_told(stage: PlanningStage) -> None:
    ride, oxygen = both(stage)
    give_back(stage, oxygen, stage.supplier)
    held = stage.ground.fresh(ride)
    assert held.state is BookingState.ON_HOLD
    assert held.hold_reason == (
        f"Waits for {oxygen.reference}, which must be in the home first and has no vendor now."
    )
    assert stage.assignment(ride) is None
    assert stage.running(ride).status is FieldStatus.WITHDRAWN
    with stage.ground.owner() as session:
        award = offers.award_of(session, ride.id)
        assert award is not None
        assert (award.state, award.planned_at) == (AwardState.HELD, None)
    known = told(stage, ride)
    assert set(known) == set(Audience)
    assert known[Audience.PLANNER].remedy.startswith("Keep the patient.")
    assert known[Audience.CREW].user_id == stage.ground.people[stage.driver_vendor]


def test_a_new_vendor_for_the_oxygen_lifts_the_hold_and_both_are_planned_in_order(
    stage: PlanningStage,
) -> None:
    ride, oxygen = both(stage)
    give_back(stage, oxygen, stage.supplier)
    accept_again(stage, oxygen, stage.supplier)
    assert stage.ground.fresh(ride).state is BookingState.SCHEDULED
    gear, rosa = stage.assignment(oxygen), stage.assignment(ride)
    assert gear is not None
    assert rosa is not None
    assert gear.ends_at <= rosa.ends_at
    assert "the hold is lifted" in told(stage, ride)[Audience.PLANNER].text


def test_a_persons_hold_is_not_lifted_by_itself(stage: PlanningStage) -> None:
    ride, oxygen = both(stage)
    give_back(stage, oxygen, stage.supplier)
    with stage.ground.planning() as session:
        bookings.hold(session, ride.id, "The doctor looks again.")
    accept_again(stage, oxygen, stage.supplier)
    assert stage.ground.fresh(ride).state is BookingState.ON_HOLD


def test_a_van_that_has_left_is_told_not_to_let_the_patient_board(stage: PlanningStage) -> None:
    ride, oxygen = both(stage)
    with stage.ground.acting(stage.driver_vendor, "driver") as session:
        field.record(session, ride.id, Step(FieldStatus.EN_ROUTE_PICKUP, session.now(), "one"))
    give_back(stage, oxygen, stage.supplier)
    assert stage.ground.fresh(ride).state is BookingState.UNDER_WAY
    known = told(stage, ride)
    assert "Do not let the rider board" in known[Audience.CREW].text
    assert "Keep the patient at the hospital" in known[Audience.PLANNER].remedy


def test_a_small_move_of_the_plan_is_not_told_and_a_first_plan_neither(stage: PlanningStage) -> None:
    ride, _ = both(stage)
    with stage.ground.owner() as session:
        mine = select(Telling).where(Telling.booking_id == ride.id, Telling.subject == TellingSubject.PLAN)
        assert session.scalars(mine).all() == []
