"""Policies for uncertain readiness on the same random days: who waits how long, and what is missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from dispatch.optimizer import Problem, Solution, Stop, solve
from dispatch.optimizer.readiness import Readiness, planned_on_quantile

PATIENCE_SECONDS = 900
"""How long a vehicle waits for a patient who is not ready before it goes on without."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Means over the days: minutes per ride that vehicles wait, that patients wait, and rides missed."""

    vehicle_wait_minutes: float
    patient_wait_minutes: float
    missed_percent: float


def compare_policies(
    problem: Problem,
    readiness: Mapping[str, Readiness],
    quantiles: Sequence[float],
    stop: Stop,
    days: int = 50,
    seed: int = 0,
) -> dict[float, Outcome]:
    """The outcome of planning on each quantile, every policy on the same drawn days.

    Plans are carried out as they stand: a vehicle waits for a patient for a quarter of an hour, then
    goes on without; delays are handed down its route.
    """
    drawn = [_drawn(problem, readiness, Random(seed * 1000 + day)) for day in range(days)]  # noqa: S311
    found: dict[float, Outcome] = {}
    for quantile in quantiles:
        plan = solve(planned_on_quantile(problem, readiness, quantile), stop, seed)
        found[quantile] = _mean([lived(problem, plan, ready) for ready in drawn])
    return found


def _drawn(problem: Problem, readiness: Mapping[str, Readiness], chance: Random) -> dict[str, int]:
    """When each patient is really ready; requests without a distribution when they say."""
    ready: dict[str, int] = {}
    for request in problem.requests:
        slip = readiness[request.id].at(chance.random()) if request.id in readiness else 0
        ready[request.id] = max(request.first.earliest + slip, 0)
    return ready


def lived(problem: Problem, plan: Solution, ready: Mapping[str, int]) -> Outcome:
    """One day: the plan carried out with these times of readiness."""
    vehicle_wait = patient_wait = missed = rides = 0
    for route in plan.routes:
        clock, place = route.departure, problem.vehicle_by_id[route.vehicle].start_location
        gone: set[str] = set()
        for stop in route.stops:
            request = problem.request_by_id[stop.request]
            point = request.points[stop.point]
            if stop.request in gone:
                continue
            clock = max(clock + problem.travel.leg(place, point.location, clock), stop.start)
            place = point.location
            if stop.point == 0 and len(request.points) == 2:
                rides += 1
                wait = max(ready[stop.request] - clock, 0)
                vehicle_wait += min(wait, PATIENCE_SECONDS)
                clock += min(wait, PATIENCE_SECONDS)
                if wait > PATIENCE_SECONDS:
                    missed += 1
                    gone.add(stop.request)
                    continue
                patient_wait += max(clock - ready[stop.request], 0)
            clock += point.service_seconds
    taken = max(rides - missed, 1)
    return Outcome(vehicle_wait / 60 / max(rides, 1), patient_wait / 60 / taken, 100 * missed / max(rides, 1))


def _mean(days: Sequence[Outcome]) -> Outcome:
    count = max(len(days), 1)
    return Outcome(
        sum(day.vehicle_wait_minutes for day in days) / count,
        sum(day.patient_wait_minutes for day in days) / count,
        sum(day.missed_percent for day in days) / count,
    )
