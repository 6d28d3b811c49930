"""The house stands without its upper floors: the ground alone, then each floor added."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.sources import ROOT

FLOORS = ("ground", "vendors", "dispatch", "billing", "roof")


def boot(floors: tuple[str, ...], database_url: str, redis_url: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.support.floor_process", database_url, redis_url, *floors]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 0, finished.stderr
    facts: dict[str, Any] = json.loads(finished.stdout)
    return facts


@pytest.mark.parametrize("height", range(1, len(FLOORS) + 1), ids=FLOORS)
def test_the_house_boots_with_only_the_floors_up_to_this_one(
    height: int, empty_database_url: str, redis_url: str
) -> None:
    floors = FLOORS[:height]
    facts = boot(floors, empty_database_url, redis_url)
    assert facts["services"] == list(floors)
    assert facts["status"] == 200
    assert facts["tables"] > 0
