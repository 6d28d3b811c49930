"""Embedded engines keep what they were given, mind their own folder, and never outlive who started them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import stat
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, make_url, text

from marketplace.engines import FolderInUse, running_engines
from marketplace.engines.account import Account, can_reach
from marketplace.engines.binaries import find_binaries
from marketplace.engines.process import started_at, wait_until


def write_something(database_url: str, redis_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('oxygen')")
    with redis.Redis.from_url(redis_url) as client:
        client.set("kept", "oxygen")


def read_rows(database_url: str) -> list[Any]:
    with psycopg.connect(database_url) as connection:
        return connection.execute("SELECT word FROM kept").fetchall()


def test_a_second_start_finds_what_the_first_one_was_given(data_dir: Path) -> None:
    with running_engines(data_dir) as engines:
        write_something(engines.database_url, engines.redis_url)
    with running_engines(data_dir) as engines:
        assert read_rows(engines.database_url) == [("oxygen",)]
        with redis.Redis.from_url(engines.redis_url) as client:
            assert client.get("kept") == b"oxygen"


def test_engines_end_with_the_block_and_leave_no_address_behind(data_dir: Path) -> None:
    with running_engines(data_dir) as engines:
        pids = engines.pids
        assert all(pids.values())
    assert [started_at(pid) for pid in pids.values()] == [0, 0]
    assert not (data_dir / "engines.json").exists()


def test_a_path_of_120_characters_with_spaces_and_quotes_works(roomy_folder: Path) -> None:
    tail = "it's a long way, 100% home/" + "x" * 200
    folder = Path(f"{roomy_folder}/{tail}"[: max(120, len(str(roomy_folder)) + 40)])
    with running_engines(folder) as engines:
        write_something(engines.database_url, engines.redis_url)
        url = make_url(engines.database_url).set(drivername="postgresql+psycopg")
        with create_engine(url).connect() as connection:
            assert connection.scalar(text("SELECT word FROM kept")) == "oxygen"
        connection.engine.dispose()


def test_a_fork_that_leaves_the_block_ends_nothing(data_dir: Path) -> None:
    with contextlib.ExitStack() as stack:
        engines = stack.enter_context(running_engines(data_dir))
        child = os.fork()
        if child == 0:
            stack.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert all(map(started_at, engines.pids.values()))
        assert (data_dir / "engines.json").exists()


def test_two_folders_run_side_by_side(roomy_folder: Path) -> None:
    with running_engines(roomy_folder / "one") as first, running_engines(roomy_folder / "two") as second:
        write_something(first.database_url, first.redis_url)
        write_something(second.database_url, second.redis_url)
        assert first.database_url != second.database_url
        assert first.redis_url != second.redis_url


def test_the_same_folder_is_refused_with_the_number_of_its_holder(data_dir: Path) -> None:
    with running_engines(data_dir):
        with pytest.raises(FolderInUse, match=f"in use by process {os.getpid()}") as refusal:
            running_engines(data_dir).__enter__()
        assert refusal.value.pid == os.getpid()


def test_after_kill_9_nothing_is_left_and_the_next_start_has_every_committed_row(
    data_dir: Path, start_process: Any
) -> None:
    process, facts = start_process(data_dir)
    write_something(facts["database_url"], facts["redis_url"])
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert wait_until(lambda: not any(map(started_at, facts["pids"].values())), 5)
    with running_engines(data_dir) as engines:
        assert read_rows(engines.database_url) == [("oxygen",)]


def test_a_stale_pid_file_that_names_a_living_stranger_is_not_believed(data_dir: Path) -> None:
    with running_engines(data_dir) as engines:
        write_something(engines.database_url, engines.redis_url)
    stale = data_dir / "engines" / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1700000000\n5432\n\n\n 0 0\n", "ascii")
    with running_engines(data_dir) as engines:
        assert read_rows(engines.database_url) == [("oxygen",)]


def test_engines_that_were_killed_are_started_again_with_what_they_held(data_dir: Path) -> None:
    with running_engines(data_dir) as engines:
        write_something(engines.database_url, engines.redis_url)
        assert engines.revive() == []
        for pid in engines.pids.values():
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not any(engines.pids.values()), 5)
        assert engines.revive() == ["PostgreSQL", "Valkey"]
        assert read_rows(engines.database_url) == [("oxygen",)]


def test_nobody_gets_in_without_the_password_and_the_sockets_folder_is_private(data_dir: Path) -> None:
    with running_engines(data_dir) as engines:
        wrong = make_url(engines.database_url).set(password="guess").render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        sockets = Path(str(make_url(engines.database_url).query["host"]))
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((data_dir / "engines.json").stat().st_mode) == 0o600


def test_errors_in_the_log_name_neither_values_nor_statements(data_dir: Path) -> None:
    with running_engines(data_dir) as engines:
        with psycopg.connect(engines.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
            connection.execute("INSERT INTO people VALUES (%s)", ["Alvarez"])
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO people VALUES (%s)", ["Alvarez"])
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute("SELECT 'Alvarez' FROM nowhere")
        assert engines.postgres is not None
        log = engines.postgres.log.read_text("utf-8")
    assert "duplicate key value violates unique constraint" in log
    assert "Alvarez" not in log


def as_ordinary_user(uid: int, folder: Path, answers: Any) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    with running_engines(folder / "data") as engines:
        write_something(engines.database_url, engines.redis_url)
        answers.put((os.getuid(), read_rows(engines.database_url)))


@pytest.mark.root
@pytest.mark.parametrize("uid", [65534, 54321], ids=["with a name", "without a name"])
def test_an_ordinary_user_runs_engines_too(roomy_folder: Path, uid: int) -> None:
    somebody = Account(uid, uid, "somebody")
    if not can_reach(find_binaries(None).valkey.parent, somebody):
        pytest.fail("this project lies where an ordinary user cannot even read it: move it to try this")
    roomy_folder.chmod(0o777)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=as_ordinary_user, args=(uid, roomy_folder, answers))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert answers.get(timeout=5) == (uid, [("oxygen",)])


@pytest.mark.root
def test_root_keeps_the_data_elsewhere_when_the_engines_account_cannot_reach_the_folder(
    roomy_folder: Path,
) -> None:
    closed = roomy_folder / "closed"
    closed.mkdir(mode=0o700)
    with running_engines(closed / "data") as engines:
        write_something(engines.database_url, engines.redis_url)
    assert (closed / "data" / "engines").is_symlink()
    with running_engines(closed / "data") as engines:
        assert read_rows(engines.database_url) == [("oxygen",)]
