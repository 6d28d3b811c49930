"""Trips by air over HTTP: quoted and booked from the patient's page, as JSON, and seen by nobody else."""

from __future__ import annotations

from datetime import timedelta

from dispatch.field.words import FieldStatus
from marketplace.bookings import service as bookings
from marketplace.bookings.words import BookingState, CancelReason
from tests.integration.bookings.conftest import Caller, fields_refused
from tests.support.html_forms import forms_of
from tests.support.trip_stage import WHY, TripStage

PLACE = {"place_kind": "N", "name": "High Desert Rehabilitation", "address_line": "3025 SW Reservoir Dr",
         "city": "Redmond", "state": "OR", "postal_code": "97756"}  # fmt: skip
FLIGHT = {"takeoff": "KTTD", "landing": "KRDM", "necessity": "condition", "necessity_note": WHY}


def document(stage: TripStage, **changes: object) -> dict[str, object]:
    paying = {"payer_kind": "coverage", "coverage_id": str(stage.ground.coverage)}
    return {"task_id": str(stage.task), **paying, **FLIGHT, "destination": PLACE, **changes}


def test_a_trip_is_quoted_booked_shown_and_called_off_as_json(caller: Caller, stage: TripStage) -> None:
    root = "/api/v1/trips"
    bare = document(stage, necessity=None, necessity_note="")
    assert fields_refused(caller.client.post(root, json=bare)) == {"necessity", "necessity_note"}
    assert fields_refused(caller.client.post(f"{root}/quote", json=document(stage, landing="KXXX"))) == {
        "landing"
    }
    quote = caller.client.post(f"{root}/quote", json=document(stage)).json
    assert [leg["lines"][0]["code"] for leg in quote["legs"]] == ["A0428", "A0430", "A0428"]
    assert quote["complete"]
    assert quote["total_cents"] == sum(leg["total_cents"] for leg in quote["legs"])
    wrong = document(stage, vendors=[str(stage.desert), None, None])
    assert fields_refused(caller.client.post(root, json=wrong)) == {"vendors.1"}
    made = caller.client.post(root, json=document(stage, vendors=[None, str(stage.air)]))
    assert made.status_code == 201, made.text
    assert made.json["total_cents"] == quote["total_cents"]
    one = f"{root}/{made.json['id']}"
    assert [leg["booking"]["state"] for leg in caller.client.get(one).json["legs"]] == ["offered"] * 3
    assert caller.client.post(f"{one}/again", json={"leg": 1}).status_code == 409
    assert caller.client.post(f"{one}/again", json={"leg": 9}).status_code == 422
    flight = made.json["legs"][1]["booking"]["id"]
    cancelled = caller.client.post(f"/api/v1/bookings/{flight}/cancel", json={"reason_code": "not_needed"})
    assert cancelled.status_code == 200, cancelled.text
    states = [leg["booking"]["state"] for leg in caller.client.get(one).json["legs"]]
    assert states == ["on_hold", "cancelled_same_day", "on_hold"]
    again = caller.client.post(f"{one}/again", json={"leg": 2}).json
    assert again["legs"][1]["booking"]["state"] == "offered"
    gone = caller.client.post(f"{one}/cancel", json={"reason_code": "condition_changed"}).json
    assert {leg["booking"]["state"] for leg in gone["legs"]} == {"cancelled_same_day"}
    caller.act(stage.ground.other_hospital, "planner")
    assert caller.client.get(one).status_code == 404
    assert caller.client.post(f"{one}/cancel", json={"reason_code": "not_needed"}).status_code == 404


def test_the_page_shows_every_leg_and_its_price_before_it_books(caller: Caller, stage: TripStage) -> None:
    address = f"/desk/trips/new?task={stage.task}"
    assert address in caller.client.get(f"/patients/{stage.ground.patient}").text
    found = forms_of(caller.client.get(address).text, address)
    form = next(one for one in found if "takeoff" in one.controls).values()
    sent = {
        **form,
        **PLACE,
        "takeoff": "KTTD",
        "landing": "KRDM",
        "payer": f"coverage:{stage.ground.coverage}",
    }
    sent.pop("confirmed", None)
    wrong = caller.client.post(address, data={**sent, "necessity": "", "necessity_note": ""})
    assert wrong.status_code == 422
    assert "Say why the ground will not do" in wrong.text
    sent |= {"necessity": "condition", "necessity_note": WHY}
    look = caller.client.post(address, data=sent)
    assert look.status_code == 200, look.text
    assert "A0435" in look.text
    assert "miles through the air" in look.text
    assert "The whole trip: $" in look.text
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        assert bookings.trip_of_task(session, stage.task) is None
    made = caller.client.post(address, data={**sent, "confirmed": "true"})
    assert made.status_code == 303, made.text
    page = made.headers["Location"]
    shown = caller.client.get(page).text
    assert "Leg 2: Air ambulance, aeroplane" in shown
    assert WHY in shown
    patient = caller.client.get(f"/patients/{stage.ground.patient}").text
    assert patient.count(f'href="{page}"') == 3


def test_the_page_says_what_no_longer_fits_and_books_a_leg_again(caller: Caller, stage: TripStage) -> None:
    trip, made = stage.standing()
    late = made[0].planned_start + timedelta(minutes=120)
    stage.report(made[0], FieldStatus.EN_ROUTE_PICKUP, late)
    page = f"/desk/trips/{trip.id}"
    shown = caller.client.get(page).text
    assert "promised was" in shown
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, made[2].id, CancelReason.WRONG_DETAILS)
    assert "Leg 3 does not take place" in caller.client.get(f"{page}/body").text
    assert caller.client.post(f"{page}/again", data={"leg": "3"}).status_code == 303
    assert stage.legs(trip)[2].state is BookingState.OFFERED
    assert caller.client.post(f"{page}/cancel", data={}).status_code == 422
    off = caller.client.post(f"{page}/cancel", data={"reason_code": "condition_changed"})
    assert off.status_code == 303
    assert stage.legs(trip)[2].state is BookingState.CANCELLED_SAME_DAY
    assert stage.legs(trip)[0].state is BookingState.UNDER_WAY


def test_a_vendor_sees_why_it_flies_and_a_stranger_does_not(stage: TripStage) -> None:
    trip, made = stage.standing()
    with stage.ground.acting(stage.air, "vendor_admin") as session:
        assert bookings.trip(session, trip.id).necessity_note == WHY
        assert bookings.booking(session, made[1].id).trip_leg == 2
    for stranger in (stage.ground.other_hospital,):
        with stage.ground.acting(stranger, "planner") as session:
            assert session.get(type(trip), trip.id) is None


def test_the_phone_of_an_aircrew_says_flight(caller: Caller, stage: TripStage) -> None:
    _, made = stage.standing()
    for vendor, leg, word in ((stage.metro, made[0], "Ride"), (stage.air, made[1], "Flight")):
        page = caller.act(vendor, "driver").client.get("/field/").text
        assert f'<strong>{word} <span class="nowrap">{leg.reference}</span></strong>' in page
