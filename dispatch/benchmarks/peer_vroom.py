"""VROOM through pyvroom: shipments and jobs with windows, loads and skills; it knows no ride limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import vroom

from dispatch.benchmarks.peers import SCALE
from dispatch.optimizer.engine.instance import Flags, Floats, Instance

FAR = 10_000.0
"""Larger numbers are in metres and seconds already."""
CENTS = 100
"""Whole units of money to the instance's one."""


def routes(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each used route; see :func:`by_vehicle`."""
    return [route for route in by_vehicle(instance, seconds) if route]


def by_vehicle(instance: Instance, seconds: float) -> list[list[int]]:
    """Stops of each vehicle at VROOM's thoroughest setting, which ends by itself or when time is up."""
    problem = vroom.Input()
    problem.set_durations_matrix(profile="car", matrix_input=_whole(instance.travel_time[0], _tick(instance)))
    problem.set_distances_matrix(profile="car", matrix_input=_whole(instance.distance[0], _unit(instance)))
    groups, kinds = _kinds(instance.allowed)
    for vehicle in range(instance.vehicles):
        problem.add_vehicle(_vehicle(instance, vehicle, {k for k, row in enumerate(kinds) if row[vehicle]}))
    for request in range(instance.requests):
        _add(problem, instance, request, {int(groups[request])})
    found = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds)).routes
    steps = found[found["type"].isin(["pickup", "delivery", "job"])]
    planned: list[list[int]] = [[] for _ in range(instance.vehicles)]
    for vehicle, stop in zip(steps["vehicle_id"], steps["id"], strict=True):
        planned[int(vehicle) - 1].append(int(stop))
    return planned


def _whole(matrix: Floats, scale: float) -> Any:
    """A matrix in whole numbers, rounded up."""
    return np.ceil(matrix * scale).astype(np.uint32)


def _unit(instance: Instance) -> float:
    """Whole units of distance to the instance's one."""
    return 1.0 if float(instance.distance.max()) > FAR else float(SCALE)


def _kinds(allowed: Flags) -> tuple[Any, Any]:
    """The kind of each request, and for each kind which vehicles may serve it."""
    kinds, groups = np.unique(allowed, axis=0, return_inverse=True)
    return groups.reshape(-1), kinds


def _tick(instance: Instance) -> float:
    """Whole units of time to the instance's one."""
    return 1.0 if float(instance.shift_end.max()) > FAR else float(SCALE)


def _window(instance: Instance, low: float, high: float) -> Any:
    """A window in whole numbers inside the real one."""
    tick = _tick(instance)
    first = int(np.ceil(low * tick))
    return vroom.TimeWindow(first, max(first, int(np.floor(high * tick))))


def _vehicle(instance: Instance, vehicle: int, skills: set[int]) -> Any:
    """A vehicle with its shift, its prices and what it may serve."""
    per_km = round(float(instance.distance_price[vehicle]) * CENTS * 1000 / _unit(instance))
    fixed = round(float(instance.fixed_cost[vehicle]) * CENTS)
    return vroom.Vehicle(
        vehicle + 1,
        start=int(instance.start_location[vehicle]),
        end=int(instance.end_location[vehicle]),
        capacity=[int(room) for room in instance.capacity[vehicle, 0]],
        skills=skills,
        time_window=_window(instance, instance.shift_start[vehicle], instance.shift_end[vehicle]),
        costs=vroom.vehicle.VehicleCosts(fixed=fixed, per_hour=0, per_km=per_km),
    )


def _add(problem: Any, instance: Instance, request: int, skills: set[int]) -> None:
    """A pickup, its delivery and their amount; or a job."""
    stops = [int(stop) for stop in (instance.pickup[request], instance.delivery[request]) if stop >= 0]
    tick = _tick(instance)
    amount = [int(abs(load)) for load in instance.load[stops[0]]]
    windows = [[_window(instance, instance.window_start[stop], instance.window_end[stop])] for stop in stops]
    service = [int(np.ceil(instance.service[stop] * tick)) for stop in stops]
    places = [int(instance.stop_location[stop]) for stop in stops]
    if len(stops) == 2:
        steps = [
            vroom.ShipmentStep(id=stop, location=place, default_service=stay, time_windows=window)
            for stop, place, stay, window in zip(stops, places, service, windows, strict=True)
        ]
        problem.add_shipment(steps[0], steps[1], vroom.Amount(amount), skills)
        return
    load = {"delivery" if min(instance.load[stops[0]]) < 0 else "pickup": vroom.Amount(amount)}
    problem.add_job(
        vroom.Job(
            stops[0], location=places[0], default_service=service[0], skills=skills, time_windows=windows[0],
            **load,
        )
    )  # fmt: skip
