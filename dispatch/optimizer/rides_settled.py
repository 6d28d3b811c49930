"""Rides first, as it is done by hand: the problems of its two steps, and the plan that comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dispatch.optimizer.construct import drop_stranded, insert_all
from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.links import Key
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request, RequestKind


def rides_alone(problem: Problem) -> Problem:
    """The rides, with the links among themselves."""
    rides = tuple(request for request in problem.requests if request.kind is RequestKind.RIDE)
    names = {request.id for request in rides}
    links = tuple(link for link in problem.links if link.before in names and link.after in names)
    return replace(problem, requests=rides, links=links)


def rides_settled(problem: Problem, vehicle_of: Mapping[str, str], starts: Mapping[Key, int]) -> Problem:
    """The problem in which planned rides keep vehicle and times: what hangs on them has a deadline."""
    requests = tuple(
        _fixed(request, starts, vehicle_of[request.id]) if request.id in vehicle_of else request
        for request in problem.requests
    )
    return replace(problem, requests=requests)


def _fixed(request: Request, starts: Mapping[Key, int], vehicle: str) -> Request:
    points = tuple(
        replace(point, earliest=starts[request.id, index], latest=starts[request.id, index], due=None)
        for index, point in enumerate(request.points)
    )
    return replace(request, points=points, vehicles=(vehicle,))


def carried_over(draft: Draft, problem: Problem) -> Draft:
    """The routes of a draft over another problem with the same vehicles, as far as they can be timed there.

    At the same starts where that can be: what was planned around them hangs on them. Hard links may be
    broken: see :func:`completed`.
    """
    carried = Draft.empty(problem)
    carried.floors = dict(draft.starts)
    for name, route in draft.routes.items():
        calls = [carried.calls[call.request.id][call.index] for call in route.calls]
        vehicle = problem.vehicle_by_id[name]
        timed = carried.timed_as_told(vehicle, calls) or carried.timed(vehicle, calls)
        if isinstance(timed, TimedRoute):
            carried.put(timed)
    carried.floors = {}
    return carried


def completed(draft: Draft) -> Draft:
    """The draft without what has lost its hard link, and what is no ride put in wherever it fits."""
    drop_stranded(draft)
    insert_all(draft, [r.id for r in draft.left_out() if r.kind is not RequestKind.RIDE])
    return draft
