"""A city day beside other solvers at equal processor time: on their part of it, and with every rule."""

from __future__ import annotations

import os
from importlib import import_module
from time import perf_counter, process_time

from dispatch.benchmarks.city_rules import city_faults
from dispatch.benchmarks.figures import Row
from dispatch.benchmarks.like_for_like import Routes, faults_of, modelled, priced, rides_too_long
from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop


def beside(instance: Instance, peer: str, case: str, seed: int, seconds: float) -> list[Row]:
    """Three rows: the peer, our search on the same part of the problem, and our search with every rule.

    The peer may use twice the seconds on one thread; ours gets the processor time that the peer used.
    """
    part = modelled(instance)
    began, worked = perf_counter(), process_time()
    theirs: Routes = import_module(f"dispatch.benchmarks.peer_{peer}").by_vehicle(part, 2.0 * seconds)
    spent, wall = process_time() - worked, perf_counter() - began
    threads = min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
    same = search(part, Stop(spent / threads), seed, threads=threads)
    full = search(instance, Stop(spent / threads), seed, threads=threads)
    cost, ours = priced(part, theirs), priced(part, same.routes)
    long = float(rides_too_long(instance, theirs))
    notes = {"better_percent": 100.0 * (1.0 - ours / cost)}
    return [
        _row(part, (case, peer, seed), theirs, cost, wall, {"cpu": spent, "rides_too_long": long}),
        _row(part, (case, f"as {peer}", seed), same.routes, ours, same.seconds, notes),
        _row(
            instance, (case, "all rules", seed), full.routes, full.cost, full.seconds, {},
            city_faults(instance, full),
        ),
    ]  # fmt: skip


def _row(
    instance: Instance,
    name: tuple[str, str, int],
    routes: Routes,
    cost: float,
    seconds: float,
    notes: dict[str, float],
    faults: list[str] | None = None,
) -> Row:
    """One plan; its faults at the earliest times unless they are given."""
    served = {stop for route in routes for stop in route}
    return Row(
        case=name[0],
        solver=name[1],
        seed=name[2],
        cost=cost,
        vehicles=sum(1 for route in routes if route),
        unserved=sum(1 for stop in map(int, instance.pickup) if stop not in served),
        seconds=seconds,
        faults=faults_of(instance, routes) if faults is None else faults,
        notes=notes,
    )
