"""The words of performance: how a promise ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How one promise of a vendor ended."""

    ON_TIME = "on_time"
    """At the door no later than fifteen minutes after the promised window."""
    LATE = "late"
    MISSED = "missed"
    """Nobody came, or the wrong thing was brought."""
    TURNED_BACK = "turned_back"
    """Given back after acceptance, or lost because nobody answered whether a changed time suits."""
    NOT_ITS_FAULT = "not_its_fault"
    """The rider did not show, refused, or nobody was at home; or a changed time did not suit it."""


KEPT = (Outcome.ON_TIME,)
BROKEN = (Outcome.LATE, Outcome.MISSED, Outcome.TURNED_BACK)
"""Outcomes that count against the vendor; those that are not its fault count for nothing."""
