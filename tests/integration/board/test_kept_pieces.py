"""Kept pieces of the board: whatever changes shows at once, and what does not change is not drawn again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from dispatch.board import hand, kept
from dispatch.field.models import FieldService
from dispatch.field.words import FieldStatus
from marketplace.bookings.models import Booking
from marketplace.foundation.business_clock import set_business_clock
from marketplace.web.pieces import Pieces
from tests.support.board_stage import BoardStage
from tests.support.vendor_pages import VendorPages
from vendors.fleet import service as fleet
from vendors.fleet.models import CrewMember

FACES = ("/dispatch/", "/dispatch/list")
LEG = r'<a href="[^"]*" class="([^"]*)" aria-label="([^"]*)" data-leg="%s">'


@pytest.fixture
def ride(stage: BoardStage) -> Booking:
    """A ride in the afternoon, on its vehicle."""
    ride = stage.ride_at(6.5)
    stage.plan()
    return ride


def _set_clock(stage: BoardStage, moment: datetime) -> None:
    with stage.ground.owner() as session:
        set_business_clock(session, stage.runtime.settings, moment, 0)


def _leg(stage: BoardStage, pages: VendorPages, ride: Booking) -> tuple[str, str]:
    """Classes and words of a ride on the timeline."""
    html = pages.get(stage.dispatcher, "/dispatch/").get_data(as_text=True)
    found = re.search(LEG % ride.reference, html)
    assert found is not None
    return found[1], found[2]


def _listed(stage: BoardStage, pages: VendorPages) -> str:
    return pages.get(stage.dispatcher, "/dispatch/list").get_data(as_text=True)


def test_a_step_of_the_crew_shows_at_once(stage: BoardStage, pages: VendorPages, ride: Booking) -> None:
    assert "Planned" in _leg(stage, pages, ride)[1]
    assert "On the way" not in _listed(stage, pages)
    with stage.ground.owner() as session:
        mine = FieldService.booking_id == ride.id
        session.execute(update(FieldService).where(mine).values(status=FieldStatus.EN_ROUTE_PICKUP))
    classes, said = _leg(stage, pages, ride)
    assert (classes, "On the way" in said) == ("leg info", True)
    assert "On the way" in _listed(stage, pages)


def test_a_pin_shows_at_once_and_goes_at_once(stage: BoardStage, pages: VendorPages, ride: Booking) -> None:
    assert "pinned" not in _leg(stage, pages, ride)[0]
    with stage.at_the_board() as session:
        hand.pin(session, ride.id)
    assert "pinned" in _leg(stage, pages, ride)[0]
    assert '<span class="second">pinned</span>' in _listed(stage, pages)
    with stage.at_the_board() as session:
        hand.unpin(session, ride.id)
    assert "pinned" not in _leg(stage, pages, ride)[0]
    assert '<span class="second">pinned</span>' not in _listed(stage, pages)


def test_the_risk_grows_with_the_minutes(stage: BoardStage, pages: VendorPages, ride: Booking) -> None:
    assert "likely late" not in _leg(stage, pages, ride)[1]
    _set_clock(stage, ride.requested_end + timedelta(minutes=1))
    classes, said = _leg(stage, pages, ride)
    assert (classes, "100 % likely late" in said) == ("leg bad", True)
    assert "100 % likely late" in _listed(stage, pages)


def test_the_line_of_now_moves_through_kept_lanes(
    stage: BoardStage, pages: VendorPages, ride: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list[str]()
    original = kept.drawn_lane

    def counting(lane: kept.Lane, day: kept.BoardDay) -> kept.Markup:
        drawn.append(lane.name)
        return original(lane, day)

    monkeypatch.setattr(kept, "_PIECES", Pieces())
    monkeypatch.setattr(kept, "drawn_lane", counting)
    places = []
    for _ in range(3):
        html = pages.get(stage.dispatcher, "/dispatch/").get_data(as_text=True)
        places.append(set(re.findall(r'class="now" x1="([\d.]+)%"', html)))
        with stage.ground.acting(stage.driver_vendor, "dispatcher") as session:
            now = session.now()
        _set_clock(stage, now + timedelta(minutes=7))
    assert [len(each) for each in places] == [1, 1, 1]
    assert len(set.union(*places)) == 3
    assert sorted(drawn) == ["Van 1", "Van 2", "Van 3"]
    assert "\x1e" not in html
    assert ride.reference in html


def test_names_times_and_blocked_spans_show_at_once(
    stage: BoardStage, pages: VendorPages, ride: Booking
) -> None:
    van = stage.van_of(ride)
    before = pages.get(stage.dispatcher, "/dispatch/").get_data(as_text=True)
    row = stage.assignment(ride)
    assert row is not None
    with stage.at_the_board() as session:
        fleet.block(
            session, row.ends_at, row.ends_at + timedelta(minutes=20), "Lift", vehicle_id=stage.vans[van]
        )
    with stage.ground.owner() as session:
        session.execute(update(CrewMember).values(name="Somebody Else"))
        session.execute(update(Booking).where(Booking.id == ride.id).values(reference="R-CHANGED"))
    after = pages.get(stage.dispatcher, "/dispatch/").get_data(as_text=True)
    assert ("Blocked: Lift" in before, "Blocked: Lift" in after) == (False, True)
    assert ("Driver " in before, "Driver " in after) == (True, False)
    assert (ride.reference in after, "R-CHANGED" in after) == (False, True)


def test_nothing_kept_for_one_vendor_is_seen_by_another(
    stage: BoardStage, pages: VendorPages, ride: Booking
) -> None:
    foreign = stage.ground.actor(stage.supplier, "dispatcher")
    for face in FACES:
        assert ride.reference in pages.get(stage.dispatcher, face).get_data(as_text=True)
        assert ride.reference not in pages.get(foreign, face).get_data(as_text=True)


def test_what_waits_is_named_with_the_reason_of_the_moment(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    page = pages.get(stage.dispatcher, "/dispatch/").get_data(as_text=True)
    assert "The plan that gives it a vehicle is being made." in page
    with stage.ground.owner() as session:
        session.execute(update(Booking).where(Booking.id == ride.id).values(hold_reason="Held for a word."))
    page = pages.get(stage.dispatcher, "/dispatch/waiting").get_data(as_text=True)
    assert "Held for a word." in page
    assert "is being made" not in page
    stage.plan()
    assert ride.reference not in pages.get(stage.dispatcher, "/dispatch/waiting").get_data(as_text=True)
