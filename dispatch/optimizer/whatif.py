"""What if a patient left at another time: feasibility, arrival, cost and people displaced over candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from dispatch.optimizer.events import Slip
from dispatch.optimizer.live import LivePlan
from dispatch.optimizer.repair import Alternative, alternatives
from dispatch.optimizer.solution import Solution, UnservedCode

_MORE_SECONDS, _MORE_TRIES = 0.5, 60
"""How long a point without a feasible place is searched further: tries bind, seconds only guard."""
_CURVE_SECONDS = 3.5
"""After so long further points are no longer searched further, so that a curve ends in five seconds."""


@dataclass(frozen=True, slots=True)
class WhatIfPoint:
    """The best plan found when the request is ready at `ready_at` (seconds since day start).

    `pickup_at` and `arrival_at` are starts of service at its first and last point, `vehicle` its vehicle;
    all None when it is not feasible, and then `reason` says why. `cost_change` is in cents against the
    plan as it is; `displaced` are other people whose plan changes.
    """

    ready_at: int
    feasible: bool
    pickup_at: int | None
    arrival_at: int | None
    vehicle: str | None
    cost_change: int
    displaced: tuple[str, ...]
    left_out: tuple[str, ...]
    reason: str
    plan: Solution


@dataclass(frozen=True, slots=True)
class WhatIfCurve:
    """The points in the order of the candidates, and the wall seconds it took."""

    request: str
    points: tuple[WhatIfPoint, ...]
    seconds: float

    @property
    def cheapest(self) -> WhatIfPoint | None:
        """The feasible point of least cost, the earliest of equals; None when none is feasible."""
        return min(
            (p for p in self.points if p.feasible), key=lambda p: (p.cost_change, p.ready_at), default=None
        )


def every(start: int, end: int, step_seconds: int = 900) -> tuple[int, ...]:
    """Candidate times from start to end inclusive, by default every quarter of an hour."""
    return tuple(range(start, end + 1, step_seconds))


def what_if(
    live: LivePlan, request: str, times: Sequence[int], *, keep_promises: bool = False
) -> WhatIfCurve:
    """The curve over candidate times at which the request could become ready.

    Each point is a repair of the live plan with the request's windows moved; the live plan is not changed.
    The request's own promises move along unless `keep_promises`. Raises ProblemError for a request that
    the problem does not know.
    """
    began = perf_counter()
    points = tuple(
        _point(live, request, ready_at, _seconds_left(began), keep_promises=keep_promises)
        for ready_at in times
    )
    return WhatIfCurve(request, points, perf_counter() - began)


def _seconds_left(began: float) -> float:
    """How long the next point may be searched further."""
    return max(min(_MORE_SECONDS, began + _CURVE_SECONDS - perf_counter()), 0.0)


def _point(
    live: LivePlan, request: str, ready_at: int, seconds: float, *, keep_promises: bool
) -> WhatIfPoint:
    slip = Slip(request, ready_at, keep_promises)
    problem, found = alternatives(live, slip, most=1, seconds=seconds, tries=_MORE_TRIES)
    best = min(found, key=lambda alternative: (alternative.cost_change, alternative.score))
    starts = {stop.point: stop.start for stop in best.plan.stops() if stop.request == request}
    route = best.plan.route_of(request)
    own = problem.request_by_id[request].person
    return WhatIfPoint(
        ready_at=ready_at,
        feasible=route is not None,
        pickup_at=starts.get(0),
        arrival_at=starts[max(starts)] if starts else None,
        vehicle=None if route is None else route.vehicle,
        cost_change=best.cost_change,
        displaced=tuple(person for person in best.difference.people if person != own),
        left_out=best.difference.left_out,
        reason="" if route is not None else _why(best, request),
        plan=best.plan,
    )


def _why(best: Alternative, request: str) -> str:
    left = next((left for left in best.plan.unserved if left.request == request), None)
    return left.reason if left is not None else UnservedCode.NO_ROOM.value
