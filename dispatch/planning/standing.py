"""The plan people work by, as a place for the search to begin: sequences as they stand in the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from dispatch.optimizer import PlannedStop, Route, Solution
from dispatch.planning.facts import AwardedWork, DayFacts


def standing_plan(facts: DayFacts, works: Iterable[AwardedWork]) -> Solution | None:
    """Each vehicle's stops in the order of their times; None when none of the work has a place yet."""
    stops: dict[str, list[PlannedStop]] = defaultdict(list)
    for work in works:
        if work.standing is not None:
            stops[work.standing.vehicle_day_id].extend(stops_of(facts, work))
    if not stops:
        return None
    routes = []
    for vehicle, own in sorted(stops.items()):
        ordered = tuple(sorted(own, key=lambda stop: (stop.start, stop.point)))
        routes.append(Route(vehicle, ordered, ordered[0].start, ordered[-1].start))
    return Solution(tuple(routes), ())


def stops_of(facts: DayFacts, work: AwardedWork) -> Iterator[PlannedStop]:
    """When service begins at each point as it stands, in seconds of the day; nothing without a place."""
    standing, name = work.standing, str(work.booking_id)
    if standing is None:
        return
    first = _since(facts, standing.starts_at)
    yield PlannedStop(name, 0, first)
    if work.destination is not None:
        last = _since(facts, standing.ends_at or standing.starts_at) - work.last_seconds
        yield PlannedStop(name, 1, max(first + work.first_seconds, last))


def _since(facts: DayFacts, moment: datetime) -> int:
    return round((moment - facts.day_start).total_seconds())
