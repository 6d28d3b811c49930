"""VROOM through pyvroom: shipments with windows and loads; it knows no ride limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import vroom

from dispatch.benchmarks.peers import SCALE
from dispatch.optimizer.engine.instance import Instance


def routes(instance: Instance, _seconds: float) -> list[list[int]]:
    """Stops of each route at VROOM's thoroughest setting, which ends by itself."""
    problem = vroom.Input()
    matrix = np.ceil(instance.travel_time[0] * SCALE).astype(np.uint32)
    problem.set_durations_matrix(profile="car", matrix_input=matrix)
    for vehicle in range(instance.vehicles):
        problem.add_vehicle(_vehicle(instance, vehicle))
    for request in range(instance.requests):
        problem.add_shipment(*_shipment(instance, request))
    found = problem.solve(exploration_level=5, nb_threads=1).routes
    steps = found[found["type"].isin(["pickup", "delivery"])]
    return [[int(stop) for stop in group["id"]] for _, group in steps.groupby("vehicle_id", sort=True)]


def _window(low: float, high: float) -> Any:
    """A window in whole numbers inside the real one."""
    first = int(np.ceil(low * SCALE))
    return vroom.TimeWindow(first, max(first, int(np.floor(high * SCALE))))


def _vehicle(instance: Instance, vehicle: int) -> Any:
    """A vehicle with its shift, its price and its longest drive."""
    return vroom.Vehicle(
        vehicle + 1,
        start=int(instance.start_location[vehicle]),
        end=int(instance.end_location[vehicle]),
        capacity=[int(instance.capacity[vehicle, 0, 0])],
        time_window=_window(instance.shift_start[vehicle], instance.shift_end[vehicle]),
        costs=vroom.vehicle.VehicleCosts(fixed=int(instance.fixed_cost[vehicle] * SCALE)),
    )


def _shipment(instance: Instance, request: int) -> tuple[Any, Any, Any]:
    """A pickup, its delivery and their amount."""
    steps = [
        vroom.ShipmentStep(
            id=stop,
            location=int(instance.stop_location[stop]),
            default_service=int(np.ceil(instance.service[stop] * SCALE)),
            time_windows=[_window(instance.window_start[stop], instance.window_end[stop])],
        )
        for stop in (int(instance.pickup[request]), int(instance.delivery[request]))
    ]
    amount = vroom.Amount([int(instance.load[instance.pickup[request], 0])])
    return steps[0], steps[1], amount
