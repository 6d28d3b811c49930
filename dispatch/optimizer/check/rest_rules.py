"""Rests that are owed, time that is blocked, beginnings that are frozen."""

from collections.abc import Iterator

from dispatch.optimizer.check.evidence import Evidence, SeenRoute
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.check.time_rules import ready_at
from dispatch.optimizer.fleet import Break
from dispatch.optimizer.solution import PlannedBreak


def check_breaks(evidence: Evidence) -> Iterator[Finding]:
    """BREAK: owed rests are taken in their windows, whole, between stops, with nobody on board."""
    for route in evidence.routes:
        if not route.stops:
            continue
        free = list(route.breaks)
        settled = max((stop.end for stop in route.stops if stop.committed), default=0)
        for rest in sorted(route.vehicle.breaks, key=lambda rest: (rest.earliest, rest.latest)):
            taken = next((planned for planned in free if _is(planned, rest)), None)
            if taken is not None:
                free.remove(taken)
            elif _owed(route, rest) and rest.latest >= settled:
                message = f"the break between {rest.earliest} and {rest.latest} is not taken"
                yield Finding(Rule.BREAK, message, vehicle=route.vehicle.id)
        yield from _places(route)


def _is(planned: PlannedBreak, rest: Break) -> bool:
    return rest.earliest <= planned.start <= rest.latest and planned.seconds >= rest.seconds


def _owed(route: SeenRoute, rest: Break) -> bool:
    return route.departure < rest.earliest + rest.seconds and route.end > rest.latest


def _places(route: SeenRoute) -> Iterator[Finding]:
    for planned in route.breaks:
        if not 0 <= planned.after <= len(route.stops):
            yield Finding(Rule.BREAK, "a break is nowhere on its route", vehicle=route.vehicle.id)
            continue
        ahead = route.stops[: planned.after]
        riders = sum(1 if stop.index == 0 else -1 for stop in ahead if len(stop.request.points) == 2)
        if riders > 0:
            yield Finding(Rule.BREAK, "a break is taken with a rider on board", vehicle=route.vehicle.id)
        if planned.start < ready_at(route, planned.after)[0]:
            yield Finding(Rule.BREAK, "a break begins before the stop ahead ends", vehicle=route.vehicle.id)


def check_blocked(evidence: Evidence) -> Iterator[Finding]:
    """BLOCKED: a blocked interval inside a route is stood still for, between two stops."""
    for route in evidence.routes:
        settled = max((stop.end for stop in route.stops if stop.committed), default=0)
        for blocked in route.vehicle.blocked:
            outside = route.end <= blocked.start or route.departure >= blocked.end
            if not route.stops or outside or blocked.start < settled:
                continue
            length = blocked.end - blocked.start
            if not any(rest.start == blocked.start and rest.seconds >= length for rest in route.breaks):
                message = f"it is on the road while blocked from {blocked.start} to {blocked.end}"
                yield Finding(Rule.BLOCKED, message, vehicle=route.vehicle.id)


def check_frozen(evidence: Evidence) -> Iterator[Finding]:
    """FROZEN: committed stops come first, to the second; other legs set off after the frozen end."""
    routes = {route.vehicle: route for route in evidence.solution.routes}
    for vehicle in evidence.problem.vehicles:
        route = routes.get(vehicle.id)
        begins = [(s.request, s.point, s.start) for s in route.stops] if route is not None else []
        kept = [(s.request, s.point, s.start) for s in vehicle.committed]
        if begins[: len(kept)] != kept:
            yield Finding(
                Rule.FROZEN, f"the committed beginning of {vehicle.id} is changed", vehicle=vehicle.id
            )
    for seen in evidence.routes:
        if seen.stops and not seen.fixed and seen.departure < evidence.problem.frozen_until:
            message = f"{seen.vehicle.id} leaves at {seen.departure}, inside the frozen horizon"
            yield Finding(Rule.FROZEN, message, vehicle=seen.vehicle.id)
        for stop in seen.stops[seen.fixed :]:
            if stop.start < evidence.problem.frozen_until:
                message = f"it begins at {stop.start}, inside the frozen horizon"
                yield Finding(Rule.FROZEN, message, stop.request.id, seen.vehicle.id)
