"""One request is one unit of work."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.web.sample import token_of

PLANNER = {"X-Actor": "planner"}


def effects(client: FlaskClient) -> int:
    count: int = client.get("/count", headers=PLANNER).get_json()["count"]
    return count


def post(client: FlaskClient, url: str, data: dict[str, str] | None = None, **headers: str) -> TestResponse:
    return client.post(
        url, data=data, headers={**PLANNER, "X-CSRF-Token": token_of(client, **PLANNER), **headers}
    )


def test_a_view_that_answers_below_400_is_committed(client: FlaskClient) -> None:
    assert post(client, "/notes/new", {"title": "one"}).status_code == 303
    assert effects(client) == 1


@pytest.mark.parametrize(("kind", "status"), [("conflict", 409), ("status", 409), ("crash", 500)])
def test_a_refusal_or_a_failure_undoes_everything(client: FlaskClient, kind: str, status: int) -> None:
    assert post(client, f"/fail/{kind}").status_code == status
    assert effects(client) == 0


def test_what_a_service_refuses_becomes_an_error_of_the_form_and_nothing_is_saved(
    client: FlaskClient,
) -> None:
    answer = post(client, "/notes/new", {"title": "taken"})
    assert answer.status_code == 422
    assert answer.get_json() == {
        "errors": {"title": "This title is taken; choose another one."},
        "title": "taken",
    }
    assert effects(client) == 0


def test_a_repeated_form_is_answered_as_the_first_and_done_once(client: FlaskClient) -> None:
    form = {"title": "one", "idempotency_key": "k1"}
    first, second = post(client, "/notes/new", form), post(client, "/notes/new", form)
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert effects(client) == 1


def test_the_same_key_with_other_contents_is_refused(client: FlaskClient) -> None:
    post(client, "/notes/new", {"title": "one", "idempotency_key": "k1"})
    answer = post(client, "/notes/new", {"title": "two", "idempotency_key": "k1"})
    assert answer.status_code == 422
    assert "This form was sent before with other contents" in answer.get_data(as_text=True)
    assert effects(client) == 1


def test_a_refused_request_leaves_its_key_free(client: FlaskClient) -> None:
    assert post(client, "/notes/new", {"title": "taken", "idempotency_key": "k1"}).status_code == 422
    assert post(client, "/notes/new", {"title": "free", "idempotency_key": "k1"}).status_code == 303
    assert effects(client) == 1
