"""Each JSON route and page, asked by everybody who has no part in it: nothing foreign gets out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from marketplace.web.api import Operation
from marketplace.web.api import operations as all_operations
from marketplace.web.openapi import describe
from tests.support.addresses import ID, filled, home_role, ids_of
from tests.support.lived_in import STRANGERS, LivedIn
from tests.support.samples import MISSING_ID, good

VIEWERS = [(role, company.slug) for company in STRANGERS for role, _ in company.people]
"""Everybody of the organizations that have no part in the story."""
DIRECTORY = ("/api/v1/organizations/<uuid:organization_id>",)
"""Who takes part in the marketplace is known to everybody in it; nothing of patients is there."""
HEX = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
AS_A_DOCUMENT = {"Accept": "application/json"}
"""Pages carry one-time values; the same refusals as documents can be compared to the byte."""
PRIVATE = (
    "patients", "encounters", "care_plans", "care_plan_tasks", "bookings", "coverages", "authorizations",
    "offers", "awards", "vehicles", "crew_members", "shifts", "credentials", "claims", "deposits",
    "transfers", "service_events", "evidence_items", "assignments", "plans", "mails",
    "payout_accounts", "rate_cards", "choice_lists", "patient_choices", "choice_presentations",
    "standing_orders", "cancellation_fees", "fee_charges", "trips",
)  # fmt: skip


@pytest.fixture(scope="module")
def operations(lived_in_world: LivedIn) -> list[Operation]:
    """Every JSON route of the house."""
    with lived_in_world.app.app_context():
        return list(all_operations())


@pytest.fixture(scope="module")
def ids(lived_in_world: LivedIn) -> Mapping[str, str]:
    """The story's objects, which belong to nobody among the viewers."""
    return ids_of(lived_in_world)


@pytest.fixture(scope="module")
def private_ids(lived_in_world: LivedIn) -> set[str]:
    """Every id of every object that no viewer has a part in."""
    with lived_in_world.runtime.databases.engine("owner").connect() as connection:
        queries = [f"SELECT id FROM {table}" for table in PRIVATE]  # noqa: S608 - words of this file
        return {str(found) for query in queries for (found,) in connection.exec_driver_sql(query)}


def request_of(operation: Operation, ids: Mapping[str, str], own: str) -> dict[str, Any]:
    """A good request for a route, with `own` as the id where the story has none."""
    request: dict[str, Any] = {"method": operation.method, "path": filled(operation.rule, ids, own)}
    if operation.body is not None:
        request["json"] = good(operation.body)
    if operation.query is not None:
        request["query_string"] = good(operation.query, ids)
    return request


def test_the_description_of_the_api_names_each_schema_once(operations: list[Operation]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # apispec warns when two schemas share a name
        described = describe.__wrapped__(tuple(operations))

    assert len(described["paths"]) == len({one.rule for one in operations})


def test_nobody_gets_past_the_door(lived_in_world: LivedIn, operations: list[Operation]) -> None:
    answers = {
        f"{one.method} {one.rule}": lived_in_world.ask(**request_of(one, {}, MISSING_ID)).status_code
        for one in operations
        if one.roles
    }

    assert {route: status for route, status in answers.items() if status != 401} == {}


def test_a_role_that_is_not_named_is_refused(lived_in_world: LivedIn, operations: list[Operation]) -> None:
    wrong = []
    for one in operations:
        for role, slug in VIEWERS:
            if role in one.roles or not one.roles:
                continue
            answer = lived_in_world.ask(
                **request_of(one, {}, MISSING_ID), token=lived_in_world.token(role, slug)
            )
            if answer.status_code != 403:
                wrong.append((one.method, one.rule, role, answer.status_code))

    assert not wrong, "\n".join(map(str, wrong))


def test_what_belongs_to_others_answers_like_what_does_not_exist(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str]
) -> None:
    wrong, asked = [], 0
    for one in operations:
        if not ID.search(one.rule) or one.rule.startswith(DIRECTORY):
            continue
        for role, slug in VIEWERS:
            if role not in one.roles:
                continue
            asked += 1
            token = lived_in_world.token(role, slug)
            foreign = lived_in_world.ask(**request_of(one, ids, MISSING_ID), token=token)
            missing = lived_in_world.ask(**request_of(one, {}, MISSING_ID), token=token)
            if not (foreign.status_code == missing.status_code == 404 and alike(foreign, missing)):
                wrong.append((one.method, one.rule, role, seen(foreign), seen(missing)))

    assert not wrong, "\n".join(map(str, wrong))
    assert asked > 60


