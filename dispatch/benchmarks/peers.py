"""Other solvers on the same files, set up with care: twice the wall seconds, but one thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter

from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.formats import darp, lilim
from dispatch.optimizer.formats.benchmark_plan import Family

SCALE = 1000
"""Peers count in whole numbers: this many to the file's unit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Routes as node numbers with starts of service, and the pickups left out."""

    routes: list[list[int]]
    starts: list[list[float]]
    unserved: list[int]
    seconds: float


Solver = Callable[[Instance, float], list[list[int]]]
"""Stops of each used route, in order, for an instance and a number of seconds."""


def answer_of(peer: str, family: Family, path: Path, seconds: float) -> Answer:
    """A peer's answer to a file; its plan is only sequences, which are timed as early as possible."""
    read = lilim.read(path) if family == "lilim" else darp.read(path)
    solver: Solver = import_module(f"dispatch.benchmarks.peer_{peer}").routes
    began = perf_counter()
    routes = [route for route in solver(read.instance, 2.0 * seconds) if route]
    spent = perf_counter() - began
    starts = [_earliest(read.instance, route) for route in routes]
    served = {stop for route in routes for stop in route}
    missing = [read.nodes[stop] for stop in map(int, read.instance.pickup) if stop not in served]
    named = [[read.nodes[stop] for stop in route] for route in routes]
    return Answer(named, starts, missing, spent)


def _earliest(instance: Instance, route: list[int]) -> list[float]:
    """Start of service at each stop, as early as windows and travel allow."""
    here, clock, starts = int(instance.start_location[0]), float(instance.shift_start[0]), []
    for stop in route:
        there = int(instance.stop_location[stop])
        clock = max(clock + float(instance.travel_time[0, here, there]), float(instance.window_start[stop]))
        starts.append(clock)
        clock += float(instance.service[stop])
        here = there
    return starts
