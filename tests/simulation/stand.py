"""A whole installation under test: the demo as a user would start it, and a runtime of our own beside it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from marketplace.config import runtime_for
from marketplace.engines.state import read_state
from marketplace.foundation.settings import settings_from
from marketplace.foundation.work import Runtime

START_SECONDS = 240
FIRST_WORK_SECONDS = 240
"""Generous: the demo's first plan may have to wait for the optimizer's code to be compiled."""
_WAITING = text(
    "SELECT count(*) + (SELECT count(*) FROM plans WHERE state <> 'current')"
    " FROM jobs WHERE state IN ('queued', 'running') AND created_at < to_timestamp(:before)"
)
"""Work to be done yet; a day whose planning ended too many workers is taken up anew, each minute."""


@dataclass
class Stand:
    """A running demo: its card, its process, and a runtime with the owner's rights on its database."""

    card: dict[str, Any]
    process: subprocess.Popen[str]
    runtime: Runtime
    folder: Path
    children: dict[str, list[int]] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where it serves."""
        return str(self.card["base_url"])

    def token(self, role: str, organization: str) -> str:
        """A bearer token from the card."""
        return str(self.card["tokens"][f"{role}@{organization}"])

    def pids(self, subcommand: str) -> list[int]:
        """The processes that run `homeward <subcommand>` below this demo (web forks included)."""
        return _descendants(self.process.pid, subcommand)

    def engine_pid(self, program: str) -> int:
        """The embedded server of this program (`postgres`, `valkey-server`); 0 while none runs."""
        for pid, (parent, name) in _processes().items():
            if parent == self.process.pid and name == program:
                return pid
        return 0

    def master_of(self, pids: list[int]) -> int:
        """Of these processes the one that the demo itself started."""
        return next(
            pid for pid, (parent, _) in _processes().items() if pid in pids and parent == self.process.pid
        )

    def verify(self) -> dict[str, Any]:
        """What `homeward verify --json` says."""
        command = [sys.executable, "-m", "marketplace", "verify", "--json"]
        environment = {**os.environ, "HOMEWARD_DATA_DIR": str(self.folder), "HOMEWARD_ENVIRONMENT": "demo"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        if not done.stdout.strip():
            raise RuntimeError(done.stderr)
        report: dict[str, Any] = json.loads(done.stdout)
        return report


@contextlib.contextmanager
def running_stand(
    data_dir: Path, *, seed: int = 1, environment: dict[str, str] | None = None
) -> Iterator[Stand]:
    """A demo on a free port with its data below `data_dir`, ended with the block."""
    values = {**os.environ, "HOMEWARD_DATA_DIR": str(data_dir), **(environment or {})}
    values.pop("HOMEWARD_PORT", None)
    command = [sys.executable, "-m", "marketplace", "demo", "--seed", str(seed), "--port", "0", "--json"]
    log = (data_dir / "demo.log").open("w")
    process = subprocess.Popen(
        command, env=values, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
    )
    try:
        card = json.loads(_first_line(process))
        folder = next((data_dir / "demo").iterdir())
        runtime = _beside(folder)
        try:
            yield Stand(card, process, runtime, folder)
        finally:
            runtime.databases.dispose()
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        log.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.strip():
        raise RuntimeError(f"the demo ended with {process.wait()} before it was ready; see its log")
    return line


def _beside(folder: Path) -> Runtime:
    deadline = time.monotonic() + START_SECONDS
    while (state := read_state(folder)) is None:
        if time.monotonic() > deadline:
            raise RuntimeError("the demo's engines cannot be found")
        time.sleep(0.2)
    settings = settings_from(
        {"HOMEWARD_ENVIRONMENT": "demo", "HOMEWARD_LOG_LEVEL": "WARNING"},
        database_url=state.database_url,
        redis_url=state.redis_url,
        data_dir=folder,
        development_secret=(folder / "secret.key").read_text().strip(),
    )
    return runtime_for(settings)


def _processes() -> dict[int, tuple[int, str]]:
    """Parent and program name of every living process by its number."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                head, _, tail = (entry / "stat").read_text().rpartition(")")
                state, parent = tail.split()[:2]
                if state not in "ZX":
                    found[int(entry.name)] = (int(parent), head.partition("(")[2])
    return found


def _descendants(root: int, subcommand: str) -> list[int]:
    parents = {pid: parent for pid, (parent, _) in _processes().items()}
    commands: dict[int, str] = {}
    for pid in parents:
        with contextlib.suppress(OSError):
            commands[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    found = []
    for pid, command in commands.items():
        above = pid
        while above not in (0, 1, root):
            above = parents.get(above, 0)
        if above == root and pid != root and f"marketplace {subcommand}" in command:
            found.append(pid)
    return sorted(found)


def drained(stand: Stand, within: float) -> float | None:
    """Seconds until no work from before waits or runs and each day has its plan; None: it took longer."""
    before, began = time.time(), time.monotonic()
    while time.monotonic() - began < within:
        with stand.runtime.databases.engine("owner").connect() as connection:
            if not connection.scalar(_WAITING, {"before": before}):
                return time.monotonic() - began
        time.sleep(0.25)
    return None
