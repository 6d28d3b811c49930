"""Where a vehicle rests by the exact rules: in the gaps after which its route ends soonest.

The counterpart of :mod:`dispatch.optimizer.engine.rests` in whole seconds: one pass along the route keeps,
for each number of breaks taken so far, the earliest time at which a call can be left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.optimizer.passing import Course, Pass


@dataclass(frozen=True, slots=True)
class _Way:
    """The earliest clock with so many breaks taken, and the gap of each that is not over before leaving."""

    clock: int
    gaps: tuple[tuple[int, int], ...] = ()


_Ways = dict[int, _Way]
"""By the number of breaks taken; a number without a way is absent."""


def soonest_gaps(course: Course, lower: Sequence[int], run: Pass) -> dict[int, int] | None:
    """The gap of each break, by its number, with which a route ends soonest; None when it cannot.

    Gap k lies before call k, the last one behind all calls. `run` has passed the committed calls. Ride limits
    are not looked at: whoever must be picked up later for one may make another gap the better.
    """
    clock = max(run.clock, course.frozen_until) if course.fixed else run.clock
    ways, place, aboard = {run.pending: _Way(clock)}, run.place, run.aboard
    for gap in range(course.fixed, len(course.calls)):
        call = course.calls[gap]
        if not aboard:
            _rest_before_driving(course, ways, gap)
        ways = {
            taken: _Way(w.clock + course.leg(place, call.location, w.clock), w.gaps)
            for taken, w in ways.items()
        }
        if not aboard and gap:
            _rest_on_arrival(course, ways, gap, lower[gap])
        ways = _served(course, ways, gap, lower[gap])
        place, aboard = call.location, aboard + call.boards
    return _soonest(course, ways, place)


def _rest_before_driving(course: Course, ways: _Ways, gap: int) -> None:
    for taken, rest in enumerate(course.rests):
        way = ways.get(taken)
        if way is None:
            continue
        begin = max(way.clock, rest.earliest)
        if gap == 0 and way.clock >= rest.earliest + rest.seconds:
            other = way
        elif begin <= rest.latest:
            other = _Way(begin + rest.seconds, (*way.gaps, (taken, gap)))
        else:
            continue
        known = ways.get(taken + 1)
        if known is None or other.clock <= known.clock:
            ways[taken + 1] = other


def _rest_on_arrival(course: Course, ways: _Ways, gap: int, lower: int) -> None:
    for taken, rest in enumerate(course.rests):
        way = ways.get(taken)
        if way is None or max(way.clock, rest.earliest) > rest.latest:
            continue
        end, known = max(way.clock, rest.earliest) + rest.seconds, ways.get(taken + 1)
        if known is None or max(end, lower) < known.clock:
            ways[taken + 1] = _Way(end, (*way.gaps, (taken, gap)))


def _served(course: Course, ways: _Ways, gap: int, lower: int) -> _Ways:
    """The ways in which the call is in time, and the next break after it can still be."""
    served: _Ways = {}
    for taken, way in ways.items():
        start = max(way.clock, lower)
        owed = taken < len(course.rests)
        if start <= course.upper[gap] and not (owed and start > course.rests[taken].latest):
            served[taken] = _Way(start + course.calls[gap].service, way.gaps)
    return served


def _soonest(course: Course, ways: _Ways, place: int) -> dict[int, int] | None:
    """The gaps of the way that is home soonest, of those after which no break is owed."""
    _rest_before_driving(course, ways, len(course.calls))
    home, best = course.vehicle.end_location, None
    for taken, way in sorted(ways.items()):
        end = way.clock if home is None else way.clock + course.leg(place, home, way.clock)
        settled = taken == len(course.rests) or end <= course.rests[taken].latest
        if settled and (best is None or end < best[0]):
            best = end, way.gaps
    return None if best is None else dict(best[1])
