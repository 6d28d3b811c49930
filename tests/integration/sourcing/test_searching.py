"""Looking for a vendor: in order or all at once, by the clock, until one accepts or nobody is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.telling import acknowledge, open_tellings
from marketplace.bookings.telling_models import Telling, TellingSubject
from marketplace.bookings.words import BookingState, CancelReason
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.offers.deadlines import sweep
from vendors.offers.models import Offer
from vendors.offers.service import accept, decline, propose, turn_back, withdraw
from vendors.offers.words import DeclineReason, OfferState, TurnBackReason
from vendors.performance.models import ServiceRecord
from vendors.performance.words import Outcome
from vendors.sourcing.looking import look
from vendors.sourcing.models import Sourcing, SourcingWave
from vendors.sourcing.ranking import ranked_for
from vendors.sourcing.service import ask_everybody, start, stop
from vendors.sourcing.words import SourcingCause, SourcingMode, SourcingState, WaveOutcome

MINUTE = timedelta(minutes=1)


def search(stage: VendorStage, mode: SourcingMode = SourcingMode.WATERFALL) -> UUID:
    """A ride for which a search has begun."""
    booking_id = stage.ride()
    with stage.as_planner() as session:
        start(session, booking_id, mode)
    stage.work_off()
    return booking_id


def offers(stage: VendorStage, state: OfferState = OfferState.OPEN) -> list[Offer]:
    with stage.owner() as session:
        return list(session.scalars(select(Offer).where(Offer.state == state).order_by(Offer.id)))


def sourcing(stage: VendorStage) -> Sourcing:
    with stage.owner() as session:
        return session.scalars(select(Sourcing).order_by(Sourcing.id.desc()).limit(1)).one()


def waves(stage: VendorStage) -> list[SourcingWave]:
    with stage.owner() as session:
        return list(session.scalars(select(SourcingWave).order_by(SourcingWave.id)))


def told(stage: VendorStage, subject: TellingSubject) -> list[Telling]:
    with stage.owner() as session:
        mine = select(Telling).where(Telling.subject == subject, Telling.superseded_at.is_(None))
        return list(session.scalars(mine.order_by(Telling.told_at)))


def says_no(stage: VendorStage, offer: Offer) -> None:
    with stage.as_vendor(offer.vendor_organization_id) as session:
        decline(session, offer.id, DeclineReason.NO_CAPACITY)
    stage.work_off()


def says_yes(stage: VendorStage, offer: Offer) -> UUID:
    with stage.as_vendor(offer.vendor_organization_id) as session:
        award_id = accept(session, offer.id).id
    stage.work_off()
    return award_id


def clock(stage: VendorStage, moment: datetime) -> None:
    """Business time passes, and whatever watches it looks."""
    stage.at(moment)
    with stage.owner() as session:
        sweep(session, {})
        look(session, {})
    stage.work_off()


def test_the_cheapest_of_equals_is_asked_first_and_its_reasons_are_kept(stage: VendorStage) -> None:
    search(stage)
    (offer,) = offers(stage)
    assert offer.vendor_organization_id == stage.vendors[0]
    assert offer.respond_by == NOW + 15 * MINUTE
    (wave,) = waves(stage)
    assert [one["vendor_id"] for one in wave.asked] == [str(stage.vendors[0])]
    assert [reason["what"] for reason in wave.asked[0]["reasons"]] == [
        "Price", "On time", "Distance", "Capacity", "Contract",
    ]  # fmt: skip


def test_a_no_asks_the_next_one_at_once(stage: VendorStage) -> None:
    search(stage)
    says_no(stage, offers(stage)[0])
    assert [offer.vendor_organization_id for offer in offers(stage)] == [stage.vendors[1]]
    assert [(wave.number, wave.outcome) for wave in waves(stage)] == [(1, WaveOutcome.NOBODY), (2, None)]


def test_the_deadline_asks_the_next_one_exactly_once(stage: VendorStage) -> None:
    search(stage)
    clock(stage, NOW + 14 * MINUTE)
    assert len(waves(stage)) == 1
    clock(stage, NOW + 15 * MINUTE)
    clock(stage, NOW + 15 * MINUTE)
    assert [offer.vendor_organization_id for offer in offers(stage)] == [stage.vendors[1]]
    assert len(waves(stage)) == 2


def test_when_nobody_is_left_the_planner_is_told_and_says_understood(stage: VendorStage) -> None:
    search(stage)
    for _ in range(3):
        says_no(stage, offers(stage)[0])
    assert sourcing(stage).state is SourcingState.EXHAUSTED
    (telling,) = told(stage, TellingSubject.SOURCING)
    assert (telling.text, telling.urgent) == ("None of the 3 vendors asked accepted.", True)
    with stage.as_planner() as session:
        assert [one.id for one in open_tellings(session)] == [telling.id]
        assert acknowledge(session, telling.id).acknowledged_by == "Dana"
    with stage.as_planner() as session:
        assert open_tellings(session) == []
    with pytest.raises(NotFound), stage.as_vendor(stage.vendors[0]) as session:
        acknowledge(session, telling.id)


def test_a_yes_ends_the_search(stage: VendorStage) -> None:
    booking_id = search(stage)
    says_no(stage, offers(stage)[0])
    says_yes(stage, offers(stage)[0])
    assert sourcing(stage).state is SourcingState.PLACED
    assert waves(stage)[-1].outcome is WaveOutcome.ACCEPTED
    with stage.owner() as session:
        assert session.get_one(Booking, booking_id).vendor_organization_id == stage.vendors[1]


def test_a_broadcast_asks_everybody_and_the_first_gets_it(stage: VendorStage) -> None:
    search(stage, SourcingMode.BROADCAST)
    first, second, _ = offers(stage)
    says_yes(stage, second)
    assert len(offers(stage, OfferState.LOST)) == 2
    with (
        pytest.raises(Conflict, match="Another vendor"),
        stage.as_vendor(first.vendor_organization_id) as session,
    ):
        accept(session, first.id)


def test_asking_everybody_now_leaves_the_first_offer_open(stage: VendorStage) -> None:
    booking_id = search(stage)
    with stage.as_planner() as session:
        ask_everybody(session, booking_id)
    assert len(offers(stage)) == 3
    (wave,) = waves(stage)
    assert len(wave.asked) == 3
    assert [one["place"] for one in wave.asked] == [1, 2, 3]


def test_stopping_withdraws_the_offers_and_nobody_else_is_asked(stage: VendorStage) -> None:
    booking_id = search(stage)
    with stage.as_planner() as session:
        stop(session, booking_id)
    stage.work_off()
    assert offers(stage) == []
    assert sourcing(stage).state is SourcingState.STOPPED
    with stage.owner() as session:
        assert session.get_one(Booking, booking_id).state is BookingState.REQUESTED


def test_time_running_short_is_told_once_while_vendors_are_still_asked(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        start(session, booking_id, answer_minutes=360)
    clock(stage, PICKUP - 61 * MINUTE)
    assert told(stage, TellingSubject.SOURCING) == []
    clock(stage, PICKUP - 60 * MINUTE)
    clock(stage, PICKUP - 59 * MINUTE)
    (telling,) = told(stage, TellingSubject.SOURCING)
    assert telling.text == "The work begins soon and no vendor has accepted yet."
    assert len(offers(stage)) == 3


def test_work_turned_back_is_looked_for_again_at_once_without_the_one_who_gave_it_back(
    stage: VendorStage,
) -> None:
    search(stage)
    award_id = says_yes(stage, offers(stage)[0])
    stage.at(PICKUP - 90 * MINUTE)
    with stage.as_vendor(stage.vendors[0]) as session:
        turn_back(session, award_id, TurnBackReason.CREW_ABSENT)
    stage.work_off()
    found = sourcing(stage)
    assert (found.state, found.cause) == (SourcingState.RUNNING, SourcingCause.TURNED_BACK)
    assert stage.vendors[0] not in {offer.vendor_organization_id for offer in offers(stage)}
    (telling,) = told(stage, TellingSubject.TURNED_BACK)
    assert telling.text == (
        "vendor 2 turned the work back: its crew is absent. That was 1 h 30 min before the promised time."
    )
    assert telling.remedy == "Others are being asked now."
    with stage.owner() as session:
        record = session.scalars(select(ServiceRecord)).one()
    assert (record.outcome, record.notice_minutes, record.reason_code) == (
        Outcome.TURNED_BACK, 90, "crew_absent",
    )  # fmt: skip
    with stage.as_planner() as session:
        _, others = ranked_for(session, found.booking_id)
        why = {one.vendor_id: one.why_not for one in others}
    assert why[stage.vendors[0]] == "Gave this work back, or could not do its new time."


def test_giving_up_withdraws_open_offers_and_ends_the_search(stage: VendorStage) -> None:
    booking_id = search(stage)
    (offer,) = offers(stage)
    with stage.as_planner() as session:
        bookings.unmet(session, booking_id)
    with pytest.raises(Conflict), stage.as_vendor(offer.vendor_organization_id) as session:
        accept(session, offer.id)
    stage.work_off()
    assert offers(stage) == []
    assert sourcing(stage).state is SourcingState.STOPPED


def test_calling_it_off_ends_the_search(stage: VendorStage) -> None:
    booking_id = search(stage)
    with stage.as_planner() as session:
        bookings.cancel(session, booking_id, CancelReason.NOT_NEEDED)
    stage.work_off()
    assert (sourcing(stage).state, offers(stage)) == (SourcingState.STOPPED, [])


def test_a_hold_interrupts_the_search_and_lifting_it_goes_on(stage: VendorStage) -> None:
    booking_id = search(stage)
    with stage.as_planner() as session:
        bookings.hold(session, booking_id, "The doctor looks again.")
    clock(stage, NOW + 16 * MINUTE)
    assert offers(stage) == []
    with stage.as_planner() as session:
        bookings.resume(session, booking_id)
    stage.work_off()
    assert [offer.vendor_organization_id for offer in offers(stage)] == [stage.vendors[1]]


def test_lost_news_does_not_leave_a_search_idle(stage: VendorStage) -> None:
    search(stage)
    (offer,) = offers(stage)
    with stage.as_planner() as session:
        withdraw(session, offer.id)
    with stage.owner() as session:
        session.execute(text("UPDATE jobs SET state = 'cancelled' WHERE state = 'queued'"))
    clock(stage, NOW + MINUTE)
    assert [found.vendor_organization_id for found in offers(stage)] == [stage.vendors[1]]


def test_one_search_at_a_time_and_only_by_its_planner(stage: VendorStage) -> None:
    booking_id = search(stage)
    with pytest.raises(Conflict, match="runs already"), stage.as_planner() as session:
        start(session, booking_id)
    with pytest.raises(Forbidden), stage.as_vendor(stage.vendors[0]) as session:
        start(session, booking_id)
    by_hand = stage.ride()
    with stage.as_planner() as session:
        propose(session, by_hand, stage.vendors[:1], NOW + 30 * MINUTE)
    with pytest.raises(Conflict, match="by hand"), stage.as_planner() as session:
        start(session, by_hand)
    with pytest.raises(InvalidInput), stage.as_planner() as session:
        start(session, stage.ride(), answer_minutes=0)
    with pytest.raises(NotFound), stage.as_planner() as session:
        start(session, UUID(int=1))


def test_vendors_never_see_the_search_or_its_ranking(stage: VendorStage) -> None:
    search(stage)
    with stage.as_vendor(stage.vendors[0]) as session:
        assert session.scalars(select(Sourcing)).all() == []
        assert session.scalars(select(SourcingWave)).all() == []
