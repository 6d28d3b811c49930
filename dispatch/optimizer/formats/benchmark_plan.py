"""Solving a benchmark file with the engine and speaking of the plan in the file's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dispatch.optimizer.engine.search import EngineResult, Progress, search
from dispatch.optimizer.engine.subset import alone
from dispatch.optimizer.formats import darp, lilim, verify
from dispatch.optimizer.stop import Stop

Family = Literal["lilim", "darp"]


@dataclass(frozen=True, slots=True)
class BenchmarkPlan:
    """A plan of a benchmark file; routes and starts by vehicle number (from 1), unused vehicles left out."""

    distance: float
    routes: dict[int, list[int]]
    starts: dict[int, list[float]]
    unserved: dict[int, str]
    """Pickups left out, with the reason."""
    seconds: float
    iterations: int
    trace: list[tuple[float, float]]

    @property
    def vehicles(self) -> int:
        """Number of vehicles used."""
        return len(self.routes)

    def document(self) -> dict[str, Any]:
        """The plan as one JSON object."""
        return {
            "cost": self.distance,
            "vehicles": self.vehicles,
            "routes": [
                {"vehicle": vehicle, "stops": stops, "starts": self.starts[vehicle]}
                for vehicle, stops in self.routes.items()
            ],
            "unserved": [{"stop": stop, "reason": reason} for stop, reason in self.unserved.items()],
            "seconds": round(self.seconds, 3),
            "iterations": self.iterations,
        }


def rules_of(family: Family, path: Path) -> verify.Rules:
    """The rules of a file, for :func:`verify.faults`."""
    return verify.lilim_rules(path) if family == "lilim" else verify.darp_rules(path)


def solve_file(
    family: Family,
    path: Path,
    stop: Stop,
    seed: int = 0,
    threads: int = 1,
    on_progress: Progress | None = None,
) -> BenchmarkPlan:
    """Solve one file; raises :class:`ProblemError` when it cannot be read."""
    read = lilim.read(path) if family == "lilim" else darp.read(path)
    result = search(read.instance, stop, seed, on_progress=on_progress, threads=threads)
    used = [vehicle for vehicle, route in enumerate(result.routes) if route]
    routes = {vehicle + 1: [read.nodes[stop_] for stop_ in result.routes[vehicle]] for vehicle in used}
    return BenchmarkPlan(
        distance=rules_of(family, path).length(list(routes.values())),
        routes=routes,
        starts={vehicle + 1: result.starts[vehicle] for vehicle in used},
        unserved=_reasons(read, result),
        seconds=result.seconds,
        iterations=result.iterations,
        trace=result.trace,
    )


def _reasons(read: lilim.LiLim | darp.Darp, result: EngineResult) -> dict[int, str]:
    """Why each pickup is left out: alone it fits no vehicle, or there is no room beside the others."""
    reasons = {}
    for request in result.unserved:
        attempt = search(alone(read.instance, request), Stop(iterations=0))
        node = read.nodes[int(read.instance.pickup[request])]
        reasons[node] = (
            "no vehicle can serve it even alone: its windows, its ride limit or the depot's hours contradict"
            if attempt.unserved
            else "no room was found beside the other requests"
        )
    return reasons
