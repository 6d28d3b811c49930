"""What every engine is started with: a bare environment, and a log file that never grows without bound."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from marketplace.engines.account import Account, hand_over

# Nothing of our own environment, which may hold secrets, is visible in an engine's.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
LARGEST_LOG = 5_000_000


@contextlib.contextmanager
def opened_log(path: Path, account: Account | None) -> Iterator[IO[bytes]]:
    """The log file opened for appending; one that grew beyond five megabytes is begun anew."""
    too_large = path.exists() and path.stat().st_size > LARGEST_LOG
    with path.open("wb" if too_large else "ab") as log:
        path.chmod(0o600)
        hand_over(path, account)
        yield log


def end_of_log(path: Path, characters: int = 2000) -> str:
    """The last words of a log file, empty when there is none."""
    try:
        return path.read_text("utf-8", "replace")[-characters:].strip()
    except OSError:
        return ""
