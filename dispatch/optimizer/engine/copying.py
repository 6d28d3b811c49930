"""Copies of arrays inside kernels: numba's own, of slices, may allocate memory, and ours must not."""

from __future__ import annotations

from typing import Any

from dispatch.optimizer.engine.compile import inlined


@inlined
def copy(target: Any, source: Any, count: int) -> None:
    """Copy the first numbers of one array to the beginning of another."""
    for k in range(count):
        target[k] = source[k]


@inlined
def copy_wide(target: Any, source: Any, count: int) -> None:
    """Copy the first rows of one table to the beginning of another."""
    for k in range(count):
        for column in range(source.shape[1]):
            target[k, column] = source[k, column]
