"""Latencies in the few figures that a report gives of them."""

from __future__ import annotations

from collections.abc import Iterable


def spread(milliseconds: Iterable[float]) -> dict[str, int]:
    """Median, 95th percentile and the longest, in whole milliseconds; nothing of no values."""
    ordered = sorted(milliseconds)
    if not ordered:
        return {}
    return {
        "p50_ms": round(ordered[len(ordered) // 2]),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]),
        "max_ms": round(ordered[-1]),
    }
