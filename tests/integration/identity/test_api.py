"""JSON routes of identity with bearer tokens, and the OAuth2 token endpoint."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.identity import clients
from tests.integration.identity.neighbourhood import Neighbourhood


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def admin_client(place: Neighbourhood) -> clients.NewClient:
    with place.acting("mercy") as session:
        return clients.create_client(session, name="Directory sync", roles=["org_admin"])


def credentials(made: clients.NewClient) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": made.client_id,
        "client_secret": made.secret,
    }


@pytest.fixture
def bearer(web: FlaskClient, admin_client: clients.NewClient) -> dict[str, Any]:
    token = web.post("/oauth/token", data=credentials(admin_client)).get_json()["access_token"]
    return {"headers": {"Authorization": f"Bearer {token}"}}


def test_the_token_endpoint_answers_as_the_standard_says(
    web: FlaskClient, admin_client: clients.NewClient
) -> None:
    answer = web.post("/oauth/token", data=credentials(admin_client))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.get_json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "org_admin")


def test_the_token_endpoint_takes_basic_authentication(
    web: FlaskClient, admin_client: clients.NewClient
) -> None:
    basic = b64encode(f"{admin_client.client_id}:{admin_client.secret}".encode()).decode()
    answer = web.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "hwc_unknown"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"scope": "platform_admin"}, 400, "invalid_scope"),
    ],
)
def test_the_token_endpoint_refuses_in_the_standards_words(
    web: FlaskClient, admin_client: clients.NewClient, change: dict[str, str], status: int, error: str
) -> None:
    answer = web.post("/oauth/token", data=credentials(admin_client) | change)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)


def test_me_says_who_the_token_is(web: FlaskClient, bearer: dict[str, Any], place: Neighbourhood) -> None:
    assert web.get("/api/v1/me", **bearer).get_json() == {
        "kind": "client",
        "user_id": None,
        "organization_id": str(place.ids["mercy"]),
        "organization_kind": "health_system",
        "name": "Directory sync",
        "roles": ["org_admin"],
        "facility_ids": [],
    }


@pytest.mark.parametrize("token", ["", "nonsense", "hwt_" + "A" * 64])
def test_a_bad_token_is_a_problem_document(web: FlaskClient, place: Neighbourhood, token: str) -> None:
    answer = web.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_inviting_and_changing_over_json(web: FlaskClient, bearer: dict[str, Any]) -> None:
    person = {"email": "kim@mercy.example", "name": "Kim Vale", "roles": ["planner"]}
    made = web.post("/api/v1/invitations", json=person, **bearer)
    assert made.status_code == 201
    user = made.get_json()
    assert (user["state"], user["email"]) == ("invited", "kim@mercy.example")
    body = {"name": "Kim Vale", "roles": ["planner", "org_admin"], "revision": user["revision"]}
    changed = web.put(f"/api/v1/users/{user['id']}", json=body, **bearer)
    assert changed.get_json()["roles"] == ["planner", "org_admin"]
    assert web.put(f"/api/v1/users/{user['id']}", json=body, **bearer).status_code == 409
    gone = web.post(f"/api/v1/users/{user['id']}/deactivate", json={"note": "left"}, **bearer)
    assert (gone.status_code, gone.get_json()["state"]) == (200, "deactivated")


def test_a_repeated_invitation_with_the_same_key_invites_once(
    web: FlaskClient, bearer: dict[str, Any], place: Neighbourhood
) -> None:
    person = {"email": "kim@mercy.example", "name": "Kim Vale", "roles": ["planner"]}
    headers = {**bearer["headers"], "Idempotency-Key": "invite-kim"}
    answers = [web.post("/api/v1/invitations", json=person, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    assert place.owner("SELECT count(*) FROM mails")[0][0] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "kim@mercy.example", "name": "Kim", "roles": "planner"}, "roles"),
        ({"email": "kim@mercy.example", "name": "Kim", "roles": ["driver"]}, "roles"),
        ({"email": "kim@mercy.example", "name": "K\x00", "roles": ["planner"]}, "name"),
        ({"email": "kim@mercy.example", "name": "K" * 121, "roles": ["planner"]}, "name"),
        ({"email": "kim@mercy.example", "name": "Kim", "roles": ["planner"], "boss": True}, "boss"),
    ],
)
def test_bad_input_names_the_field(
    web: FlaskClient, bearer: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    answer = web.post("/api/v1/invitations", json=body, **bearer)
    assert answer.status_code in {400, 422}
    assert field in {error["field"] for error in answer.get_json()["errors"]}


def test_foreign_and_missing_answer_byte_for_byte_alike(
    web: FlaskClient, bearer: dict[str, Any], place: Neighbourhood
) -> None:
    foreign = place.person("swift-rides", "drew@swift.example", "driver", name="Drew Lane")
    answers = [web.get(f"/api/v1/users/{user_id}", **bearer) for user_id in (foreign, UUID(int=9))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_the_directory_is_open_and_setting_up_is_not(web: FlaskClient, bearer: dict[str, Any]) -> None:
    names = [one["slug"] for one in web.get("/api/v1/organizations", **bearer).get_json()["items"]]
    assert names == ["homeward", "mercy", "swift-rides"]
    body = {"kind": "vendor", "name": "Fake", "time_zone": "UTC"}
    assert web.post("/api/v1/organizations", json=body, **bearer).status_code == 403
    assert web.get("/api/v1/organizations").status_code == 401


def test_clients_are_made_and_revoked_over_json(web: FlaskClient, bearer: dict[str, Any]) -> None:
    made = web.post("/api/v1/api-clients", json={"name": "Board", "roles": ["planner"]}, **bearer).get_json()
    assert made["client_secret"].startswith("hws_")
    again = {"grant_type": "client_credentials", "client_id": made["client_id"]}
    token = web.post("/oauth/token", data={**again, "client_secret": made["client_secret"]}).get_json()
    assert web.delete(f"/api/v1/api-clients/{made['client']['id']}", **bearer).status_code == 204
    dead = web.get("/api/v1/me", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert dead.status_code == 401
