"""The plan as the checker reads it: stops joined with what the raw problem says about them."""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request, ServicePoint
from dispatch.optimizer.solution import PlannedBreak, Route, Solution


@dataclass(frozen=True, slots=True)
class SeenStop:
    """One served point; `committed` says that it belongs to the frozen beginning of its route."""

    request: Request
    index: int
    point: ServicePoint
    start: int
    committed: bool

    @property
    def end(self) -> int:
        """When service ends."""
        return self.start + self.point.service_seconds


@dataclass(frozen=True, slots=True)
class SeenRoute:
    """One route with its vehicle and the stops that the problem knows, the first `fixed` committed."""

    vehicle: Vehicle
    stops: tuple[SeenStop, ...]
    departure: int
    end: int
    breaks: tuple[PlannedBreak, ...]
    fixed: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the rules look at."""

    problem: Problem
    solution: Solution
    routes: tuple[SeenRoute, ...]

    def served(self) -> Iterator[tuple[SeenRoute, SeenStop]]:
        """All stops with their routes."""
        return ((route, stop) for route in self.routes for stop in route.stops)


def gather(problem: Problem, solution: Solution) -> Evidence:
    """Join the plan with its problem; what the problem does not know is passed over here."""
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    routes = [_seen(problem, vehicles[r.vehicle], r) for r in solution.routes if r.vehicle in vehicles]
    return Evidence(problem, solution, tuple(routes))


def _seen(problem: Problem, vehicle: Vehicle, route: Route) -> SeenRoute:
    stops = []
    for position, stop in enumerate(route.stops):
        request = problem.request_by_id.get(stop.request)
        if request is None or not 0 <= stop.point < len(request.points):
            continue
        frozen = vehicle.committed[position] if position < len(vehicle.committed) else None
        committed = frozen is not None and (frozen.request, frozen.point) == (stop.request, stop.point)
        stops.append(SeenStop(request, stop.point, request.points[stop.point], stop.start, committed))
    fixed = sum(stop.committed for stop in stops)
    return SeenRoute(vehicle, tuple(stops), route.departure, route.end, route.breaks, fixed)


def drive(problem: Problem, origin: int, destination: int, leaving: int) -> int:
    """Seconds of driving when leaving then, from the raw matrix and the speeds by hour."""
    seconds = int(problem.travel.seconds[origin, destination])
    speeds, span = problem.travel.speed_percent, problem.travel.bucket_seconds
    if not speeds:
        return seconds
    todo, now = seconds * 100, leaving
    for bucket in range(len(speeds)):
        ends = (bucket + 1) * span
        if bucket + 1 < len(speeds) and now < ends:
            able = (ends - now) * speeds[bucket]
            if able >= todo:
                return now - leaving + _up(todo, speeds[bucket])
            todo, now = todo - able, ends
    return now - leaving + _up(todo, speeds[-1])


def _up(amount: int, speed: int) -> int:
    return (amount + speed - 1) // speed
