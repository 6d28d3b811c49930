"""The commands of whoever operates an installation, each as a process of its own against real engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from tests.support.schema import SECRET, recreate_database
from tests.support.servers import Servers, redis_database

ADMIN = ("--admin-name", "Ada Reyes", "--admin-email", "ada.reyes@homeward.example")


class Installation:
    """An empty database with the settings to reach it."""

    def __init__(self, url: str, queue: str, folder: Path) -> None:
        self.url = url
        self.values = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOMEWARD_")},
            "HOMEWARD_ENVIRONMENT": "test",
            "HOMEWARD_SECRET_KEY": SECRET,
            "HOMEWARD_DATABASE_ROLE_PREFIX": "homeward_test",
            "HOMEWARD_DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": queue,
        }

    def run(self, *words: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """The command with these words; its exit code and what it printed."""
        command = [sys.executable, "-m", "marketplace", *words]
        values = {**self.values, **(settings or {})}
        return subprocess.run(command, env=values, capture_output=True, text=True, check=False, timeout=180)

    def execute(self, statement: str) -> None:
        """One statement with the owner's rights, past every guard."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement)


@pytest.fixture(scope="module")
def installation(
    servers: Servers, process_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """Founded by the command itself, in a database that did not hold anything before."""
    url = recreate_database(servers.database_url, f"homeward_cli_gw{process_number}")
    made = Installation(
        url, redis_database(servers.redis_url, process_number + 3), tmp_path_factory.mktemp("cli")
    )
    founded = made.run("found", "--name", "Homeward Portland", "--time-zone", "America/Los_Angeles", *ADMIN)
    assert founded.returncode == 0, founded.stderr
    assert "/invitation/" in founded.stdout
    return made


def test_the_schema_can_be_brought_up_to_date_as_often_as_one_likes(installation: Installation) -> None:
    for _ in range(2):
        done = installation.run("db", "upgrade")
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)


def test_a_second_founding_is_refused(installation: Installation) -> None:
    again = installation.run("found", "--name", "Another", *ADMIN)

    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    assert again.stdout == ""


def test_a_founding_names_what_is_wrong_with_it(installation: Installation) -> None:
    wrong = installation.run("found", "--name", "X", "--time-zone", "Mars/Olympus", *ADMIN)

    assert wrong.returncode in {1, 2}
    assert "Traceback" not in wrong.stderr


def test_the_doctor_finds_a_founded_installation_fine(installation: Installation) -> None:
    seen = installation.run("doctor", "--json")
    report = json.loads(seen.stdout)

    assert (seen.returncode, report["ok"]) == (0, True)
    assert {"PostgreSQL", "schema", "database roles", "queue"} <= {one["name"] for one in report["findings"]}


def test_the_doctor_names_a_queue_that_is_away_and_exits_with_4(installation: Installation) -> None:
    seen = installation.run("doctor", "--json", settings={"REDIS_URL": "redis://127.0.0.1:1/0"})

    assert seen.returncode == 4
    if seen.stdout:
        assert [one["name"] for one in json.loads(seen.stdout)["findings"] if not one["fine"]] == ["queue"]
    assert "Traceback" not in seen.stderr


def test_a_database_that_is_away_is_said_in_a_sentence(installation: Installation) -> None:
    away = installation.run("verify", settings={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"})

    assert away.returncode == 4
    assert "Traceback" not in away.stderr
    assert away.stderr.strip()


def test_verify_is_content_and_then_names_a_planted_breach(installation: Installation) -> None:
    clean = installation.run("verify", "--json")
    assert (clean.returncode, json.loads(clean.stdout)["ok"]) == (0, True)

    installation.execute("UPDATE users SET roles = '[\"planner\"]'")
    broken = installation.run("verify", "--json", "--only", "administered")
    installation.execute("UPDATE users SET roles = '[\"platform_admin\"]'")

    assert (broken.returncode, json.loads(broken.stdout)["ok"]) == (1, False)
    assert "administered" in broken.stdout


def test_business_time_moves_and_is_shown(installation: Installation) -> None:
    assert installation.run("clock", "set", "2026-11-24T09:00:00-08:00", "--speed", "0").returncode == 0
    assert installation.run("clock", "advance", "45").returncode == 0

    assert installation.run("clock", "show").stdout.strip().startswith("2026-11-24T17:45:00")


@pytest.mark.parametrize(
    "words", [("clock", "set", "tomorrow"), ("clock", "advance", "-5"), ("clock", "advance", "soon")]
)
def test_a_time_that_is_none_is_refused(installation: Installation, words: tuple[str, ...]) -> None:
    refused = installation.run(*words)

    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_production_refuses_unsafe_settings_by_name(installation: Installation) -> None:
    refused = installation.run(
        "serve", settings={"HOMEWARD_ENVIRONMENT": "production", "HOMEWARD_SECRET_KEY": ""}
    )

    assert refused.returncode == 2
    assert "HOMEWARD_SECRET_KEY" in refused.stderr


def test_business_time_is_not_to_be_bent_in_production(installation: Installation) -> None:
    refused = installation.run("clock", "advance", "5", settings={"HOMEWARD_ENVIRONMENT": "production"})

    assert refused.returncode != 0


def test_a_worker_ends_when_its_queue_is_empty(installation: Installation) -> None:
    done = installation.run("worker", "--burst")

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
