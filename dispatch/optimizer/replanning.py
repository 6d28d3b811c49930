"""Plan a whole day anew around what an event has left over, where a few routes do not save it.

Nobody is moved ahead of the time they were told, and whoever was left out stays so; all else may change.
"""

from collections.abc import Sequence
from dataclasses import replace

from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request
from dispatch.optimizer.solving import solve
from dispatch.optimizer.stop import Stop


def by_planning_anew(
    base: Draft, missing: Sequence[str], seconds: float, iterations: int
) -> list[tuple[str, Draft]]:
    """The plan that the whole search finds from this one, for whom it serves and who is missing; or nothing.

    It may still leave some of them out; ranking tells whether fewer than other ways do.
    """
    narrowed = _of_the_served(base, missing)
    stop = Stop(seconds=seconds, iterations=iterations)
    plan = solve(narrowed, stop, seed=1, start=base.solution(()))
    draft = base.copy()
    for name in list(draft.routes):
        draft.drop_route(name)
    for route in plan.routes:
        calls = [base.calls[stop.request][stop.point] for stop in route.stops]
        timed = draft.timed(base.problem.vehicle_by_id[route.vehicle], calls)
        if not isinstance(timed, TimedRoute):
            return []
        draft.put(timed)
    if draft.broken_links():
        return []
    return [(f"{', '.join(missing[:3])} by planning {_changed(base, draft)} routes anew", draft)]


def _of_the_served(base: Draft, missing: Sequence[str]) -> Problem:
    """The problem without those who were left out before, and nobody ahead of the time they were told."""
    inside = {*base.vehicle_of, *missing}
    return replace(
        base.problem,
        requests=tuple(_held(base, one) for one in base.problem.requests if one.id in inside),
        links=tuple(one for one in base.problem.links if {one.before, one.after} <= inside),
    )


def _held(base: Draft, request: Request) -> Request:
    points = []
    for index, point in enumerate(request.points):
        earliest = max(point.earliest, base.floors.get((request.id, index), point.earliest))
        due = None if point.due is None else max(point.due, earliest)
        points.append(replace(point, earliest=earliest, latest=max(point.latest, earliest), due=due))
    return replace(request, points=tuple(points))


def _changed(base: Draft, draft: Draft) -> int:
    """How many vehicles have other sequences."""
    return sum(_sequence(base, name) != _sequence(draft, name) for name in {*base.routes, *draft.routes})


def _sequence(draft: Draft, name: str) -> list[tuple[str, int]]:
    return [call.key for call in draft.routes[name].calls] if name in draft.routes else []
