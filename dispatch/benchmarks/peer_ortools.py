"""OR-Tools' routing solver alone: matrices, parallel insertion, guided local search, disjunctions."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.benchmarks.peers import SCALE
from dispatch.optimizer.engine.instance import Instance


def routes(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each used route; see :func:`by_vehicle`."""
    return [route for route in by_vehicle(instance, seconds) if route]


def by_vehicle(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each vehicle that OR-Tools finds in the time; none when it finds no plan.

    Node k is stop k, then come one start and one end for each vehicle.
    """
    stops, vehicles = instance.stops, instance.vehicles
    places = np.concatenate([instance.stop_location, instance.start_location, instance.end_location])
    starts = [stops + vehicle for vehicle in range(vehicles)]
    ends = [stops + vehicles + vehicle for vehicle in range(vehicles)]
    manager = pywrapcp.RoutingIndexManager(len(places), vehicles, starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    _objective(routing, instance, places)
    time = _time(routing, manager, instance, places)
    _loads(routing, instance)
    _pairs(routing, manager, instance, time)
    found = routing.SolveWithParameters(_settings(seconds))
    return _sequences(routing, manager, found, vehicles, stops) if found else [[] for _ in range(vehicles)]


def _loads(routing: Any, instance: Instance) -> None:
    """One dimension for each kind of load."""
    for kind in range(instance.load.shape[1]):
        loads = [int(load) for load in instance.load[:, kind]] + [0] * (2 * instance.vehicles)
        room = [int(room) for room in instance.capacity[:, 0, kind]]
        transit = routing.RegisterUnaryTransitVector(loads)
        routing.AddDimensionWithVehicleCapacity(transit, 0, room, True, f"load {kind}")


def _scaled(matrix: Any) -> list[list[int]]:
    """A matrix in whole numbers, rounded up so that no schedule is too fast."""
    return [[int(value) for value in row] for row in np.ceil(matrix * SCALE)]


def _objective(routing: Any, instance: Instance, places: Any) -> None:
    """Distance and a fixed price for each vehicle."""
    matrix = instance.distance[0][np.ix_(places, places)]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(_scaled(matrix)))
    for vehicle in range(instance.vehicles):
        routing.SetFixedCostOfVehicle(int(instance.fixed_cost[vehicle] * SCALE), vehicle)


def _time(routing: Any, manager: Any, instance: Instance, places: Any) -> Any:
    """The dimension of time with windows and the longest duration."""
    stay = np.concatenate([instance.service, np.zeros(2 * instance.vehicles)])
    matrix = instance.travel_time[0][np.ix_(places, places)] + stay[:, None]
    horizon = int(instance.shift_end.max() * SCALE)
    routing.AddDimension(routing.RegisterTransitMatrix(_scaled(matrix)), horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for stop in range(instance.stops):
        low, high = np.ceil(instance.window_start[stop] * SCALE), np.floor(instance.window_end[stop] * SCALE)
        time.CumulVar(manager.NodeToIndex(stop)).SetRange(int(low), int(max(low, high)))
    for vehicle in range(instance.vehicles):
        begin = int(np.ceil(instance.shift_start[vehicle] * SCALE))
        for end in (routing.Start(vehicle), routing.End(vehicle)):
            time.CumulVar(end).SetRange(begin, int(instance.shift_end[vehicle] * SCALE))
        if np.isfinite(instance.max_duration[vehicle]):
            time.SetSpanUpperBoundForVehicle(int(instance.max_duration[vehicle] * SCALE), vehicle)
    return time


def _pairs(routing: Any, manager: Any, instance: Instance, time: Any) -> None:
    """Pickups before deliveries on one vehicle, ride limits, and a price for leaving out."""
    for request in range(instance.requests):
        first = manager.NodeToIndex(int(instance.pickup[request]))
        second = manager.NodeToIndex(int(instance.delivery[request]))
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


def _sequences(routing: Any, manager: Any, found: Any, vehicles: int, stops: int) -> list[list[int]]:
    """The stops of each vehicle."""
    result = []
    for vehicle in range(vehicles):
        index, route = found.Value(routing.NextVar(routing.Start(vehicle))), []
        while not routing.IsEnd(index):
            if manager.IndexToNode(index) < stops:
                route.append(manager.IndexToNode(index))
            index = found.Value(routing.NextVar(index))
        result.append(route)
    return result
