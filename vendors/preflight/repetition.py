"""Ambulance rides again and again: when Medicare calls them repetitive, what one affirmation covers (pure).

Repetitive is 3 or more round trips in 10 days, or at least one a week for 3 weeks; such non-emergency rides
(A0426, A0428) are under national prior authorization, of which one affirmation covers at most 40 round
trips in 60 days (CGS and First Coast on repetitive scheduled non-emergent ambulance transport). Only the
attending physician may certify them, no earlier than 60 days before the ride (42 CFR 410.40(e)).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

UNDER_AUTHORIZATION = {"bls": "A0428", "als": "A0426"}
"""The code of each level of service that the programme is about."""
MANY, WITHIN_DAYS = 3, 10
WEEKS_IN_A_ROW = 3
MOST_ROUND_TRIPS, AFFIRMED_DAYS = 40, 60


def is_repetitive(days: Sequence[date]) -> bool:
    """Whether round trips on these days (a day counts as often as it is named) are repetitive."""
    ordered = sorted(days)
    crowded = any(
        (last - first).days < WITHIN_DAYS for first, last in zip(ordered, ordered[MANY - 1 :], strict=False)
    )
    return crowded or _weekly(ordered)


def first_beyond(days: Sequence[date]) -> date | None:
    """The first day that one affirmation, counted from the first round trip, does not cover; None if all."""
    ordered = sorted(days)
    for number, day in enumerate(ordered):
        if number >= MOST_ROUND_TRIPS or (day - ordered[0]).days >= AFFIRMED_DAYS:
            return day
    return None


def _weekly(ordered: Sequence[date]) -> bool:
    """At least one round trip in each of three weeks that follow each other, counted from any of them."""
    week = timedelta(days=7)
    for first in ordered:
        spans = [(first + number * week, first + (number + 1) * week) for number in range(WEEKS_IN_A_ROW)]
        if all(any(begins <= day < ends for day in ordered) for begins, ends in spans):
            return True
    return False
