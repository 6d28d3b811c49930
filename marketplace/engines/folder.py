"""The data folder: where it is, who holds it, and where sockets go when its path is too long for them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from marketplace.engines.account import Account, can_reach, hand_over
from marketplace.engines.errors import EngineError, FolderInUse

SYSTEM_ROOT = Path("/var/lib/homeward")
LONGEST_SOCKET_FOLDER = 80  # a socket's path ends at 107 characters; the file's own name needs some of them
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+\Z")  # neither libpq's list of hosts nor RQ's URL knows escapes


def default_data_dir(environ: Mapping[str, str] | None = None) -> Path:
    """`HOMEWARD_DATA_DIR`, else a folder of this installation's own, so that two clones never meet.

    For root that is `/var/lib/homeward/HASH`; for a user `$XDG_DATA_HOME/homeward/HASH`, and without a
    usable home a folder in the place for temporary files.
    """
    values = os.environ if environ is None else environ
    if given := values.get("HOMEWARD_DATA_DIR"):
        return Path(given).expanduser().absolute()
    name = fingerprint(Path(__file__).resolve().parents[2])
    if os.geteuid() == 0:
        return SYSTEM_ROOT / name
    home = values.get("HOME", "")
    data_home = values.get("XDG_DATA_HOME") or (f"{home}/.local/share" if home else "")
    if data_home.startswith("/") and _writable(Path(data_home)):
        return Path(data_home) / "homeward" / name
    return Path("/var/tmp") / f"homeward-{os.geteuid()}" / name  # noqa: S108 - ours alone: checked by open_folder


def fingerprint(path: Path) -> str:
    """Twelve characters that stand for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def open_folder(data_dir: Path) -> None:
    """Makes the data folder, private to us, where it is missing.

    Raises EngineError when it cannot be made or belongs to somebody else.
    """
    try:
        if not data_dir.is_dir():
            data_dir.parent.mkdir(parents=True, exist_ok=True)
            # Root's engines run as another account, which must pass through; what lies inside is private.
            data_dir.mkdir(exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        owner = data_dir.stat().st_uid
        usable = os.access(data_dir, os.W_OK | os.X_OK)
    except OSError as problem:
        raise EngineError(
            f"The data folder {data_dir} cannot be made: {problem.strerror}. "
            "Set HOMEWARD_DATA_DIR to another one."
        ) from problem
    if not usable or owner != os.geteuid():
        raise EngineError(
            f"The data folder {data_dir} belongs to user {owner}. Run as that user, or set HOMEWARD_DATA_DIR."
        )


@contextlib.contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Holds the folder for this process alone; the kernel lets go when the process dies, however it dies.

    Raises FolderInUse when another process holds it.
    """
    descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _number(os.pread(descriptor, 20, 0))
            raise FolderInUse(
                f"The data folder {data_dir} is in use by process {pid or 'unknown'}. "
                "Stop that one first, or give this one a folder of its own with HOMEWARD_DATA_DIR.",
                pid,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def engine_folder(data_dir: Path, account: Account | None) -> Path:
    """The folder inside the data folder that belongs to the engines' account.

    Where that account cannot get through to it (root's home, say), the folder lies under
    `/var/lib/homeward` and `engines` in the data folder is a link to it.
    """
    folder = data_dir / "engines"
    if folder.is_dir() and can_reach(
        data_dir if not folder.is_symlink() else folder.resolve().parent, account
    ):
        return folder.resolve()
    if can_reach(data_dir, account):
        make_private(folder, account)
        return folder.resolve()
    if folder.exists() and not folder.is_symlink():
        raise EngineError(
            f"The account {account.name if account else ''} can no longer enter {folder}: allow others to "
            f"pass through {data_dir} and the folders above it (chmod o+x), or set HOMEWARD_DATA_DIR."
        )
    SYSTEM_ROOT.mkdir(parents=True, exist_ok=True, mode=0o755)
    elsewhere = Path(tempfile.mkdtemp(prefix="engines-", dir=SYSTEM_ROOT))
    hand_over(elsewhere, account)
    folder.unlink(missing_ok=True)
    folder.symlink_to(elsewhere)
    return elsewhere


def socket_folder(engines: Path, account: Account | None) -> Path:
    """A private folder for the sockets: beside the engines' data, or a short one where that will not do."""
    beside = engines / "run"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER and _PLAIN_PATH.match(str(beside)):
        make_private(beside, account)
        return beside
    short = _short_root() / f"homeward-{os.geteuid()}-{fingerprint(engines)}"
    make_private(short, account)
    return short


def make_private(folder: Path, account: Account | None) -> None:
    """Makes a folder of mode 700 for the engines' account, or checks that an existing one is exactly that."""
    owner = os.geteuid() if account is None else account.uid
    try:
        folder.mkdir(mode=0o700)
        hand_over(folder, account)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {owner, os.geteuid()}:
            raise EngineError(
                f"{folder} exists and is not ours: remove it, or set HOMEWARD_DATA_DIR."
            ) from None
        hand_over(folder, account)
    folder.chmod(0o700)


def _short_root() -> Path:
    for candidate in (os.environ.get("XDG_RUNTIME_DIR", ""), "/run" if os.geteuid() == 0 else ""):
        path = Path(candidate)
        if candidate and _PLAIN_PATH.match(candidate) and len(candidate) < 40 and _writable(path):
            return path
    return Path("/tmp")  # noqa: S108 - make_private checks whose folder it is


def _writable(folder: Path) -> bool:
    """Whether we could make something in the folder, or in the nearest one above it that exists."""
    for place in (folder, *folder.parents):
        if place.exists():
            return place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    return False


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() else 0
