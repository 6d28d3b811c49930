"""When things happen: order, windows, promises, driving, ride limits, shifts, breaks, blocked time."""

from collections.abc import Iterator
from itertools import pairwise

from dispatch.optimizer.check.evidence import Evidence, SeenRoute, SeenStop, drive
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import PlannedBreak


def check_windows(evidence: Evidence) -> Iterator[Finding]:
    """WINDOW and PROMISE: every start is inside; a rider already on board is set down however late."""
    for route in evidence.routes:
        aboard = {stop.request.id for stop in route.stops if stop.committed and stop.index == 0}
        for stop in route.stops:
            if stop.committed:
                continue
            point, late = stop.point, stop.index == 1 and stop.request.id in aboard
            if stop.start < point.earliest or (stop.start > point.latest and not late):
                message = (
                    f"point {stop.index} begins at {stop.start}, outside [{point.earliest}, {point.latest}]"
                )
                yield Finding(Rule.WINDOW, message, stop.request.id, route.vehicle.id)
            told = point.promised
            if told is None or told.break_cents is not None:
                continue
            if stop.start < told.earliest or (stop.start > told.latest and not late):
                message = (
                    f"point {stop.index} begins at {stop.start}, promised [{told.earliest}, {told.latest}]"
                )
                yield Finding(Rule.PROMISE, message, stop.request.id, route.vehicle.id)


def check_order(evidence: Evidence) -> Iterator[Finding]:
    """ORDER: picked up before set down, and no stop begins before the one ahead of it ends."""
    for route in evidence.routes:
        for left, right in pairwise(route.stops):
            if right.start < left.end and not right.committed:
                message = f"it begins at {right.start}, before the stop ahead of it ends at {left.end}"
                yield Finding(Rule.ORDER, message, right.request.id, route.vehicle.id)
        met: set[str] = set()
        for stop in route.stops:
            if stop.index == 1 and stop.request.id not in met:
                yield Finding(Rule.ORDER, "it is set down before pick-up", stop.request.id, route.vehicle.id)
            met.add(stop.request.id)


def check_rides(evidence: Evidence) -> Iterator[Finding]:
    """RIDE_LIMIT: time on board, from the end of service at pick-up to its beginning at set-down."""
    for route in evidence.routes:
        picked = {stop.request.id: stop for stop in route.stops if stop.index == 0}
        for stop in route.stops:
            pickup = picked.get(stop.request.id)
            if stop.index == 0 or pickup is None or pickup.committed:
                continue
            limit = _ride_limit(evidence.problem, pickup, stop)
            aboard = stop.start - pickup.end
            if limit is not None and aboard > limit:
                message = f"{aboard} s on board, the limit is {limit}"
                yield Finding(Rule.RIDE_LIMIT, message, stop.request.id, route.vehicle.id)


def _ride_limit(problem: Problem, pickup: SeenStop, delivery: SeenStop) -> int | None:
    request, travel = pickup.request, problem.travel
    limits = [] if request.max_ride_seconds is None else [request.max_ride_seconds]
    if request.max_detour_seconds is not None:
        direct = int(travel.seconds[pickup.point.location, delivery.point.location])
        if travel.speed_percent:
            best = max(travel.speed_percent)
            direct = (direct * 100 + best - 1) // best
        limits.append(direct + request.max_detour_seconds)
    return min(limits) if limits else None


def check_shifts(evidence: Evidence) -> Iterator[Finding]:
    """SHIFT, END, ROUTE_DURATION: when the vehicle leaves and is back."""
    for route in evidence.routes:
        vehicle, shift = route.vehicle, route.vehicle.shift
        if not route.stops:
            continue
        if route.departure < shift.start and not route.fixed:
            message = f"it leaves at {route.departure}, before its shift begins at {shift.start}"
            yield Finding(Rule.SHIFT, message, vehicle=vehicle.id)
        if route.end > shift.end + shift.overtime_seconds:
            message = (
                f"it is back at {route.end}, after its overtime ends at {shift.end + shift.overtime_seconds}"
            )
            yield Finding(Rule.SHIFT, message, vehicle=vehicle.id)
        back = return_time(evidence.problem, route)
        if route.end != back:
            yield Finding(
                Rule.END, f"it states its end as {route.end}, but is back at {back}", vehicle=vehicle.id
            )
        limit = vehicle.max_route_seconds
        if limit is not None and not route.fixed and route.end - route.departure > limit:
            message = f"it is out for {route.end - route.departure} s, the limit is {limit}"
            yield Finding(Rule.ROUTE_DURATION, message, vehicle=vehicle.id)


def return_time(problem: Problem, route: SeenRoute) -> int:
    """When the vehicle is back after its last stop and the rests that follow it."""
    last = route.stops[-1]
    leaving = last.end
    for rest in route.breaks:
        if rest.after == len(route.stops):
            leaving = max(leaving, rest.start + rest.seconds)
    if route.fixed == len(route.stops):
        leaving = max(leaving, last.end)
    home = route.vehicle.end_location
    return leaving if home is None else leaving + drive(problem, last.point.location, home, leaving)


def check_travel(evidence: Evidence) -> Iterator[Finding]:
    """TRAVEL, BREAK and FROZEN for each leg: time enough to drive, with the rests taken on the way."""
    for route in evidence.routes:
        for position, stop in enumerate(route.stops):
            if stop.committed:
                continue
            free, place = ready_at(route, position)
            if position == route.fixed and position:
                free = max(free, evidence.problem.frozen_until)
            rests = [rest for rest in route.breaks if rest.after == position] if route.breaks else []
            if stop.start < free + drive(evidence.problem, place, stop.point.location, free):
                message = f"point {stop.index} begins at {stop.start}, before the vehicle can be there"
                yield Finding(Rule.TRAVEL, message, stop.request.id, route.vehicle.id)
            elif rests and leave_time(evidence.problem, free, place, stop, rests) is None:
                message = "a break before this stop overlaps driving or service"
                yield Finding(Rule.BREAK, message, stop.request.id, route.vehicle.id)


def ready_at(route: SeenRoute, position: int) -> tuple[int, int]:
    """When and where the vehicle is free before the stop at this position."""
    if position == 0:
        return route.departure, route.vehicle.start_location
    return route.stops[position - 1].end, route.stops[position - 1].point.location


def leave_time(
    problem: Problem, free: int, place: int, stop: SeenStop, rests: list[PlannedBreak]
) -> int | None:
    """When the vehicle leaves so that all rests fit before the drive or after it; None if never."""
    if not rests:
        there = free + drive(problem, place, stop.point.location, free)
        return free if there <= stop.start else None
    for before in range(len(rests), -1, -1):
        leaving, fits = free, True
        for rest in rests[:before]:
            fits = fits and rest.start >= leaving
            leaving = rest.start + rest.seconds
        there = leaving + drive(problem, place, stop.point.location, leaving)
        for rest in rests[before:]:
            fits = fits and rest.start >= there
            there = rest.start + rest.seconds
        if fits and there <= stop.start:
            return leaving
    return None
