"""Where things are and how long the road takes, without any outside service.

`PostalCodes` geocodes US postal codes offline behind geopy's interface. `TravelModel` is what every
travel model promises; the embedded one stretches great circles by a circuity factor and divides by
the usual speed of the hour. An external router fulfils the same protocol.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import zipcodes as _zipcodes
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from marketplace.foundation.errors import InvalidInput

zipcodes: Any = _zipcodes  # carries no types

EARTH_RADIUS_METERS = 6_371_008.8
"""Mean radius (IUGG)."""
CIRCUITY = 1.3
"""Length of the road over the great circle; US metropolitan areas lie near 1.3 (Giacomin & Levinson 2015)."""


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS 84 degrees."""

    latitude: float
    longitude: float

    def meters_to(self, other: Position) -> float:
        """Great-circle distance (haversine)."""
        first, second = math.radians(self.latitude), math.radians(other.latitude)
        half_north = math.sin((second - first) / 2)
        half_east = math.sin(math.radians(other.longitude - self.longitude) / 2)
        chord = half_north**2 + math.cos(first) * math.cos(second) * half_east**2
        return 2 * EARTH_RADIUS_METERS * math.asin(math.sqrt(min(1.0, chord)))


@dataclass(frozen=True, slots=True)
class Place:
    """A postal code with its town and the point in its middle."""

    postal_code: str
    city: str
    state: str
    time_zone: str
    position: Position


@dataclass(frozen=True, slots=True)
class Travel:
    """A way from one point to another."""

    meters: int
    seconds: int


class PostalCodes(Geocoder):  # type: ignore[misc]  # geopy carries no types
    """geopy's geocoder interface over the centroids of US postal codes; asks nobody outside."""

    def __init__(self) -> None:
        super().__init__(scheme="https", timeout=1)

    def geocode(self, query: str, *, exactly_one: bool = True, timeout: Any = None) -> Any:
        """The location of a postal code (`97201`, `97201-1234`), or None; a list unless `exactly_one`."""
        found = _found(query)
        if found is None:
            return None
        point = (found.position.latitude, found.position.longitude)
        location = Location(f"{found.city}, {found.state} {found.postal_code}", point, {"place": found})
        return location if exactly_one else [location]


class TravelModel(Protocol):
    """How far and how long from anywhere to anywhere, leaving at a moment."""

    def travel(self, origin: Position, destination: Position, departure: datetime) -> Travel:
        """One way; metres on the road and seconds."""

    def matrix(
        self, points: Sequence[Position], departure: datetime
    ) -> tuple[list[list[int]], list[list[int]]]:
        """(seconds, metres) between all points, row to column; zero on the diagonal."""


_WEEKDAY_KMH = (
    52, 52, 52, 52, 52, 48, 42, 34, 30, 34, 37, 37, 36, 36, 34, 30, 27, 27, 32, 39, 44, 47, 50, 52,
)  # fmt: skip
_WEEKEND_KMH = (
    52, 52, 52, 52, 52, 52, 50, 48, 46, 43, 40, 38, 37, 37, 38, 39, 40, 40, 42, 44, 46, 48, 50, 52,
)  # fmt: skip
_FASTEST_KMH = 90.0
_LOCAL_METERS = 8_000.0


class GreatCircleTravel:
    """The embedded model: great circle x circuity, at the hour's speed, faster on long ways (motorways)."""

    def __init__(self, zone: ZoneInfo, circuity: float = CIRCUITY) -> None:
        self._zone = zone
        self._circuity = circuity

    def travel(self, origin: Position, destination: Position, departure: datetime) -> Travel:
        """One way at the speed of its hour of departure; the same point is no way at all."""
        return self._along(origin.meters_to(destination) * self._circuity, self._city_kmh(departure))

    def matrix(
        self, points: Sequence[Position], departure: datetime
    ) -> tuple[list[list[int]], list[list[int]]]:
        """(seconds, metres) between all points at the speed of one hour."""
        speed = self._city_kmh(departure)
        ways = [
            [self._along(start.meters_to(end) * self._circuity, speed) for end in points] for start in points
        ]
        return [[way.seconds for way in row] for row in ways], [[way.meters for way in row] for row in ways]

    def slowdown(self, departure: datetime) -> float:
        """How many times longer a way takes at this hour than on empty roads; at least 1."""
        return max(_WEEKDAY_KMH) / self._city_kmh(departure)

    def _city_kmh(self, departure: datetime) -> float:
        local = departure.astimezone(self._zone)
        return (_WEEKEND_KMH if local.weekday() >= 5 else _WEEKDAY_KMH)[local.hour]

    @staticmethod
    def _along(meters: float, city_kmh: float) -> Travel:
        local = min(meters, _LOCAL_METERS)
        motorway_kmh = min(_FASTEST_KMH, city_kmh * 1.9)
        seconds = local * 3.6 / city_kmh + (meters - local) * 3.6 / motorway_kmh
        return Travel(meters=round(meters), seconds=math.ceil(seconds))


class FlightTravel:
    """Straight through the air: the great circle at cruising speed, and what getting up and down takes.

    `kmh` is the speed over ground, `extra_seconds` are spent on each flight beside it: start-up, taxi,
    climb, approach. Wind and weather are left out.
    """

    def __init__(self, kmh: float, extra_seconds: int) -> None:
        self._kmh = kmh
        self._extra_seconds = extra_seconds

    def travel(self, origin: Position, destination: Position, _departure: datetime) -> Travel:
        """One flight, at any hour; the same place is no flight at all."""
        meters = origin.meters_to(destination)
        seconds = math.ceil(meters * 3.6 / self._kmh) + self._extra_seconds if meters else 0
        return Travel(meters=round(meters), seconds=seconds)

    def matrix(
        self, points: Sequence[Position], departure: datetime
    ) -> tuple[list[list[int]], list[list[int]]]:
        """(seconds, metres) between all points."""
        ways = [[self.travel(start, end, departure) for end in points] for start in points]
        return [[way.seconds for way in row] for row in ways], [[way.meters for way in row] for row in ways]


def place_of(postal_code: str, field: str = "postal_code") -> Place:
    """The place of a US postal code (five digits, or nine); refuses an unknown one, naming `field`."""
    found = _found(postal_code)
    if found is None:
        raise InvalidInput(field, "write a US postal code of five digits, like 97201")
    return found


def load_places() -> None:
    """Load the table of postal codes now: half a second and 55 MB, which the first look-up would take else.

    A server does it before it forks, so that its processes share the table and no request waits for it.
    """
    _lookup("97201")


def places_in(city: str, state: str) -> list[Place]:
    """The ordinary delivery areas of a town, by postal code."""
    rows = zipcodes.filter_by(city=city, state=state, zip_code_type="STANDARD", active=True)
    return sorted((_place(row) for row in rows), key=lambda place: place.postal_code)


def _found(postal_code: str) -> Place | None:
    text = postal_code.strip()
    digits = text.replace("-", "")
    return _lookup(text[:5]) if digits.isascii() and digits.isdigit() and len(digits) in {5, 9} else None


@functools.lru_cache(maxsize=4096)
def _lookup(postal_code: str) -> Place | None:
    if len(postal_code) != 5 or not (postal_code.isascii() and postal_code.isdigit()):
        return None
    rows = zipcodes.matching(postal_code)
    return _place(rows[0]) if rows and rows[0]["lat"] else None


def _place(row: dict[str, Any]) -> Place:
    position = Position(float(row["lat"]), float(row["long"]))
    return Place(row["zip_code"], row["city"], row["state"], row["timezone"], position)