def test_every_address_has_an_object_of_the_story_to_be_foreign(
    operations: list[Operation], ids: Mapping[str, str]
) -> None:
    named = {name for one in operations for name in ID.findall(one.rule)}

    assert named - set(ids) == set()


def test_the_owner_finds_each_object_that_others_do_not(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str]
) -> None:
    draft = f"/encounters/{ids['encounter_id']}/discharge-draft"
    lived_in_world.api("planner", "st-brigid", "POST", draft, {"parts": []})
    answers = {}
    for one in operations:
        if one.method == "GET" and ID.search(one.rule):
            answer = lived_in_world.ask(
                **request_of(one, ids, MISSING_ID), token=lived_in_world.token(*home_role(one.roles))
            )
            answers[one.rule] = answer.status_code

    assert {rule: status for rule, status in answers.items() if status != 200} == {}


def test_no_list_shows_anything_of_others(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str], private_ids: set[str]
) -> None:
    shown = []
    for one in operations:
        if one.method != "GET" or ID.search(one.rule):
            continue
        for role, slug in VIEWERS:
            if role in one.roles:
                token = lived_in_world.token(role, slug)
                text = lived_in_world.ask(**request_of(one, ids, MISSING_ID), token=token).get_data(
                    as_text=True
                )
                if set(HEX.findall(text)) & private_ids - set(ids.values()) or "Alvarez" in text:
                    shown.append((one.rule, role, text[:200]))

    assert shown == []


def test_ids_in_queries_answer_alike_when_they_are_foreign_and_when_they_are_missing(
    lived_in_world: LivedIn, operations: list[Operation], ids: Mapping[str, str]
) -> None:
    wrong = []
    for one in operations:
        if one.query is None or not one.roles:
            continue
        for role, slug in VIEWERS:
            names = [name for name in one.query.load_fields if name in ids and name != "organization_id"]
            if role in one.roles and names:
                token, asked = lived_in_world.token(role, slug), request_of(one, {}, MISSING_ID)
                for name in names:
                    pair = [
                        lived_in_world.ask(**{**asked, "query_string": {name: found}}, token=token)
                        for found in (ids[name], MISSING_ID)
                    ]
                    if not alike(*pair):
                        wrong.append((one.rule, name, role, seen(pair[0]), seen(pair[1])))

    assert not wrong, "\n".join(map(str, wrong))


def pages(lived_in_world: LivedIn) -> Iterator[tuple[str, str]]:
    """(method, rule) of every page whose address holds an id."""
    for rule in lived_in_world.app.url_map.iter_rules():
        if ID.search(rule.rule) and not rule.rule.startswith("/api/"):
            yield from ((method, rule.rule) for method in sorted({"GET", "POST"} & (rule.methods or set())))


def test_pages_of_others_look_like_pages_that_do_not_exist(
    lived_in_world: LivedIn, ids: Mapping[str, str]
) -> None:
    wrong = []
    for method, rule in pages(lived_in_world):
        for role, slug in VIEWERS:
            token = lived_in_world.token(role, slug)
            foreign, missing = (
                lived_in_world.ask(method, filled(rule, found, MISSING_ID), token, headers=AS_A_DOCUMENT)
                for found in (ids, {})
            )
            if foreign.status_code < 400 or not alike(foreign, missing):
                wrong.append((method, rule, role, seen(foreign), seen(missing)))

    assert not wrong, "\n".join(map(str, wrong))


def test_nobody_sees_a_page_of_the_story(lived_in_world: LivedIn, ids: Mapping[str, str]) -> None:
    answers = {
        f"{method} {rule}": lived_in_world.ask(method, filled(rule, ids, MISSING_ID)).status_code
        for method, rule in pages(lived_in_world)
    }

    assert {route: status for route, status in answers.items() if status not in {303, 401, 403}} == {}


def alike(one: TestResponse, other: TestResponse) -> bool:
    """Whether two answers are the same to the byte."""
    answers = [(each.status_code, each.get_data(), each.content_type) for each in (one, other)]
    return answers[0] == answers[1]


def seen(answer: TestResponse) -> tuple[int, str]:
    """A short look at an answer, for the report of a failure."""
    return answer.status_code, answer.get_data(as_text=True)[:300]
