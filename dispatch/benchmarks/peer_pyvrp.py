"""PyVRP's iterated local search with shipments; it knows no ride limits and no skills."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from dispatch.benchmarks.peers import SCALE
from dispatch.optimizer.engine.instance import Instance


def routes(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each used route; see :func:`by_vehicle`."""
    return [route for route in by_vehicle(instance, seconds) if route]


def by_vehicle(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each vehicle that PyVRP finds in the time; empty when its best plan breaks a rule."""
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in range(instance.travel_time.shape[1])]
    _edges(model, instance, places)
    _vehicles(model, instance, places)
    for request in range(instance.requests):
        _shipment(model, instance, request, places)
    result = model.solve(MaxRuntime(seconds), display=False)
    planned: list[list[int]] = [[] for _ in range(instance.vehicles)]
    for route in result.best.routes() if result.is_feasible() else ():
        planned[route.vehicle_type()] = _stops(instance, route)
    return planned


def _up(value: float) -> int:
    """A number in whole units, rounded up."""
    return int(np.ceil(value * SCALE))


def _edges(model: Any, instance: Instance, places: list[Any]) -> None:
    """Distances and times between all places."""
    distance = np.ceil(instance.distance[0] * SCALE).astype(int)
    time = np.ceil(instance.travel_time[0] * SCALE).astype(int)
    for i, origin in enumerate(places):
        for j, target in enumerate(places):
            model.add_edge(origin, target, distance=int(distance[i, j]), duration=int(time[i, j]))


def _vehicles(model: Any, instance: Instance, places: list[Any]) -> None:
    """Every vehicle is a type of its own; those of one place share a depot."""
    homes = {int(place) for place in (*instance.start_location, *instance.end_location)}
    depots = {place: model.add_depot(places[place]) for place in sorted(homes)}
    for vehicle in range(instance.vehicles):
        longest = instance.max_duration[vehicle]
        limit = {"shift_duration": int(longest * SCALE)} if np.isfinite(longest) else {}
        model.add_vehicle_type(
            1,
            capacity=[int(room) for room in instance.capacity[vehicle, 0]],
            start_depot=depots[int(instance.start_location[vehicle])],
            end_depot=depots[int(instance.end_location[vehicle])],
            fixed_cost=_up(instance.fixed_cost[vehicle]),
            tw_early=_up(instance.shift_start[vehicle]),
            tw_late=int(instance.shift_end[vehicle] * SCALE),
            **limit,
        )


def _shipment(model: Any, instance: Instance, request: int, places: list[Any]) -> None:
    """A pickup and its delivery."""
    first, second = int(instance.pickup[request]), int(instance.delivery[request])
    windows = {}
    for stop, name in ((first, "pickup"), (second, "delivery")):
        low = _up(instance.window_start[stop])
        windows[f"{name}_tw_early"] = low
        windows[f"{name}_tw_late"] = max(low, int(instance.window_end[stop] * SCALE))
        windows[f"{name}_service_duration"] = _up(instance.service[stop])
    model.add_shipment(
        places[int(instance.stop_location[first])],
        places[int(instance.stop_location[second])],
        amount=[int(load) for load in instance.load[first]],
        prize=_up(instance.penalty[request]),
        required=False,
        **windows,
    )


def _stops(instance: Instance, route: Any) -> list[int]:
    """The stops of one route in order."""
    found = []
    for activity in route.schedule():
        if activity.is_pickup():
            found.append(int(instance.pickup[activity.idx]))
        elif activity.is_delivery():
            found.append(int(instance.delivery[activity.idx]))
    return found
