"""Values out of foreign JSON, with errors that name the key."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from dispatch.optimizer.errors import ProblemError

MOST_BYTES = 200_000_000


def loaded(path: Path) -> Any:
    """The JSON in a file of bearable size."""
    if path.stat().st_size > MOST_BYTES:
        raise ProblemError(
            path.name, f"is larger than {MOST_BYTES // 1_000_000} MB: too large for this format"
        )
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as wrong:
        raise ProblemError("json", f"cannot be read: {wrong}") from None


def entries(content: Any, name: str, most: int, inside: str = "") -> list[dict[str, Any]]:
    """A list of one to ``most`` objects under a key."""
    key = f"{inside}.{name}" if inside else name
    found = content.get(name)
    if not isinstance(found, list) or not found:
        raise ProblemError(key, "is missing or empty")
    if len(found) > most:
        raise ProblemError(key, f"has {len(found)} entries, at most {most} are read")
    for position, entry in enumerate(found):
        if not isinstance(entry, dict):
            raise ProblemError(f"{key}[{position}]", "must be an object")
    return found


def text(content: dict[str, Any], name: str, key: str) -> str:
    """A text that is not empty."""
    found = content.get(name)
    if not isinstance(found, str) or not found:
        raise ProblemError(f"{key}.{name}", "must be a text")
    return found


def number(value: Any, key: str, low: float, high: float) -> float:
    """A finite number in a range."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProblemError(key, "must be a finite number")
    if not low <= value <= high:
        raise ProblemError(key, f"must lie from {low:g} to {high:g}, is {value:g}")
    return float(value)


def numbers(value: Any, key: str, count: int) -> list[float]:
    """A list of so many finite numbers."""
    if not isinstance(value, list) or len(value) != count:
        raise ProblemError(key, f"must be a list of {count} numbers")
    return [number(one, f"{key}[{i}]", -1e9, 1e9) for i, one in enumerate(value)]
