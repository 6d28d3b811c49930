"""What is asked for: rides, deliveries, visits and collections, and the links between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RequestKind(StrEnum):
    """How a request moves load: `ride` has two points, the others one."""

    RIDE = "ride"
    """Picked up at the first point, brought to the second."""
    DELIVERY = "delivery"
    """Loaded where the vehicle starts, left at its point."""
    VISIT = "visit"
    """A person works at the point; nothing is carried."""
    COLLECTION = "collection"
    """Taken at its point, unloaded where the vehicle ends."""


class Anchor(StrEnum):
    """The moment of a request that a link speaks of; a single-stop request has `start` = `arrival`."""

    START = "start"
    """Service begins at the first point."""
    DEPARTURE = "departure"
    """Service ends at the first point."""
    ARRIVAL = "arrival"
    """Service begins at the last point."""
    END = "end"
    """Service ends at the last point."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the patient was told: service begins in [earliest, latest] (seconds since day start).

    `break_cents` is the price of leaving that interval; None means that it must never be left.
    """

    earliest: int
    latest: int
    break_cents: int | None = None


@dataclass(frozen=True, slots=True)
class ServicePoint:
    """One place of a request: where, when service may begin, and how long it takes.

    Service begins in [earliest, latest], always. Beginning after `due` (None: never late) costs
    `late_cents_per_minute`. Times are seconds since the plan's day start.
    """

    location: int
    earliest: int
    latest: int
    service_seconds: int = 0
    due: int | None = None
    late_cents_per_minute: int = 0
    promised: Promise | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A person has decided: this vehicle, and when `start` is given, service at the first point then."""

    vehicle: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The vehicle people have been told of, and the price in cents of sending another one."""

    vehicle: str
    change_cents: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One thing to do: a ride with two points, or a delivery, visit or collection with one.

    `load` is what it takes of each of the problem's dimensions. `max_ride_seconds` bounds the time from
    the end of service at the first point to the beginning at the second; `max_detour_seconds` bounds how
    much longer than the direct drive that may be. `vendors` and `vehicles` of None mean "any that can".
    Leaving the request out costs `unserved_cents` x (1 + `priority`).
    `vendor_cents` is the agreed price by vendor, in place of the vendor's `base_cents`.
    `episode` groups the requests of one patient, so that people and not stops are counted.
    """

    id: str
    kind: RequestKind
    points: tuple[ServicePoint, ...]
    load: tuple[int, ...] = ()
    max_ride_seconds: int | None = None
    max_detour_seconds: int | None = None
    skills: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    equipment: Mapping[str, int] = field(default_factory=dict)
    vendors: tuple[str, ...] | None = None
    vehicles: tuple[str, ...] | None = None
    vendor_cents: Mapping[str, int] = field(default_factory=dict)
    pin: Pin | None = None
    told: Told | None = None
    priority: int = 0
    unserved_cents: int = 100_000
    episode: str | None = None

    @property
    def first(self) -> ServicePoint:
        """Where the request begins."""
        return self.points[0]

    @property
    def last(self) -> ServicePoint:
        """Where the request ends; the same as `first` for a single stop."""
        return self.points[-1]

    @property
    def left_out_cents(self) -> int:
        """The price of leaving this request out of the plan."""
        return self.unserved_cents * (1 + self.priority)

    @property
    def person(self) -> str:
        """Whom a change of this request affects: its episode, else the request itself."""
        return self.episode or self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An order in time between two requests, whichever vehicles and vendors serve them.

    Promises min_lag_seconds <= time(`after`, `after_anchor`) - time(`before`, `before_anchor`)
    <= max_lag_seconds (None: no upper bound); both 0 with `start` anchors is a simultaneous start.
    A hard link also promises that `after` is served only if `before` is, and with `mutual` the reverse.
    A soft link costs `break_cents` once when it is broken (also when only one end is served) and
    `cents_per_minute` for each minute by which the lag misses its bounds.
    """

    id: str
    before: str
    after: str
    before_anchor: Anchor = Anchor.END
    after_anchor: Anchor = Anchor.START
    min_lag_seconds: int = 0
    max_lag_seconds: int | None = None
    hard: bool = True
    mutual: bool = False
    break_cents: int = 0
    cents_per_minute: int = 0
