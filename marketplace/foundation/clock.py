"""Two clocks: business time, one shared row that only demo and tests may bend, and machine time.

All processes read the same row, so a day can be played in minutes without anybody sleeping.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

_ROW = text("SELECT business_anchor, machine_anchor, speed FROM business_clock")


class Anchors(NamedTuple):
    """The row of business time: `speed` business seconds pass per machine second since the two moments."""

    business: datetime
    machine: datetime
    speed: float

    def at(self, moment: datetime) -> datetime:
        """Business time (UTC) at a moment of machine time."""
        return (self.business + (moment - self.machine) * self.speed).astimezone(UTC)


def machine_now() -> datetime:
    """The machine's own time, UTC and aware."""
    return datetime.now(UTC)


def read_business_now(session: Session) -> datetime:
    """Business time as this transaction sees it; machine time where nobody has bent it."""
    return business_clock(read_anchors(session))[0]


def read_anchors(session: Session) -> Anchors | None:
    """The row of business time as this transaction sees it; None where nobody has bent it."""
    row = session.execute(_ROW).one_or_none()
    return None if row is None else Anchors(*row)


def business_clock(anchors: Anchors | None) -> tuple[datetime, float]:
    """Business time at this moment, and how many of its seconds pass in one of the machine's."""
    moment = machine_now()
    return (moment, 1.0) if anchors is None else (anchors.at(moment), float(anchors.speed))
