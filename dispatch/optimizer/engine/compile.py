"""How kernels are compiled and where their machine code is kept.

numba looks for its cache beside the source or in NUMBA_CACHE_DIR, and does not notice when a function that a
cached kernel calls has changed in another file. So the folder chosen here carries a digest of all kernel
sources in its name:

* ``NUMBA_CACHE_DIR`` of the environment, when somebody set it;
* else ``__compiled__/DIGEST`` beside this file, when this user may write there (filled at installation);
* else ``homeward/kernels/DIGEST`` in the user's cache folder, first filled with what was shipped;
* else a private folder under the system's temporary folder.

With ``NUMBA_DISABLE_JIT=1`` all kernels run as the Python that they are: slowly, every index checked.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba
from llvmlite import binding
from numba.core import types

HERE = Path(__file__).resolve().parent
Function = TypeVar("Function", bound=Callable[..., object])


def digest() -> str:
    """A short digest of every source file with kernels; another text means another cache."""
    found = hashlib.sha256()
    for path in sorted([*HERE.glob("*.py"), *HERE.parent.glob("caregivers/*.py")]):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    """Whether this user can make files in the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _private_folders(name: str) -> list[Path]:
    """Folders of this user, best first."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return [
        Path(home) / "homeward" / "kernels" / name,
        Path(tempfile.gettempdir()) / f"homeward-kernels-{user}" / name,
    ]


def _own(folder: Path) -> bool:
    """Machine code is only loaded from folders that belong to this user."""
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def cache_folder() -> Path | None:
    """The folder for machine code (see the module's docstring); None when no folder can be written."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given)
    name = digest()
    shipped = HERE / "__compiled__" / name
    if _writable(shipped):
        return shipped
    for folder in _private_folders(name):
        fresh = not folder.exists()
        if not _writable(folder) or not _own(folder):
            continue
        if fresh and shipped.is_dir():
            shutil.copytree(shipped, folder, dirs_exist_ok=True)
        return folder
    return None


_FOLDER = cache_folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)


def kernel(function: Function) -> Function:
    """Compile a function for arrays only: without the interpreter's lock, kept on disk afterwards."""
    compiler = numba.njit(nogil=True, cache=_FOLDER is not None, error_model="numpy")
    return cast("Function", compiler(function))


def inlined(function: Function) -> Function:
    """Compile a small function that is only called by kernels; it is compiled into its callers."""
    return cast(
        "Function",
        numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function),
    )


def linked(name: str, result: object, arguments: tuple[object, ...]) -> Callable[[Function], Function]:
    """Compile a large function once, on its own, and let kernels call it by its symbol.

    What a kernel calls is otherwise optimised again with every caller above it, which makes compile time
    quadratic.
    """

    def decorate(function: Function) -> Function:
        if numba.config.DISABLE_JIT:
            return function
        signature = result(*arguments)  # type: ignore[operator]
        native = numba.cfunc(
            signature, nopython=True, nogil=True, error_model="numpy", cache=_FOLDER is not None
        )
        compiled = native(function)
        _KEPT.append(compiled)
        binding.add_symbol(f"homeward_{name}", compiled.address)
        return cast("Function", types.ExternalFunction(f"homeward_{name}", signature))

    return decorate


_KEPT: list[object] = []
