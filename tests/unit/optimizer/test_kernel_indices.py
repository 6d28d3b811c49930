"""Compiled kernels check no index: run as plain Python, they show that none leaves its array."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.support.sources import ROOT


def test_no_kernel_reaches_outside_its_arrays() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.unit.optimizer.plain_kernels"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    assert set(json.loads(finished.stdout).values()) == {0}
