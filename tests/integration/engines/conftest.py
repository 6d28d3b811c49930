"""Folders and processes for tests that start engines of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
StartProcess = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("engines")


@pytest.fixture
def roomy_folder() -> Iterator[Path]:
    """A folder that every account may enter, gone after the test with all that engines linked to from it."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-engines-"))
    folder.chmod(0o755)
    yield folder
    for link in folder.rglob("engines"):
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir(roomy_folder: Path) -> Path:
    """A data folder that does not exist yet."""
    return roomy_folder / "data"


@pytest.fixture
def start_process() -> Iterator[StartProcess]:
    """Starts `tests.support.engine_process` and returns it with the facts it printed once ready."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, *options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        command = [sys.executable, "-m", "tests.support.engine_process", str(folder), *options]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
