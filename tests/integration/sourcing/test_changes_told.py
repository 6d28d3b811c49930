"""A promised time is to change: both sides are told, and a no is looked after at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.bookings.moving import move_window
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.telling import acknowledge, open_tellings, tellings_of
from marketplace.bookings.telling_models import Audience, Telling, TellingSubject
from marketplace.patients.models import HandlingNeeds
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.offers.amendments import accept_amendment, refuse_amendment
from vendors.offers.models import AwardAmendment, Offer
from vendors.offers.service import accept, propose
from vendors.offers.words import OfferState
from vendors.performance.models import ServiceRecord
from vendors.performance.words import Outcome

MINUTE = timedelta(minutes=1)


def moved(stage: VendorStage, minutes: int) -> UUID:
    """A ride that the first vendor has promised, and whose window has moved since; returns the amendment."""
    booking_id = stage.ride()
    with stage.as_planner() as session:
        (offer,) = propose(session, booking_id, stage.vendors[:1], NOW + 30 * MINUTE)
    with stage.as_vendor(stage.vendors[0]) as session:
        accept(session, offer.id)
    stage.work_off()
    start = PICKUP + minutes * MINUTE
    with stage.as_planner() as session:
        move_window(session, booking_id, RequestedWindow(start, start + 30 * MINUTE))
    stage.work_off()
    with stage.owner() as session:
        return session.scalars(select(AwardAmendment.id)).one()


def told(
    stage: VendorStage, audience: Audience, subject: TellingSubject = TellingSubject.CHANGE
) -> list[str]:
    with stage.owner() as session:
        mine = select(Telling.text).where(
            Telling.audience == audience, Telling.subject == subject, Telling.superseded_at.is_(None)
        )
        return list(session.scalars(mine))


def test_a_question_is_told_to_both_sides_and_the_answer_takes_its_place(stage: VendorStage) -> None:
    amendment_id = moved(stage, 90)
    assert told(stage, Audience.OFFICE) == ["Can you do 16:30 to 17:00 instead of 15:00 to 15:30?"]
    assert told(stage, Audience.PLANNER) == [
        "vendor 2 is asked whether 16:30 to 17:00 instead of 15:00 to 15:30 suits, until 09:15."
    ]
    with stage.as_vendor(stage.vendors[0]) as session:
        accept_amendment(session, amendment_id)
    assert told(stage, Audience.PLANNER) == ["vendor 2 agreed to 16:30 to 17:00."]


def test_a_move_inside_the_tolerance_is_told_and_needs_no_answer(stage: VendorStage) -> None:
    moved(stage, 10)
    assert told(stage, Audience.OFFICE) == ["The promised time moves from 15:00 to 15:30 to 15:10 to 15:40."]


def test_a_no_to_the_new_time_is_looked_after_at_once_and_is_no_black_mark(stage: VendorStage) -> None:
    amendment_id = moved(stage, 90)
    with stage.as_vendor(stage.vendors[0]) as session:
        refuse_amendment(session, amendment_id)
    stage.work_off()
    with stage.owner() as session:
        opened = session.scalars(select(Offer).where(Offer.state == OfferState.OPEN)).all()
        assert [offer.vendor_organization_id for offer in opened] == [stage.vendors[1]]
        assert opened[0].window_start == PICKUP + 90 * MINUTE
        assert session.scalars(select(ServiceRecord.outcome)).all() == [Outcome.NOT_ITS_FAULT]
    assert told(stage, Audience.PLANNER) == ["vendor 2 cannot do 16:30 to 17:00."]


def test_the_office_says_understood_and_the_planner_sees_who_knows(stage: VendorStage) -> None:
    moved(stage, 90)
    with stage.as_vendor(stage.vendors[0]) as session:
        (waiting,) = open_tellings(session)
        acknowledge(session, waiting.id)
    with stage.as_planner() as session:
        shared = {(name, told.acknowledged_by) for told, name in tellings_of(session, [waiting.booking_id])}
    assert shared == {("vendor 2", "Office"), ("health_system 0", "")}
    with stage.as_vendor(stage.vendors[1]) as session:
        assert tellings_of(session, [waiting.booking_id]) == []


def test_a_delivery_that_moves_to_when_nobody_is_home_is_told(stage: VendorStage) -> None:
    booking_id = stage.delivery()
    with stage.owner() as session:
        patient_id = session.get_one(Booking, booking_id).patient_id
        session.add(
            HandlingNeeds(
                patient_id=patient_id,
                organization_id=stage.hospital,
                receiver_from=PICKUP - 60 * MINUTE,
                receiver_until=PICKUP + 60 * MINUTE,
            )
        )
    for minutes, says in (
        (20, []),
        (120, ["At its new time nobody is at the home to take the delivery in."]),
    ):
        start = PICKUP + minutes * MINUTE
        with stage.as_planner() as session:
            move_window(session, booking_id, RequestedWindow(start, start + 60 * MINUTE))
        assert told(stage, Audience.PLANNER, TellingSubject.RECEIVER) == says
