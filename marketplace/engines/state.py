"""A small file that lets a second command find the engines which a first one runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from marketplace.engines.process import started_at

FILE = "engines.json"


@dataclass(frozen=True, slots=True)
class RunningState:
    """Who runs engines, and where they listen; number and start of the process, so that no other passes."""

    pid: int
    started: int
    database_url: str
    redis_url: str

    @classmethod
    def of_this_process(cls, database_url: str, redis_url: str) -> RunningState:
        """The state of engines that this very process runs."""
        return cls(os.getpid(), started_at(os.getpid()), database_url, redis_url)

    def is_alive(self) -> bool:
        """Whether the process that wrote this is still the one running."""
        return self.started != 0 and started_at(self.pid) == self.started


def write_state(data_dir: Path, state: RunningState) -> None:
    """Replaces the file at once, readable by us alone (the URL holds a password)."""
    scratch = data_dir / f".{FILE}.new"
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
    scratch.replace(data_dir / FILE)


def read_state(data_dir: Path) -> RunningState | None:
    """What a living process wrote; None when there is no file, it is damaged, or its writer is gone."""
    try:
        known = json.loads((data_dir / FILE).read_text("utf-8"))
        state = RunningState(
            int(known["pid"]), int(known["started"]), str(known["database_url"]), str(known["redis_url"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if state.is_alive() else None


def running_below(data_dir: Path) -> list[Path]:
    """The data folders, this one or up to two levels below it, on which a living process runs engines."""
    try:
        return [
            folder for folder in (data_dir, *sorted(data_dir.glob("*/*"))) if read_state(folder) is not None
        ]
    except OSError:
        return []


def forget_state(data_dir: Path) -> None:
    """Removes the file."""
    (data_dir / FILE).unlink(missing_ok=True)
