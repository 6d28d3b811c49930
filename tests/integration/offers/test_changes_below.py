"""What happens to offers and promises when the booking moves, is called off, or nobody answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.bookings.cancelling import cancel
from marketplace.bookings.field_status import record_service_status
from marketplace.bookings.models import Booking
from marketplace.bookings.moving import move_window
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.words import BookingState, CancelReason, ServiceStatus
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict
from marketplace.foundation.events import OutboxEvent
from marketplace.foundation.work import unit_of_work
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.network.models import CapacityUse
from vendors.offers.amendments import accept_amendment, refuse_amendment
from vendors.offers.deadlines import sweep
from vendors.offers.models import Award, AwardAmendment, Offer
from vendors.offers.service import accept, confirm, propose, unplan
from vendors.offers.words import AmendmentState, AwardState, OfferState

SOON = NOW + timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


def promised(stage: VendorStage) -> tuple[UUID, UUID]:
    """A booking that the first vendor has accepted: (booking, award)."""
    booking_id = stage.ride()
    with stage.as_planner() as session:
        (offer,) = propose(session, booking_id, stage.vendors[:1], SOON)
    with stage.as_vendor(stage.vendors[0]) as session:
        award = accept(session, offer.id)
    stage.work_off()
    return booking_id, award.id


def slip(stage: VendorStage, booking_id: UUID, minutes: int) -> None:
    """The planner moves the requested window, and the news arrives."""
    start = PICKUP + minutes * MINUTE
    with stage.as_planner() as session:
        move_window(session, booking_id, RequestedWindow(start, start + 30 * MINUTE))
    stage.work_off()


def award_now(stage: VendorStage, award_id: UUID) -> Award:
    with stage.owner() as session:
        return session.get_one(Award, award_id)


def amendments(stage: VendorStage) -> list[AwardAmendment]:
    with stage.owner() as session:
        return list(session.scalars(select(AwardAmendment).order_by(AwardAmendment.id)))


def events(stage: VendorStage, name: str) -> int:
    with stage.owner() as session:
        return len(session.scalars(select(OutboxEvent).where(OutboxEvent.name == name)).all())


def test_a_slip_inside_the_tolerance_moves_the_promise_by_itself(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    slip(stage, booking_id, 15)
    award = award_now(stage, award_id)
    assert (award.state, award.promised_start) == (AwardState.AMENDED, PICKUP + 15 * MINUTE)
    with stage.owner() as session:
        assert session.get_one(Booking, booking_id).promised_start == PICKUP + 15 * MINUTE
    assert [found.state for found in amendments(stage)] == [AmendmentState.AUTOMATIC]
    assert events(stage, "AwardAmended") == 1


def test_small_slips_do_not_add_up_to_a_large_one_unasked(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    slip(stage, booking_id, 10)
    slip(stage, booking_id, 20)
    assert award_now(stage, award_id).promised_start == PICKUP + 10 * MINUTE
    states = [found.state for found in amendments(stage)]
    assert states == [AmendmentState.AUTOMATIC, AmendmentState.PROPOSED]


def test_a_larger_slip_asks_and_a_yes_moves_the_promise(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    slip(stage, booking_id, 90)
    (asked,) = amendments(stage)
    assert award_now(stage, award_id).promised_start == PICKUP
    with stage.as_vendor(stage.vendors[0]) as session:
        accept_amendment(session, asked.id)
    award = award_now(stage, award_id)
    assert award.promised_start == award.agreed_start == PICKUP + 90 * MINUTE
    with pytest.raises(Conflict), stage.as_vendor(stage.vendors[0]) as session:
        accept_amendment(session, asked.id)


def test_a_no_releases_the_award_and_the_work_is_free_again(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    slip(stage, booking_id, 90)
    with stage.as_vendor(stage.vendors[0]) as session:
        refuse_amendment(session, amendments(stage)[0].id)
    assert award_now(stage, award_id).state is AwardState.RELEASED
    with stage.owner() as session:
        assert session.get_one(Booking, booking_id).state is BookingState.REQUESTED
    assert events(stage, "AwardReleased") == 1


def test_a_second_slip_withdraws_the_first_question(stage: VendorStage) -> None:
    booking_id, _ = promised(stage)
    slip(stage, booking_id, 90)
    slip(stage, booking_id, 120)
    states = [found.state for found in amendments(stage)]
    assert states == [AmendmentState.WITHDRAWN, AmendmentState.PROPOSED]


def test_credentials_that_do_not_cover_the_new_time_refuse_the_yes(stage: VendorStage) -> None:
    booking_id, _ = promised(stage)
    stage.expire(stage.vendors[0], "auto_liability", PICKUP + 60 * MINUTE)
    slip(stage, booking_id, 90)
    question = amendments(stage)[0].id
    with pytest.raises(Conflict, match="auto insurance"), stage.as_vendor(stage.vendors[0]) as session:
        accept_amendment(session, question)


def sweep_at(stage: VendorStage, moment: datetime) -> None:
    stage.at(moment)
    with stage.owner() as session:
        sweep(session, {})
    stage.work_off()


def test_an_unanswered_question_releases_the_award_at_its_deadline(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    slip(stage, booking_id, 90)
    sweep_at(stage, NOW + 14 * MINUTE)
    assert award_now(stage, award_id).state is AwardState.HELD
    sweep_at(stage, NOW + 15 * MINUTE)
    assert award_now(stage, award_id).state is AwardState.RELEASED
    assert amendments(stage)[0].state is AmendmentState.EXPIRED


def test_a_crew_that_has_begun_keeps_its_award_when_the_question_runs_out(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    slip(stage, booking_id, 90)
    for status in ("en_route_pickup", "arrived_pickup", "on_board"):
        with stage.as_vendor(stage.vendors[0]) as session:
            record_service_status(session, booking_id, ServiceStatus(status), session.now())
    sweep_at(stage, NOW + 15 * MINUTE)
    assert amendments(stage)[0].state is AmendmentState.EXPIRED
    assert award_now(stage, award_id).state is AwardState.HELD


def test_unanswered_offers_expire_in_business_time_and_say_that_nobody_is_left(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        propose(session, booking_id, stage.vendors, SOON)
    sweep_at(stage, SOON)
    with stage.owner() as session:
        assert set(session.scalars(select(Offer.state))) == {OfferState.EXPIRED}
        assert session.get_one(Booking, booking_id).state is BookingState.REQUESTED
    assert events(stage, "OffersExhausted") == 1
    sweep_at(stage, SOON + MINUTE)
    assert events(stage, "OffersExhausted") == 1


def test_calling_work_off_withdraws_its_offers(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        propose(session, booking_id, stage.vendors, SOON)
    with stage.as_planner() as session:
        cancel(session, booking_id, CancelReason.NOT_NEEDED)
    stage.work_off()
    with stage.owner() as session:
        assert set(session.scalars(select(Offer.state))) == {OfferState.WITHDRAWN}


def test_calling_promised_work_off_releases_the_award_and_its_capacity(stage: VendorStage) -> None:
    booking_id, award_id = promised(stage)
    with stage.owner() as session:
        assert session.scalars(select(CapacityUse.accepted)).all() == [1]
    with stage.as_planner() as session:
        cancel(session, booking_id, CancelReason.DISCHARGE_CANCELLED)
    stage.work_off()
    assert award_now(stage, award_id).state is AwardState.RELEASED
    with stage.owner() as session:
        assert session.scalars(select(CapacityUse.accepted)).all() == [0]


def test_an_open_offer_shows_the_moved_window(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        (offer,) = propose(session, booking_id, stage.vendors[:1], SOON)
    slip(stage, booking_id, 45)
    with stage.as_vendor(stage.vendors[0]) as session:
        assert session.get_one(Offer, offer.id).window_start == PICKUP + 45 * MINUTE
        assert accept(session, offer.id).promised_start == PICKUP + 45 * MINUTE


def test_a_plan_confirms_the_promise_and_dropping_it_leaves_the_promise(stage: VendorStage) -> None:
    _, award_id = promised(stage)
    vehicle, _ = stage.fleet(stage.vendors[0])
    planner = unit_of_work(stage.runtime, system_actor(), "planner")
    with planner as session:
        confirm(session, award_id, vehicle.id, PICKUP + 5 * MINUTE)
    award = award_now(stage, award_id)
    assert (award.state, award.vehicle_id, award.planned_at) == (
        AwardState.CONFIRMED,
        vehicle.id,
        PICKUP + 5 * MINUTE,
    )
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        unplan(session, award_id)
    award = award_now(stage, award_id)
    assert (award.state, award.vehicle_id, award.planned_at) == (AwardState.HELD, None, None)


def test_no_plan_stands_outside_the_promised_window(stage: VendorStage) -> None:
    _, award_id = promised(stage)
    vehicle, _ = stage.fleet(stage.vendors[0])
    for minutes in (-1, 31):
        late = PICKUP + minutes * MINUTE
        with (
            pytest.raises(Conflict, match="outside the promised window"),
            unit_of_work(stage.runtime, system_actor(), "planner") as session,
        ):
            confirm(session, award_id, vehicle.id, late)
    assert award_now(stage, award_id).state is AwardState.HELD
