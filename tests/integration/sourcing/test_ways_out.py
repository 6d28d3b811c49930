"""When nobody accepts: ways out that the rules have checked, and a call list without a name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState, LevelOfService
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from tests.support.vendor_stage import NOW, PICKUP, VendorStage
from vendors.network.models import Capacity, ServiceArea, VendorProfile
from vendors.network.words import ServiceLine
from vendors.offers.deadlines import sweep
from vendors.offers.models import Offer
from vendors.offers.service import propose
from vendors.offers.words import OfferState
from vendors.sourcing.calling import call_list
from vendors.sourcing.service import start
from vendors.sourcing.taking import ask_beyond, ride_otherwise, widen_window
from vendors.sourcing.ways_out import WayOut, ways_out

HOUR = timedelta(hours=1)


def ways(stage: VendorStage, booking_id: UUID) -> dict[str, WayOut]:
    """The ways out by their kind; of several of one kind the first."""
    with stage.as_planner() as session:
        found = ways_out(session, booking_id)
    return {way.kind: way for way in reversed(found)}


def shrink_areas(stage: VendorStage) -> None:
    """Everybody goes one kilometre from the base at most: nobody serves the hospital."""
    with stage.owner() as session:
        for area in session.scalars(select(ServiceArea)):
            area.radius_meters = 100


def open_offers(stage: VendorStage) -> set[UUID]:
    with stage.owner() as session:
        mine = select(Offer.vendor_organization_id).where(Offer.state == OfferState.OPEN)
        return set(session.scalars(mine))


def test_vendors_from_farther_away_are_found_and_asked_with_one_press(stage: VendorStage) -> None:
    shrink_areas(stage)
    booking_id = stage.ride()
    with pytest.raises(InvalidInput), stage.as_planner() as session:
        propose(session, booking_id, stage.vendors[:1], NOW + timedelta(minutes=30))
    assert len(ways(stage, booking_id)["beyond"].vendors) == 3
    with stage.as_planner() as session:
        ask_beyond(session, booking_id)
    assert open_offers(stage) == set(stage.vendors)


def test_nobody_from_farther_away_is_no_way_out(stage: VendorStage) -> None:
    booking_id = stage.ride()
    assert "beyond" not in ways(stage, booking_id)
    with pytest.raises(Conflict), stage.as_planner() as session:
        ask_beyond(session, booking_id)


def test_a_wider_window_names_who_said_no_to_the_old_one(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        propose(session, booking_id, stage.vendors, NOW + timedelta(minutes=30))
    stage.at(NOW + timedelta(minutes=31))
    with stage.owner() as session:
        sweep(session, {})
    stage.work_off()
    way = ways(stage, booking_id)["window"]
    assert way.delay == HOUR
    assert "said no, or nothing, to the old time" in way.meaning
    with stage.as_planner() as session:
        widen_window(session, booking_id, way.fields["minutes"])
    with stage.owner() as session:
        assert session.get_one(Booking, booking_id).requested_end == PICKUP + timedelta(minutes=90)
    assert len(open_offers(stage)) == 1


def test_another_level_must_be_safe_and_have_a_vendor(stage: VendorStage) -> None:
    booking_id = stage.ride(level=LevelOfService.STRETCHER)
    levels = {way.fields.get("level") for way in ways_of(stage, booking_id) if way.kind == "level"}
    assert levels == {"wheelchair"}
    with pytest.raises(InvalidInput), stage.as_planner() as session:
        ride_otherwise(session, stage.ride(needs={"oxygen_lpm": "2"}), LevelOfService.AMBULATORY)
    with stage.as_planner() as session:
        ride_otherwise(session, booking_id, LevelOfService.WHEELCHAIR)
    assert len(open_offers(stage)) == 1


def ways_of(stage: VendorStage, booking_id: UUID) -> list[WayOut]:
    with stage.as_planner() as session:
        return ways_out(session, booking_id)


def test_a_full_day_is_left_for_the_next_morning(stage: VendorStage) -> None:
    with stage.owner() as session:
        for vendor_id in stage.vendors:
            monday = Capacity(
                vendor_organization_id=vendor_id, service_line=ServiceLine.RIDE, weekday=0, per_day=0
            )
            session.add(monday)
    booking_id = stage.ride()
    with stage.owner() as session:
        booking = session.get_one(Booking, booking_id)
        booking.anchor, booking.offset_start_minutes, booking.offset_end_minutes = "discharge", 0, 30  # type: ignore[assignment]
    found = ways_of(stage, booking_id)
    assert [way.kind for way in found] == ["discharge"]
    assert found[0].meaning.startswith("From Tue 09:00.")


def test_ways_stand_in_the_order_of_delay_then_price(stage: VendorStage) -> None:
    found = ways_of(stage, stage.ride(level=LevelOfService.STRETCHER))
    assert found == sorted(found, key=lambda way: (way.delay, way.cents, way.title))


def test_an_unmet_booking_is_asked_again_by_its_way_out(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        bookings.unmet(session, booking_id)
    with stage.as_planner() as session:
        widen_window(session, booking_id, 60)
    with stage.owner() as session:
        assert session.get_one(Booking, booking_id).state is BookingState.OFFERED


def test_no_way_out_while_vendors_are_asked_or_for_strangers(stage: VendorStage) -> None:
    booking_id = stage.ride()
    with stage.as_planner() as session:
        start(session, booking_id)
    with pytest.raises(Conflict), stage.as_planner() as session:
        widen_window(session, booking_id, 60)
    for wrong in (0, 481):
        with pytest.raises(InvalidInput), stage.as_planner() as session:
            widen_window(session, booking_id, wrong)
    with pytest.raises(NotFound), stage.as_planner() as session:
        ways_out(session, UUID(int=1))


def test_the_call_list_has_phones_answers_and_a_sentence_without_a_name(stage: VendorStage) -> None:
    booking_id = stage.ride(needs={"mobility_aid": "wheelchair"})
    with stage.owner() as session:
        session.get_one(VendorProfile, stage.vendors[0]).office_phone = "+1 503 555 0100"
    with stage.as_planner() as session:
        start(session, booking_id)
        calls = call_list(session, booking_id)
        reference = session.get_one(Booking, booking_id).reference
    assert calls.to_say == (
        f"This is Hospital, reference {reference}. We need a ride, wheelchair, from Portland 97227 to "
        "Portland 97202, on Monday between 15:00 and 15:30. Needed: Wheelchair. Can you do it? "
        "You get the name and address once you accept."
    )
    asked = next(call for call in calls.calls if call.vendor_id == stage.vendors[0])
    assert (asked.phone, asked.so_far) == ("+1 503 555 0100", "is being asked: you can read a code out")
    assert asked.open_offer is not None
