"""Compile every kernel into the cache: ``python -m dispatch.optimizer.warmup``, part of installing.

Run by the user who installs, it fills the folder beside the engine's sources, from which every other user's
cache is filled; machine code of older sources is removed.
"""

from __future__ import annotations

import sys

from dispatch.optimizer.caregivers import search as caregivers
from dispatch.optimizer.engine.machine_code import cache_folder
from dispatch.optimizer.engine.warmup import tidy, warm


def main() -> None:
    """Compile what is not in the cache, and say where it is kept."""
    tidy()
    seconds = warm()
    caregivers.load_kernels()
    sys.stdout.write(f"kernels ready in {cache_folder()} ({seconds:.1f} s)\n")


if __name__ == "__main__":
    main()
