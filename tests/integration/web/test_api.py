"""Typed JSON routes."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

NOTES = "/api/v1/notes"
PLANNER = {"X-Actor": "planner", "Authorization": "Bearer x"}


def test_a_route_parses_calls_and_serialises(client: FlaskClient) -> None:
    body = {"title": " one ", "due_at": "2026-03-02T15:00:00-06:00", "price": 1250}
    answer = client.post(NOTES, json=body, headers=PLANNER)
    assert answer.status_code == 201
    assert answer.get_json() == {"title": "one", "due_at": "2026-03-02T21:00:00+00:00", "count": 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 41}, "title"),
        ({"title": "x" * 5000}, "title"),
        ({"title": "x", "price": 1.5}, "price"),
        ({"title": "x", "price": True}, "price"),
        ({"title": "x", "price": -1}, "price"),
        ({"title": "x", "due_at": "2026-03-02T15:00"}, "due_at"),
        ({"title": "x", "due_at": "9999-12-31T23:59:59-23:00"}, "due_at"),
        ({"title": "x", "tags": [1]}, "tags.0"),
        ({"title": "x", "surprise": 1}, "surprise"),
        ([], "request"),
        ("text", "request"),
        ({"title": 7}, "title"),
    ],
)
def test_a_wrong_field_is_named(client: FlaskClient, body: Any, field: str) -> None:
    answer = client.post(NOTES, json=body, headers=PLANNER)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("raw", "content_type", "field"),
    [
        (b"{", "application/json", "body"),
        (b'{"title": "\xff"}', "application/json", "body"),
        (b'{"title": NaN}', "application/json", "body"),
        (b"[" * 100_000, "application/json", "body"),
        (b"title=x", "application/x-www-form-urlencoded", "Content-Type"),
        (b'{"title": "a\\u0000b"}', "application/json", "title"),
        (b'{"title": "\\ud800"}', "application/json", "title"),
    ],
)
def test_what_is_not_json_is_refused(client: FlaskClient, raw: bytes, content_type: str, field: str) -> None:
    answer = client.post(NOTES, data=raw, content_type=content_type, headers=PLANNER)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == field


def test_too_much_is_refused(client: FlaskClient) -> None:
    answer = client.post(NOTES, json={"title": "x" * 1_100_000}, headers=PLANNER)
    assert answer.status_code == 413


def test_roles_are_asked_for_before_anything_is_read(client: FlaskClient) -> None:
    assert client.post(NOTES, json={}, headers={"Authorization": "Bearer x"}).status_code == 401
    refused = client.post(NOTES, json={}, headers={"X-Actor": "driver", "Authorization": "Bearer x"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden")


def test_a_repeated_post_gets_the_first_answer(client: FlaskClient) -> None:
    headers = {**PLANNER, "Idempotency-Key": "abc"}
    first = client.post(NOTES, json={"title": "one"}, headers=headers)
    second = client.post(NOTES, json={"title": "one"}, headers=headers)
    assert first.get_json() == second.get_json() == {"title": "one", "count": 1, "due_at": None}
    other = client.post(NOTES, json={"title": "two"}, headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency-key-reused")


def test_the_document_lists_every_route_with_its_roles(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    add = document["paths"]["/api/v1/notes"]["post"]
    assert add["x-roles"] == ["planner"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in add["parameters"]]
    assert set(add["responses"]) == {"201", "400", "401", "403", "404", "409", "413", "422", "429", "503"}
    read = document["paths"]["/api/v1/notes/{note_id}"]["get"]
    assert read["parameters"] == [
        {"in": "path", "name": "note_id", "required": True, "schema": {"type": "string", "format": "uuid"}}
    ]
