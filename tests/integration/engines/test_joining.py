"""Every command finds engines: those it is told of, those that run already, or its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from marketplace.engines import (
    EngineError,
    EngineOptions,
    connect,
    connect_or_start,
    running_below,
    running_engines,
)
from marketplace.engines.process import started_at


def test_with_both_urls_given_nothing_is_started(data_dir: Path) -> None:
    given = {"DATABASE_URL": "postgresql://elsewhere/x", "REDIS_URL": "redis://elsewhere:6379/0"}
    with connect_or_start(data_dir, given) as connection:
        assert (connection.database_url, connection.redis_url) == tuple(given.values())
        assert not connection.owned
    assert not data_dir.exists()


def test_with_one_url_given_only_the_other_engine_is_started(data_dir: Path) -> None:
    with connect_or_start(data_dir, {"DATABASE_URL": "postgresql://elsewhere/x"}) as connection:
        assert connection.database_url == "postgresql://elsewhere/x"
        assert connection.engines is not None
        assert list(connection.engines.pids) == ["Valkey"]


def test_a_second_process_joins_running_engines_and_leaves_them_running(
    data_dir: Path, start_process: Any
) -> None:
    process, facts = start_process(data_dir)
    with connect_or_start(data_dir, {}) as connection:
        assert not connection.owned
        assert connection.database_url == facts["database_url"]
        assert connection.redis_url == facts["redis_url"]
        psycopg.connect(connection.database_url).close()
    assert all(map(started_at, facts["pids"].values()))
    assert process.poll() is None


def test_engines_that_run_further_down_are_found_and_dead_ones_are_not(
    data_dir: Path, start_process: Any
) -> None:
    assert running_below(data_dir) == []
    demo = data_dir / "demo" / "one"
    process, _ = start_process(demo)
    assert running_below(data_dir) == [demo]
    assert running_below(demo) == [demo]
    process.kill()
    process.wait()
    assert running_below(data_dir) == []


def test_where_nobody_runs_engines_our_own_are_started_in_spite_of_a_stale_state_file(data_dir: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    data_dir.mkdir(mode=0o711)
    stale = {
        "pid": ended.pid,
        "started": 1,
        "database_url": "postgresql://gone/x",
        "redis_url": "unix:///gone",
    }
    (data_dir / "engines.json").write_text(json.dumps(stale), "utf-8")
    with connect_or_start(data_dir, {}) as connection:
        assert connection.owned
        psycopg.connect(connection.database_url).close()


def test_engines_that_miss_what_is_needed_are_not_joined(data_dir: Path) -> None:
    with running_engines(data_dir, EngineOptions(postgres=False)):
        with pytest.raises(EngineError, match=f"Process {os.getpid()} runs engines .* but not all"):
            connect_or_start(data_dir, {}).__enter__()


def test_a_holder_that_never_gets_its_engines_up_is_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "JOIN_SECONDS", 0.1)
    with running_engines(data_dir, EngineOptions(postgres=False)):
        (data_dir / "engines.json").unlink()
        with pytest.raises(EngineError, match=f"in use by process {os.getpid()}"):
            connect_or_start(data_dir, {}).__enter__()
