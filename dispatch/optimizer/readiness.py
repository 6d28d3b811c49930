"""Readiness is a distribution, not a time: plan on a quantile of it, by level of service."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from statistics import NormalDist

from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request, ServicePoint


@dataclass(frozen=True, slots=True)
class Readiness:
    """How late patients become ready, in seconds after the stated time: quantiles in growing order.

    `slips[k]` is the quantile (k + 0.5) / len(slips); negative slips are patients who are early.
    """

    slips: tuple[int, ...]

    def at(self, quantile: float) -> int:
        """The slip that a share `quantile` (0 to 1) of patients does not exceed, interpolated."""
        place = quantile * len(self.slips) - 0.5
        low = min(max(int(place // 1), 0), len(self.slips) - 1)
        high = min(low + 1, len(self.slips) - 1)
        part = min(max(place - low, 0.0), 1.0)
        return round(self.slips[low] + part * (self.slips[high] - self.slips[low]))

    def later(self, seconds: int) -> "Readiness":
        """The same distribution moved: an ambulance's papers take longer."""
        return Readiness(tuple(slip + seconds for slip in self.slips))


def lognormal_readiness(
    median_seconds: int, sigma: float, early_share: float = 0.1, most_early_seconds: int = 3600
) -> Readiness:
    """A share of patients up to `most_early_seconds` early, the others late by a lognormal slip.

    `sigma` is the standard deviation of the slip's logarithm. Discharges of one large hospital slip by a
    median of about 46 minutes with a long tail; take the parameters from one's own events.
    """
    steps, slips = 100, []
    for step in range(steps):
        quantile = (step + 0.5) / steps
        if quantile < early_share:
            slips.append(-round(most_early_seconds * (1 - quantile / early_share)))
        else:
            within = (quantile - early_share) / (1 - early_share)
            slips.append(round(median_seconds * exp(sigma * NormalDist().inv_cdf(max(within, 1e-3)))))
    return Readiness(tuple(sorted(slips)))


def planned_on_quantile(problem: Problem, readiness: Mapping[str, Readiness], quantile: float) -> Problem:
    """The problem in which each named request is expected ready at that quantile of its distribution.

    Windows and due times move by the slip; hard promises stay, so that nobody is told something new.
    Requests already committed are left as they are.
    """
    settled = {stop.request for vehicle in problem.vehicles for stop in vehicle.committed}

    def expected(request: Request) -> Request:
        known = readiness.get(request.id)
        if known is None or request.id in settled:
            return request
        return _moved(problem, request, known.at(quantile))

    return replace(problem, requests=tuple(expected(request) for request in problem.requests))


def _moved(problem: Problem, request: Request, slip: int) -> Request:
    def later(point: ServicePoint) -> ServicePoint:
        most = problem.horizon_seconds
        earliest = min(max(point.earliest + slip, 0), most)
        latest = min(max(point.latest + slip, earliest), most)
        due = None if point.due is None else min(max(point.due + slip, earliest), latest)
        return replace(point, earliest=earliest, latest=latest, due=due)

    return replace(request, points=tuple(later(point) for point in request.points))
