"""What a tree of processes takes of the machine's memory while it has nothing to do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

START_SECONDS = 120
SETTLE_SECONDS = 10


def sizes_below(root: int) -> dict[str, int]:
    """Proportional set sizes (PSS, MB) of a process and all below it: PostgreSQL, and all others together."""
    sizes = {"postgres": 0, "others": 0}
    tree = subprocess.run(["ps", "-eo", "pid,ppid,comm"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in tree.splitlines()[1:]]
    below, grown = {root}, True
    while grown:
        fresh = {int(pid) for pid, parent, _ in rows if int(parent) in below} - below
        below, grown = below | fresh, bool(fresh)
    names = {int(pid): name for pid, _, name in rows}
    for pid in below:
        with suppress(OSError):  # ended meanwhile
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
            kind = "postgres" if names.get(pid) == "postgres" else "others"
            sizes[kind] += int(found[1]) // 1024 if found else 0
    return sizes


def idle_up(folder: Path, port: int) -> dict[str, int]:
    """The sizes of `homeward up` on an empty installation, ten seconds after it is ready."""
    values = {**os.environ, "HOMEWARD_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "marketplace", "up", "--port", str(port)]
    with (folder / "up.log").open("w") as log:
        process = subprocess.Popen(command, env=values, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/readyz")
        time.sleep(SETTLE_SECONDS)
        return sizes_below(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - loopback
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("homeward up was not ready in time; see up.log in its data folder")
