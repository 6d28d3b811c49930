"""The plan that comes out: routes with start times, what was left out and why, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum


class UnservedCode(StrEnum):
    """Why a request is not in the plan."""

    VENDOR = "vendor"
    """No vehicle of an allowed vendor exists."""
    SKILL = "skill"
    """No allowed vehicle has the skills."""
    CREDENTIAL = "credential"
    """No allowed vehicle's credentials are valid when it could be served."""
    CAPACITY = "capacity"
    """It fits no configuration of any allowed vehicle, even empty."""
    STOCK = "stock"
    """The equipment is not in stock."""
    WINDOW = "window"
    """No allowed vehicle can reach it inside its windows, even with nothing else to do."""
    RIDE_LIMIT = "ride_limit"
    """Even the direct ride is longer than its limit."""
    LINK = "link"
    """A hard link to another request cannot be kept."""
    PIN = "pin"
    """It is pinned to a vehicle that cannot serve it."""
    NO_ROOM = "no_room"
    """It would fit an empty vehicle, but not beside the others in this plan."""
    PRICE = "price"
    """Serving it would cost more than leaving it out."""


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """Service begins at `start` at point `point` (0 or 1) of a request."""

    request: str
    point: int
    start: int


@dataclass(frozen=True, slots=True)
class PlannedBreak:
    """A rest from `start` for `seconds`, after `after` stops of the route have been served."""

    after: int
    start: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's day: it leaves at `departure`, serves its stops in order, and is back at `end`."""

    vehicle: str
    stops: tuple[PlannedStop, ...]
    departure: int
    end: int
    breaks: tuple[PlannedBreak, ...] = ()

    @property
    def requests(self) -> tuple[str, ...]:
        """The requests that the route serves, in order of their first stop."""
        return tuple(dict.fromkeys(stop.request for stop in self.stops))


@dataclass(frozen=True, slots=True)
class Unserved:
    """A request that was left out, with a code and a sentence that says why."""

    request: str
    code: UnservedCode
    reason: str


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """What a plan costs in cents, by cause."""

    fixed: int = 0
    distance: int = 0
    time: int = 0
    waiting: int = 0
    overtime: int = 0
    vendor: int = 0
    lateness: int = 0
    promises: int = 0
    changes: int = 0
    links: int = 0
    unserved: int = 0

    @property
    def total(self) -> int:
        """All causes together."""
        return sum(getattr(self, name) for name in _PARTS)

    def __add__(self, other: "CostBreakdown") -> "CostBreakdown":
        return CostBreakdown(*(getattr(self, name) + getattr(other, name) for name in _PARTS))


_PARTS = tuple(part.name for part in fields(CostBreakdown))


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan: only vehicles that move have a route; every request is in a route or in `unserved`."""

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    cost: CostBreakdown = field(default_factory=CostBreakdown)
    seed: int = 0
    iterations: int = 0
    engine: str = ""
    seconds: float = 0.0

    @property
    def served(self) -> frozenset[str]:
        """The requests that are in a route."""
        return frozenset(stop.request for stop in self.stops())

    @property
    def vehicles(self) -> int:
        """How many vehicles move."""
        return len(self.routes)

    def stops(self) -> Iterator[PlannedStop]:
        """All stops of all routes."""
        return (stop for route in self.routes for stop in route.stops)

    def route_of(self, request: str) -> Route | None:
        """The route that serves the request, or None."""
        return next((route for route in self.routes if request in route.requests), None)

    def route_of_vehicle(self, vehicle: str) -> Route | None:
        """The vehicle's route, or None when it does not move."""
        return next((route for route in self.routes if route.vehicle == vehicle), None)
