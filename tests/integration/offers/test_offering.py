"""Offering work, answering it, and what each side sees."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.identity.mail import Mail
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.offers.matching import candidates
from vendors.offers.models import Award, Offer
from vendors.offers.service import accept, award_of, decline, propose, turn_back, withdraw
from vendors.offers.words import AwardState, DeclineReason, OfferState, TurnBackReason

SOON = NOW + timedelta(minutes=30)


def offer_to(stage: VendorStage, booking_id: UUID, *vendor_ids: UUID) -> list[UUID]:
    with stage.as_planner() as session:
        return [offer.id for offer in propose(session, booking_id, vendor_ids, SOON)]


def state_of(stage: VendorStage, booking_id: UUID) -> BookingState:
    with stage.owner() as session:
        return session.get_one(Booking, booking_id).state


def offer_state(stage: VendorStage, offer_id: UUID) -> OfferState:
    with stage.owner() as session:
        return session.get_one(Offer, offer_id).state


def test_an_offer_shows_area_needs_and_price_and_nobody(stage: VendorStage) -> None:
    booking_id = stage.ride(needs={"mobility_aid": "wheelchair", "oxygen_lpm": "2", "weight_kg": 81})
    (offer_id,) = offer_to(stage, booking_id, stage.vendors[0])
    with stage.as_vendor(stage.vendors[0]) as session:
        offer = session.get_one(Offer, offer_id)
        assert offer.preview["pickup_area"] == "Portland 97227"
        assert offer.preview["needs"] == ["Wheelchair", "Oxygen 2 L/min", "Up to 100 kg"]
        assert offer.quote_cents == 4200 + 2850 + 1000
        assert offer.reference.startswith("F-")


def test_each_offer_sends_one_mail_without_content_to_the_vendor(stage: VendorStage) -> None:
    booking_id = stage.ride()
    offer_to(stage, booking_id, *stage.vendors)
    with stage.owner() as session:
        mails = session.scalars(select(Mail)).all()
        booking = session.get_one(Booking, booking_id)
        assert {mail.organization_id for mail in mails} == set(stage.vendors)
        assert all(booking.reference not in mail.subject + mail.text for mail in mails)


def test_accepting_gives_the_award_and_takes_the_others_hope(stage: VendorStage) -> None:
    booking_id = stage.ride()
    first, second = offer_to(stage, booking_id, *stage.vendors)
    with stage.as_vendor(stage.vendors[0]) as session:
        award = accept(session, first)
        assert award.state is AwardState.HELD
        assert (award.promised_start, award.promised_end) == (PICKUP, PICKUP + timedelta(minutes=30))
    assert state_of(stage, booking_id) is BookingState.ACCEPTED
    assert offer_state(stage, second) is OfferState.LOST
    with (
        pytest.raises(Conflict, match="Another vendor has accepted"),
        stage.as_vendor(stage.vendors[1]) as session,
    ):
        accept(session, second)


def test_foreign_and_missing_offers_answer_alike(stage: VendorStage) -> None:
    booking_id = stage.ride()
    (offer_id,) = offer_to(stage, booking_id, stage.vendors[0])
    for wrong in (offer_id, UUID(int=1)):
        with pytest.raises(NotFound), stage.as_vendor(stage.vendors[1]) as session:
            accept(session, wrong)
    with pytest.raises(Forbidden), stage.as_planner() as session:
        accept(session, offer_id)


def test_a_late_answer_is_refused_even_before_the_sweep(stage: VendorStage) -> None:
    booking_id = stage.ride()
    (offer_id,) = offer_to(stage, booking_id, stage.vendors[0])
    stage.at(SOON)
    with pytest.raises(Conflict, match="time to answer"), stage.as_vendor(stage.vendors[0]) as session:
        accept(session, offer_id)
    assert state_of(stage, booking_id) is BookingState.OFFERED


def test_the_last_decline_lets_the_booking_wait_again(stage: VendorStage) -> None:
    booking_id = stage.ride()
    first, second = offer_to(stage, booking_id, *stage.vendors)
    with stage.as_vendor(stage.vendors[0]) as session:
        decline(session, first, DeclineReason.NO_CAPACITY)
    assert state_of(stage, booking_id) is BookingState.OFFERED
    with stage.as_vendor(stage.vendors[1]) as session:
        decline(session, second, DeclineReason.TOO_FAR, "other side of town")
    assert state_of(stage, booking_id) is BookingState.REQUESTED
    with pytest.raises(Conflict, match="already declined"), stage.as_vendor(stage.vendors[1]) as session:
        accept(session, second)


def test_a_withdrawn_offer_says_so(stage: VendorStage) -> None:
    booking_id = stage.ride()
    (offer_id,) = offer_to(stage, booking_id, stage.vendors[0])
    with stage.as_planner() as session:
        withdraw(session, offer_id)
    with pytest.raises(Conflict, match="withdrawn"), stage.as_vendor(stage.vendors[0]) as session:
        accept(session, offer_id)
    assert state_of(stage, booking_id) is BookingState.REQUESTED


def test_turned_back_work_waits_for_others_and_can_be_offered_again(stage: VendorStage) -> None:
    booking_id = stage.ride()
    (offer_id,) = offer_to(stage, booking_id, stage.vendors[0])
    with stage.as_vendor(stage.vendors[0]) as session:
        award_id = accept(session, offer_id).id
    with stage.as_vendor(stage.vendors[0]) as session:
        turn_back(session, award_id, TurnBackReason.VEHICLE_BREAKDOWN)
    assert state_of(stage, booking_id) is BookingState.REQUESTED
    (again,) = offer_to(stage, booking_id, stage.vendors[0])
    with stage.as_vendor(stage.vendors[0]) as session:
        accept(session, again)
    with stage.as_planner() as session:
        live = award_of(session, booking_id)
        assert live is not None
        assert live.id != award_id
        assert session.get_one(Award, award_id).state is AwardState.RELEASED


def test_a_deadline_must_lie_ahead_and_before_the_work(stage: VendorStage) -> None:
    booking_id = stage.ride()
    for wrong in (NOW, NOW - timedelta(hours=1), PICKUP + timedelta(hours=1)):
        with pytest.raises(InvalidInput, match="respond_by"), stage.as_planner() as session:
            propose(session, booking_id, stage.vendors, wrong)
    assert state_of(stage, booking_id) is BookingState.REQUESTED


def test_candidates_come_cheapest_first_and_the_others_with_the_reason(stage: VendorStage) -> None:
    booking_id = stage.ride()
    stage.expire(stage.vendors[0], "auto_liability", PICKUP - timedelta(minutes=1))
    with stage.as_planner() as session:
        found = candidates(session, booking_id)
    assert [candidate.vendor_id for candidate in found] == [stage.vendors[1], stage.vendors[0]]
    assert found[0].is_eligible
    assert found[1].why_not.startswith("Commercial auto insurance ($500k or more) ended before the service")


def test_an_ineligible_vendor_is_not_offered_anything(stage: VendorStage) -> None:
    booking_id = stage.ride()
    stage.expire(stage.vendors[0], "general_liability", PICKUP)
    with pytest.raises(InvalidInput, match="General liability"), stage.as_planner() as session:
        propose(session, booking_id, stage.vendors, SOON)
    with stage.owner() as session:
        assert session.scalars(select(Offer)).all() == []


def test_a_card_that_expires_at_noon_keeps_the_morning_and_loses_the_afternoon(stage: VendorStage) -> None:
    vendor_id = stage.vendors[0]
    _, (driver,) = stage.fleet(vendor_id)
    noon = NOW + timedelta(hours=3)
    stage.expire(vendor_id, "cpr_first_aid", noon, driver.id)
    morning = stage.ride(start=noon - timedelta(hours=2))
    afternoon = stage.ride(start=noon + timedelta(hours=1))
    kept, lost = (offer_to(stage, booking, vendor_id)[0] for booking in (morning, afternoon))
    with stage.as_vendor(vendor_id) as session:
        accept(session, kept)
    with pytest.raises(Conflict, match="CPR and first aid card ended"), stage.as_vendor(vendor_id) as session:
        accept(session, lost)
    assert offer_state(stage, lost) is OfferState.OPEN
