"""The pages and JSON routes of standing orders, over HTTP."""

from __future__ import annotations

from sqlalchemy import event

from tests.integration.bookings.conftest import Caller, fields_refused
from tests.integration.standing.conftest import StandingStage
from tests.support.html_forms import forms_of

MOST_QUERIES = 12
PLACE = {"place_kind": "J", "name": "Hoyt Dialysis", "address_line": "5051 NE Hoyt St", "city": "Portland",
         "state": "OR", "postal_code": "97213"}  # fmt: skip


def document(stage: StandingStage, **changes: object) -> dict[str, object]:
    return {
        "task_id": str(stage.task),
        "level_of_service": "wheelchair",
        "payer_kind": "coverage",
        "coverage_id": str(stage.ground.coverage),
        "authorization_id": str(stage.dialysis_authorization),
        "destination": PLACE,
        "weekdays": [0, 2, 4],
        "pickup_at": "06:00",
        "back_at": "10:30",
        "starts_on": "2026-11-23",
        "ends_on": "2027-01-31",
        **changes,
    }


def test_an_order_is_begun_suspended_resumed_and_ended_as_json(caller: Caller, stage: StandingStage) -> None:
    root = "/api/v1/standing-orders"
    assert fields_refused(caller.client.post(root, json=document(stage, weekdays=[9]))) == {"weekdays.0"}
    assert fields_refused(caller.client.post(root, json=document(stage, pickup_at="six"))) == {"pickup_at"}
    foreseen = caller.client.post(f"{root}/foresee", json=document(stage)).json
    assert (len(foreseen["days"]), foreseen["rides"]) == (30, 60)
    made = caller.client.post(root, json=document(stage))
    assert made.status_code == 201, made.text
    one = f"{root}/{made.json['id']}"
    assert len(caller.client.get(one).json["occurrences"]) == 6
    assert caller.client.post(f"{one}/skip", json={"day": "2026-11-25"}).json["skipped"] == ["2026-11-25"]
    asked = {"reason_code": "hospital_stay", "first": "2026-11-27"}
    assert caller.client.post(f"{one}/suspend", json=asked).json["state"] == "suspended"
    assert {day["state"] for day in caller.client.get(one).json["occurrences"]} == {"called_off"}
    assert caller.client.post(f"{one}/resume").json["state"] == "active"
    assert caller.client.post(f"{one}/fill").json["trouble"] == ""
    terms = {key: value for key, value in document(stage).items() if key in {
        "weekdays", "pickup_at", "starts_on", "ends_on"}}  # fmt: skip
    later = caller.client.post(f"{one}/terms", json={**terms, "way_back": "none"}).json
    assert (later["way_back"], later["back_at"]) == ("none", None)
    assert caller.client.post(f"{one}/end", json={}).json["state"] == "ended"
    mine = caller.client.get(root, query_string={"patient_id": str(stage.ground.patient)}).json
    assert [row["id"] for row in mine["items"]] == [made.json["id"]]
    caller.act(stage.ground.other_hospital, "planner")
    assert caller.client.get(one).status_code == 404
    assert caller.client.get(root).json["items"] == []


def test_the_page_shows_what_it_would_book_before_it_stands(caller: Caller, stage: StandingStage) -> None:
    patient = caller.client.get(f"/patients/{stage.ground.patient}").text
    address = f"/desk/standing/new?task={stage.task}"
    assert address in patient
    found = forms_of(caller.client.get(address).text, address)
    form = next(one for one in found if "pickup_at" in one.controls).values()
    payer = f"coverage:{stage.ground.coverage}:{stage.dialysis_authorization}"
    sent = {**form, **PLACE, "payer": payer, "weekdays": ["0", "2", "4"], "ends_on": "2027-01-31"}
    sent.pop("confirmed", None)
    wrong = caller.client.post(address, data={**sent, "back_at": "06:10"})
    assert wrong.status_code == 422
    assert "The patient is not there yet" in wrong.text
    look = caller.client.post(address, data=sent)
    assert look.status_code == 200
    assert "60 rides on 30 days" in look.text
    assert stage.days() == {}
    made = caller.client.post(address, data={**sent, "confirmed": "true"})
    assert made.status_code == 303, made.text
    page = made.headers["Location"]
    shown = caller.client.get(page).text
    assert shown.count("Leave out</button>") == 6
    assert "Hoyt Dialysis, 5051 NE Hoyt St, Portland, OR 97213" in shown
    assert "Its rides" in caller.client.get(f"/patients/{stage.ground.patient}").text
    assert caller.client.get(f"/desk/standing/of-task/{stage.task}").headers["Location"] == page
    assert "Alvarez, Rosa" in caller.client.get("/desk/standing/").text


def test_from_its_page_it_is_suspended_changed_and_ended(caller: Caller, stage: StandingStage) -> None:
    page = f"/desk/standing/{stage.begin().id}"
    days = {"first": "2026-11-27", "last": "2026-11-30", "reason_code": "away"}
    assert caller.client.post(f"{page}/suspend", data={**days, "last": "2026-11-01"}).status_code == 422
    assert caller.client.post(f"{page}/suspend", data=days).status_code == 303
    assert "No rides from Fri, Nov 27, 2026 to Mon, Nov 30, 2026" in caller.client.get(page).text
    assert caller.client.post(f"{page}/resume").status_code == 303
    assert caller.client.post(f"{page}/skip", data={"day": "2026-12-02"}).status_code == 303
    assert caller.client.post(f"{page}/fill").status_code == 303
    changed = {"weekdays": ["0", "2"], "pickup_at": "07:00", "back_at": "11:00", "way_back": "at_time",
               "window_minutes": "30", "ends_on": "2027-01-31",
               "skipped": "2026-12-25 2027-01-01"}  # fmt: skip
    assert caller.client.post(f"{page}/terms", data=changed).status_code == 303
    assert stage.order().skipped == ["2026-12-25", "2027-01-01"]
    assert caller.client.post(f"{page}/end", data={"note": "Transplant"}).status_code == 303
    assert "Transplant" in caller.client.get(page).text
    assert stage.all_breaches() == []


def test_the_pages_ask_few_questions_of_the_database(caller: Caller, stage: StandingStage) -> None:
    order = stage.begin()
    seen: list[str] = []
    engine = stage.runtime.databases.engine("web")

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    for address in ("/desk/standing/", f"/desk/standing/{order.id}"):
        caller.client.get(address)
        seen.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert caller.client.get(address).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        asked = [one for one in seen if not one.lstrip().upper().startswith(("SELECT SET_CONFIG", "INSERT"))]
        assert len(asked) <= MOST_QUERIES, asked
