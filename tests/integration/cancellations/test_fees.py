"""Contracts by version, and the fees that follow when work is called off late or nobody is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.field import completing
from dispatch.field import service as field
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState, CancelReason
from marketplace.foundation.access import Actor, system_actor
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.foundation.work import unit_of_work
from tests.support.board_stage import BoardStage
from tests.support.ground_stage import NOW
from tests.support.vendor_pages import VendorPages
from vendors.cancellations import service
from vendors.cancellations.invariants import CANCELLATION_INVARIANTS
from vendors.cancellations.models import CancellationFee
from vendors.cancellations.rules import Debtor
from vendors.network.contracts import NewTerms, agree, contract_at

TERMS = NewTerms(NOW.date(), late_cancellation_cents=2_500, no_show_cents=4_000)


def _agree(stage: BoardStage, terms: NewTerms = TERMS) -> None:
    with stage.ground.acting(stage.ground.hospital, "org_admin") as session:
        agree(session, stage.driver_vendor, terms)


def _cancel(stage: BoardStage, ride: Booking) -> None:
    with stage.ground.planning() as session:
        bookings.cancel(session, ride.id, CancelReason.CONDITION_CHANGED)
    stage.ground.work_off()


def _fees(stage: BoardStage) -> list[CancellationFee]:
    with stage.ground.owner() as session:
        return list(session.scalars(select(CancellationFee)))


def _breaches(stage: BoardStage) -> list[object]:
    with unit_of_work(stage.runtime, system_actor(), "verifier") as session:
        return [breach for one in CANCELLATION_INVARIANTS for breach in one.breaches(session)]


def test_calling_off_on_the_day_costs_the_hospital_what_the_contract_says(stage: BoardStage) -> None:
    _agree(stage)
    ride = stage.ride_at(6.5)
    with stage.ground.planning() as session:
        before = service.if_cancelled_now(session, ride.id)
    _cancel(stage, ride)
    (fee,) = _fees(stage)
    assert (fee.cents, fee.rule, before.cents) == (2_500, "late", 2_500)
    assert (fee.organization_id, fee.vendor_organization_id) == (stage.ground.hospital, stage.driver_vendor)
    assert fee.happened_at == NOW
    assert _breaches(stage) == []


def test_without_a_contract_or_before_anybody_accepted_nothing_is_owed(stage: BoardStage) -> None:
    ride = stage.ride_at(6.5)
    _cancel(stage, ride)
    _agree(stage)
    unasked = stage.ground.book(stage.ground.ride())
    with stage.ground.planning() as session:
        assert service.if_cancelled_now(session, unasked.id).rule == "no-vendor"
    _cancel(stage, unasked)
    assert _fees(stage) == []


def test_a_driver_who_waited_in_vain_is_owed_the_no_show(stage: BoardStage) -> None:
    _agree(stage)
    ride = stage.ride_at(6.5)
    stage.plan()
    begins = stage.assignment(ride).starts_at
    stage.ground.at(begins + timedelta(hours=1))
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
        field.record(session, ride.id, Step(FieldStatus.EN_ROUTE_PICKUP, begins - timedelta(minutes=9), "a"))
        field.record(session, ride.id, Step(FieldStatus.ARRIVED_PICKUP, begins, "b"))
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
        step = Step(FieldStatus.RIDER_NO_SHOW, begins + timedelta(minutes=40), "c")
        completing.report_no_show(session, ride.id, step)
    stage.ground.work_off()
    (fee,) = _fees(stage)
    assert (fee.cents, fee.rule) == (4_000, "in-vain")
    assert _breaches(stage) == []


def test_a_driver_waits_as_long_as_the_contract_says(stage: BoardStage) -> None:
    _agree(stage, replace(TERMS, wait_minutes=30))
    ride = stage.ride_at(6.5)
    stage.plan()
    begins = stage.assignment(ride).starts_at
    stage.ground.at(begins + timedelta(hours=1))
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
        field.record(session, ride.id, Step(FieldStatus.EN_ROUTE_PICKUP, begins - timedelta(minutes=9), "a"))
        field.record(session, ride.id, Step(FieldStatus.ARRIVED_PICKUP, begins, "b"))
    early = Step(FieldStatus.RIDER_NO_SHOW, begins + timedelta(minutes=29), "c")
    with (
        pytest.raises(Conflict, match="30 minutes"),
        stage.ground.acting(stage.driver_vendor, "dispatcher") as session,
    ):
        completing.report_no_show(session, ride.id, early)
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
        completing.report_no_show(
            session, ride.id, replace(early, occurred_at=begins + timedelta(minutes=30))
        )
    assert stage.ground.fresh(ride).state is BookingState.RIDER_NO_SHOW


def test_a_vendor_that_did_not_come_owes_what_the_contract_says_and_the_hospital_may_waive_it(
    stage: BoardStage, pages: VendorPages
) -> None:
    _agree(stage, replace(TERMS, vendor_no_show_cents=5_000))
    ride = stage.ride_at(6.5)
    planner = _somebody(stage, stage.ground.hospital, "health_system", "planner")
    early = pages.post(planner, f"/bookings/{ride.id}/nobody-came", {})
    assert early.status_code == 409, "the window is not over"
    stage.ground.at(stage.ground.fresh(ride).promised_end + timedelta(minutes=1))
    assert "Nobody came" in pages.get(planner, f"/bookings/{ride.id}").get_data(as_text=True)
    assert pages.post(planner, f"/bookings/{ride.id}/nobody-came", {}).status_code == 303
    stage.ground.work_off()

    (fee,) = _fees(stage)
    assert (fee.cents, fee.rule, fee.debtor) == (5_000, "vendor-no-show", Debtor.VENDOR)
    assert stage.ground.fresh(ride).state is BookingState.VENDOR_NO_SHOW
    said = pages.get(planner, f"/contracts/of-booking/{ride.id}").get_data(as_text=True)
    assert "The vendor owes $50.00" in said
    assert _breaches(stage) == []
    vendor = _somebody(stage, stage.driver_vendor, "vendor", "vendor_admin")
    assert pages.post(vendor, f"/contracts/fees/{fee.id}/waive", {"note": "No"}).status_code == 404
    admin = _somebody(stage, stage.ground.hospital, "health_system", "org_admin")
    assert "Owed by the vendor" in pages.get(admin, "/contracts/").get_data(as_text=True)
    assert pages.post(admin, f"/contracts/fees/{fee.id}/waive", {"note": "Snow"}).status_code == 303
    said = pages.get(planner, f"/contracts/of-booking/{ride.id}").get_data(as_text=True)
    assert "are waived: Snow" in said


def test_hours_of_notice_decide_where_the_contract_names_them(stage: BoardStage) -> None:
    _agree(stage, replace(TERMS, notice_hours=2))
    ride = stage.ride_at(6.5)
    with stage.ground.planning() as session:
        assert service.if_cancelled_now(session, ride.id).rule == "in-advance", "the same day, but in time"
    stage.ground.at(stage.ground.fresh(ride).promised_start - timedelta(hours=1))
    with stage.ground.planning() as session:
        ((shown, before),) = service.if_both_cancelled_now(session, ride.id)
    _cancel(stage, ride)
    (fee,) = _fees(stage)
    assert (shown.id, before.cents, fee.cents, fee.rule) == (ride.id, 2_500, 2_500, "late")
    assert _breaches(stage) == []


def test_a_vendor_waives_its_own_fee_once(stage: BoardStage) -> None:
    _agree(stage)
    _cancel(stage, stage.ride_at(6.5))
    (fee,) = _fees(stage)
    with stage.ground.acting(stage.supplier, "biller") as session, pytest.raises(NotFound):
        service.waive(session, fee.id, "Not mine")
    with stage.ground.acting(stage.ground.hospital, "org_admin") as session, pytest.raises(NotFound):
        service.waive(session, fee.id, "We would like to")
    with stage.ground.acting(stage.driver_vendor, "dispatcher") as session, pytest.raises(Forbidden):
        service.waive(session, fee.id, "A good customer")
    with stage.ground.acting(stage.driver_vendor, "biller") as session:
        assert service.waive(session, fee.id, "A good customer").waived_at == NOW
    with stage.ground.acting(stage.driver_vendor, "biller") as session, pytest.raises(Conflict):
        service.waive(session, fee.id, "Again")


def test_a_new_version_ends_the_one_before_on_its_first_day(stage: BoardStage) -> None:
    _agree(stage)
    later = NOW.date() + timedelta(days=10)
    _agree(stage, replace(TERMS, effective_from=later, no_show_cents=5_000))
    with stage.ground.owner() as session:
        pair = (stage.driver_vendor, stage.ground.hospital)
        assert contract_at(session, *pair, NOW.date()).no_show_cents == 4_000
        assert contract_at(session, *pair, later).no_show_cents == 5_000
    for wrong, name in (
        (replace(TERMS, effective_from=NOW.date() - timedelta(days=2)), "effective_from"),
        (replace(TERMS, no_show_cents=-1), "no_show_cents"),
        (replace(TERMS, notice_hours=0), "notice_hours"),
        (replace(TERMS, wait_minutes=2), "wait_minutes"),
        (TERMS, "effective_from"),
    ):
        with pytest.raises(InvalidInput) as refused:
            _agree(stage, wrong)
        assert refused.value.errors[0].field == name


def _somebody(stage: BoardStage, organization: object, kind: str, *roles: str) -> Actor:
    return replace(stage.ground.actor(organization, *roles), organization_kind=kind)  # type: ignore[arg-type]


def test_both_sides_see_terms_and_fees_and_strangers_do_not(stage: BoardStage, pages: VendorPages) -> None:
    admin = _somebody(stage, stage.ground.hospital, "health_system", "org_admin")
    form = {
        "vendor_id": str(stage.driver_vendor), "effective_from": "2026-11-23",
        "amendment_tolerance_minutes": "20", "response_minutes": "15",
        "late_cancellation_cents": "25.00", "no_show_cents": "40",
    }  # fmt: skip
    assert pages.get(admin, "/contracts/new").status_code == 200
    assert pages.post(admin, "/contracts/new", {**form, "no_show_cents": "much"}).status_code == 422
    assert pages.post(admin, "/contracts/new", form).status_code == 303
    ride = stage.ride_at(6.5)
    planner = stage.ground.actor(stage.ground.hospital, "planner")
    said = pages.get(planner, f"/contracts/if-cancelled/{ride.id}").get_data(as_text=True)
    assert "The hospital will owe $25.00." in said
    _cancel(stage, ride)
    vendor = _somebody(stage, stage.driver_vendor, "vendor", "vendor_admin")
    with pages.counting() as statements:
        text = pages.get(vendor, "/contracts/").get_data(as_text=True)
    assert len(statements) <= 12
    assert ride.reference in text
    assert "$25.00" in text
    (fee,) = _fees(stage)
    assert pages.post(vendor, f"/contracts/fees/{fee.id}/waive", {"note": "Fine"}).status_code == 303
    stranger = _somebody(stage, stage.supplier, "vendor", "vendor_admin")
    assert pages.get(stranger, f"/contracts/fees/{fee.id}/waive").status_code == 404
    assert ride.reference not in pages.get(stranger, "/contracts/").get_data(as_text=True)
    shown = pages.get(admin, "/api/v1/cancellation-fees").get_json()["items"]
    assert [row["rule"] for row in shown] == ["late"]


def test_crew_skills_change_on_a_page_of_their_own(stage: BoardStage, pages: VendorPages) -> None:
    from vendors.fleet.models import CrewMember

    office = stage.ground.actor(stage.driver_vendor, "vendor_admin")
    with stage.ground.owner() as session:
        mine = CrewMember.vendor_organization_id == stage.driver_vendor
        member = session.scalars(select(CrewMember).where(mine)).first()
    address = f"/portal/fleet/crew/{member.id}"
    assert member.name in pages.get(office, address).get_data(as_text=True)
    data = {"skills": ["stairs", "spanish"], "phone": "503 555 0110", "in_service": "true"}
    assert pages.post(office, address, data).status_code == 303
    with stage.ground.owner() as session:
        assert session.get(CrewMember, member.id).skills == ["stairs", "spanish"]
    foreign = stage.ground.actor(stage.supplier, "vendor_admin")
    assert pages.get(foreign, address).status_code == 404


def test_a_long_schedule_goes_on_on_further_pages(
    stage: BoardStage, pages: VendorPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vendors.portal import award_views

    rides = [stage.ride_at(hours) for hours in (6.2, 7.2, 8.2)]
    monkeypatch.setattr(award_views, "ROWS", 2)
    first = pages.get(stage.dispatcher, "/portal/schedule").get_data(as_text=True)
    assert "Later work of the day" in first
    later = first.split('href="/portal/schedule?')[-1].split('"')[0].replace("&amp;", "&")
    second = pages.get(stage.dispatcher, f"/portal/schedule?{later}").get_data(as_text=True)
    assert first.count("/portal/awards/") == 2
    assert second.count("/portal/awards/") == 1
    assert len(rides) == 3
    assert pages.get(stage.dispatcher, "/portal/schedule?after=x").status_code in {400, 422}
