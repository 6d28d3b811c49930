"""Avoidable hours: the time between medically ready and departed, split by what was in the way (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from marketplace.desk.ready_rules import Cause


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that had to be so before the patient could leave, and when it came to be; None is never."""

    cause: Cause
    met_at: datetime | None


def avoidable(ready_at: datetime, departed_at: datetime, conditions: Sequence[Condition]) -> dict[Cause, int]:
    """Seconds by cause; they sum to the whole time, which is empty when the patient left before that.

    At each moment the causes that were still open share it equally; when none was, the patient waited for
    the vehicle. What never came to be counts as open until the end.
    """
    if departed_at <= ready_at:
        return {}
    edges = {ready_at, departed_at}
    edges |= {one.met_at for one in conditions if one.met_at and ready_at < one.met_at < departed_at}
    moments = sorted(edges)
    found: dict[Cause, int] = defaultdict(int)
    for begins, ends in pairwise(moments):
        seconds = round((ends - ready_at).total_seconds()) - round((begins - ready_at).total_seconds())
        for cause, share in _shares(_open_at(conditions, begins), seconds).items():
            found[cause] += share
    return {cause: seconds for cause, seconds in found.items() if seconds}


def _open_at(conditions: Sequence[Condition], moment: datetime) -> list[Cause]:
    """The causes open at a moment, in the order of their names; the vehicle's when there is none."""
    still = {one.cause for one in conditions if one.met_at is None or one.met_at > moment}
    return sorted(still) or [Cause.VEHICLE]


def _shares(causes: Sequence[Cause], seconds: int) -> Mapping[Cause, int]:
    """Whole seconds for each, the odd ones to the first."""
    each, odd = divmod(seconds, len(causes))
    return {cause: each + (position < odd) for position, cause in enumerate(causes)}
