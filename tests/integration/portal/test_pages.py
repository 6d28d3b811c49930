"""The vendor office's pages and the planner's page of offers, asked over HTTP."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.foundation.access import Actor, ActorKind
from tests.support.vendor_pages import VendorPages
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.credentials.models import Credential
from vendors.fleet.models import Depot, Shift, StockItem, Vehicle
from vendors.network.models import RateCard
from vendors.offers.models import Award, Offer
from vendors.offers.service import accept, propose
from vendors.offers.words import OfferState

SOON = NOW + timedelta(minutes=30)


def asked(stage: VendorStage, count: int = 1) -> list[UUID]:
    """Offers of `count` rides to the first vendor."""
    made = []
    for booking_id in stage.rides(count):
        with stage.as_planner() as session:
            made += [offer.id for offer in propose(session, booking_id, stage.vendors[:1], SOON)]
    return made


@pytest.mark.parametrize(
    "path",
    [
        "/portal/offers", "/portal/offers?csv=1", "/portal/offers/answered", "/portal/outbox",
        "/portal/schedule", "/portal/schedule?csv=1", "/portal/manifest", "/portal/manifest?large=1",
        "/portal/fleet/",
        "/portal/fleet/vehicles/new", "/portal/fleet/crew/new", "/portal/fleet/shifts/new",
        "/portal/fleet/blocked/new", "/portal/fleet/stock/count", "/portal/credentials/",
        "/portal/credentials/?show=all", "/portal/credentials/new", "/portal/credentials/required",
        "/portal/rates/",
        "/api/v1/offers", "/api/v1/awards", "/api/v1/vehicles", "/api/v1/shifts", "/api/v1/credentials",
        "/api/v1/stock", "/api/v1/crew-members", "/api/v1/amendments",
    ],
)  # fmt: skip
def test_the_office_gets_its_pages_and_a_driver_does_not(
    stage: VendorStage, pages: VendorPages, path: str
) -> None:
    asked(stage, 2)
    stage.fleet(stage.vendors[0])
    assert pages.get(stage.office(stage.vendors[0]), path).status_code == 200
    assert pages.get(stage.office(stage.vendors[0], "driver"), path).status_code == 403


def test_the_inbox_takes_at_most_twelve_statements_for_two_offers_and_for_forty(
    stage: VendorStage, pages: VendorPages
) -> None:
    office, counts = stage.office(stage.vendors[0]), []
    for more in (2, 38):
        asked(stage, more)
        with pages.counting() as statements:
            assert pages.get(office, "/portal/offers").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[1] <= 12


def test_accepting_from_the_inbox_leads_to_the_work_and_a_second_press_is_refused(
    stage: VendorStage, pages: VendorPages
) -> None:
    (offer_id,) = asked(stage)
    office = stage.office(stage.vendors[0])
    answer = pages.post(office, f"/portal/offers/{offer_id}/accept")
    assert answer.status_code == 303
    with stage.owner() as session:
        award = session.scalars(select(Award)).one()
    assert answer.headers["Location"] == f"/portal/awards/{award.id}"
    assert pages.get(office, f"/portal/awards/{award.id}").status_code == 200
    assert pages.get(office, "/portal/schedule?day=2026-03-02").text.count("data-row") == 1
    again = pages.post(office, f"/portal/offers/{offer_id}/accept")
    assert again.status_code == 409
    assert "already accepted" in again.text


def test_declining_needs_a_reason_and_keeps_what_was_typed(stage: VendorStage, pages: VendorPages) -> None:
    (offer_id,) = asked(stage)
    office, url = stage.office(stage.vendors[0]), f"/portal/offers/{offer_id}/decline"
    refused = pages.post(office, url, {"note": "no van left"})
    assert refused.status_code == 422
    assert 'value="no van left"' in refused.text
    assert pages.post(office, url, {"reason_code": "bored"}).status_code == 422
    assert pages.post(office, url, {"reason_code": "no_capacity"}).status_code == 303
    with stage.owner() as session:
        assert session.get_one(Offer, offer_id).state is OfferState.DECLINED


def test_no_page_before_acceptance_says_who_or_where_exactly(stage: VendorStage, pages: VendorPages) -> None:
    (offer_id,) = asked(stage)
    text = pages.get(stage.office(stage.vendors[0]), f"/portal/offers/{offer_id}").text
    route = pages.get(stage.office(stage.vendors[0]), f"/api/v1/offers/{offer_id}").text
    with stage.owner() as session:
        booking = session.get_one(Offer, offer_id).booking_id
    for shown in (text, route):
        assert "Portland 97202" in shown
        assert "45.48" not in shown
        assert "R-" not in shown
    assert str(booking) not in text


def without_tokens(text: str, asked_for: UUID) -> str:
    """A page without what differs on every request: CSRF and live tokens, and the id that was asked for."""
    return re.sub(r'"[\w.=+/-]{40,}"|\d{13}', "", text.replace(str(asked_for), ""))


def test_foreign_and_missing_objects_answer_alike(stage: VendorStage, pages: VendorPages) -> None:
    (offer_id,) = asked(stage)
    rival = stage.office(stage.vendors[1])
    for path in ("/portal/offers/{}", "/portal/awards/{}", "/api/v1/offers/{}", "/api/v1/awards/{}/rider"):
        foreign = pages.get(rival, path.format(offer_id))
        missing = pages.get(rival, path.format(UUID(int=5)))
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert without_tokens(foreign.text, offer_id) == without_tokens(missing.text, UUID(int=5))


def test_the_planner_sees_candidates_and_sends_the_offer(stage: VendorStage, pages: VendorPages) -> None:
    booking_id = stage.ride()
    url = f"/portal/offer-booking/{booking_id}"
    assert pages.get(stage.planner, url).text.count('name="vendor_ids"') == 2
    assert pages.post(stage.planner, url, {"respond_by": "2026-03-02T09:30"}).status_code == 422
    sent = {"vendor_ids": [str(vendor_id) for vendor_id in stage.vendors], "respond_by": "2026-03-02T09:30"}
    assert pages.post(stage.planner, url, sent).status_code == 303
    page = pages.get(stage.planner, url).text
    assert page.count("Withdraw F-") == 2
    assert pages.get(stage.office(stage.vendors[0]), url).status_code == 403


def test_the_api_offers_a_booking_and_lists_candidates(stage: VendorStage, pages: VendorPages) -> None:
    booking_id = stage.ride()
    found = pages.get(stage.planner, f"/api/v1/vendors/candidates?booking={booking_id}").json
    assert [item["is_eligible"] for item in found["items"]] == [True, True]
    body = {"vendor_ids": [found["items"][0]["vendor_id"]], "respond_by": SOON.isoformat()}
    made = pages.send(stage.planner, f"/api/v1/bookings/{booking_id}/offers", body)
    assert made.status_code == 201
    offer_id = made.json["items"][0]["id"]
    won = pages.send(stage.office(stage.vendors[0]), f"/api/v1/offers/{offer_id}/accept")
    assert (won.status_code, won.json["state"], won.json["total_cents"]) == (201, "held", 8050)
    wrong = pages.send(stage.planner, f"/api/v1/bookings/{booking_id}/offers", {"vendor_ids": []})
    assert wrong.status_code == 422


def test_vehicles_shifts_and_stock_are_added_and_clashes_refused(
    stage: VendorStage, pages: VendorPages
) -> None:
    vendor_id = stage.vendors[0]
    office = stage.office(vendor_id)
    vehicle, (driver,) = stage.fleet(vendor_id)
    with stage.owner() as session:
        depot = session.scalars(select(Depot).where(Depot.vendor_organization_id == vendor_id)).one()
    new = {
        "name": "Van 9",
        "plate": "9 ABC",
        "kind": "wheelchair_van",
        "depot_id": str(depot.id),
        "wheelchair": "2",
    }
    assert pages.post(office, "/portal/fleet/vehicles/new", new).status_code == 303
    assert pages.post(office, "/portal/fleet/vehicles/new", new).status_code == 409
    shift = {
        "vehicle_id": str(vehicle.id),
        "crew_member_ids": str(driver.id),
        "starts_at": "2026-03-02T08:00",
        "ends_at": "2026-03-02T18:00",
    }
    assert pages.post(office, "/portal/fleet/shifts/new", shift).status_code == 303
    later = shift | {"starts_at": "2026-03-02T17:00", "ends_at": "2026-03-02T20:00"}
    assert pages.post(office, "/portal/fleet/shifts/new", later).status_code == 409
    backwards = shift | {"ends_at": "2026-03-02T07:00"}
    assert pages.post(office, "/portal/fleet/shifts/new", backwards).status_code == 422
    count = {"depot_id": str(depot.id), "hcpcs_code": "E1390", "quantity": "4"}
    assert pages.post(office, "/portal/fleet/stock/count", count).status_code == 303
    with stage.owner() as session:
        own = StockItem.vendor_organization_id == vendor_id
        assert session.scalars(select(StockItem.quantity).where(own)).all() == [4]
        assert len(session.scalars(select(Shift)).all()) == 1
        assert len(session.scalars(select(Vehicle)).all()) == 2


def test_a_renewal_counts_once_the_platform_has_verified_it(stage: VendorStage, pages: VendorPages) -> None:
    vendor_id = stage.vendors[0]
    stage.expire(vendor_id, "auto_liability", NOW)
    new = {
        "subject": f"vendor:{vendor_id}",
        "credential_type": "auto_liability",
        "valid_from": "2026-03-01T00:00",
        "expires_at": "2027-03-01T00:00",
        "number": "POL-4711",
    }
    assert pages.post(stage.office(vendor_id), "/portal/credentials/new", new).status_code == 303
    with stage.owner() as session:
        made = session.scalars(select(Credential).where(Credential.number_sealed.is_not(None))).one()
    assert b"4711" not in (made.number_sealed or b"")
    booking_id = stage.ride()
    ask = f"/api/v1/vendors/candidates?booking={booking_id}"
    before = {item["vendor_id"]: item for item in pages.get(stage.planner, ask).json["items"]}
    assert before[str(vendor_id)]["why_not"].endswith("has not been verified at its source.")
    route = f"/api/v1/credentials/{made.id}/verify"
    assert pages.send(stage.office(vendor_id), route, {"source": "insurer"}).status_code == 403
    platform = stage.platform()
    assert pages.send(platform, route, {"source": "insurer"}).status_code == 200
    after = {item["vendor_id"]: item for item in pages.get(stage.planner, ask).json["items"]}
    assert after[str(vendor_id)]["is_eligible"]


def test_new_prices_begin_on_their_day_and_old_work_keeps_its_own(
    stage: VendorStage, pages: VendorPages
) -> None:
    office = stage.office(stage.vendors[0])
    with stage.owner() as session:
        own = RateCard.vendor_organization_id == stage.vendors[0]
        card = session.scalars(select(RateCard).where(own)).one()
    url = f"/portal/rates/{card.id}/new-version"
    assert pages.get(office, url).status_code == 200
    past = {"effective_from": "2026-03-01", "cents": ["50.00", "12.00", "3.00"]}
    assert pages.post(office, url, past).status_code == 422
    assert pages.post(office, url, past | {"effective_from": "2026-03-05"}).status_code == 303
    with stage.owner() as session:
        spans = session.execute(
            select(RateCard.effective_from, RateCard.effective_to)
            .where(own)
            .order_by(RateCard.effective_from)
        ).all()
    assert [tuple(span) for span in spans][1] == (date(2026, 3, 5), None)
    assert spans[0].effective_to == date(2026, 3, 5)
    quotes = []
    for start in (PICKUP, PICKUP + timedelta(days=4)):
        booking_id = stage.ride(start=start)
        found = pages.get(stage.planner, f"/api/v1/vendors/candidates?booking={booking_id}").json["items"]
        quotes += [item["quote_cents"] for item in found if item["vendor_id"] == str(stage.vendors[0])]
    assert quotes == [8050, 5000 + 1200 + 3000]


@pytest.mark.parametrize("wrong", ["2026-02-30", "tomorrow", "%00", "9" * 50])
def test_a_wrong_day_is_named(stage: VendorStage, pages: VendorPages, wrong: str) -> None:
    answer = pages.get(stage.office(stage.vendors[0]), f"/portal/schedule?day={wrong}")
    assert answer.status_code in {400, 422}


def test_the_award_page_is_gone_for_work_turned_back(stage: VendorStage, pages: VendorPages) -> None:
    (offer_id,) = asked(stage)
    with stage.as_vendor(stage.vendors[0]) as session:
        award_id = accept(session, offer_id).id
    office = stage.office(stage.vendors[0])
    url = f"/portal/awards/{award_id}"
    assert pages.post(office, f"{url}/turn-back", {}).status_code == 422
    assert pages.post(office, f"{url}/turn-back", {"reason_code": "crew_absent"}).status_code == 303
    page = pages.get(office, url)
    assert page.status_code == 200
    assert "no longer yours" in page.text
    assert "Turn back" not in page.text


def test_a_user_of_nothing_is_sent_away(stage: VendorStage, pages: VendorPages) -> None:
    nobody = Actor(ActorKind.NOBODY)
    assert pages.get(nobody, "/api/v1/offers").status_code == 401
