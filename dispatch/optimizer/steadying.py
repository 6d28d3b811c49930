"""Starts that people were told stay as they are, wherever the order of a new plan allows it.

A search weighs cents: for a few of them it lets a van leave three minutes later, and whoever is on it is told
another time at every change of the day.
"""

from collections.abc import Mapping

from dispatch.optimizer.calls import Call
from dispatch.optimizer.draft import Draft, TimedRoute, draft_of
from dispatch.optimizer.links import Key
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Solution


def steadied(problem: Problem, solution: Solution, told: Solution, worth_cents: int) -> Solution:
    """The solution with the starts of the plan that people were told, route by route.

    Who keeps the vehicle keeps the start, or at least those do who come before the first newcomer. A route
    that costs `worth_cents` more so, or breaks a hard link, stays as the solution has it. Sequences, vehicles
    and what is left out are never changed.
    """
    draft, lost = draft_of(problem, solution, told=True)
    if lost:
        return solution
    draft.floors = {}
    for route in list(draft.routes.values()):
        before = told.route_of_vehicle(route.vehicle.id)
        starts = {(stop.request, stop.point): stop.start for stop in before.stops} if before else {}
        draft = _with_starts(draft, route, starts, worth_cents)
    about = {"seed": solution.seed, "iterations": solution.iterations, "engine": solution.engine}
    return draft.solution(solution.unserved, seconds=solution.seconds, **about)


def _with_starts(draft: Draft, route: TimedRoute, starts: Mapping[Key, int], worth_cents: int) -> Draft:
    """The draft with one route at the starts that its requests had; as it is where that cannot be."""
    had = route.starts()
    if all(starts.get(key, start) == start for key, start in had.items()):
        return draft
    most = draft.cost().total + worth_cents
    for kept in (route.calls, _before_newcomers(route.calls, starts)):
        wanted = {call.key: starts[call.key] for call in kept if call.key in starts}
        timed = draft.timed_at(route.vehicle, route.calls, wanted) if wanted else None
        if timed is None:
            continue
        trial = draft.copy()
        trial.put(timed)
        if not trial.broken_links() and trial.cost().total <= most:
            return trial
    return draft


def _before_newcomers(calls: tuple[Call, ...], starts: Mapping[Key, int]) -> tuple[Call, ...]:
    first = next((number for number, call in enumerate(calls) if call.key not in starts), len(calls))
    return calls[:first]
