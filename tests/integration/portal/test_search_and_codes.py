"""The planner's search on the page of offers, the ways out, and the page for codes, asked over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation.access import NOBODY
from tests.support.vendor_pages import VendorPages
from tests.support.vendor_stage import NOW, VendorStage
from vendors.offers.codes import read_out
from vendors.offers.models import Award, Offer
from vendors.offers.service import propose

SOON = NOW + timedelta(minutes=30)


def code_of(stage: VendorStage) -> tuple[Offer, str]:
    """An offer and the code read out for it."""
    with stage.as_planner() as session:
        (offer,) = propose(session, stage.ride(), stage.vendors[:1], SOON)
    with stage.as_planner() as session:
        return offer, read_out(session, offer.id)


def searched(stage: VendorStage, pages: VendorPages, mode: str) -> tuple[UUID, str]:
    """A ride for which a search was begun on the page, and what the page then says."""
    booking_id = stage.ride()
    address = f"/portal/offer-booking/{booking_id}"
    answer = pages.post(stage.planner, f"{address}/search", {"mode": mode})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    return booking_id, pages.get(stage.planner, address).get_data(as_text=True)


def test_the_page_ranks_the_vendors_with_their_reasons_in_at_most_twelve_statements(
    stage: VendorStage, pages: VendorPages
) -> None:
    booking_id = stage.ride()
    with pages.counting() as statements:
        page = pages.get(stage.planner, f"/portal/offer-booking/{booking_id}").get_data(as_text=True)
    assert "points of 100" in page
    for what in ("Price:", "On time:", "Distance:", "Capacity:", "Contract:"):
        assert what in page
    assert len(statements) <= 12


def test_a_search_is_begun_widened_and_stopped_on_the_page(stage: VendorStage, pages: VendorPages) -> None:
    booking_id, page = searched(stage, pages, "waterfall")
    assert "Looking for a vendor" in page
    assert "is asked by itself" in page
    address = f"/portal/offer-booking/{booking_id}/search"
    assert pages.post(stage.planner, f"{address}/everybody").status_code == 303
    assert pages.post(stage.planner, f"{address}/stop").status_code == 303
    assert pages.post(stage.planner, f"{address}/stop").status_code == 409
    office = stage.office(stage.vendors[0])
    assert pages.post(office, address, {"mode": "broadcast"}).status_code == 403


def test_a_broadcast_stands_in_every_inbox(stage: VendorStage, pages: VendorPages) -> None:
    searched(stage, pages, "broadcast")
    for vendor in stage.vendors:
        assert "F-" in pages.get(stage.office(vendor), "/portal/offers").get_data(as_text=True)


def test_a_search_knows_two_ways_only(stage: VendorStage, pages: VendorPages) -> None:
    booking_id = stage.ride()
    answer = pages.post(stage.planner, f"/portal/offer-booking/{booking_id}/search", {"mode": "auction"})
    assert answer.status_code == 422


def test_ways_out_and_phones_are_one_page_and_a_way_is_taken_there(
    stage: VendorStage, pages: VendorPages
) -> None:
    booking_id = stage.ride()
    address = f"/portal/offer-booking/{booking_id}/ways-out"
    page = pages.get(stage.planner, address).get_data(as_text=True)
    assert "Give an hour more" in page
    assert "Can you do it?" in page
    answer = pages.post(stage.planner, address, {"way": "window", "minutes": "60"})
    assert answer.status_code == 303
    assert pages.post(stage.planner, address, {"way": "magic"}).status_code == 422
    assert pages.get(stage.planner, f"/portal/offer-booking/{UUID(int=1)}/ways-out").status_code == 404


def test_nobody_signed_in_answers_by_code_and_sees_no_address(stage: VendorStage, pages: VendorPages) -> None:
    offer, code = code_of(stage)
    typed = {"reference": offer.reference, "code": code}
    assert pages.get(NOBODY, f"/code/?offer={offer.reference}").status_code == 200
    looked = pages.post(NOBODY, "/code/", typed)
    shown = looked.get_data(as_text=True)
    assert looked.status_code == 200
    assert "Portland 97227" in shown
    assert not re.search("P-TEST|Main St", shown)
    done = pages.post(NOBODY, "/code/answer", {**typed, "answer": "accept"})
    assert "The work is yours" in done.get_data(as_text=True)
    with stage.owner() as session:
        assert session.scalars(select(Award.offer_id)).all() == [offer.id]
    assert pages.post(NOBODY, "/code/answer", {**typed, "answer": "accept"}).status_code == 422


def test_a_wrong_code_is_refused_beside_its_field_and_guessing_is_slowed_down(
    stage: VendorStage, pages: VendorPages
) -> None:
    offer, code = code_of(stage)
    wrong = {"reference": offer.reference, "code": f"{(int(code) + 1) % 1_000_000:06d}"}
    answers = [pages.post(NOBODY, "/code/", wrong).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert pages.post(NOBODY, "/code/", {"reference": "x", "code": "1"}).status_code == 422
    assert pages.post(NOBODY, "/code/answer", {**wrong, "answer": "perhaps"}).status_code in (422, 429)
