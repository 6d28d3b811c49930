"""What is on board: configurations, stops, metres."""

from collections.abc import Iterator
from itertools import pairwise

from dispatch.optimizer.check.evidence import Evidence, SeenRoute
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import RequestKind


def check_loads(evidence: Evidence) -> Iterator[Finding]:
    """CAPACITY: at departure and after every stop the load fits one configuration."""
    names = evidence.problem.dimensions
    for route in evidence.routes:
        held: dict[tuple[int, ...], bool] = {}
        load = (0,) * len(names)
        for stop in route.stops:
            if stop.request.kind is RequestKind.DELIVERY:
                load = _added(load, stop.request.load, 1)
        if not _fits(route, load, held):
            yield Finding(Rule.CAPACITY, "it leaves with more than it can hold", vehicle=route.vehicle.id)
        for stop in route.stops:
            load = _added(load, stop.request.load, _sign(stop.request.kind, stop.index))
            if not _fits(route, load, held):
                told = ", ".join(
                    f"{amount} {name}" for name, amount in zip(names, load, strict=True) if amount
                )
                message = f"on board are {told or 'less than nothing'}, which no configuration holds"
                yield Finding(Rule.CAPACITY, message, stop.request.id, route.vehicle.id)


def _sign(kind: RequestKind, index: int) -> int:
    if kind is RequestKind.VISIT:
        return 0
    if kind is RequestKind.RIDE:
        return -1 if index else 1
    return 1 if kind is RequestKind.COLLECTION else -1


def _added(load: tuple[int, ...], amounts: tuple[int, ...], sign: int) -> tuple[int, ...]:
    """The load with the amounts taken on (1) or off (-1); amounts not named are none."""
    if not amounts or not sign:
        return load
    changed = [had + sign * amount for had, amount in zip(load, amounts, strict=False)]
    return (*changed, *load[len(changed) :])


def _fits(route: SeenRoute, load: tuple[int, ...], held: dict[tuple[int, ...], bool]) -> bool:
    """Whether one of the vehicle's configurations holds the load; `held` keeps what was asked before."""
    if load not in held:
        held[load] = any(
            all(amount <= room for amount, room in zip(load, capacity, strict=True))
            for capacity in route.vehicle.configurations
        )
    return held[load]


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
