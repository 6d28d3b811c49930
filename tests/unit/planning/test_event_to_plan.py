"""From which event on a plan's time counts: the one whose delivery asked for it, a moment before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from marketplace.demo.acting.replanning import SAME_TRANSACTION, _cause

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


DELIVERIES = [(after(1.0), after(0.4)), (after(2.0), after(1.7)), (after(9.0), after(3.0))]
"""When each was done, and when its event happened."""


def test_the_last_delivery_before_the_asking_is_its_cause() -> None:
    assert _cause(after(2.1), DELIVERIES) == after(1.7)
    assert _cause(after(9.0), DELIVERIES) == after(3.0)


def test_what_no_delivery_asked_for_counts_from_the_asking() -> None:
    late = after(2.0) + SAME_TRANSACTION + timedelta(milliseconds=1)
    assert _cause(late, DELIVERIES) == late
    assert _cause(after(0.5), DELIVERIES) == after(0.5)
    assert _cause(after(0.5), []) == after(0.5)
