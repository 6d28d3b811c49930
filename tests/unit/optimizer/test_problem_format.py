"""Problems and plans survive their own JSON, and everything wrong in a file is named by its key."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from dispatch.optimizer import (
    Blocked,
    Break,
    CommittedStop,
    CostBreakdown,
    Credential,
    Depot,
    Link,
    Pin,
    PlannedBreak,
    PlannedStop,
    Problem,
    ProblemError,
    Promise,
    Rate,
    Request,
    Route,
    ServicePoint,
    Shift,
    Solution,
    Told,
    TravelMatrix,
    Unserved,
    UnservedCode,
    Vehicle,
    Vendor,
)
from dispatch.optimizer.certificate import digest
from dispatch.optimizer.formats.homeward import read_problem, read_solution, write_problem, write_solution
from tests.unit.optimizer.worked_day import worked_plan, worked_problem

DOCUMENT = Path(__file__).parents[3] / "docs" / "problem-format.md"
MODELS = (
    Blocked, Break, CommittedStop, CostBreakdown, Credential, Depot, Link, Pin, PlannedBreak, PlannedStop,
    Problem, Promise, Rate, Request, Route, ServicePoint, Shift, Solution, Told, TravelMatrix, Unserved,
    Vehicle, Vendor,
)  # fmt: skip


def test_a_problem_read_from_its_own_json_is_the_same() -> None:
    problem = worked_problem()
    assert digest(read_problem(write_problem(problem))) == digest(problem)


def test_a_plan_read_from_its_own_json_is_the_same() -> None:
    plan = worked_plan(worked_problem())
    assert read_solution(write_solution(plan)) == plan
    assert json.loads(write_solution(plan))["cost"]["total"] == plan.cost.total


def test_every_key_of_the_model_is_documented() -> None:
    documented = set(re.findall(r"`([a-z_]+)`", DOCUMENT.read_text()))
    assert {field.name for model in MODELS for field in fields(model)} <= documented
    assert {code.value for code in UnservedCode} <= documented


def _set(*path: str | int, to: Any) -> Any:
    def change(content: dict[str, Any]) -> None:
        place: Any = content
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def _drop(*path: str | int) -> Any:
    def change(content: dict[str, Any]) -> None:
        place: Any = content
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (_set("format", to="other"), "format"),
        (_set("version", to=2), "version"),
        (_drop("travel"), "travel"),
        (_drop("travel", "seconds"), "travel.seconds"),
        (_set("travel", "seconds", 0, 1, to=float("nan")), "travel.seconds"),
        (_set("travel", "seconds", 0, 1, to=-1), "travel.seconds"),
        (_set("travel", "seconds", 0, to=[1, 2]), "travel.seconds"),
        (_set("travel", "metres", to=[[0]]), "travel.metres"),
        (_set("travel", "speed_percent", to=[0]), "travel.speed_percent"),
        (_set("travel", "colour", to=1), "travel.colour"),
        (_drop("requests"), "requests"),
        (_set("requests", 0, "id", to=7), "requests[0].id"),
        (_set("requests", 0, "colour", to="red"), "requests[0].colour"),
        (_set("requests", 0, "kind", to="flight"), "requests[0].kind"),
        (_drop("requests", 0, "points", 1), "requests[0].points"),
        (_set("requests", 0, "points", 0, "latest", to=0), "requests[0].points[0]"),
        (_set("requests", 0, "points", 0, "earliest", to=1.5), "requests[0].points[0].earliest"),
        (_set("requests", 0, "points", 0, "earliest", to="dawn"), "requests[0].points[0].earliest"),
        (_set("requests", 0, "points", 0, "location", to=99), "requests[0].points[0].location"),
        (_set("requests", 0, "load", to=[1]), "requests[0].load"),
        (_set("requests", 0, "load", to=[-1, 0, 0, 0]), "requests[0].load"),
        (_set("requests", 0, "vendors", to=["nobody"]), "requests[0].vendors"),
        (_set("requests", 1, "id", to="wheel-1"), "requests.id"),
        (_set("vehicles", 0, "configurations", to=[[-2, 0, 0, 0]]), "vehicles[0].configurations[0]"),
        (_set("vehicles", 0, "configurations", to=[]), "vehicles[0].configurations"),
        (_set("vehicles", 0, "shift", "end", to=10), "vehicles[0].shift"),
        (_set("vehicles", 3, "depot", to="nowhere"), "vehicles[3].depot"),
        (_set("links", 0, "before", to="nobody"), "links[0].before"),
        (_set("links", 1, "max_lag_seconds", to=0), "links[1].max_lag_seconds"),
        (_set("requests", 4, "pin", "vehicle", to="van-9"), "requests[4].pin.vehicle"),
        (_set("requests", 4, "pin", "start", to=0), "requests[4].pin.start"),
        (_set("requests", 4, "vendors", to=["north"]), "requests[4].pin"),
        (_set("frozen_until", to=-1), "frozen_until"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named_by_its_key(change: Any, key: str) -> None:
    content = json.loads(write_problem(worked_problem()))
    change(content)
    with pytest.raises(ProblemError) as refused:
        read_problem(json.dumps(content))
    assert refused.value.key == key


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '{"format": 1}', b"\xff\xfe"])
def test_what_is_no_problem_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(ProblemError):
        read_problem(text)


def test_a_file_of_a_million_rows_is_refused_by_its_key() -> None:
    content = json.loads(write_problem(worked_problem()))
    content["requests"] = [0] * 1_000_000
    with pytest.raises(ProblemError) as refused:
        read_problem(json.dumps(content))
    assert refused.value.key == "requests"
