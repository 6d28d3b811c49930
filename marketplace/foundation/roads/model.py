"""The travel model over a road service: cached, bounded in time, and never without an answer."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from marketplace.foundation.geography import GreatCircleTravel, Position, Travel, TravelModel
from marketplace.foundation.roads.breaker import Breaker
from marketplace.foundation.roads.services import (
    RoadService,
    RoadsRefused,
    RoadsUnavailable,
)

EMBEDDED = "great circles and the usual speed of the hour"
_FINE = 5  # decimals of a degree: about a metre
Way = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Limits:
    """How a service may be asked."""

    timeout_seconds: float = 2.5
    """For one request."""
    budget_seconds: float = 8.0
    """For all requests of one matrix together; what is not there by then is estimated."""
    tries: int = 2
    largest_side: int = 100
    """Most sources and most targets of one request (OSRM's usual --max-table-size)."""
    cached_ways: int = 400_000
    cached_seconds: float = 86_400.0


@dataclass
class Ways:
    """Known ways by their ends, the oldest used forgotten first; shared by all models of a process."""

    most: int
    lasting: float
    clock: Callable[[], float] = time.monotonic
    _ways: OrderedDict[Way, tuple[float | None, float | None, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, way: Way) -> tuple[float | None, float | None] | None:
        """(seconds, metres) of a way, each None where the service knows none; None if never asked."""
        with self._lock:
            found = self._ways.get(way)
            if found is None or self.clock() - found[2] > self.lasting:
                return None
            self._ways.move_to_end(way)
            return found[0], found[1]

    def put(self, way: Way, seconds: float | None, metres: float | None) -> None:
        """Remember a way."""
        with self._lock:
            self._ways[way] = (seconds, metres, self.clock())
            self._ways.move_to_end(way)
            while len(self._ways) > self.most:
                self._ways.popitem(last=False)


class RoadTravel:
    """Ways along real roads; free-flow times are stretched by the hour as the embedded model's are.

    `told` says where the last answers came from, in a sentence for people.
    """

    def __init__(
        self,
        service: RoadService,
        embedded: GreatCircleTravel,
        *,
        limits: Limits | None = None,
        breaker: Breaker | None = None,
        ways: Ways | None = None,
        by_hour: bool = True,
    ) -> None:
        self._service, self._embedded, self._by_hour = service, embedded, by_hour
        self._limits = limits or Limits()
        self._breaker = breaker or Breaker()
        self._ways = ways or Ways(self._limits.cached_ways, self._limits.cached_seconds)
        self._trouble, self._estimated, self._asked = "", 0, 0

    @property
    def told(self) -> str:
        """Where the ways came from."""
        if self._trouble:
            return f"Estimated by {EMBEDDED}: {self._service.name} was not used, {self._trouble}."
        if self._estimated:
            share = f"{self._estimated} of {self._asked} ways"
            return (
                f"{self._service.name}; {share} are estimates, because it knows no road between their ends."
            )
        return f"{self._service.name}."

    @property
    def fell_back(self) -> bool:
        """Whether the service was not used for the last answers."""
        return bool(self._trouble)

    def travel(self, origin: Position, destination: Position, departure: datetime) -> Travel:
        """One way; the same point is no way at all."""
        if origin == destination:
            return Travel(0, 0)
        self._fetch([origin], [destination])
        return self._way(origin, destination, departure)

    def matrix(
        self, points: Sequence[Position], departure: datetime
    ) -> tuple[list[list[int]], list[list[int]]]:
        """(seconds, metres) between all points, row to column; zero on the diagonal."""
        self.warm(points)
        ways = [[self._way(start, end, departure) for end in points] for start in points]
        return [[way.seconds for way in row] for row in ways], [[way.meters for way in row] for row in ways]

    def warm(self, points: Sequence[Position]) -> None:
        """Ask for whatever is not known yet between these points."""
        self._trouble, self._estimated, self._asked = "", 0, 0
        places = list(dict.fromkeys(points))
        self._fetch(places, places)

    def _fetch(self, sources: Sequence[Position], targets: Sequence[Position]) -> None:
        wanted = [
            (start, [end for end in targets if start != end and self._ways.get(_way(start, end)) is None])
            for start in sources
        ]
        rows = [start for start, missing in wanted if missing]
        columns = list(dict.fromkeys(end for _, missing in wanted for end in missing))
        if not rows:
            return
        ends_at = time.monotonic() + self._limits.budget_seconds
        for some_rows in _parts(rows, self._limits.largest_side):
            for some_columns in _parts(columns, self._limits.largest_side):
                if not self._ask(some_rows, some_columns, ends_at):
                    return

    def _ask(self, rows: list[Position], columns: list[Position], ends_at: float) -> bool:
        """One table, with another try where that helps; whether to go on."""
        for turn in range(self._limits.tries):
            left = ends_at - time.monotonic()
            if left <= 0:
                return self._give_up("it was too slow for so many ways", counts=True)
            if not self._breaker.allows():
                return self._give_up(f"after failing before: {self._breaker.reason}", counts=False)
            try:
                seconds, metres = self._service.table(rows, columns, min(left, self._limits.timeout_seconds))
            except RoadsRefused as problem:
                return self._give_up(str(problem), counts=True)
            except RoadsUnavailable as problem:
                self._breaker.failed(str(problem))
                if turn + 1 == self._limits.tries:
                    return self._give_up(str(problem), counts=False)
                time.sleep(min(0.1 * 2**turn, max(0.0, ends_at - time.monotonic())))
            else:
                self._breaker.succeeded()
                for start, times, lengths in zip(rows, seconds, metres, strict=True):
                    for end, one, length in zip(columns, times, lengths, strict=True):
                        self._ways.put(_way(start, end), one, length)
                return True
        return False

    def _give_up(self, why: str, *, counts: bool) -> bool:
        if counts:
            self._breaker.failed(why)
        self._trouble = why
        return False

    def _way(self, start: Position, end: Position, departure: datetime) -> Travel:
        if start == end:
            return Travel(0, 0)
        self._asked += 1
        found = None if self._trouble else self._ways.get(_way(start, end))
        estimate = self._embedded.travel(start, end, departure)
        if found is None or found[0] is None:
            self._estimated += 1
            return estimate
        slower = self._embedded.slowdown(departure) if self._by_hour else 1.0
        meters = estimate.meters if found[1] is None else round(found[1])
        return Travel(meters=meters, seconds=max(1, math.ceil(found[0] * slower)))


def warm(model: TravelModel, points: Sequence[Position]) -> None:
    """Let a model that asks somebody ask once for all ways between these points; others need no warming."""
    if isinstance(model, RoadTravel) and len(points) > 1:
        model.warm(points)


def sources_of(model: TravelModel) -> str:
    """Where a model's ways came from, for people who read the plan."""
    return model.told if isinstance(model, RoadTravel) else f"Estimated by {EMBEDDED}."


def _way(start: Position, end: Position) -> Way:
    return (
        round(start.latitude, _FINE),
        round(start.longitude, _FINE),
        round(end.latitude, _FINE),
        round(end.longitude, _FINE),
    )


def _parts(places: list[Position], most: int) -> Iterator[list[Position]]:
    for begin in range(0, len(places), most):
        yield places[begin : begin + most]
