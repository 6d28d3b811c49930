"""Who can do it: vendors, depots with equipment stock, vehicles with shifts, breaks and credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A company under contract.

    `base_cents` is its price for a request that names none of its own. Of all served requests it takes
    between `min_share_percent` and `max_share_percent`, and at most `max_requests` (None: no cap); shares
    and caps bind proposals made before the award.
    """

    id: str
    base_cents: int = 0
    min_share_percent: int = 0
    max_share_percent: int = 100
    max_requests: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Depot:
    """A store with equipment: `stock` counts pieces by item that its vehicles may load today."""

    id: str
    location: int
    stock: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shift:
    """When a crew works: from `start` to `end`, and then at most `overtime_seconds` more, at a price."""

    start: int
    end: int
    overtime_seconds: int = 0
    overtime_cents_per_hour: int = 0

    @property
    def latest_end(self) -> int:
        """The last second at which the vehicle must be back."""
        return self.end + self.overtime_seconds


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `seconds` that begins in [earliest, latest], standing still, with no rider on board.

    Not owed by a route that leaves at or after `earliest` + `seconds`, or that ends by `latest`: there is
    time for it before or after.
    """

    earliest: int
    latest: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """From `start` to `end` the vendor needs the vehicle itself: no driving, no service, no rider."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential of the crew or vehicle, valid from `valid_from` until `valid_to` (seconds, inclusive)."""

    name: str
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What using a vehicle costs: once, per kilometre, per hour on the road, per hour of idle waiting.

    The hour on the road runs from leaving the start to reaching the end, waiting and breaks included,
    time blocked by the vendor excluded; waiting (neither driving, service, break nor blocked) is charged
    on top.
    """

    fixed_cents: int = 0
    cents_per_km: int = 0
    cents_per_hour: int = 0
    wait_cents_per_hour: int = 0


@dataclass(frozen=True, slots=True)
class CommittedStop:
    """A stop that can no longer be changed: done, under way or inside the frozen horizon."""

    request: str
    point: int
    start: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Vehicle:
    """A vehicle with its crew on this day.

    `configurations` are the capacities it can be converted to, each over the problem's dimensions; at
    every moment the load must fit one of them. `end_location` of None means that the route ends at its
    last stop. `stock` is equipment already on the vehicle, used before its depot's. `committed` is the
    frozen beginning of its route, kept to the second.
    """

    id: str
    vendor: str
    start_location: int
    end_location: int | None
    shift: Shift
    configurations: tuple[tuple[int, ...], ...]
    depot: str | None = None
    rate: Rate = Rate()
    breaks: tuple[Break, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    skills: frozenset[str] = frozenset()
    credentials: tuple[Credential, ...] = ()
    stock: Mapping[str, int] = field(default_factory=dict)
    committed: tuple[CommittedStop, ...] = ()
    max_route_seconds: int | None = None
    max_route_metres: int | None = None
    max_stops: int | None = None

    def holds(self, names: frozenset[str], begin: int, end: int) -> bool:
        """Whether every named credential is valid during the whole of [begin, end]."""
        return not self.missing(names, begin, end)

    def missing(self, names: frozenset[str], begin: int, end: int) -> tuple[str, ...]:
        """The named credentials that are not valid during the whole of [begin, end], sorted."""
        valid = {c.name for c in self.credentials if c.valid_from <= begin and end <= c.valid_to}
        return tuple(sorted(names - valid))
