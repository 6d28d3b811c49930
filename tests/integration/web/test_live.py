"""Live changes over PostgreSQL: heard by the right pages, capped, and by polling too."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.web import live
from tests.integration.web.sample import token_of

PLANNER = {"X-Actor": "planner"}


def page_token(client: FlaskClient) -> str:
    page = client.get("/gallery/table", headers=PLANNER).get_data(as_text=True)
    return page.split('data-live-token="')[1].split('"')[0]


def announce(client: FlaskClient, revision: int, object_id: UUID | None = None) -> None:
    url = f"/announce/thing/{object_id or uuid4()}/{revision}"
    answer = client.post(url, headers={**PLANNER, "X-CSRF-Token": token_of(client, **PLANNER)})
    assert answer.status_code == 204


def events(stream: Iterator[bytes], wanted: str) -> str:
    """The next event of a kind."""
    for chunk in stream:
        if f"event: {wanted}\n" in chunk.decode():
            return chunk.decode()
    raise AssertionError("the stream ended")


def test_an_open_page_hears_of_a_change_after_the_commit(client: FlaskClient) -> None:
    thing = uuid4()
    answer = client.get(f"/live?token={page_token(client)}", headers=PLANNER)
    assert answer.content_type.startswith("text/event-stream")
    events(answer.response, "beat")
    announce(client, 4, thing)
    assert f'{{"object": "thing", "id": "{thing}", "revision": 4}}' in events(answer.response, "change")
    answer.close()


def test_a_page_that_was_away_catches_up(client: FlaskClient) -> None:
    token = page_token(client)
    first = client.get(f"/live/changes?token={token}", headers=PLANNER).get_json()
    answer = client.get(f"/live?token={token}", headers=PLANNER)
    events(answer.response, "beat")
    announce(client, 9)
    events(answer.response, "change")
    answer.close()
    polled = client.get(f"/live/changes?token={token}&since={first['cursor']}", headers=PLANNER).get_json()
    assert [change["revision"] for change in polled["changes"]] == [9]
    assert polled["reset"] is False


def test_a_cursor_older_than_the_memory_means_start_afresh(client: FlaskClient) -> None:
    answer = client.get(f"/live/changes?token={page_token(client)}&since=1", headers=PLANNER)
    assert answer.get_json()["reset"] is True


def test_streams_beyond_the_cap_are_refused_with_the_time_to_wait(app: Flask, client: FlaskClient) -> None:
    token = page_token(client)
    with app.test_request_context():
        live.streams().limit = 2
    taken = [client.get(f"/live?token={token}", headers=PLANNER) for _ in range(2)]
    refused = client.get(f"/live?token={token}", headers=PLANNER)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    taken[0].close()
    again = client.get(f"/live?token={token}", headers=PLANNER)
    assert again.status_code == 200
    for answer in (taken[1], again):
        answer.close()
    assert app.extensions[live.EXTENSION].open == 0


@pytest.mark.parametrize("address", ["/live", "/live/changes"])
def test_only_the_page_s_own_session_may_listen(client: FlaskClient, address: str) -> None:
    token = page_token(client)
    json = {"Accept": "application/json"}
    assert client.get(f"{address}?token={token}", headers=json).status_code == 401
    assert client.get(f"{address}?token={token}x", headers={**PLANNER, **json}).status_code == 403
    assert (
        client.get(f"{address}?token={token}", headers={**PLANNER, **json, "X-Session": "s2"}).status_code
        == 403
    )
