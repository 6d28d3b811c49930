"""The way it is done by hand: rides are planned first, then equipment and visits around their times."""

from __future__ import annotations

from dataclasses import replace

from dispatch.optimizer import Problem, Request, RequestKind, Solution, Stop, solve
from dispatch.optimizer.construct import drop_stranded, insert_all
from dispatch.optimizer.draft import draft_of
from dispatch.optimizer.reasons import reasons_for


def rides_first(problem: Problem, each: Stop, seed: int = 0, threads: int = 2) -> Solution:
    """A plan in two steps, each within the limits; its cost is that of the whole problem.

    In the second step every planned ride keeps its vehicle and its times, so that equipment has a deadline;
    rides whose hard links cannot be kept are lost.
    """
    only = _only_rides(problem)
    rides = solve(only, each, seed, threads=threads)
    settled = _settled(problem, rides)
    second = solve(settled, each, seed, start=rides, threads=threads)
    draft, _ = draft_of(problem, second)
    drop_stranded(draft)
    insert_all(draft, [r.id for r in draft.left_out() if r.kind is not RequestKind.RIDE])
    return draft.solution(reasons_for(draft, draft.left_out()), engine="rides first")


def _only_rides(problem: Problem) -> Problem:
    """The rides, with the links among themselves."""
    rides = tuple(request for request in problem.requests if request.kind is RequestKind.RIDE)
    names = {request.id for request in rides}
    links = tuple(link for link in problem.links if link.before in names and link.after in names)
    return replace(problem, requests=rides, links=links)


def _settled(problem: Problem, rides: Solution) -> Problem:
    """The problem in which the planned rides keep vehicle and times, and those left out stay out."""
    starts = {(stop.request, stop.point): stop.start for stop in rides.stops()}
    vehicle = {stop.request: route.vehicle for route in rides.routes for stop in route.stops}
    requests = tuple(
        _fixed(request, starts, vehicle[request.id]) if request.id in vehicle else request
        for request in problem.requests
    )
    return replace(problem, requests=requests)


def _fixed(request: Request, starts: dict[tuple[str, int], int], vehicle: str) -> Request:
    points = tuple(
        replace(point, earliest=starts[request.id, index], latest=starts[request.id, index], due=None)
        for index, point in enumerate(request.points)
    )
    return replace(request, points=points, vehicles=(vehicle,))
