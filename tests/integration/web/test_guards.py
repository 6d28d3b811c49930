"""What is refused before a view runs, and what every answer carries."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.integration.web.sample import token_of

PLANNER = {"X-Actor": "planner"}


def test_a_form_without_a_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/notes/new", data={"title": "one"}, headers=PLANNER)
    assert answer.status_code == 403
    assert "This page has been open too long" in answer.get_data(as_text=True)


def test_a_token_of_another_session_is_refused(client: FlaskClient) -> None:
    token = token_of(client, **PLANNER)
    other = {**PLANNER, "X-Session": "s2", "X-CSRF-Token": token}
    assert client.post("/notes/new", data={"title": "one"}, headers=other).status_code == 403


def test_a_token_made_before_sign_in_belongs_to_that_browser(client: FlaskClient) -> None:
    token = token_of(client)
    assert client.post("/preferences", data={"theme": "dark", "csrf_token": token}).status_code == 303
    client.delete_cookie("homeward_visitor")
    assert client.post("/preferences", data={"theme": "dark", "csrf_token": token}).status_code == 403


def test_a_bearer_token_needs_no_csrf_token(client: FlaskClient) -> None:
    headers = {**PLANNER, "Authorization": "Bearer x"}
    assert client.post("/api/v1/notes", json={"title": "one"}, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("body", "field", "why"),
    [
        (b"title=a%00b", "title", "NUL"),
        (b"title=%ff", "title", "UTF-8"),
        (b"due%5Fat=\xfe", "due_at", "UTF-8"),
        (b"%00=x", "", "NUL"),
    ],
)
def test_text_that_cannot_be_stored_is_refused_by_field(
    client: FlaskClient, body: bytes, field: str, why: str
) -> None:
    headers = {**PLANNER, "X-CSRF-Token": token_of(client, **PLANNER), "Accept": "application/json"}
    answer = client.post(
        "/notes/new", data=body, content_type="application/x-www-form-urlencoded", headers=headers
    )
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    [error] = answer.get_json()["errors"]
    assert error["field"] == field
    assert why in error["message"]


def test_multipart_text_is_checked_too(client: FlaskClient) -> None:
    headers = {**PLANNER, "X-CSRF-Token": token_of(client, **PLANNER), "Accept": "application/json"}
    answer = client.post(
        "/notes/new", data={"title": "a\x00b"}, content_type="multipart/form-data", headers=headers
    )
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "title")


def test_a_query_that_is_not_utf8_is_refused(client: FlaskClient) -> None:
    answer = client.get("/pages?sort=%ff", headers={**PLANNER, "Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "sort")


def test_every_page_forbids_inline_code_framing_and_keeping(client: FlaskClient) -> None:
    headers = client.get("/gallery/").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers
    assert client.get("/gallery/", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_built_files_may_be_kept_forever(client: FlaskClient) -> None:
    page = client.get("/gallery/").get_data(as_text=True)
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert client.get(sheet).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_no_page_holds_inline_script_or_style(client: FlaskClient) -> None:
    for url in ("/gallery/", "/gallery/table", "/gallery/phone", "/gallery/panel", "/gallery/print"):
        page = client.get(url, headers=PLANNER).get_data(as_text=True)
        assert "style=" not in page
        assert "<style" not in page
        assert " onclick" not in page
        assert "<script>" not in page


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_a_refusal_is_a_page_for_people_and_a_document_for_programs(client: FlaskClient, status: int) -> None:
    page = client.get(f"/gallery/problem/{status}")
    document = client.get(f"/gallery/problem/{status}", headers={"Accept": "application/json"})
    shown = {400: 422}.get(status, status)
    assert (page.status_code, document.status_code) == (shown, shown)
    assert "What you can do" in page.get_data(as_text=True)
    assert document.content_type == "application/problem+json"
    assert document.get_json()["status"] == shown
    assert ("Retry-After" in page.headers) == (status in {429, 503})


def test_htmx_gets_a_refusal_as_a_notice_above_the_content(client: FlaskClient) -> None:
    answer = client.get("/gallery/problem/409", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert answer.headers["HX-Retarget"] == "#flashes"
    assert "<html" not in answer.get_data(as_text=True)


def test_unknown_addresses_and_methods_are_problems_too(client: FlaskClient) -> None:
    assert client.get("/api/v1/nowhere").get_json()["code"] == "not-found"
    refused = client.delete(
        "/count",
        headers={**PLANNER, "X-CSRF-Token": token_of(client, **PLANNER), "Accept": "application/json"},
    )
    assert (refused.status_code, refused.get_json()["code"]) == (405, "method-not-allowed")
