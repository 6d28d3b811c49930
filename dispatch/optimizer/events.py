"""What happens to a live plan, and the problem as it is afterwards."""

from dataclasses import dataclass, replace

from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Link, Request, RequestKind, ServicePoint


@dataclass(frozen=True, slots=True)
class Insert:
    """A new request has come in, with the links that tie it."""

    request: Request
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """A request was cancelled."""

    request: str


@dataclass(frozen=True, slots=True)
class Slip:
    """A request becomes ready at another time: service at its first point begins at `ready_at` or later.

    All its windows and due times move by the same seconds. Promises stay as they were made, or with
    `keep_promises` False move along.
    """

    request: str
    ready_at: int
    keep_promises: bool = True


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A vehicle cannot go on from `at`; riders on board wait at `location` (its last stop when None)."""

    vehicle: str
    at: int
    location: int | None = None


@dataclass(frozen=True, slots=True)
class NoShow:
    """The rider was not there. A committed pick-up stays as a visit in vain, else the request is dropped."""

    request: str


Event = Insert | Remove | Slip | Breakdown | NoShow


@dataclass(frozen=True, slots=True)
class Change:
    """The problem after an event, and the requests that must be placed anew."""

    problem: Problem
    to_place: tuple[str, ...]


def after(problem: Problem, event: Event) -> Change:
    """The problem as the event leaves it; raises ProblemError when it names what is not there."""
    if isinstance(event, Insert):
        return _inserted(problem, event)
    if isinstance(event, Breakdown):
        return _broken_down(problem, event)
    if event.request not in problem.request_by_id:
        raise ProblemError("event.request", f"{event.request!r} is not a request of this problem")
    if isinstance(event, Slip):
        return _slipped(problem, event)
    request = problem.request_by_id[event.request]
    if isinstance(event, NoShow) and _is_committed(problem, event.request):
        return _in_vain(problem, request)
    return Change(_without(problem, {event.request}), ())


def _inserted(problem: Problem, event: Insert) -> Change:
    if event.request.id in problem.request_by_id:
        raise ProblemError("event.request", f"{event.request.id!r} is already in this problem")
    requests = (*problem.requests, event.request)
    changed = replace(problem, requests=requests, links=(*problem.links, *event.links))
    return Change(changed, (event.request.id,))


def _slipped(problem: Problem, event: Slip) -> Change:
    request = problem.request_by_id[event.request]
    by = event.ready_at - request.first.earliest

    def later(point: ServicePoint) -> ServicePoint:
        most = problem.horizon_seconds
        earliest = min(max(point.earliest + by, 0), most)
        due = None if point.due is None else min(max(point.due + by, earliest), most)
        latest = min(max(point.latest + by, earliest), most)
        told = point.promised
        if told is not None and not event.keep_promises:
            told = replace(told, earliest=told.earliest + by, latest=told.latest + by)
        return replace(point, earliest=earliest, latest=latest, due=due, promised=told)

    points = tuple(later(point) for point in request.points)
    return Change(_with(problem, replace(request, points=points)), (request.id,))


def _in_vain(problem: Problem, request: Request) -> Change:
    visit = replace(
        request, kind=RequestKind.VISIT, points=request.points[:1], load=(), max_ride_seconds=None,
        max_detour_seconds=None,
    )  # fmt: skip
    vehicles = tuple(
        replace(v, committed=tuple(s for s in v.committed if (s.request, s.point) != (request.id, 1)))
        for v in problem.vehicles
    )
    return Change(replace(_with(problem, visit), vehicles=vehicles), ())


def _broken_down(problem: Problem, event: Breakdown) -> Change:
    vehicle = problem.vehicle_by_id.get(event.vehicle)
    if vehicle is None:
        raise ProblemError("event.vehicle", f"{event.vehicle!r} is not a vehicle of this problem")
    points = {name: set[int]() for name in (stop.request for stop in vehicle.committed)}
    for stop in vehicle.committed:
        points[stop.request].add(stop.point)
    finished = {n for n, met in points.items() if len(met) == len(problem.request_by_id[n].points)}
    stranded = [name for name in points if name not in finished]
    last = vehicle.committed[-1] if vehicle.committed else None
    here = vehicle.start_location
    if last is not None:
        here = problem.request_by_id[last.request].points[last.point].location
    place = here if event.location is None else event.location
    changed = _without(problem, finished)
    for name in stranded:
        changed = _with(changed, _waiting(changed, changed.request_by_id[name], place, event.at))
    remaining = tuple(v for v in problem.vehicles if v.id != vehicle.id)
    freed = tuple(_unpinned(request, vehicle.id) for request in changed.requests)
    return Change(replace(changed, vehicles=remaining, requests=freed), tuple(stranded))


def _waiting(problem: Problem, request: Request, place: int, at: int) -> Request:
    """A rider who must be fetched from where the vehicle stands, before anybody else."""
    latest = problem.horizon_seconds
    pickup = replace(
        request.first, location=place, earliest=at, latest=latest, due=at, promised=None,
        late_cents_per_minute=max(request.first.late_cents_per_minute, 100),
    )  # fmt: skip
    dropoff = replace(request.last, latest=latest, promised=None)
    return replace(
        request, points=(pickup, dropoff), max_ride_seconds=None, max_detour_seconds=None,
        priority=request.priority + 1,
    )  # fmt: skip


def _unpinned(request: Request, vehicle: str) -> Request:
    if request.pin is not None and request.pin.vehicle == vehicle:
        request = replace(request, pin=None)
    if request.vehicles is not None and vehicle in request.vehicles:
        request = replace(request, vehicles=tuple(v for v in request.vehicles if v != vehicle))
    return request


def _with(problem: Problem, changed: Request) -> Problem:
    requests = (changed if request.id == changed.id else request for request in problem.requests)
    return replace(problem, requests=tuple(requests))


def _without(problem: Problem, names: set[str]) -> Problem:
    if not names:
        return problem
    kept = tuple(request for request in problem.requests if request.id not in names)
    links = tuple(link for link in problem.links if not {link.before, link.after} & names)
    return replace(problem, requests=kept, links=links)


def _is_committed(problem: Problem, request: str) -> bool:
    return any(stop.request == request for vehicle in problem.vehicles for stop in vehicle.committed)
