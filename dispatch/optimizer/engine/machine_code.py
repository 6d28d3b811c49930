"""Where the machine code of kernels is kept, and how it is loaded.

A kernel's code is one object file, in a folder whose name is a digest of all kernel sources and of this
machine's processor, so that neither changed sources nor another processor ever meet old code:

* below ``NUMBA_CACHE_DIR`` of the environment, when somebody set it;
* else in ``__compiled__/DIGEST`` beside this file, when this user may write there (filled at installation);
* else in ``homeward/kernels/DIGEST`` in the user's cache folder, first filled with what was shipped;
* else in a private folder under the system's temporary folder.

Loading needs LLVM's linker alone (llvmlite): numba takes longer to import than a small plan to make, and
is needed only to compile.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from llvmlite import binding

HERE = Path(__file__).resolve().parent


@cache
def digest() -> str:
    """A short digest of every source file with kernels and of the processor; another one, another folder."""
    found = hashlib.sha256()
    for path in sorted([*HERE.glob("*.py"), *HERE.parent.glob("caregivers/*.py")]):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    found.update(binding.get_process_triple().encode())
    found.update(binding.get_host_cpu_name().encode())
    found.update(binding.get_host_cpu_features().flatten().encode())
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


@cache
def cache_folder() -> Path | None:
    """The folder for machine code (see the module's docstring); None when no folder can be written."""
    name = digest()
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given and _writable(Path(given) / name):
        return Path(given) / name
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


def kept(name: str) -> bytes | None:
    """The object file of that name, if it was made before."""
    folder = cache_folder()
    path = folder / f"{name}.o" if folder is not None else None
    return path.read_bytes() if path is not None and path.is_file() else None


def keep(name: str, code: bytes) -> None:
    """Keep an object file; several processes may do so at once, and each file appears whole."""
    folder = cache_folder()
    if folder is None:
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as file:
        file.write(code)
    path = Path(file.name)
    path.chmod(0o644)
    path.replace(folder / f"{name}.o")


def load(code: bytes, symbol: str) -> int:
    """Load an object file for as long as the process lives; the address of one of its functions."""
    linker = _linker()
    linker.add_object_file(binding.ObjectFileRef.from_data(code))
    linker.finalize_object()
    return int(linker.get_function_address(symbol))


def publish(symbol: str, address: int) -> None:
    """Let object files loaded from now on call a function by its symbol."""
    binding.add_symbol(symbol, address)


@cache
def _get_ready() -> None:
    """Get the linker ready, with an end for what no kernel does: to give back memory that it was lent."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    if not binding.address_of_symbol("NRT_MemInfo_call_dtor"):
        abort = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
        binding.add_symbol("NRT_MemInfo_call_dtor", abort)


_LINKERS: list[binding.ExecutionEngine] = []


def _linker() -> binding.ExecutionEngine:
    """A linker for one object file: many of them hold the same helpers, which must not clash."""
    _get_ready()
    machine = binding.Target.from_default_triple().create_target_machine()
    _LINKERS.append(binding.create_mcjit_compiler(binding.parse_assembly(""), machine))
    return _LINKERS[-1]
