"""What changes for people from one plan to another."""

from dataclasses import dataclass

from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Route, Solution

FEW_ROUTES = 3
"""For one request that has to be placed anew the plan proposed first changes no more routes than these."""
TOLERANCE_SECONDS = 300
"""A start that moves by no more than this is not felt as a change."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Requests that changed vehicle, time or fate, and the people, promises and routes this touches.

    `people` counts each episode once. `promises` are requests sent another vehicle than told, or begun
    outside a promised window that the plan before had kept.
    """

    reassigned: tuple[str, ...]
    retimed: tuple[str, ...]
    left_out: tuple[str, ...]
    restored: tuple[str, ...]
    people: tuple[str, ...]
    promises: tuple[str, ...]
    routes: tuple[str, ...]


def compare(problem: Problem, before: Solution, after: Solution) -> Difference:
    """What `after` changes against `before`; requests that only one of them knows are left aside."""
    same = {route.vehicle: route for route in before.routes}
    kept = {route.vehicle for route in after.routes if same.get(route.vehicle) == route}
    had, has = _placed(before, kept), _placed(after, kept)
    both = [name for name in had if name in has]
    reassigned = tuple(name for name in both if had[name][0] != has[name][0])
    retimed = tuple(name for name in both if _moved(had[name][1], has[name][1]))
    known = problem.request_by_id
    left_out = tuple(name for name in had if name in known and name not in has)
    restored = tuple(name for name in has if name not in had)
    touched = [*reassigned, *retimed, *left_out]
    people = tuple(sorted({known[name].person for name in touched if name in known}))
    promises = tuple(name for name in both if _broken(problem, name, had[name], has[name]))
    return Difference(
        reassigned, retimed, left_out, restored, people, promises, _changed(before, after, kept)
    )


_Place = tuple[str, dict[int, int]]


def _placed(plan: Solution, kept: set[str]) -> dict[str, _Place]:
    found: dict[str, _Place] = {}
    for route in plan.routes:
        for stop in route.stops if route.vehicle not in kept else ():
            found.setdefault(stop.request, (route.vehicle, {}))[1][stop.point] = stop.start
    return found


def _moved(had: dict[int, int], has: dict[int, int]) -> bool:
    return any(abs(start - has.get(point, start)) > TOLERANCE_SECONDS for point, start in had.items())


def _broken(problem: Problem, name: str, had: _Place, has: _Place) -> bool:
    request = problem.request_by_id.get(name)
    if request is None:
        return False
    if request.told is not None and has[0] != request.told.vehicle == had[0]:
        return True
    for index, point in enumerate(request.points):
        promise, start, earlier = point.promised, has[1].get(index), had[1].get(index)
        if promise is None or start is None or earlier is None:
            continue
        if promise.earliest <= earlier <= promise.latest and not promise.earliest <= start <= promise.latest:
            return True
    return False


def _changed(before: Solution, after: Solution, kept: set[str]) -> tuple[str, ...]:
    had = {route.vehicle: _outline(route) for route in before.routes if route.vehicle not in kept}
    has = {route.vehicle: _outline(route) for route in after.routes if route.vehicle not in kept}
    return tuple(sorted(name for name in {*had, *has} if not _alike(had.get(name), has.get(name))))


_Outline = tuple[list[tuple[str, int]], list[int]]


def _outline(route: Route) -> _Outline:
    return [(s.request, s.point) for s in route.stops], [s.start for s in route.stops]


def _alike(had: _Outline | None, has: _Outline | None) -> bool:
    if had is None or has is None or had[0] != has[0]:
        return False
    return all(abs(a - b) <= TOLERANCE_SECONDS for a, b in zip(had[1], has[1], strict=True))
