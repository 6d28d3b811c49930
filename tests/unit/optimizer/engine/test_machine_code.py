"""Machine code is kept as files that are loaded without the compiler."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dispatch.optimizer.caregivers import search as caregivers
from dispatch.optimizer.engine.compile import Linked, kernel, linked
from dispatch.optimizer.engine.filling import load_filling
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.layout import Data, pack
from dispatch.optimizer.engine.smallest import SMALLEST
from tests.support.sources import ROOT

LOADED = """
import sys
from dispatch.optimizer.caregivers import search as caregivers
from dispatch.optimizer.engine.compile import Kernel
from dispatch.optimizer.engine.filling import load_filling

load_filling()
caregivers.load_kernels()
modules = [module for name, module in sys.modules.items() if name.startswith("dispatch.optimizer")]
kernels = [made for module in modules for made in vars(module).values() if isinstance(made, Kernel)]
assert len(kernels) > 20
print({made.__name__ for made in kernels if not made.kinds} or "all", "numba" in sys.modules)
"""

COMPILED = """
import sys
import numpy as np
from tests.unit.optimizer.engine.test_machine_code import weighted

print(weighted(np.array([1.0, 2.0]), np.array([3, 4], dtype=np.int32), 10, 2), "numba" in sys.modules)
"""


@kernel
def weighted(numbers: Floats, weights: Integers, more: float, times: int) -> float:
    """A sum of products and more, times a whole number."""
    value = more
    for k in range(len(numbers)):
        value += numbers[k] * weights[k]
    return value * times


@kernel
def first_below(table: Floats, bound: float) -> int:
    """The first row with a number below the bound; -1 when none has one."""
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            if table[row, column] < bound:
                return row
    return -1


@kernel
def halved(table: Floats) -> None:
    """Halve every number where it stands."""
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            table[row, column] /= 2.0


@kernel
def copied(numbers: Floats) -> float:
    """A kernel that wants memory."""
    other = numbers.copy()
    return float(other[0])


@linked
def kept_apart(data: Data) -> float:
    """A function of its own that wants memory."""
    return float(data.slack.copy()[0])


def run(program: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, with a folder of its own for machine code."""
    where = {"NUMBA_CACHE_DIR": str(folder)} if folder else {}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **where},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def test_kept_kernels_run_without_the_compiler() -> None:
    load_filling()
    caregivers.load_kernels()
    assert run(LOADED).stdout.split() == ["all", "False"]


def test_what_one_process_compiles_the_next_one_only_loads(tmp_path: Path) -> None:
    first, second = run(COMPILED, tmp_path), run(COMPILED, tmp_path)
    assert first.stdout.split() == ["42.0", "True"]
    assert first.stderr.count("compiling the optimizer's kernels") == 1
    assert second.stdout.split() == ["42.0", "False"]
    assert second.stderr == ""
    (kept,) = tmp_path.glob("*/*.o")
    assert kept.stat().st_mode & 0o022 == 0


def test_numbers_are_what_the_kernel_says_that_they_are() -> None:
    numbers, weights = np.array([0.5, 1.5]), np.array([2, 4], dtype=np.int32)
    assert weighted(numbers, weights, 1, 3) == 24.0
    assert weighted(numbers, weights, np.float64(-7.0), np.int64(1)) == 0.0
    with pytest.raises(struct.error, match="integer"):
        weighted(numbers, weights, 1.0, 2.5)  # type: ignore[arg-type]  half a time would be cut off in silence


def test_arrays_are_read_and_written_in_place() -> None:
    table = np.arange(12.0).reshape(4, 3)
    assert first_below(table[1:], 5.0) == 0
    assert first_below(table[2:], 5.0) == -1
    halved(table[2:])
    assert table[1].tolist() == [3.0, 4.0, 5.0]
    assert table[3].tolist() == [4.5, 5.0, 5.5]


def test_an_array_of_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="C-contiguous"):
        first_below(np.arange(12.0).reshape(4, 3).T, 5.0)


def test_a_kernel_that_wants_memory_is_refused_when_it_is_compiled() -> None:
    with pytest.raises(TypeError, match="no kernel may allocate memory"):
        copied(np.ones(3))


@pytest.mark.skipif(not isinstance(kept_apart, Linked), reason="kernels run as Python here")
def test_a_function_that_cannot_be_compiled_is_refused_each_time() -> None:
    pack(SMALLEST)  # its layout is known from the first instance on
    for _ in range(2):
        with pytest.raises(TypeError, match="no kernel may allocate memory"):
            kept_apart.publish()  # type: ignore[attr-defined]
