"""The dispatcher's pages and routes: the own day, few statements, and a refusal that names the rule."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from dispatch.board.models import HandChange
from tests.support.board_stage import BoardStage
from tests.support.ground_stage import NOW
from tests.support.vendor_pages import VendorPages
from vendors.fleet import service as fleet

DAY = "2026-11-23"


def _other(stage: BoardStage, van: str) -> str:
    return "Van 2" if van == "Van 1" else "Van 1"


def test_the_timeline_shows_every_van_its_legs_and_what_is_blocked(
    stage: BoardStage, pages: VendorPages
) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    with stage.at_the_board() as session:
        begins = NOW + timedelta(hours=1)
        fleet.block(
            session, begins, begins + timedelta(hours=1), "Lift repair", vehicle_id=stage.vans["Van 3"]
        )
    page = pages.get(stage.dispatcher, "/dispatch/")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert all(name in text for name in ("Van 1", "Van 2", "Van 3", ride.reference, "Blocked: Lift repair"))
    assert 'class="now"' in text


def test_the_board_takes_at_most_twelve_statements_however_much_is_on_it(
    stage: BoardStage, pages: VendorPages
) -> None:
    for hours in (6.2, 7.5, 8.7):
        stage.ride_at(hours)
    stage.plan()
    for address in ("/dispatch/", "/dispatch/list", "/dispatch/map", f"/dispatch/?day={DAY}"):
        with pages.counting() as statements:
            assert pages.get(stage.dispatcher, address).status_code == 200
        assert len(statements) <= 12, (address, statements)


def test_the_list_and_its_csv_tell_how_likely_each_is_late(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    assert ride.reference in pages.get(stage.dispatcher, "/dispatch/list").get_data(as_text=True)
    lines = pages.get(stage.dispatcher, "/dispatch/list?csv=1").get_data(as_text=True).splitlines()
    assert lines[0].lstrip("\ufeff").startswith("Vehicle,Reference,Work")
    assert ride.reference in lines[1]


def test_a_lane_can_be_fetched_alone(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    shift = stage.shift_of(stage.van_of(ride))
    text = pages.get(stage.dispatcher, f"/dispatch/lanes/{shift}?day={DAY}").get_data(as_text=True)
    assert ride.reference in text
    assert "<html" not in text
    foreign = stage.ground.actor(stage.supplier, "dispatcher")
    assert pages.get(foreign, f"/dispatch/lanes/{shift}").status_code == 404


def test_a_lane_is_drawn_to_the_scale_of_its_page_and_to_no_endless_one(
    stage: BoardStage, pages: VendorPages
) -> None:
    shift = stage.shift_of("Van 1")
    begins = int(NOW.timestamp())
    address = f"/dispatch/lanes/{shift}?day={DAY}&scale={begins}-"
    own = pages.get(stage.dispatcher, f"/dispatch/lanes/{shift}?day={DAY}").get_data(as_text=True)
    hours = pages.get(stage.dispatcher, f"{address}{begins + 4 * 3600}").get_data(as_text=True)
    assert hours.count('class="grid"') == 3 != own.count('class="grid"')
    endless = pages.get(stage.dispatcher, f"{address}9999999999").get_data(as_text=True)
    assert endless.count('class="grid"') == own.count('class="grid"')


def test_the_way_of_one_van_is_drawn_with_its_stops(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    shift = stage.shift_of(stage.van_of(ride))
    text = pages.get(stage.dispatcher, f"/dispatch/map?shift={shift}").get_data(as_text=True)
    assert f"pick-up {ride.reference}" in text
    assert f"drop-off {ride.reference}" in text


def test_assigning_on_the_page_says_how_it_was_checked(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    target = _other(stage, stage.van_of(ride))
    shift = str(stage.shift_of(target))
    answer = pages.post(stage.dispatcher, f"/dispatch/legs/{ride.id}/assign", {"shift_id": shift})
    assert answer.status_code == 303
    assert stage.van_of(ride) == target
    after = pages.get(stage.dispatcher, f"/dispatch/legs/{ride.id}").get_data(as_text=True)
    assert "Checked against 26 rules, certificate" in after
    assert "Yes, pinned by your office" in after


def test_a_refused_change_names_the_rule_and_changes_nothing(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    van, shift = stage.van_of(ride), str(stage.shift_of("Van 3"))
    answer = pages.post(stage.dispatcher, f"/dispatch/legs/{ride.id}/assign", {"shift_id": shift})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Not changed. The plan does not allow it: Equipment and skills" in text
    assert "Van 3 lacks oxygen mount." in text
    assert stage.van_of(ride) == van
    with stage.ground.owner() as session:
        assert session.scalars(select(HandChange)).all() == []


def test_wrong_input_is_named_on_the_page_and_in_json(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    answer = pages.post(stage.dispatcher, f"/dispatch/legs/{ride.id}/assign", {"shift_id": "van"})
    assert answer.status_code == 422
    route = f"/api/v1/dispatch/board/{ride.id}/assign"
    problem = pages.send(stage.dispatcher, route, {"shift_id": "van"})
    assert problem.status_code == 422
    assert problem.get_json()["errors"][0]["field"] == "shift_id"


def test_the_routes_show_the_day_and_refuse_by_rule(stage: BoardStage, pages: VendorPages) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    day = pages.get(stage.dispatcher, f"/api/v1/dispatch/board?day={DAY}").get_json()
    legs = [leg for lane in day["lanes"] for leg in lane["legs"]]
    assert [leg["reference"] for leg in legs] == [ride.reference]
    assert 0 <= legs[0]["late_percent"] <= 100
    route = f"/api/v1/dispatch/board/{ride.id}/assign"
    refused = pages.send(stage.dispatcher, route, {"shift_id": str(stage.shift_of("Van 3"))})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "rule-skill")
    pinned = pages.send(stage.dispatcher, f"/api/v1/dispatch/board/{ride.id}/pin")
    assert (pinned.status_code, pinned.get_json()["kind"]) == (201, "pin")


def test_a_foreign_vendor_finds_nothing_and_planners_may_not_look(
    stage: BoardStage, pages: VendorPages
) -> None:
    ride = stage.ride_at(6.5)
    stage.plan()
    foreign = stage.ground.actor(stage.supplier, "dispatcher")
    missing = pages.get(foreign, f"/dispatch/legs/{stage.ground.plan}")
    theirs = pages.get(foreign, f"/dispatch/legs/{ride.id}")
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert ride.reference not in pages.get(foreign, "/dispatch/").get_data(as_text=True)
    planner = stage.ground.actor(stage.ground.hospital, "planner")
    assert pages.get(planner, "/dispatch/").status_code == 403
