"""Calls: the single stops of a problem with everything that timing needs, prepared once."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request, RequestKind, ServicePoint


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One point of one request, as the planner moves it about; compared by identity.

    `lower` and `upper` bound the start of service, hard promises and a pinned start included;
    `load` is the change of load when it is served; `boards` is +1 where a rider gets on, -1 off, else 0.
    """

    request: Request
    index: int
    point: ServicePoint
    location: int
    lower: int
    upper: int
    service: int
    load: tuple[int, ...]
    boards: int
    ride_limit: int | None

    @property
    def key(self) -> tuple[str, int]:
        """Request and point: what the call is known by outside."""
        return self.request.id, self.index


CallTable = Mapping[str, tuple[Call, ...]]
Bounds = Mapping[tuple[str, int], tuple[int, int]]


def calls_of(problem: Problem) -> dict[str, tuple[Call, ...]]:
    """The calls of every request, by request id."""
    return {request.id: request_calls(problem, request) for request in problem.requests}


def request_calls(problem: Problem, request: Request) -> tuple[Call, ...]:
    """The one or two calls of a request."""
    limit = problem.ride_limit(request) if len(request.points) == 2 else None
    return tuple(_call(problem, request, index, point, limit) for index, point in enumerate(request.points))


def _call(problem: Problem, request: Request, index: int, point: ServicePoint, limit: int | None) -> Call:
    lower, upper = point.earliest, point.latest
    if point.promised is not None and point.promised.break_cents is None:
        lower, upper = max(lower, point.promised.earliest), min(upper, point.promised.latest)
    if index == 0 and request.pin is not None and request.pin.start is not None:
        lower, upper = max(lower, request.pin.start), min(upper, request.pin.start)
    load, boards = _moved(problem, request, index)
    return Call(
        request, index, point, point.location, lower, upper, point.service_seconds, load, boards, limit
    )


def _moved(problem: Problem, request: Request, index: int) -> tuple[tuple[int, ...], int]:
    nothing = (0,) * len(problem.dimensions)
    load = request.load or nothing
    less = tuple(-amount for amount in load)
    if request.kind is RequestKind.RIDE:
        return (less, -1) if index else (load, 1)
    if request.kind is RequestKind.VISIT:
        return nothing, 0
    return (less if request.kind is RequestKind.DELIVERY else load), 0


def credential_bounds(vehicle: Vehicle, request: Request) -> tuple[int, int] | None:
    """The interval in which the crew's credentials cover the request's needs; None when they never do."""
    lower, upper = 0, 2**31
    for name in request.credentials:
        held = [c for c in vehicle.credentials if c.name == name]
        if not held:
            return None
        first, last = request.first.earliest, request.last.latest
        best = max(held, key=lambda c: min(c.valid_to, last) - max(c.valid_from, first))
        lower, upper = max(lower, best.valid_from), min(upper, best.valid_to)
    return (lower, upper) if lower <= upper else None
