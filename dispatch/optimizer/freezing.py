"""Freeze the beginning of a plan: what is done, under way or too near to change becomes committed."""

from dataclasses import replace

from dispatch.optimizer.fleet import Blocked, Break, CommittedStop, Vehicle
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Told
from dispatch.optimizer.solution import Route, Solution


def freeze(problem: Problem, plan: Solution, until: int, change_cents: int = 0) -> Problem:
    """The same problem with every leg of the plan that sets off before `until` (seconds) committed.

    With `change_cents` every other request in the plan that names no price of its own costs that much on
    another vehicle than the one planned now.
    """
    routes = {route.vehicle: route for route in plan.routes}
    vehicles = tuple(_frozen(problem, v, routes.get(v.id), until) for v in problem.vehicles)
    requests = problem.requests
    if change_cents:
        serving = {stop.request: route.vehicle for route in plan.routes for stop in route.stops}
        requests = tuple(
            replace(r, told=Told(serving[r.id], change_cents)) if r.told is None and r.id in serving else r
            for r in requests
        )
    return replace(problem, vehicles=vehicles, requests=requests, frozen_until=until)


def _frozen(problem: Problem, vehicle: Vehicle, route: Route | None, until: int) -> Vehicle:
    if route is None:
        return vehicle
    committed: list[CommittedStop] = []
    leaving, place = route.departure, vehicle.start_location
    for position, stop in enumerate(route.stops):
        point = problem.request_by_id[stop.request].points[stop.point]
        for rest in route.breaks:
            rested = rest.start + rest.seconds
            drive = problem.travel.leg(place, point.location, rested)
            if rest.after == position and rested + drive <= stop.start:
                leaving = max(leaving, rested)
        if leaving >= until and position >= len(vehicle.committed):
            break
        committed.append(CommittedStop(stop.request, stop.point, stop.start))
        leaving, place = stop.start + point.service_seconds, point.location
    if not committed:
        return vehicle
    return _with_rests_taken(replace(vehicle, committed=tuple(committed)), route, until)


def _with_rests_taken(vehicle: Vehicle, route: Route, until: int) -> Vehicle:
    """Breaks before the freeze or between committed stops are not owed; one still going on blocks."""
    owed, blocked = list(vehicle.breaks), list(vehicle.blocked)
    for rest in route.breaks:
        own = next((b for b in owed if _same(b, rest.start, rest.seconds)), None)
        inside = rest.after < len(vehicle.committed)
        if own is not None and (rest.start < until or inside):
            owed.remove(own)
            if rest.start + rest.seconds > until and not inside:
                blocked.append(Blocked(until, rest.start + rest.seconds))
    return replace(vehicle, breaks=tuple(owed), blocked=tuple(blocked))


def _same(rest: Break, start: int, seconds: int) -> bool:
    return rest.earliest <= start <= rest.latest and rest.seconds == seconds
