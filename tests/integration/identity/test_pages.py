"""The pages of the door, the account and administration, over the application's own routes."""

from __future__ import annotations

import re
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.identity.neighbourhood import PASSWORD, Neighbourhood

BOSS = "boss@mercy.example"


def text_of(response: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def send(client: FlaskClient, path: str, form_at: str | None = None, **fields: object) -> TestResponse:
    """POST a form with the token of the page it stands on."""
    page = client.get(form_at or path).get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    return client.post(path, data={"csrf_token": token.group(1), **fields})


@pytest.fixture
def boss(place: Neighbourhood, app: Flask) -> FlaskClient:
    """A browser in which the hospital's administrator is signed in."""
    place.person("mercy", BOSS, "org_admin", "planner", name="Alex Boss")
    client = app.test_client()
    assert send(client, "/sign-in", email=BOSS, password=PASSWORD).status_code == 303
    return client


def test_signing_in_leads_back_to_the_page_that_asked_and_never_elsewhere(
    place: Neighbourhood, app: Flask
) -> None:
    place.person("mercy", BOSS, "org_admin")
    client = app.test_client()
    asked = client.get("/admin/users?role=planner")
    assert (asked.status_code, asked.headers["Location"]) == (
        303,
        "/sign-in?next=/admin/users?role%3Dplanner",
    )
    there = send(client, "/sign-in", email=BOSS, password=PASSWORD, next="/admin/users?role=planner")
    assert there.headers["Location"] == "/admin/users?role=planner"
    elsewhere = app.test_client()
    away = send(elsewhere, "/sign-in", email=BOSS, password=PASSWORD, next="https://evil.example/")
    assert away.headers["Location"] == "/"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(boss: FlaskClient) -> None:
    cookie = boss.get_cookie("homeward_session")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")


def test_a_wrong_password_says_so_without_saying_which_is_wrong(app: Flask, place: Neighbourhood) -> None:
    answer = send(app.test_client(), "/sign-in", email=BOSS, password="not this one either")
    assert answer.status_code == 401
    assert "Address and password do not fit together" in text_of(answer)
    assert "Set-Cookie" not in answer.headers or "homeward_session" not in answer.headers["Set-Cookie"]


def test_a_form_without_the_pages_token_is_refused(app: Flask, place: Neighbourhood) -> None:
    assert app.test_client().post("/sign-in", data={"email": BOSS, "password": PASSWORD}).status_code == 403


def test_the_way_from_invitation_over_enrolment_to_work(
    boss: FlaskClient, app: Flask, place: Neighbourhood
) -> None:
    invited = send(boss, "/admin/users/invite", name="Kim Vale", email="kim@mercy.example", roles=["planner"])
    assert invited.status_code == 303
    link = place.last_link("mercy")
    kim = app.test_client()
    path = "/invitation/" + link.rpartition("/")[2]
    assert "Mercy has set up an account for Kim Vale" in text_of(kim.get(path))
    differing = send(kim, path, password="seven quiet lanterns", repeated="seven quiet lantern")
    assert differing.status_code == 422
    chosen = send(kim, path, password="seven quiet lanterns", repeated="seven quiet lanterns")
    assert chosen.headers["Location"] == "/sign-in/set-up"
    assert kim.get("/account").status_code == 303
    page = kim.get("/sign-in/set-up").get_data(as_text=True)
    key = re.search(r'data-copy="([A-Z2-7]{32})"', page)
    assert key is not None
    done = send(kim, "/sign-in/set-up", code=pyotp.TOTP(key.group(1)).now())
    assert "not shown again" in text_of(done)
    assert len(re.findall(r"<li>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}</li>", done.get_data(as_text=True))) == 10
    assert "Kim Vale" in text_of(kim.get("/account"))
    assert kim.get(path).status_code == 404


def test_forgetting_a_password_gets_the_same_answer_for_every_address(boss: FlaskClient, app: Flask) -> None:
    visitor = app.test_client()
    known = text_of(send(visitor, "/forgot-password", email=BOSS)).replace(BOSS, "X")
    unknown = text_of(send(visitor, "/forgot-password", email="who@x.example")).replace("who@x.example", "X")
    stamp = re.compile(r"\d\d:\d\d")
    assert stamp.sub("", known) == stamp.sub("", unknown)


def test_signing_out_ends_the_session_on_the_server(boss: FlaskClient) -> None:
    cookie = boss.get_cookie("homeward_session")
    assert cookie is not None
    assert send(boss, "/sign-out", "/account").headers["Location"] == "/sign-in"
    boss.set_cookie("homeward_session", cookie.value)
    assert boss.get("/account").status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/account", "/account/password", "/account/authenticator", "/account/recovery-codes",
        "/account/authenticator/remove", "/admin/users", "/admin/users?words=alex&role=planner&state=active",
        "/admin/users/invite", "/admin/facilities", "/admin/facilities/new", "/admin/clients", "/admin/audit",
        "/admin/audit?who=alex&action=sign_in&since=2026-01-01T00:00", "/admin/failed-work", "/admin/outbox",
    ],
)  # fmt: skip
def test_every_page_of_an_administrator_renders(boss: FlaskClient, path: str) -> None:
    assert boss.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/admin/users", "/admin/facilities", "/admin/clients", "/admin/audit", "/admin/outbox"]
)
def test_administration_is_closed_to_others(place: Neighbourhood, app: Flask, path: str) -> None:
    place.person("mercy", "kim@mercy.example", "planner")
    kim = app.test_client()
    assert kim.get(path).status_code == 303
    send(kim, "/sign-in", email="kim@mercy.example", password=PASSWORD)
    assert kim.get(path).status_code == 403


