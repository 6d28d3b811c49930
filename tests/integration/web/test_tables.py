"""Keyset pages on the real database."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.integration.web.sample import token_of

PLANNER = {"X-Actor": "planner"}


@pytest.fixture
def seven(client: FlaskClient) -> FlaskClient:
    token = token_of(client, **PLANNER)
    for name in "dbgacfe":
        client.post("/notes/new", data={"title": name}, headers={**PLANNER, "X-CSRF-Token": token})
    return client


def walk(client: FlaskClient, query: str, side: str = "next") -> list[str]:
    """The keys of each page from here to the end in one direction."""
    found, extra = [], ""
    for _ in range(9):
        page = client.get(f"/pages?{query}{extra}", headers=PLANNER).get_json()
        found.append("".join(page["keys"]))
        if not page[side]:
            return found
        extra = f"&{'after' if side == 'next' else 'before'}={page[side]}"
    raise AssertionError("the pages do not end")


def test_pages_follow_each_other_without_gap_or_repeat(seven: FlaskClient) -> None:
    assert walk(seven, "") == ["abc", "def", "g"]
    assert walk(seven, "sort=key&direction=desc") == ["gfe", "dcb", "a"]
    assert walk(seven, "sort=made") == ["dbg", "acf", "e"]


def test_back_leads_to_the_same_pages(seven: FlaskClient) -> None:
    first = seven.get("/pages", headers=PLANNER).get_json()
    second = seven.get(f"/pages?after={first['next']}", headers=PLANNER).get_json()
    assert second["previous"]
    back = seven.get(f"/pages?before={second['previous']}", headers=PLANNER).get_json()
    assert back["keys"] == first["keys"]
    assert back["previous"] == ""
    assert back["next"]


@pytest.mark.parametrize(
    "query",
    ["after=%21%21", "after=WzFd", "after=bnVsbA", "sort=secret", "direction=up", "before=eyJhIjoxfQ"],
)
def test_a_forged_address_is_refused_in_words(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/pages?{query}", headers={**PLANNER, "Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] in {"after", "sort", "direction"}
