"""The part of an instance that VROOM has words for, and the price of anybody's routes on it.

It has no ride limits, no lateness price, no prices of time, no convertible vehicles and no rests: they are
taken out, so that both solvers plan and are priced on the same problem.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dispatch.benchmarks.city_rules import city_faults
from dispatch.optimizer.engine.instance import Floats, Instance
from dispatch.optimizer.engine.search import EngineResult

Routes = Sequence[Sequence[int]]


def modelled(instance: Instance) -> Instance:
    """The instance without what VROOM cannot say; each vehicle keeps its most varied configuration."""
    vehicles, none = instance.vehicles, np.zeros(instance.vehicles)
    nothing = np.zeros(0)
    return replace(
        instance,
        max_ride=np.full(instance.requests, np.inf),
        due=np.full(instance.stops, np.inf),
        lateness_price=np.zeros(instance.stops),
        serve_price=np.zeros_like(instance.serve_price),
        capacity=np.array([[_most_varied(rows)] for rows in instance.capacity]),
        time_price=none,
        waiting_price=none,
        overtime_price=none,
        overtime_from=np.full(vehicles, np.inf),
        max_duration=np.full(vehicles, np.inf),
        break_vehicle=np.zeros(0, dtype=np.int32),
        break_earliest=nothing,
        break_latest=nothing,
        break_duration=nothing,
        speed=np.zeros((instance.travel_time.shape[0], 0)),
    )


def _most_varied(configurations: Floats) -> Floats:
    """The configuration for most kinds of riders; of equals the one for the rarer, later kinds."""
    best: Floats = max(configurations, key=lambda rooms: ((rooms > 0).sum(), [*(rooms > 0)][::-1]))
    return best


def priced(instance: Instance, routes: Routes) -> float:
    """Fixed prices, distance and penalties of routes, one for each vehicle, in the instance's money."""
    served = {stop for route in routes for stop in route}
    missing = [r for r in range(instance.requests) if int(instance.pickup[r]) not in served]
    return float(instance.penalty[missing].sum()) + sum(
        _route_price(instance, vehicle, route) for vehicle, route in enumerate(routes) if route
    )


def _route_price(instance: Instance, vehicle: int, route: Sequence[int]) -> float:
    places = [
        int(instance.start_location[vehicle]),
        *(int(instance.stop_location[stop]) for stop in route),
        int(instance.end_location[vehicle]),
    ]
    distance = instance.distance[instance.profile[vehicle]]
    way = sum(float(distance[a, b]) for a, b in itertools.pairwise(places))
    return float(instance.fixed_cost[vehicle]) + float(instance.distance_price[vehicle]) * way


def rides_too_long(instance: Instance, routes: Routes) -> int:
    """On how many rides a limit is broken when every route runs as early as it can."""
    broken = 0
    for vehicle, route in enumerate(routes):
        starts = earliest_starts(instance, vehicle, route)
        for request in range(instance.requests):
            first, second = int(instance.pickup[request]), int(instance.delivery[request])
            if first in starts and second in starts:
                ride = starts[second] - starts[first] - float(instance.service[first])
                broken += ride > float(instance.max_ride[request]) + 1e-6
    return broken


def earliest_starts(instance: Instance, vehicle: int, route: Sequence[int]) -> dict[int, float]:
    """Start of service at each stop of a route, as early as windows and travel allow."""
    here, clock = int(instance.start_location[vehicle]), float(instance.shift_start[vehicle])
    matrix, starts = instance.travel_time[instance.profile[vehicle]], {}
    for stop in route:
        there = int(instance.stop_location[stop])
        clock = max(clock + float(matrix[here, there]), float(instance.window_start[stop]))
        starts[stop] = clock
        clock += float(instance.service[stop])
        here = there
    return starts


def faults_of(instance: Instance, routes: Routes) -> list[str]:
    """What is wrong with routes that run as early as they can."""
    starts = [earliest_starts(instance, vehicle, route) for vehicle, route in enumerate(routes)]
    served = {stop for route in routes for stop in route}
    result = EngineResult(
        routes=[list(route) for route in routes],
        starts=[[times[stop] for stop in route] for route, times in zip(routes, starts, strict=True)],
        departures=[float(begin) for begin in instance.shift_start],
        arrivals=[],
        breaks=[],
        unserved=[r for r in range(instance.requests) if int(instance.pickup[r]) not in served],
        cost=0.0,
        iterations=0,
        seconds=0.0,
    )
    return city_faults(instance, result)
