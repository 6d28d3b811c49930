"""One demo, as a user starts it, for the tests that load it and break its parts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.stand import FIRST_WORK_SECONDS, Stand, drained, running_stand


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    """A whole installation with processes and engines of its own."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-stand-"))
    folder.chmod(0o755)  # the engines' account passes through
    try:
        with running_stand(folder) as running:
            drained(running, FIRST_WORK_SECONDS)
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)
