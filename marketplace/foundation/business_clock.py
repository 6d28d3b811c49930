"""The row of business time, and the only two ways to bend it (demo and tests, as the owner)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Double, Integer
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.foundation.clock import machine_now, read_business_now
from marketplace.foundation.db.base import Base
from marketplace.foundation.db.security import EVERYBODY, protect
from marketplace.foundation.errors import Forbidden, InvalidInput
from marketplace.foundation.settings import Settings


class BusinessClock(Base):
    """The single row of business time: `speed` business seconds pass per machine second since the anchors."""

    __tablename__ = "business_clock"
    __table_args__ = (CheckConstraint("id = 1", name="single"), CheckConstraint("speed >= 0", name="forward"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    business_anchor: Mapped[datetime]
    machine_anchor: Mapped[datetime]
    speed: Mapped[float] = mapped_column(Double)

    def at(self, machine_moment: datetime) -> datetime:
        """Business time at a moment of machine time."""
        return self.business_anchor + (machine_moment - self.machine_anchor) * self.speed


protect(
    BusinessClock,
    EVERYBODY,
    verbs="SELECT",
    grants=dict.fromkeys(("relay", "planner", "janitor"), "SELECT"),
)


def set_business_clock(session: Session, settings: Settings, moment: datetime, speed: float = 1.0) -> None:
    """Put business time at `moment`, running at `speed` (0 stands still); needs the owner role.

    Raises Forbidden in production and InvalidInput for a naive moment or a speed outside 0 to 3600.
    """
    if settings.is_production:
        raise Forbidden("Business time cannot be bent in production.")
    if moment.tzinfo is None:
        raise InvalidInput("at", "write the moment with its time zone, like 2026-03-02T15:00-05:00")
    if not 0 <= speed <= 3600:
        raise InvalidInput("speed", "write a number from 0 to 3600")
    session.merge(BusinessClock(id=1, business_anchor=moment, machine_anchor=machine_now(), speed=speed))


def advance_business_clock(session: Session, settings: Settings, by: timedelta) -> datetime:
    """Move business time forward by `by`, keeping its speed; returns the new moment."""
    row = session.get(BusinessClock, 1)
    moment = read_business_now(session) + by
    set_business_clock(session, settings, moment, row.speed if row else 1.0)
    return moment
