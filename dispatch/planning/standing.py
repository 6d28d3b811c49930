"""The plan people work by, as a place for the search to begin: sequences as they stand in the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from dispatch.optimizer import PlannedStop, Route, Solution
from dispatch.planning.facts import AwardedWork, DayFacts


def standing_plan(facts: DayFacts, works: Iterable[AwardedWork]) -> Solution | None:
    """Each vehicle's stops in the order of their times; None when none of the work has a place yet."""
    stops: dict[str, list[PlannedStop]] = defaultdict(list)
    for work in works:
        if work.standing is not None:
            stops[work.standing.vehicle_day_id].extend(_stops_of(facts, work))
    if not stops:
        return None
    routes = []
    for vehicle, own in sorted(stops.items()):
        ordered = tuple(sorted(own, key=lambda stop: (stop.start, stop.point)))
        routes.append(Route(vehicle, ordered, ordered[0].start, ordered[-1].start))
    return Solution(tuple(routes), ())


def _stops_of(facts: DayFacts, work: AwardedWork) -> Iterator[PlannedStop]:
    standing, name = work.standing, str(work.booking_id)
    assert standing is not None
    yield PlannedStop(name, 0, _since(facts, standing.starts_at))
    if work.destination is not None:
        ends = standing.ends_at or standing.starts_at
        yield PlannedStop(name, 1, _since(facts, ends - timedelta(seconds=work.last_seconds)))


def _since(facts: DayFacts, moment: datetime) -> int:
    return int((moment - facts.day_start).total_seconds())
