"""What pages and programs read of a search: where it stands, its waves, whom it asked and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from vendors.sourcing.models import Sourcing, SourcingWave
from vendors.sourcing.rules import WavePlan, answer_time, plan_wave
from vendors.sourcing.words import SourcingMode, SourcingState


@dataclass(frozen=True, slots=True)
class Search:
    """The latest search of a booking with its waves, the first one first."""

    sourcing: Sourcing
    waves: tuple[SourcingWave, ...]

    @property
    def is_running(self) -> bool:
        """Whether vendors are being asked."""
        return self.sourcing.state is SourcingState.RUNNING

    @property
    def open_wave(self) -> SourcingWave | None:
        """The wave that waits for answers."""
        return next((wave for wave in self.waves if wave.closed_at is None), None)

    @property
    def asked(self) -> set[UUID]:
        """Everybody that the search has asked so far, while it runs; once it is over anybody may be asked."""
        if not self.is_running:
            return set()
        return {UUID(one["vendor_id"]) for wave in self.waves for one in wave.asked}

    @property
    def asked_count(self) -> int:
        """How many vendors have been asked."""
        return sum(len(wave.asked) for wave in self.waves)


def latest_search(session: WorkSession, booking_id: UUID) -> Search | None:
    """The newest search of a booking of the acting health system; None when there never was one."""
    session.actor.require("planner")
    newest = select(Sourcing).where(Sourcing.booking_id == booking_id).order_by(Sourcing.id.desc()).limit(1)
    found = _with_waves(session, session.scalars(newest).all())
    return found[0] if found else None


def searches_of(session: WorkSession, booking_id: UUID) -> list[Search]:
    """Every search of a booking of the acting health system, newest first; NotFound for a foreign booking."""
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    mine = select(Sourcing).where(Sourcing.booking_id == booking_id)
    return _with_waves(session, session.scalars(mine.order_by(Sourcing.id.desc())).all())


def _with_waves(session: WorkSession, found: Sequence[Sourcing]) -> list[Search]:
    waves: dict[UUID, list[SourcingWave]] = {one.id: [] for one in found}
    mine = select(SourcingWave).where(SourcingWave.sourcing_id.in_(waves))
    for wave in session.scalars(mine.order_by(SourcingWave.number)):
        waves[wave.sourcing_id].append(wave)
    return [Search(one, tuple(waves[one.id])) for one in found]


def foreseen(session: WorkSession, booking: Booking, vendors: int) -> tuple[WavePlan | None, timedelta]:
    """(how the first wave of a waterfall would be asked, the time to answer by urgency), before it begins."""
    window = (booking.requested_start, booking.requested_end)
    now = session.now()
    plan = plan_wave(SourcingMode.WATERFALL, now, window, vendors)
    return plan, answer_time(now, booking.requested_start)
