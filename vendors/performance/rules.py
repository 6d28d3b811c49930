"""Judging a vendor's record: pure rules over how its promises ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vendors.performance.words import Outcome

GRACE = timedelta(minutes=15)
"""On time is up to a quarter of an hour after the window (as brokers do, for example in Louisiana)."""
EXPECTED = 0.90
"""What is assumed of a vendor that nothing is known of."""
WEIGHT_OF_EXPECTED = 10
"""How many promises the assumption counts for: three kept ones do not outrank three hundred."""


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Promises of one vendor to one health system that ended lately, as counts."""

    kept: int = 0
    broken: int = 0
    turned_back: int = 0
    """Among the broken."""

    @property
    def ended(self) -> int:
        """All that count."""
        return self.kept + self.broken

    @property
    def share_kept(self) -> float:
        """The share kept, drawn towards what is expected while there are few (Bayesian shrinkage)."""
        return (self.kept + EXPECTED * WEIGHT_OF_EXPECTED) / (self.ended + WEIGHT_OF_EXPECTED)

    def __str__(self) -> str:
        if not self.ended:
            return "no record with you yet"
        said = f"{self.kept} of {self.ended} on time in 90 days"
        return f"{said}, {self.turned_back} turned back" if self.turned_back else said


def judge_arrival(promised_end: datetime, reached_at: datetime | None) -> tuple[Outcome, int]:
    """(outcome, minutes after the window) of a service that was done."""
    if reached_at is None or reached_at <= promised_end:
        return Outcome.ON_TIME, 0
    minutes = int((reached_at - promised_end).total_seconds() // 60)
    return (Outcome.ON_TIME if reached_at <= promised_end + GRACE else Outcome.LATE), minutes
