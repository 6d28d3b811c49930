"""A whole day played: every actor at work until the evening, then what came of it in one object."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import text

from marketplace.demo.acting.agenda import Agenda, PlayedClock
from marketplace.demo.acting.cast import Stagehands
from marketplace.demo.acting.crews import Crews
from marketplace.demo.acting.finding import look_for_plants
from marketplace.demo.acting.line import Record
from marketplace.demo.acting.offices import Office
from marketplace.demo.acting.planners import Planners
from marketplace.demo.acting.replanning import event_to_plan
from marketplace.demo.acting.reviewers import Billers, Reviewers
from marketplace.demo.acting.watching import Watch
from marketplace.demo.making import set_clock
from marketplace.foundation.access import system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.work import Runtime, unit_of_work

_WAITING = text("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running') AND run_after <= now()")
_DEAD = text("SELECT kind, error FROM jobs WHERE state = 'dead' LIMIT 5")
_STATES = text(
    "SELECT kind, state, count(*) FROM bookings WHERE requested_start >= :start AND requested_start < :end"
    " GROUP BY kind, state ORDER BY kind, state"
)
DRAIN_SECONDS = 120


class Card(Protocol):
    """What playing needs of the demo's card."""

    @property
    def seed(self) -> int:
        """The world's seed."""

    @property
    def tokens(self) -> dict[str, str]:
        """Bearer tokens by `role@organization`."""

    @property
    def planted(self) -> dict[str, str]:
        """Planted facts by name."""


@dataclass(frozen=True)
class Pace:
    """From when to when the day is played, and how fast."""

    begins_at: datetime
    ends_at: datetime
    speed: float


def raise_curtain(runtime: Runtime, card: Card, base_url: str, pace: Pace) -> Stagehands:
    """Set business time running and put every actor's first step onto the agenda."""
    set_clock(runtime, pace.begins_at, pace.speed)
    record = Record()
    agenda = Agenda(PlayedClock(pace.begins_at, pace.speed), record)
    hands = Stagehands(base_url, card.tokens, agenda, record, card.seed, pace.ends_at)
    spared = {value for name, value in card.planted.items() if name.endswith("_claim")}
    for organization in hands.organizations("planner"):
        agenda.after(1, Planners(hands, organization).begin)
    for organization in hands.organizations("dispatcher"):
        Office(hands, organization).begin()
        agenda.after(1, Crews(hands, organization).begin)
        Billers(hands, organization).begin()
    for organization in hands.organizations("reviewer"):
        reviewers = Reviewers(hands, organization)
        reviewers.spare(spared)
        reviewers.begin()
    return hands


def play(
    runtime: Runtime, card: Card, base_url: str, pace: Pace, stop: threading.Event | None = None
) -> Stagehands:
    """Play until the end of the pace, or until told to stop; time then runs at its usual speed again."""
    hands = raise_curtain(runtime, card, base_url, pace)
    try:
        hands.agenda.run(pace.ends_at, stop)
    finally:
        set_clock(runtime, min(hands.agenda.clock.now(), pace.ends_at), 1.0)
    return hands


def played_day(
    runtime: Runtime,
    card: Card,
    base_url: str,
    pace: Pace,
    verify: Callable[[], Mapping[str, list[Any]]],
) -> dict[str, Any]:
    """Play the day with people watching their boards; everything that `homeward day` prints."""
    before, began, since = os.getloadavg(), time.monotonic(), machine_now()
    hands = raise_curtain(runtime, card, base_url, pace)
    with Watch(hands) as watch:
        hands.agenda.run(pace.ends_at)
    took = time.monotonic() - began
    set_clock(runtime, pace.ends_at, 1.0)
    drained = _drain(runtime)
    breaches = {name: found for name, found in verify().items() if found}
    found = look_for_plants(hands, card.planted, _slugs(card.planted))
    boards, record = watch.summary(), hands.record
    answered = sorted(record.milliseconds) or [0.0]
    report: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": before[0]},
        "business_hours": round((pace.ends_at - pace.begins_at) / timedelta(hours=1), 1),
        "speed": pace.speed,
        "seconds": round(took, 1),
        "deeds": dict(sorted(record.deeds.items())),
        "bookings": _states(runtime, pace),
        "requests": {
            "count": len(record.milliseconds),
            "p50_ms": round(answered[len(answered) // 2]),
            "p95_ms": round(answered[int(len(answered) * 0.95)]),
            "statuses": {str(key): value for key, value in sorted(record.statuses.items())},
            "longest_wait_for_a_hand_s": round(hands.agenda.latest, 1),
        },
        "refusals": dict(record.refusals.most_common(12)),
        "troubles": record.troubles[:8],
        "boards": boards,
        "event_to_plan": event_to_plan(runtime, since),
        "drained_after_s": drained,
        "dead_jobs": _dead(runtime),
        "breaches": {name: [str(one) for one in rows[:3]] for name, rows in breaches.items()},
        "planted": found,
    }
    report["kept"] = {
        "under_ten_minutes": took < 600,
        "boards_p95_under_500_ms": boards["all"].get("p95_ms", 9999) < 500,
        "no_breach": not breaches,
        "all_planted_found": all(value == "found" for value in found.values()),
        "no_trouble": not record.troubles and not report["dead_jobs"],
    }
    return report


def _drain(runtime: Runtime) -> float | None:
    """Seconds until no due work was left; None when some was in the end."""
    began = time.monotonic()
    while time.monotonic() - began < DRAIN_SECONDS:
        with unit_of_work(runtime, system_actor(), "verifier") as session:
            if not session.scalar(_WAITING):
                return round(time.monotonic() - began, 1)
        time.sleep(0.5)
    return None


def _dead(runtime: Runtime) -> list[str]:
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        return [f"{kind}: {error[:200]}" for kind, error in session.execute(_DEAD)]


def _states(runtime: Runtime, pace: Pace) -> dict[str, dict[str, int]]:
    start = pace.begins_at - timedelta(hours=6)
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        rows = session.execute(_STATES, {"start": start, "end": start + timedelta(days=1)}).all()
    counted: dict[str, dict[str, int]] = {}
    for kind, state, count in rows:
        counted.setdefault(str(kind), {})[str(state)] = int(count)
    return counted


def _slugs(planted: Mapping[str, str]) -> dict[str, str]:
    prefix = "organization:"
    return {value: name[len(prefix) :] for name, value in planted.items() if name.startswith(prefix)}
