"""A plain check of engine plans from the arrays alone: windows, travel, loads, rides and shifts."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.search import EngineResult

TOLERANCE = 1e-6


def city_faults(instance: Instance, result: EngineResult) -> list[str]:
    """Everything that is wrong with a plan without breaks; empty when it keeps every rule."""
    found = _once(instance, result)
    for vehicle, route in enumerate(result.routes):
        if route:
            found += _timed(instance, result, vehicle) + _loaded(instance, vehicle, route)
    return found


def _once(instance: Instance, result: EngineResult) -> list[str]:
    """Each request is wholly in one route or named as left out."""
    place = {stop: vehicle for vehicle, route in enumerate(result.routes) for stop in route}
    found = [] if len(place) == sum(map(len, result.routes)) else ["a stop is served twice"]
    for request in range(instance.requests):
        stops = [int(s) for s in (instance.pickup[request], instance.delivery[request]) if s >= 0]
        vehicles = {place.get(stop) for stop in stops}
        if request in result.unserved:
            if vehicles != {None}:
                found.append(f"request {request} is left out and served")
        elif len(vehicles) != 1 or None in vehicles:
            found.append(f"request {request} is not in one route")
        elif not instance.allowed[request, vehicles.pop()]:
            found.append(f"request {request} is in a vehicle that may not serve it")
    return found


def _timed(instance: Instance, result: EngineResult, vehicle: int) -> list[str]:
    """Windows, travel, rides, shift and duration of one route."""
    found, matrix = [], instance.travel_time[instance.profile[vehicle]]
    route, starts = (
        result.routes[vehicle],
        dict(zip(result.routes[vehicle], result.starts[vehicle], strict=True)),
    )
    clock, here = result.departures[vehicle], int(instance.start_location[vehicle])
    if clock < instance.shift_start[vehicle] - TOLERANCE:
        found.append(f"vehicle {vehicle} leaves before its shift")
    for stop in route:
        clock += matrix[here, instance.stop_location[stop]]
        if starts[stop] < clock - TOLERANCE:
            found.append(f"stop {stop} starts before the vehicle is there")
        if (
            not instance.window_start[stop] - TOLERANCE
            <= starts[stop]
            <= instance.window_end[stop] + TOLERANCE
        ):
            found.append(f"stop {stop} starts outside its window")
        clock, here = starts[stop] + instance.service[stop], int(instance.stop_location[stop])
    clock += matrix[here, instance.end_location[vehicle]]
    if clock > instance.shift_end[vehicle] + TOLERANCE:
        found.append(f"vehicle {vehicle} is back after its shift")
    if clock - result.departures[vehicle] > instance.max_duration[vehicle] + TOLERANCE:
        found.append(f"vehicle {vehicle} is out too long")
    return found + _ridden(instance, route, starts)


def _ridden(instance: Instance, route: list[int], starts: dict[int, float]) -> list[str]:
    """Pickups before deliveries, and no ride too long."""
    found = []
    for first, second, most in zip(instance.pickup, instance.delivery, instance.max_ride, strict=True):
        if first in starts and second in starts:
            if starts[second] - starts[first] - instance.service[first] > most + TOLERANCE:
                found.append(f"the ride from stop {first} is too long")
            if route.index(first) > route.index(second):
                found.append(f"stop {second} comes before its pickup")
    return found


def _loaded(instance: Instance, vehicle: int, route: list[int]) -> list[str]:
    """At every moment the load fits one configuration."""
    singles = instance.pickup[instance.delivery < 0]
    aboard = np.array([instance.load[s] for s in route if s in singles] or [np.zeros(instance.load.shape[1])])
    load = -np.minimum(aboard, 0.0).sum(axis=0)
    found = []
    for stop in route:
        load = load + instance.load[stop]
        if not np.any(np.all(load <= instance.capacity[vehicle] + TOLERANCE, axis=1)):
            found.append(f"the load after stop {stop} fits no configuration")
    return found
