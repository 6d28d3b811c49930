"""Whom to ask first and why, how many at once, and how long they may take: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from vendors.offers.rules import Candidate
from vendors.performance.rules import TrackRecord
from vendors.sourcing.words import SourcingMode

PRICE, ON_TIME, DISTANCE, CAPACITY, CONTRACT = 30, 30, 15, 15, 10
"""The most points each criterion gives; together 100. Published: planners see them beside every vendor."""
WORST_SHARE_KEPT = 0.6
"""At this share of kept promises, or below, the record gives no points."""
FARTHEST_METERS = 40_000
"""From this distance on nearness gives no points."""
DECLINED_BEFORE = 20
"""Points taken from a vendor that said no to this very booking earlier."""
_METERS_PER_MILE = 1609.344

LAST_CALL = timedelta(minutes=45)
"""How long before the work everybody should have been asked: a crew must still get there."""
TIME_IS_SHORT = timedelta(minutes=60)
"""From so long before the work on the planner is told, even while vendors are still being asked."""
ANSWER_TIMES = (
    (timedelta(hours=2), timedelta(minutes=5)),
    (timedelta(hours=4), timedelta(minutes=10)),
    (timedelta(hours=12), timedelta(minutes=15)),
    (timedelta(hours=24), timedelta(minutes=30)),
    (timedelta(hours=72), timedelta(hours=2)),
)
"""(work begins sooner than this, time to answer): the nearer the work, the shorter the question."""
LONGEST_ANSWER = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Standing:
    """What besides its own offer speaks for or against a vendor."""

    record: TrackRecord
    free_share: float | None = None
    """Of its capacity on that day, 0 to 1; None when it has set no limit."""
    share_promised: int | None = None
    """Percent of this kind of work that the contract promises it."""
    share_given: int = 0
    """Percent of it that it has had lately."""
    declined_before: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion: what it is, what was found, and the points it gave of the most it can give."""

    what: str
    says: str
    points: float
    most: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A vendor that may do the work, its points of 100, and where they come from."""

    candidate: Candidate
    points: float
    reasons: tuple[Reason, ...]

    @property
    def vendor_id(self) -> UUID:
        """The vendor."""
        return self.candidate.vendor_id


@dataclass(frozen=True, slots=True)
class WavePlan:
    """How the next wave is asked: so many vendors, until then, and why so."""

    size: int
    respond_by: datetime
    explanation: str


def rank(candidates: Sequence[Candidate], standings: dict[UUID, Standing]) -> list[Ranked]:
    """The eligible candidates, most points first; ties by the lower price, then by name.

    What a vendor pays to whoever runs the marketplace is not known here, so it cannot count.
    """
    eligible = [found for found in candidates if found.is_eligible and found.quote is not None]
    cheapest = min((found.quote.cents for found in eligible if found.quote), default=0)
    ranked = [_ranked(found, standings[found.vendor_id], cheapest) for found in eligible]
    return sorted(ranked, key=_standing_order)


def _standing_order(one: Ranked) -> tuple[int, float, int, str]:
    """The patient's own order goes before everything else, then points, price and name."""
    return (one.candidate.preference, -one.points, _cents(one.candidate), one.candidate.name)


def answer_time(now: datetime, work_begins: datetime) -> timedelta:
    """How long a vendor may take to answer, by how soon the work begins."""
    left = work_begins - now
    return next((answer for sooner, answer in ANSWER_TIMES if left < sooner), LONGEST_ANSWER)


def plan_wave(
    mode: SourcingMode,
    now: datetime,
    window: tuple[datetime, datetime],
    vendors_left: int,
    answer: timedelta | None = None,
) -> WavePlan | None:
    """The next wave for work in `window`; None when nobody is left or the window is over.

    One by one as long as everybody can be asked before the last call, else as many at once as it takes.
    """
    begins, ends = window
    if vendors_left < 1 or ends <= now:
        return None
    answer = answer or answer_time(now, begins)
    respond_by = min(now + answer, ends)
    if mode is SourcingMode.BROADCAST:
        return WavePlan(vendors_left, respond_by, "All at once; the first to accept gets it.")
    rounds = max(1, (begins - LAST_CALL - now) // answer)
    size = ceil(vendors_left / rounds)
    if size == 1:
        why = "One at a time: there is time to ask everybody."
    else:
        why = f"{size} at once: so that all {vendors_left} can be asked in time."
    return WavePlan(size, respond_by, why)


def escalation_time(started_at: datetime, work_begins: datetime) -> datetime:
    """From when on the planner is told that time is short, while vendors are still being asked."""
    return max(started_at + answer_time(started_at, work_begins), work_begins - TIME_IS_SHORT)


def _ranked(found: Candidate, standing: Standing, cheapest: int) -> Ranked:
    reasons = [
        _price(found, cheapest),
        _on_time(standing.record),
        _distance(found.distance_meters),
        _capacity(standing.free_share),
        _contract(standing),
    ]
    if standing.declined_before:
        reasons.append(Reason("Earlier answer", "declined this work before", -DECLINED_BEFORE, 0))
    total = round(sum(reason.points for reason in reasons), 1)
    return Ranked(found, total, tuple(reasons))


def _price(found: Candidate, cheapest: int) -> Reason:
    cents = _cents(found)
    points = PRICE * cheapest / cents if cents else PRICE
    return Reason("Price", f"${cents / 100:,.2f}", round(points, 1), PRICE)


def _on_time(record: TrackRecord) -> Reason:
    share = (record.share_kept - WORST_SHARE_KEPT) / (1 - WORST_SHARE_KEPT)
    return Reason("On time", str(record), round(ON_TIME * max(0.0, share), 1), ON_TIME)


def _distance(meters: int) -> Reason:
    near = max(0.0, 1 - meters / FARTHEST_METERS)
    return Reason(
        "Distance", f"{meters / _METERS_PER_MILE:.1f} miles away", round(DISTANCE * near, 1), DISTANCE
    )


def _capacity(free_share: float | None) -> Reason:
    says = "no daily limit" if free_share is None else f"{free_share:.0%} of the day free"
    share = 1.0 if free_share is None else min(1.0, max(0.0, free_share))
    return Reason("Capacity", says, round(CAPACITY * share, 1), CAPACITY)


def _contract(standing: Standing) -> Reason:
    promised, given = standing.share_promised, standing.share_given
    if not promised:
        return Reason("Contract", "no share promised", 0.0, CONTRACT)
    behind = min(1.0, max(0.0, (promised - given) / promised))
    says = f"had {given} % of {promised} % promised"
    return Reason("Contract", says, round(CONTRACT * behind, 1), CONTRACT)


def _cents(found: Candidate) -> int:
    return found.quote.cents if found.quote else 0
