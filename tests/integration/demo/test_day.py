"""Two hours of the small demo's day, played by its actors over HTTP: work gets done and no promise breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.engines, pytest.mark.slow]
PATIENCE_SECONDS = 240


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `homeward day` says of two hours at two hundred times the clock's speed."""
    folder: Path = tmp_path_factory.mktemp("day")
    command = [sys.executable, "-m", "marketplace", "day", "--size", "S", "--speed", "200", "--hours", "2.5"]
    environment = {**os.environ, "HOMEWARD_DATA_DIR": str(folder), "HOMEWARD_PLANNING_SECONDS": "1"}
    environment.pop("HOMEWARD_PORT", None)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert done.stdout.strip(), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_promise_breaks_and_nothing_fails_while_the_day_is_played(report: dict[str, Any]) -> None:
    assert report["breaches"] == {}
    assert report["troubles"] == []
    assert report["dead_jobs"] == []
    assert not any(status.startswith("5") for status in report["requests"]["statuses"])


def test_planners_vendors_and_crews_have_worked(report: dict[str, Any]) -> None:
    deeds = report["deeds"]
    planners = ("booked ride", "booked equipment", "offered", "moved a discharge", "noted a discharge")
    assert sum(deeds.get(deed, 0) for deed in planners) >= 3
    assert deeds["accepted"] >= 3
    assert deeds.get("finished a ride", 0) + deeds.get("finished a delivery", 0) >= 1


def test_planted_facts_are_found_where_they_should_surface(report: dict[str, Any]) -> None:
    assert report["planted"]
    assert {fact: seen for fact, seen in report["planted"].items() if seen != "found"} == {}


def test_every_board_was_looked_at_and_answered(report: dict[str, Any]) -> None:
    boards = report["boards"]
    assert boards["troubles"] == []
    assert set(boards["boards"]) == {
        "planner /desk/", "vendor_admin /portal/offers", "dispatcher /dispatch/", "driver /field/",
        "technician /field/", "reviewer /review/", "biller /billing/",
    }  # fmt: skip


def test_a_plan_follows_an_event_within_seconds(report: dict[str, Any]) -> None:
    plans = report["event_to_plan"]
    assert plans["count"] >= 3
    assert 100 < plans["p50_ms"] <= plans["p95_ms"] <= plans["max_ms"]
    assert plans["p50_ms"] < 5_000
