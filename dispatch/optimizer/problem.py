"""The problem: one day of requests, links, vendors and vehicles, planned together.

Times are whole seconds since the plan's day start, distances metres, money integer cents.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dispatch.optimizer.fleet import Depot, Vehicle, Vendor
from dispatch.optimizer.requests import Link, Request
from dispatch.optimizer.travel import TravelMatrix

DIMENSIONS = ("seat", "wheelchair", "stretcher", "cargo")


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """Everything that a plan is made from, and everything that it is checked against.

    No leg that is not committed sets off before `frozen_until`. `dimensions` name the entries of loads
    and configurations. `validate` says whether the parts fit together.
    """

    requests: tuple[Request, ...]
    vehicles: tuple[Vehicle, ...]
    travel: TravelMatrix
    vendors: tuple[Vendor, ...] = ()
    depots: tuple[Depot, ...] = ()
    links: tuple[Link, ...] = ()
    dimensions: tuple[str, ...] = DIMENSIONS
    horizon_seconds: int = 172_800
    frozen_until: int = 0
    name: str = ""

    @cached_property
    def request_by_id(self) -> Mapping[str, Request]:
        """Requests by id."""
        return {request.id: request for request in self.requests}

    @cached_property
    def vehicle_by_id(self) -> Mapping[str, Vehicle]:
        """Vehicles by id."""
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def vendor_by_id(self) -> Mapping[str, Vendor]:
        """Vendors by id; a vendor that only vehicles name has no price, share or cap."""
        known = {vehicle.vendor: Vendor(id=vehicle.vendor) for vehicle in self.vehicles}
        return known | {vendor.id: vendor for vendor in self.vendors}

    @cached_property
    def validity(self) -> dict[tuple[str, str], tuple[int, int]]:
        """A memory for timing: when a vehicle's credentials cover a request, by their ids."""
        return {}

    @cached_property
    def scarce_items(self) -> frozenset[str]:
        """Items of which more is asked for than the smallest depot holds."""
        asked: Counter[str] = Counter()
        for request in self.requests:
            asked.update(request.equipment)
        stocks = [depot.stock for depot in self.depots]
        return frozenset(
            item
            for item, pieces in asked.items()
            if pieces > min((stock.get(item, 0) for stock in stocks), default=0)
        )

    @cached_property
    def alike(self) -> dict[str, int]:
        """A memory for eligibility: a number by vehicle id, equal for vehicles that differ in nothing."""
        return {}

    @cached_property
    def links_of(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that touch each request."""
        found: dict[str, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.before, []).append(link)
            found.setdefault(link.after, []).append(link)
        return {request: tuple(links) for request, links in found.items()}

    def ride_limit(self, request: Request) -> int | None:
        """The longest ride in seconds that both the request's limits allow; None when it has none."""
        limits = [] if request.max_ride_seconds is None else [request.max_ride_seconds]
        if request.max_detour_seconds is not None:
            direct = self.travel.shortest(request.first.location, request.last.location)
            limits.append(direct + request.max_detour_seconds)
        return min(limits, default=None)

    def price(self, request: Request, vendor: str) -> int:
        """What the vendor charges in cents for the request, apart from its vehicles' own costs."""
        return request.vendor_cents.get(vendor, self.vendor_by_id[vendor].base_cents)
