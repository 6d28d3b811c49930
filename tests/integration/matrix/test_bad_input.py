"""Bad input at every JSON route and form: refused by field name, never a failure, and nothing half-saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from marketplace.web.api import Operation
from marketplace.web.api import operations as all_operations
from tests.support.addresses import filled, home_role, ids_of
from tests.support.lived_in import LivedIn
from tests.support.samples import MISSING_ID, TOO_LONG, bad_documents, good

DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "application/json"),
    "no JSON": (b"{", "application/json"),
    "a list": (b"[]", "application/json"),
    "a number": (b"1", "application/json"),
    "null": (b"null", "application/json"),
    "not UTF-8": (b'{"name": "\xff\xfe"}', "application/json"),
    "not a number": (b'{"name": NaN}', "application/json"),
    "infinity": (b'{"name": -Infinity}', "application/json"),
    "a number without end": (b'{"name": 1' + b"0" * 5000 + b"}", "application/json"),
    "a number beyond numbers": (b'{"name": 1e999}', "application/json"),
    "too deep": (DEEP, "application/json"),
    "two megabytes": (b'{"name": "' + b"x" * 2_000_000 + b'"}', "application/json"),
    "a form": (b"name=value", "application/x-www-form-urlencoded"),
    "plain text": (b'{"name": "x"}', "text/plain"),
    "XML": (b"<name/>", "application/xml"),
}
"""Bodies that are wrong whatever the route: (content, content type)."""
NOTED = ("idempotency_keys", "sign_in_throttles", "sign_in_sessions")
"""Tables that remember the attempt itself."""


@pytest.fixture(scope="module")
def operations(lived_in_world: LivedIn) -> list[Operation]:
    """Every JSON route with a body."""
    with lived_in_world.app.app_context():
        return [one for one in all_operations() if one.body is not None]


@pytest.fixture(scope="module")
def ids(lived_in_world: LivedIn) -> Mapping[str, str]:
    """The story's objects."""
    return ids_of(lived_in_world)


def saved_since(world: LivedIn, before: Mapping[str, int]) -> dict[str, int]:
    """How many rows more each table holds than before."""
    after = world.counts()
    return {
        name: after[name] - rows for name, rows in before.items() if after[name] != rows and name not in NOTED
    }


def names(problem: Mapping[str, Any]) -> set[str]:
    """The fields that a problem document names, without positions in lists."""
    return {
        ".".join(part for part in error["field"].split(".") if not part.isdecimal())
        for error in problem.get("errors", [])
    }


def is_problem(answer: TestResponse) -> bool:
    """Whether the answer is a problem document of a refusal."""
    return 400 <= answer.status_code < 500 and answer.mimetype == "application/problem+json"


def test_each_field_is_refused_by_name(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str]
) -> None:
    wrong, asked = [], 0
    before = lived_in_world.counts()
    for one in operations:
        assert one.body is not None
        token, path = lived_in_world.token(*home_role(one.roles)), filled(one.rule, ids, MISSING_ID)
        for bad in bad_documents(one.body, ids):
            asked += 1
            content = json.dumps(bad.document)
            answer = lived_in_world.ask(
                one.method, path, token, data=content, content_type="application/json"
            )
            named = names(answer.get_json()) if is_problem(answer) else set()
            if not any(name.startswith(bad.field) for name in named):
                wrong.append((one.method, one.rule, bad.field, bad.what, answer.status_code, named))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before) == {}
    assert asked > 800


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_wrong_as_a_whole_is_refused(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str], what: str
) -> None:
    content, content_type = BODIES[what]
    wrong = []
    before = lived_in_world.counts()
    for one in operations:
        token, path = lived_in_world.token(*home_role(one.roles)), filled(one.rule, ids, MISSING_ID)
        answer = lived_in_world.ask(one.method, path, token, data=content, content_type=content_type)
        if not is_problem(answer):
            wrong.append((one.method, one.rule, answer.status_code, answer.get_data(as_text=True)[:200]))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before) == {}


def test_an_empty_object_is_refused_by_the_names_of_what_is_missing(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str]
) -> None:
    wrong = []
    for one in operations:
        assert one.body is not None
        wanted = set(good(one.body))
        if wanted:
            token, path = lived_in_world.token(*home_role(one.roles)), filled(one.rule, ids, MISSING_ID)
            answer = lived_in_world.ask(one.method, path, token, json={})
            if not is_problem(answer) or names(answer.get_json()) != wanted:
                wrong.append((one.method, one.rule, answer.status_code, answer.get_data(as_text=True)[:300]))

    assert not wrong, "\n".join(map(str, wrong))


def test_ids_in_bodies_answer_alike_when_they_are_foreign_and_when_they_are_missing(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str]
) -> None:
    wrong = []
    theirs = {
        "task_id": ids["task_id"], "encounter_id": ids["encounter_id"], "coverage_id": ids["coverage_id"],
        "authorization_id": ids["authorization_id"], "patient_id": ids["patient_id"],
        "vehicle_id": ids["vehicle_id"], "subject_id": ids["vehicle_id"],
    }  # fmt: skip
    before = lived_in_world.counts()
    for one in operations:
        assert one.body is not None
        role, home = stranger_of(one.roles)
        for name in set(one.body.load_fields) & set(theirs):
            token, path = lived_in_world.token(role, home), filled(one.rule, {}, MISSING_ID)
            pair = [
                lived_in_world.ask(one.method, path, token, json={**good(one.body), name: found})
                for found in (theirs[name], MISSING_ID)
            ]
            if pair[0].status_code < 400 or pair[0].get_data() != pair[1].get_data():
                wrong.append((one.rule, name, [answer.get_data(as_text=True)[:200] for answer in pair]))

    assert not wrong, "\n".join(map(str, wrong))
    assert saved_since(lived_in_world, before) == {}


def stranger_of(roles: frozenset[str]) -> tuple[str, str]:
    """Somebody with one of the roles whose organization has no part in the story."""
    role, home = home_role(roles)
    kinds = {
        "st-brigid": "other-health",
        "harbor-rides": "other-vendor",
        "evergreen-health-plan": "other-plan",
    }
    return role, kinds.get(home, home)


def test_too_long_and_wrong_queries_are_refused_by_name(
    lived_in_world: LivedIn, ids: Mapping[str, str]
) -> None:
    with lived_in_world.app.app_context():
        asking = [one for one in all_operations() if one.query is not None and one.roles]
    wrong = []
    for one in asking:
        assert one.query is not None
        token, path = lived_in_world.token(*home_role(one.roles)), filled(one.rule, ids, MISSING_ID)
        for name in one.query.load_fields:
            for value in ("0001-01-01", "9999-12-31", "9" * 40, "-1", "[]", "1,2,,", MISSING_ID):
                answer = lived_in_world.ask(one.method, f"{path}?{name}={value}", token)
                if answer.status_code >= 500:
                    wrong.append((one.rule, name, value, answer.status_code, ""))
            for value in (TOO_LONG, "a%00b", "%ff%fe"):
                answer = lived_in_world.ask(one.method, f"{path}?{name}={value.replace(' ', '+')}", token)
                if not is_problem(answer) or name not in names(answer.get_json()):
                    wrong.append(
                        (one.rule, name, value[:10], answer.status_code, answer.get_data(as_text=True)[:200])
                    )

    assert not wrong, "\n".join(map(str, wrong))
