"""Child processes that cannot outlive us: the kernel signals them when their parent dies."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import IO

from marketplace.engines.account import Account

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
CLONE_NEWUSER = 0x10000000
POLL_SECONDS = 0.02
_libc = ctypes.CDLL(None, use_errno=True)


def start_tied(
    command: Sequence[str],
    *,
    death_signal: signal.Signals,
    output: int | IO[bytes],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
    appear_as: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a program in a session of its own that receives `death_signal` when the calling *thread* ends.

    Call it from the main thread, or the child dies with the thread. Output and errors go to `output`.
    With `appear_as` the child sees itself under that account (in a user namespace) while it has only our
    rights; raises subprocess.SubprocessError where the system does not allow that.
    """
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environment) if environment is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=functools.partial(_tie_to_parent, os.getpid(), int(death_signal), appear_as),  # noqa: PLW1509 - the only place
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else (),
        pass_fds=tuple(pass_fds),
    )


def _tie_to_parent(parent: int, death_signal: int, appear_as: Account | None) -> None:
    """Runs in the child after its credentials changed, for a change of credentials clears the signal."""
    if appear_as is not None:
        _enter_user_namespace(appear_as)
    _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _enter_user_namespace(account: Account) -> None:
    """Lets our own user and group appear under the account's numbers."""
    uid, gid = os.geteuid(), os.getegid()
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # else our own entries under /proc belong to root after a setuid
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{account.uid} {uid} 1"),
        ("gid_map", f"{account.gid} {gid} 1"),
    ):
        Path("/proc/self", name).write_text(text, "ascii")


def stop_process(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> int:
    """Sends each signal and waits its seconds, then kills the whole session; returns the exit code."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        wait_until(lambda: process.poll() is not None, seconds)
    kill_session(process.pid)
    return process.wait()


def kill_session(leader: int) -> None:
    """Kills whatever is left of the process group that the leader started."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition became true within the seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def processes_living_in(folder: Path, programs: Collection[str]) -> list[int]:
    """The processes of these programs that sit in the folder, as an engine and its children do."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lives_here = (entry / "cwd").readlink() == folder
                program = (entry / "exe").readlink().name.removesuffix(" (deleted)")
            except OSError:  # gone meanwhile, or another user's
                continue
            if lives_here and program in programs:
                found.append(int(entry.name))
    return found


def clear_out(folder: Path, programs: Collection[str]) -> None:
    """Waits for engines that still live in the folder, then ends them; for the holder of the folder's lock.

    After a kill -9 of their supervisor the engines get their death signal and need a moment. A process
    number found in a stale file is never trusted.
    """
    place = folder.resolve()
    for number, seconds in ((None, 2.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 5.0)):
        if number is not None:
            _signal_all(processes_living_in(place, programs), number)
        if wait_until(lambda: not processes_living_in(place, programs), seconds):
            return


def started_at(pid: int) -> int:
    """When a living process started, in kernel ticks; with its number that names it for good; 0 when dead."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] in {"Z", "X"} else int(fields[19])


def _signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
