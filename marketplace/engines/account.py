"""Whom the engines run as: PostgreSQL refuses root, so root borrows an unprivileged account."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marketplace.engines.errors import EngineError

CANDIDATES = ("nobody", "daemon", "bin")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged system account, named because `initdb` looks the user up."""

    uid: int
    gid: int
    name: str


def engine_account() -> Account | None:
    """The account to run engines under when we are root; None when we are an ordinary user anyway.

    No account is ever added to the system.
    """
    if os.geteuid() != 0:
        return None
    for candidate in _candidates():
        return candidate
    raise EngineError(
        f"None of the accounts {', '.join(CANDIDATES)} exists, and PostgreSQL refuses to run as root. "
        "Run as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def borrowed_name() -> Account | None:
    """The account to appear as when our own number has no name on this system (common in containers).

    None when we have a name, or nobody has one to lend.
    """
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return next(_candidates(), None)
    return None


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may enter the folder and every folder above it; always so for ourselves."""
    if account is None:
        return True
    return all(_may_enter(folder.stat(), account) for folder in (path, *path.parents))


def hand_over(path: Path, account: Account | None) -> None:
    """Gives a file or folder that we made to the engines' account."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _candidates() -> Iterator[Account]:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            yield Account(entry.pw_uid, entry.pw_gid, name)


def _may_enter(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
