"""The supervisor passes on every line, starts crashed children again, and leaves nothing behind."""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from marketplace.engines import Child, Supervisor
from marketplace.engines.process import started_at, wait_until


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-u", "-c", code)


def turn_until(supervisor: Supervisor, condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the supervisor did not get there in time"
        supervisor.turn(0.05)


def test_each_line_carries_the_name_of_its_child_and_none_is_lost() -> None:
    said = io.StringIO()
    children = [
        Child("web", python("print('ready'); import time; time.sleep(60)")),
        Child("worker", python("import sys; sys.stdout.write('unfinished'); sys.exit(0)")),
    ]
    with Supervisor(children, output=said).running() as supervisor:
        turn_until(supervisor, lambda: "ready" in said.getvalue() and "unfinished" in said.getvalue())
    lines = said.getvalue().splitlines()
    assert "web    | ready" in lines
    assert "worker | unfinished" in lines


def test_a_crashed_child_is_started_again_after_growing_pauses() -> None:
    said = io.StringIO()
    with Supervisor([Child("web", python("raise SystemExit(3)"))], output=said).running() as supervisor:
        turn_until(supervisor, lambda: supervisor.restarts["web"] >= 2)
    assert "web | ended with 3; starting it again in 0.5 s" in said.getvalue()
    assert "web | ended with 3; starting it again in 1 s" in said.getvalue()


def test_a_program_that_is_not_there_is_said_so_and_tried_again() -> None:
    said = io.StringIO()
    with Supervisor([Child("web", ["/nonexistent/program"])], output=said).running() as supervisor:
        turn_until(supervisor, lambda: supervisor.restarts["web"] >= 1)
    assert "web | cannot be started: No such file or directory" in said.getvalue()


def test_children_that_ignore_the_request_to_end_are_killed_with_their_own_children() -> None:
    stubborn = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('grandchild', os.fork(), flush=True); time.sleep(600)"
    )
    said = io.StringIO()
    supervisor = Supervisor([Child("web", python(stubborn))], output=said, stop_seconds=0.3)
    with supervisor.running():
        turn_until(supervisor, lambda: said.getvalue().count("grandchild") == 2)
        pid = supervisor.pids["web"]
        numbers = [int(line.rsplit(" ", 1)[1]) for line in said.getvalue().splitlines()]
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert wait_until(lambda: not any(map(started_at, [pid, *filter(None, numbers)])), 2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_order_within_five_seconds(
    number: signal.Signals, data_dir: Path, start_process: Any
) -> None:
    process, facts = start_process(data_dir, "--with-child")
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert not any(map(started_at, facts["pids"].values()))


def test_a_killed_engine_is_back_while_the_children_go_on(data_dir: Path, start_process: Any) -> None:
    process, facts = start_process(data_dir, "--with-child")
    os.kill(facts["pids"]["PostgreSQL"], signal.SIGKILL)
    assert wait_until(lambda: answers(facts["database_url"]), 15)
    assert started_at(facts["pids"]["sleeper"])
    assert process.poll() is None


def answers(database_url: str) -> bool:
    try:
        psycopg.connect(database_url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_kill_9_of_the_supervising_process_takes_engines_and_children_with_it(
    data_dir: Path, start_process: Any
) -> None:
    process, facts = start_process(data_dir, "--with-child")
    assert sorted(facts["pids"]) == ["PostgreSQL", "Valkey", "sleeper"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert wait_until(lambda: not any(map(started_at, facts["pids"].values())), 5)


def test_a_listening_socket_opened_before_the_start_outlives_a_crash_of_its_child() -> None:
    serve_once = (
        "import socket, sys; s = socket.socket(fileno=int(sys.argv[1]));"
        "c, _ = s.accept(); c.sendall(b'served'); c.close()"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = listener.fileno()
        child = Child("web", (*python(serve_once), str(descriptor)), pass_fds=(descriptor,))
        with Supervisor([child], output=io.StringIO()).running() as supervisor:
            for _ in range(2):
                with socket.create_connection(listener.getsockname(), timeout=10) as client:
                    client.setblocking(False)
                    turn_until(supervisor, lambda client=client: received(client) == b"served")


def received(client: socket.socket) -> bytes:
    try:
        return client.recv(100)
    except BlockingIOError:
        return b""
