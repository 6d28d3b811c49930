"""Tables of numbers in text files: reading with errors that name the line, and plane distances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.errors import ProblemError

MOST_LINES = 20_000


def rows_of(path: Path, columns: Mapping[str, int]) -> list[list[float]]:
    """Rows of finite numbers: the first has ``columns['header']`` entries, the others ``columns['node']``."""
    try:
        with path.open(encoding="utf-8") as file:
            return [
                _numbers(line, number, columns["header" if number == 1 else "node"])
                for number, line in enumerate(_few(file, path), start=1)
            ]
    except UnicodeDecodeError as error:
        raise ProblemError(str(path.name), "not a text file") from error


def _few(file: object, path: Path) -> list[str]:
    """The lines that are not blank, refusing files that cannot be an instance."""
    lines: list[str] = []
    for line in file:  # type: ignore[attr-defined]
        if line.strip():
            lines.append(line)
        if len(lines) > MOST_LINES:
            raise ProblemError(path.name, f"more than {MOST_LINES} lines: too large for this format")
    if not lines:
        raise ProblemError(path.name, "the file is empty")
    return lines


def _numbers(line: str, number: int, count: int) -> list[float]:
    """The numbers of one line."""
    parts = line.split()
    if len(parts) != count:
        raise ProblemError(f"line {number}", f"{count} numbers expected, found {len(parts)}")
    try:
        values = [float(part) for part in parts]
    except ValueError as error:
        raise ProblemError(f"line {number}", f"not a number: {error}") from error
    for column, value in enumerate(values, start=1):
        if not math.isfinite(value):
            raise ProblemError(f"line {number}, column {column}", "not a finite number")
    return values


def whole(value: float, key: str, low: int, high: int) -> int:
    """A whole number in a range, or a :class:`ProblemError` naming the key."""
    if value != int(value) or not low <= value <= high:
        raise ProblemError(key, f"a whole number from {low} to {high} expected, found {value:g}")
    return int(value)


def euclidean(points: Floats) -> Floats:
    """Unrounded distances between points of a plane."""
    difference = points[:, None, :] - points[None, :, :]
    distances: Floats = np.sqrt((difference**2).sum(axis=2))
    return distances
