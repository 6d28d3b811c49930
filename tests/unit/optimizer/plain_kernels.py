"""Searches with kernels that are plain Python, so that an index outside its array ends in an error.

A program of its own: whether kernels are compiled is decided when they are imported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import numpy as np

from dispatch.benchmarks.home_health_day import home_health_day
from dispatch.optimizer.caregivers import search as caregivers
from dispatch.optimizer.engine.filling import Filling
from dispatch.optimizer.engine.instance import Instance, build
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.formats.mankowska import compiled, read
from dispatch.optimizer.stop import Stop

PAIRS, SINGLES = 4, 3
REQUESTS, STOPS = PAIRS + SINGLES, 2 * PAIRS + SINGLES
FULL = 6
"""Stops whose service of two units fills a shift."""


def instance(vehicles: int, apart: float = 10.0, **more: object) -> Instance:
    """Four rides and three single stops, so loose in time that one vehicle may hold them all."""
    dice = np.random.default_rng(vehicles)
    places = dice.uniform(0, apart, (STOPS + 1, 2))
    return build(
        pickup=np.arange(REQUESTS),
        delivery=[*range(REQUESTS, STOPS), *[-1] * SINGLES],
        stop_location=np.arange(1, STOPS + 1),
        window_start=np.zeros(STOPS),
        window_end=np.full(STOPS, 400.0),
        service=np.full(STOPS, 2.0),
        load=np.array([1] * PAIRS + [0] * SINGLES + [-1] * PAIRS)[:, None],
        start_location=np.zeros(vehicles),
        capacity=np.full((vehicles, 1, 1), float(PAIRS)),
        travel_time=np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))[None],
        **more,
    )


def instances() -> Iterator[tuple[str, Instance]]:
    """Plain, with limits, breaks, promises, rush hours, frozen work and few vehicles: every kernel."""
    yield "one vehicle", instance(1)
    yield "rides and shifts", instance(2, max_ride=np.full(REQUESTS, 40.0), max_duration=[300.0, 300.0])
    breaks = {"break_vehicle": [0, 1], "break_earliest": [30.0, 30.0], "break_latest": [80.0, 80.0]}
    yield "breaks", instance(2, **breaks, break_duration=[10.0, 10.0], waiting_price=[0.1, 0.1])
    told = {"told_start": np.full(STOPS, 90.0), "told_price": np.ones(STOPS), "due": np.full(STOPS, 60.0)}
    yield "told and due", instance(2, **told, lateness_price=np.full(STOPS, 0.5), time_price=[0.1, 0.1])
    yield "clock", instance(2, speed=[[1.0, 0.5, 0.8]], bucket_length=40.0)
    yield "frozen", instance(2, prefix_index=[0, 2, 2], prefix_stops=[0, REQUESTS])
    yield "full shifts", instance(3, apart=0.0, shift_end=[2.0 * FULL] * 3)
    yield "few vehicles", instance(3, minimise_vehicles=True, fixed_cost=[100.0] * 3, max_duration=[90.0] * 3)


def not_filled(one: Instance) -> int:
    """1 when a few routes cannot take in a ride that was taken out of a complete plan, else 0."""
    routes = search(one, Stop(iterations=250)).routes
    out = {int(one.pickup[1]), int(one.delivery[1])}
    filling = Filling(one, [[stop for stop in route if stop not in out] for route in routes])
    rows = range(one.vehicles)
    many = filling.anew([[], [*rows]], 20)
    if many is not None:
        filling.cheaper(many)
    return int(filling.filled([rows], 200) is None and filling.exchanged(1, 0, rows) is None)


def overfull() -> int:
    """How many stops a search loses of a start that has more on one vehicle than a shift can hold."""
    one = instance(3, apart=0.0, shift_end=[2.0 * FULL] * 3)
    begun = [[*range(STOPS)], [], []]
    found = search(one, Stop(iterations=250), start=begun)
    return STOPS - sum(map(len, found.routes))


def main() -> None:
    """Print, for each instance, how many requests or visits one long search left out."""
    left = {name: len(search(one, Stop(iterations=250)).unserved) for name, one in instances()}
    left["overfull"] = overfull()
    left |= {f"{name}, filled": not_filled(one) for name, one in instances()}
    for seed in range(3):
        content = home_health_day(10, seed)
        problem = read(content)
        found = caregivers.search(compiled(problem, problem.demands), Stop(iterations=3000), seed)
        left[f"home health {seed}"] = len(problem.demands) - sum(map(len, found.rounds))
    json.dump(left, sys.stdout)


if __name__ == "__main__":
    main()
