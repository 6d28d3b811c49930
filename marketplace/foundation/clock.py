"""Two clocks: business time, one shared row that only demo and tests may bend, and machine time.

All processes read the same row, so a day can be played in minutes without anybody sleeping.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_ROW = text("SELECT business_anchor, machine_anchor, speed FROM business_clock")


def machine_now() -> datetime:
    """The machine's own time, UTC and aware."""
    return datetime.now(UTC)


def read_business_now(session: Session) -> datetime:
    """Business time as this transaction sees it; machine time where nobody has bent it."""
    return read_business_clock(session)[0]


def read_business_clock(session: Session) -> tuple[datetime, float]:
    """Business time and how many of its seconds pass in one of the machine's."""
    row = session.execute(_ROW).one_or_none()
    moment = machine_now()
    if row is None:
        return moment, 1.0
    anchored: datetime = row.business_anchor + (moment - row.machine_anchor) * row.speed
    return anchored.astimezone(UTC), float(row.speed)
