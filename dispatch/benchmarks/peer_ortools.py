"""OR-Tools' routing solver alone: matrices, parallel insertion, guided local search, disjunctions."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.benchmarks.peers import SCALE
from dispatch.optimizer.engine.instance import Instance


def routes(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each route that OR-Tools finds in the time; empty when it finds none."""
    places = np.concatenate([[instance.start_location[0]], instance.stop_location])
    manager = pywrapcp.RoutingIndexManager(len(places), instance.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    _objective(routing, instance, places)
    time = _time(routing, manager, instance, places)
    loads = [0, *(int(load) for load in instance.load[:, 0])]
    routing.AddDimensionWithVehicleCapacity(
        routing.RegisterUnaryTransitVector(loads), 0, [int(instance.capacity[0, 0, 0])] * instance.vehicles,
        True, "load",
    )  # fmt: skip
    _pairs(routing, manager, instance, time)
    found = routing.SolveWithParameters(_settings(seconds))
    return _sequences(routing, manager, found, instance.vehicles) if found else []


def _scaled(matrix: Any) -> list[list[int]]:
    """A matrix in whole numbers, rounded up so that no schedule is too fast."""
    return [[int(value) for value in row] for row in np.ceil(matrix * SCALE)]


def _objective(routing: Any, instance: Instance, places: Any) -> None:
    """Distance and a fixed price for each vehicle."""
    matrix = instance.distance[0][np.ix_(places, places)]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(_scaled(matrix)))
    routing.SetFixedCostOfAllVehicles(int(instance.fixed_cost[0] * SCALE))


def _time(routing: Any, manager: Any, instance: Instance, places: Any) -> Any:
    """The dimension of time with windows and the longest duration."""
    stay = np.concatenate([[0.0], instance.service])
    matrix = instance.travel_time[0][np.ix_(places, places)] + stay[:, None]
    horizon = int(instance.shift_end[0] * SCALE)
    routing.AddDimension(routing.RegisterTransitMatrix(_scaled(matrix)), horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for stop in range(instance.stops):
        low, high = np.ceil(instance.window_start[stop] * SCALE), np.floor(instance.window_end[stop] * SCALE)
        time.CumulVar(manager.NodeToIndex(stop + 1)).SetRange(int(low), int(max(low, high)))
    if np.isfinite(instance.max_duration[0]):
        for vehicle in range(instance.vehicles):
            time.SetSpanUpperBoundForVehicle(int(instance.max_duration[vehicle] * SCALE), vehicle)
    return time


def _pairs(routing: Any, manager: Any, instance: Instance, time: Any) -> None:
    """Pickups before deliveries on one vehicle, ride limits, and a price for leaving out."""
    for request in range(instance.requests):
        first = manager.NodeToIndex(int(instance.pickup[request]) + 1)
        second = manager.NodeToIndex(int(instance.delivery[request]) + 1)
        routing.AddPickupAndDelivery(first, second)
        solver = routing.solver()
        solver.Add(routing.VehicleVar(first) == routing.VehicleVar(second))
        solver.Add(time.CumulVar(first) <= time.CumulVar(second))
        if np.isfinite(instance.max_ride[request]):
            most = int((instance.max_ride[request] + instance.service[instance.pickup[request]]) * SCALE)
            solver.Add(time.CumulVar(second) - time.CumulVar(first) <= most)
        for index in (first, second):
            routing.AddDisjunction([index], int(instance.penalty[request] * SCALE))


def _settings(seconds: float) -> Any:
    """Parallel insertion, then guided local search until the time is up."""
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    settings.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    return settings


def _sequences(routing: Any, manager: Any, found: Any, vehicles: int) -> list[list[int]]:
    """The stops of each vehicle."""
    result = []
    for vehicle in range(vehicles):
        index, route = found.Value(routing.NextVar(routing.Start(vehicle))), []
        while not routing.IsEnd(index):
            route.append(manager.IndexToNode(index) - 1)
            index = found.Value(routing.NextVar(index))
        result.append(route)
    return result
