"""The city day as a benchmark: time to the first full plan, what is served, and the way down."""

from __future__ import annotations

from dispatch.benchmarks.city_day import city_day
from dispatch.benchmarks.city_peers import beside
from dispatch.benchmarks.city_rules import city_faults
from dispatch.benchmarks.figures import Report, Row, Wishes
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop

SIZES = ((250, 30), (500, 60), (1000, 120), (2000, 240))
LARGEST_BESIDE = 1000
"""Larger days are not run beside the peers, which take minutes for them."""


def city(wishes: Wishes) -> Report:
    """Days of four sizes; ``first`` is the wall time of the first full plan in seconds."""
    rows = []
    for rides, vehicles in SIZES:
        for seed in range(wishes.seeds):
            rows.append(_run(rides, vehicles, seed, wishes.seconds))
            wishes.tell(f"{rides} rides, seed {seed}: {rows[-1].unserved} left out")
            for peer in wishes.against if rides <= LARGEST_BESIDE else ():
                rows += beside(city_day(rides, vehicles, seed), peer, f"{rides} rides", seed, wishes.seconds)
    return Report("city", rows)


def _run(rides: int, vehicles: int, seed: int, seconds: float) -> Row:
    """One day, on two threads."""
    instance = city_day(rides, vehicles, seed)
    result = search(instance, Stop(seconds), seed, threads=2)
    return Row(
        case=f"{rides} rides",
        solver="homeward",
        seed=seed,
        cost=result.cost,
        vehicles=sum(1 for route in result.routes if route),
        unserved=len(result.unserved),
        seconds=result.seconds,
        faults=city_faults(instance, result),
        notes={
            "first": result.trace[0][0],
            "first_cost": result.trace[0][1],
            "iterations": result.iterations,
        },
    )
