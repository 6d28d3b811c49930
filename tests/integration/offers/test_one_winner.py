"""However many vendors press Accept at once, exactly one has the work."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import func, select

from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.errors import Conflict
from marketplace.foundation.invariants import Invariant
from marketplace.foundation.work import Runtime
from tests.support.vendor_stage import NOW, VendorStage, second_floor
from vendors.offers.invariants import INVARIANTS
from vendors.offers.models import Award, Offer
from vendors.offers.service import accept, decline, propose
from vendors.offers.words import DeclineReason, OfferState

VENDORS = 16
BOOKINGS = 12


def breaches(stage: VendorStage, among: tuple[Invariant, ...] = INVARIANTS) -> list[str]:
    with stage.owner() as session:
        return [breach.invariant for found in among for breach in found.breaches(session)]


@pytest.mark.slow
def test_sixteen_vendors_press_at_once_and_one_wins_each_booking(runtime: Runtime) -> None:
    stage = VendorStage(second_floor(runtime)).build(vendors=VENDORS)
    offered: dict[UUID, list[tuple[UUID, UUID]]] = {}
    for booking_id in stage.rides(BOOKINGS):
        with stage.as_planner() as session:
            offers = propose(session, booking_id, stage.vendors, NOW + timedelta(minutes=30))
            offered[booking_id] = [(offer.vendor_organization_id, offer.id) for offer in offers]
    barrier = Barrier(VENDORS)

    def press(number: int) -> list[str]:
        answers = []
        for offers in offered.values():
            vendor_id, offer_id = offers[number]
            barrier.wait(timeout=60)
            try:
                with stage.as_vendor(vendor_id) as session:
                    accept(session, offer_id)
                answers.append("won")
            except Conflict as refused:
                answers.append(refused.detail)
        return answers

    with ThreadPoolExecutor(VENDORS) as threads:
        answers = Counter(answer for found in threads.map(press, range(VENDORS)) for answer in found)
    assert answers["won"] == BOOKINGS
    assert sum(answers.values()) == VENDORS * BOOKINGS
    assert set(answers) - {"won"} == {"Another vendor has accepted this work first."}
    with stage.owner() as session:
        assert session.scalar(select(func.count()).select_from(Award)) == BOOKINGS
        assert set(session.scalars(select(Booking.state))) == {BookingState.ACCEPTED}
        states = Counter(session.scalars(select(Offer.state)))
        assert states == {OfferState.ACCEPTED: BOOKINGS, OfferState.LOST: BOOKINGS * (VENDORS - 1)}
    assert breaches(stage) == []


@pytest.mark.slow
def test_accepting_and_declining_at_once_leaves_offers_and_bookings_agreeing(runtime: Runtime) -> None:
    stage = VendorStage(second_floor(runtime)).build(vendors=8)
    booking_ids = stage.rides(6)
    for booking_id in booking_ids:
        with stage.as_planner() as session:
            propose(session, booking_id, stage.vendors, NOW + timedelta(minutes=30))
    with stage.owner() as session:
        rows = session.execute(select(Offer.id, Offer.vendor_organization_id).order_by(Offer.booking_id))
        offers = [(row.id, row.vendor_organization_id) for row in rows]

    def answer(turn: int) -> str:
        offer_id, vendor_id = offers[turn]
        try:
            with stage.as_vendor(vendor_id) as session:
                if turn % 3:
                    decline(session, offer_id, DeclineReason.OTHER)
                else:
                    accept(session, offer_id)
        except Conflict:
            return "refused"
        return "done"

    with ThreadPoolExecutor(12) as threads:
        assert set(threads.map(answer, range(len(offers)))) <= {"done", "refused"}
    assert breaches(stage) == []
    with stage.owner() as session:
        assert session.scalar(select(func.count()).select_from(Award)) == len(booking_ids)
