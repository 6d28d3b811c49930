"""What is on board: configurations, stops, metres."""

from collections.abc import Iterator
from itertools import pairwise

from dispatch.optimizer.check.evidence import Evidence, SeenRoute
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import RequestKind


def check_loads(evidence: Evidence) -> Iterator[Finding]:
    """CAPACITY: at departure and after every stop the load fits one configuration."""
    for route in evidence.routes:
        load = dict.fromkeys(evidence.problem.dimensions, 0)
        for stop in route.stops:
            if stop.request.kind is RequestKind.DELIVERY:
                _add(load, stop.request.load, 1)
        if not _fits(route, load):
            yield Finding(Rule.CAPACITY, "it leaves with more than it can hold", vehicle=route.vehicle.id)
        for stop in route.stops:
            _add(load, stop.request.load, _sign(stop.request.kind, stop.index))
            if not _fits(route, load):
                held = ", ".join(f"{amount} {name}" for name, amount in load.items() if amount)
                message = f"on board are {held or 'less than nothing'}, which no configuration holds"
                yield Finding(Rule.CAPACITY, message, stop.request.id, route.vehicle.id)


def _sign(kind: RequestKind, index: int) -> int:
    if kind is RequestKind.VISIT:
        return 0
    if kind is RequestKind.RIDE:
        return -1 if index else 1
    return 1 if kind is RequestKind.COLLECTION else -1


def _add(load: dict[str, int], amounts: tuple[int, ...], sign: int) -> None:
    for name, amount in zip(load, amounts, strict=False):
        load[name] += sign * amount


def _fits(route: SeenRoute, load: dict[str, int]) -> bool:
    amounts = list(load.values())
    return any(
        all(amount <= room for amount, room in zip(amounts, capacity, strict=True))
        for capacity in route.vehicle.configurations
    )


def check_extent(evidence: Evidence) -> Iterator[Finding]:
    """ROUTE_DISTANCE and ROUTE_STOPS: how far and how often."""
    for route in evidence.routes:
        vehicle, length = route.vehicle, metres(evidence.problem, route)
        if vehicle.max_route_metres is not None and length > vehicle.max_route_metres:
            message = f"its route is {length} m, the limit is {vehicle.max_route_metres}"
            yield Finding(Rule.ROUTE_DISTANCE, message, vehicle=vehicle.id)
        if vehicle.max_stops is not None and len(route.stops) > vehicle.max_stops:
            message = f"its route has {len(route.stops)} stops, the limit is {vehicle.max_stops}"
            yield Finding(Rule.ROUTE_STOPS, message, vehicle=vehicle.id)


def metres(problem: Problem, route: SeenRoute) -> int:
    """The metres from the vehicle's start through all stops to its end."""
    places = [route.vehicle.start_location, *(stop.point.location for stop in route.stops)]
    if route.vehicle.end_location is not None and route.stops:
        places.append(route.vehicle.end_location)
    return sum(int(problem.travel.metres[a, b]) for a, b in pairwise(places))