def test_foreign_and_missing_users_get_the_same_page(boss: FlaskClient, place: Neighbourhood) -> None:
    foreign = place.person("swift-rides", "drew@swift.example", "driver", name="Drew Lane")
    stamp = re.compile(r'content="[^"]*"|data-now="[^"]*"|\d\d:\d\d')
    answers = {
        stamp.sub("", boss.get(f"/admin/users/{user_id}").get_data(as_text=True))
        for user_id in (foreign, UUID(int=9))
    }
    assert len(answers) == 1
    assert boss.get(f"/admin/users/{foreign}").status_code == 404
    for verb in ("deactivate", "reactivate", "invite-again", "reset-second-factor"):
        assert send(boss, f"/admin/users/{foreign}/{verb}", "/account").status_code == 404


def test_a_clients_secret_is_shown_once(boss: FlaskClient) -> None:
    made = send(boss, "/admin/clients", name="Record system", roles=["planner"])
    assert "hws_" in made.get_data(as_text=True)
    assert "hws_" not in boss.get("/admin/clients").get_data(as_text=True)


def test_a_bad_facility_names_its_fields_and_keeps_what_was_typed(boss: FlaskClient) -> None:
    answer = send(
        boss, "/admin/facilities/new", name="North", address="1 Main St", postal_code="627", latitude="99",
        longitude="-89", time_zone="America/Chicago",
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'value="1 Main St"' in answer.get_data(as_text=True)
    assert "North" not in text_of(boss.get("/admin/facilities"))


def test_the_present_password_is_asked_before_it_is_changed(boss: FlaskClient, place: Neighbourhood) -> None:
    new = {"password": "three patient herons", "repeated": "three patient herons"}
    refused = send(boss, "/account/password", present="a wrong password", **new)
    assert refused.status_code == 422
    assert "not your present password" in text_of(refused)
    assert send(boss, "/account/password", present=PASSWORD, **new).status_code == 303
    assert place.sign_in(BOSS, "three patient herons").cookie


def test_the_audit_trail_downloads_as_csv_and_says_that_it_was(boss: FlaskClient) -> None:
    first = boss.get("/admin/audit?csv=1").get_data(as_text=True)
    assert first.startswith("\ufeffWhen (UTC),Who")
    assert "sign_in:signed_in" in first
    assert "audit:export" in boss.get("/admin/audit?csv=1").get_data(as_text=True)


def test_the_platform_sets_up_an_organization_with_its_first_administrator(
    place: Neighbourhood, app: Flask
) -> None:
    place.person("homeward", "noor@homeward.example", "platform_admin", name="Noor Haddad")
    noor = app.test_client()
    send(noor, "/sign-in", email="noor@homeward.example", password=PASSWORD)
    form = {
        "kind": "payer", "name": "Cascade Plan", "npi": "1234567893", "time_zone": "America/Chicago",
        "admin_name": "Lee Park", "admin_email": "lee@cascade.example",
    }  # fmt: skip
    wrong = send(noor, "/admin/organizations/new", **(form | {"npi": "1234567890"}))
    assert wrong.status_code == 422
    assert send(noor, "/admin/organizations/new", **form).status_code == 303
    assert "Cascade Plan" in text_of(noor.get("/admin/organizations"))
