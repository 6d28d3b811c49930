"""The JSON routes and pages of the ground over HTTP: who may, what is refused and how, how many queries."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, func, select

from marketplace.bookings.models import Booking
from marketplace.foundation.ids import new_id
from tests.integration.bookings.conftest import Caller, fields_refused, ride_body
from tests.support.ground_stage import ROSA, GroundStage

PATIENT = {
    "given_name": "Ada",
    "family_name": "Byron",
    "birth_date": "1950-12-10",
    "mrn": "SB-9",
    "mobility_aid": "walker",
    "oxygen_lpm": "2.5",
    "stairs_count": 3,
}


def test_a_patient_is_added_and_read_as_json(caller: Caller) -> None:
    made = caller.client.post("/api/v1/patients", json=PATIENT)
    assert made.status_code == 201, made.text
    again = caller.client.get(f"/api/v1/patients/{made.json['id']}").json
    assert (again["identity"]["family_name"], again["needs"]["oxygen_lpm"]) == ("Byron", "2.5")
    found = caller.client.get("/api/v1/patients", query_string={"q": "byr"}).json["items"]
    assert [hit["name"] for hit in found] == ["Byron, Ada"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given_name": None}, "given_name"),
        ({"given_name": "x" * 101}, "given_name"),
        ({"given_name": "a\u0000b"}, "given_name"),
        ({"stairs_count": 2.5}, "stairs_count"),
        ({"stairs_count": True}, "stairs_count"),
        ({"stairs_count": 10**30}, "stairs_count"),
        ({"mobility_aid": "broomstick"}, "mobility_aid"),
        ({"oxygen_lpm": "lots"}, "oxygen_lpm"),
        ({"oxygen_lpm": "NaN"}, "oxygen_lpm"),
        ({"receiver_from": "2026-11-23T10:00:00"}, "receiver_from"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_input_is_refused_by_field(caller: Caller, changes: dict[str, object], field: str) -> None:
    assert fields_refused(caller.client.post("/api/v1/patients", json={**PATIENT, **changes})) == {field}


def test_a_body_that_is_no_json_in_utf8_is_refused(caller: Caller) -> None:
    for data, content_type in (
        (b"{", "application/json"),
        (b'{"a": "\xff"}', "application/json"),
        (b"{}", "text/plain"),
    ):
        answer = caller.client.post("/api/v1/bookings", data=data, content_type=content_type)
        assert answer.status_code == 400, answer.text


def test_a_ride_is_booked_read_by_its_parties_and_called_off(caller: Caller, stage: GroundStage) -> None:
    made = caller.client.post("/api/v1/bookings", json=ride_body(stage))
    assert made.status_code == 201, made.text
    booking = made.json
    assert (booking["state"], booking["patient_id"]) == ("requested", str(stage.patient))
    listed = caller.client.get("/api/v1/bookings").json
    assert [row["reference"] for row in listed["items"]] == [booking["reference"]]
    caller.act(stage.payer, "reviewer", kind="payer")
    seen = caller.client.get(f"/api/v1/bookings/{booking['id']}").json
    assert (seen["reference"], seen["patient_id"]) == (booking["reference"], None)
    assert caller.client.get(f"/api/v1/bookings/{booking['id']}/rider").status_code == 404
    assert caller.client.post(f"/api/v1/bookings/{booking['id']}/cancel", json={}).status_code == 403
    caller.act(stage.hospital, "planner")
    rider = caller.client.get(f"/api/v1/bookings/{booking['id']}/rider").json
    assert (rider["name"], rider["destination"]) == (ROSA.name, ROSA.address)
    cancelled = caller.client.post(
        f"/api/v1/bookings/{booking['id']}/cancel", json={"reason_code": "not_needed", "revision": 1}
    )
    assert cancelled.json["state"] == "cancelled_same_day"
    again = caller.client.post(f"/api/v1/bookings/{booking['id']}/cancel", json={"reason_code": "not_needed"})
    assert again.status_code == 409
    steps = caller.client.get(f"/api/v1/bookings/{booking['id']}/timeline").json["items"]
    assert [step["what"] for step in steps] == ["requested", "cancelled_same_day"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task_id": None}, "task_id"),
        ({"task_id": "no"}, "task_id"),
        ({"kind": "taxi"}, "kind"),
        ({"kind": "home_health", "level_of_service": None}, "task_id"),
        ({"level_of_service": None}, "level_of_service"),
        ({"level_of_service": "ambulatory"}, "level_of_service"),
        ({"items": [{"hcpcs_code": "E1390"}]}, "items"),
        ({"payer_kind": None}, "payer_kind"),
        ({"coverage_id": str(new_id())}, "coverage_id"),
        ({"authorization_id": str(new_id())}, "authorization_id"),
        ({"requested_start": "2026-11-23T15:00:00-08:00"}, "requested_end"),
        ({"requested_start": "yesterday"}, "requested_start"),
        ({"note": "x" * 501}, "note"),
        ({"destination": {"address_line": "1 A St"}}, "destination.city"),
    ],
)
def test_a_wrong_order_is_refused_by_field_and_nothing_is_saved(
    caller: Caller, stage: GroundStage, changes: dict[str, object], field: str
) -> None:
    answer = caller.client.post("/api/v1/bookings", json=ride_body(stage, **changes))
    assert field in fields_refused(answer)
    with stage.owner() as session:
        assert session.scalar(select(func.count()).select_from(Booking)) == 0


def test_missing_and_foreign_objects_answer_byte_for_byte_alike(caller: Caller, stage: GroundStage) -> None:
    made = caller.client.post("/api/v1/bookings", json=ride_body(stage)).json
    own = {
        "/api/v1/patients/{}": stage.patient,
        "/api/v1/encounters/{}": stage.encounter,
        "/api/v1/tasks/{}": stage.ride_task,
        "/api/v1/bookings/{}": made["id"],
        "/api/v1/bookings/{}/rider": made["id"],
        "/api/v1/bookings/{}/timeline": made["id"],
        "/patients/{}": stage.patient,
        "/bookings/{}": made["id"],
        "/bookings/new?task={}": stage.ride_task,
    }
    caller.act(stage.other_hospital, "planner")
    for address, found in own.items():
        foreign = caller.client.get(address.format(found))
        missing = caller.client.get(address.format(new_id()))
        assert (foreign.status_code, missing.status_code) == (404, 404), address
        if address.startswith("/api"):
            assert foreign.data == missing.data, address


def test_who_is_to_leave_is_listed_with_each_task_and_its_booking(caller: Caller, stage: GroundStage) -> None:
    made = caller.client.post("/api/v1/bookings", json=ride_body(stage)).json
    rows = caller.client.get("/api/v1/encounters").json["items"]
    tasks = {task["task_id"]: task for row in rows for task in row["tasks"]}
    assert tasks[str(stage.ride_task)]["booking_reference"] == made["reference"]
    assert tasks[str(stage.ride_task)]["booking_state"] == "requested"
    assert tasks[str(stage.oxygen_task)]["booking_id"] is None


def test_every_route_refuses_who_lacks_the_role(caller: Caller, stage: GroundStage) -> None:
    rules = [rule for rule in caller.app.url_map.iter_rules() if rule.endpoint.split(".")[0] in {
        "patients_api", "care_plans_api", "bookings_api", "patients", "careplans", "bookings"
    }]  # fmt: skip
    assert len(rules) > 30
    for rule in rules:
        address = re.sub(r"<[^>]+>", str(new_id()), rule.rule)
        method = "POST" if "POST" in rule.methods else min(rule.methods - {"HEAD", "OPTIONS"})
        api = rule.rule.startswith("/api")
        caller.act(stage.hospital, "privacy_officer")
        answer = caller.client.open(address, method=method, json={} if api and method != "GET" else None)
        assert answer.status_code == 403, (method, address, answer.status_code)
        caller.who = None
        answer = caller.client.open(address, method=method, json={} if api and method != "GET" else None)
        assert answer.status_code in {302, 303, 401, 403}, (method, address, answer.status_code)


def test_pages_take_at_most_twelve_queries_whatever_they_show(caller: Caller, stage: GroundStage) -> None:
    made = caller.client.post("/api/v1/bookings", json=ride_body(stage)).json
    for _ in range(5):
        stage.new_task()
    counted: list[str] = []
    engine = stage.runtime.databases.engine("web")

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        for address in (
            "/patients",
            f"/patients/{stage.patient}",
            f"/bookings/{made['id']}",
            f"/bookings/new?task={stage.oxygen_task}",
            "/search?q=alv",
            "/api/v1/bookings",
            "/api/v1/encounters",
        ):
            caller.client.get(address)
            counted.clear()
            assert caller.client.get(address).status_code == 200, address
            print(address, len(counted))
            assert len(counted) <= 12, (address, len(counted), counted)
    finally:
        event.remove(engine, "before_cursor_execute", count)
