"""Compile all kernels into the cache: ``python -m dispatch.optimizer.engine.warmup``, part of installing.

Run by the user who installs, it fills the folder beside the sources, from which every other user's cache
is filled; machine code of older sources is removed.
"""

from __future__ import annotations

import shutil
import sys
from time import perf_counter

from dispatch.optimizer.engine.filling import load_filling
from dispatch.optimizer.engine.machine_code import cache_folder, digest


def warm() -> float:
    """Load or compile every kernel; the seconds it took."""
    began = perf_counter()
    load_filling()
    return perf_counter() - began


def tidy() -> None:
    """Remove machine code of other sources from the folder in use."""
    folder = cache_folder()
    if folder is not None and folder.name == digest():
        for other in folder.parent.iterdir():
            if other != folder and other.is_dir():
                shutil.rmtree(other, ignore_errors=True)


if __name__ == "__main__":
    tidy()
    sys.stdout.write(f"kernels ready in {cache_folder()} ({warm():.1f} s)\n")
