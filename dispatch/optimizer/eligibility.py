"""Which vehicles can serve a request at all, and the first rule against each that cannot."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from dispatch.optimizer.calls import Call, credential_bounds, request_calls
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.load_rules import load_fault
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request
from dispatch.optimizer.solution import UnservedCode
from dispatch.optimizer.timing import Timing, time_route


@dataclass(frozen=True, slots=True)
class Barrier:
    """The rule that keeps a vehicle from a request, and a sentence about it."""

    code: UnservedCode
    reason: str


_ORDER = (
    UnservedCode.VENDOR,
    UnservedCode.PIN,
    UnservedCode.SKILL,
    UnservedCode.CAPACITY,
    UnservedCode.STOCK,
    UnservedCode.CREDENTIAL,
    UnservedCode.RIDE_LIMIT,
    UnservedCode.WINDOW,
)


def barrier(problem: Problem, vehicle: Vehicle, request: Request) -> Barrier | None:
    """The first hard rule by which the vehicle could not serve the request even with nothing else to do."""
    calls = request_calls(problem, request)
    standing = standing_barrier(problem, vehicle, request, calls)
    if standing is not None:
        return standing
    if vehicle.committed:
        return _certain_barrier(problem, vehicle, request)
    return _time_barrier(problem, vehicle, request, calls)


def _certain_barrier(problem: Problem, vehicle: Vehicle, request: Request) -> Barrier | None:
    """What keeps a vehicle under way from the request wherever it is by then."""
    limit = problem.ride_limit(request)
    if limit is not None and problem.travel.shortest(request.first.location, request.last.location) > limit:
        return Barrier(UnservedCode.RIDE_LIMIT, "even the direct ride is longer than its limit")
    if request.first.latest < vehicle.shift.start or request.first.earliest > vehicle.shift.latest_end:
        return Barrier(UnservedCode.WINDOW, f"{vehicle.id} is not in service in its window")
    return None


def standing_barrier(
    problem: Problem, vehicle: Vehicle, request: Request, calls: tuple[Call, ...]
) -> Barrier | None:
    """The first hard rule against the pair that needs no clock, or None."""
    timeless = timeless_barrier(problem, vehicle, request, calls)
    if timeless is not None:
        return timeless
    if credential_bounds(vehicle, request) is None:
        missing = vehicle.missing(request.credentials, request.first.earliest, request.first.earliest)
        names = ", ".join(missing or sorted(request.credentials))
        return Barrier(UnservedCode.CREDENTIAL, f"{vehicle.id} holds no valid {names} when it is needed")
    return None


def timeless_barrier(
    problem: Problem, vehicle: Vehicle, request: Request, calls: tuple[Call, ...]
) -> Barrier | None:
    """The first hard rule against the pair whatever the time, or None: all but credentials, which end."""
    standing = _permission_barrier(vehicle, request) or _stock_barrier(problem, vehicle, request)
    if standing is not None:
        return standing
    if load_fault(problem, vehicle, calls) is not None:
        return Barrier(UnservedCode.CAPACITY, f"its load fits no configuration of {vehicle.id}")
    return None


def _permission_barrier(vehicle: Vehicle, request: Request) -> Barrier | None:
    if request.vendors is not None and vehicle.vendor not in request.vendors:
        return Barrier(UnservedCode.VENDOR, f"{vehicle.vendor} may not serve it")
    if request.vehicles is not None and vehicle.id not in request.vehicles:
        return Barrier(UnservedCode.VENDOR, f"{vehicle.id} is not among its vehicles")
    if request.pin is not None and request.pin.vehicle != vehicle.id:
        return Barrier(UnservedCode.PIN, f"it is pinned to {request.pin.vehicle}")
    if not request.skills <= vehicle.skills:
        lacking = ", ".join(sorted(request.skills - vehicle.skills))
        return Barrier(UnservedCode.SKILL, f"{vehicle.id} lacks {lacking}")
    return None


def _stock_barrier(problem: Problem, vehicle: Vehicle, request: Request) -> Barrier | None:
    depot = next((depot for depot in problem.depots if depot.id == vehicle.depot), None)
    for item, pieces in request.equipment.items():
        in_store = depot.stock.get(item, 0) if depot is not None else 0
        if vehicle.stock.get(item, 0) + in_store < pieces:
            return Barrier(UnservedCode.STOCK, f"{vehicle.id} and its depot have no {pieces} x {item}")
    return None


def _time_barrier(
    problem: Problem, vehicle: Vehicle, request: Request, calls: tuple[Call, ...]
) -> Barrier | None:
    timing = time_route(problem, vehicle, calls)
    if not isinstance(timing, Fault):
        return None
    if timing.rule == "ride_limit":
        return Barrier(UnservedCode.RIDE_LIMIT, "even the direct ride is longer than its limit")
    waived = request_calls(problem, replace(request, credentials=frozenset()))
    if request.credentials and isinstance(time_route(problem, vehicle, waived), Timing):
        return Barrier(UnservedCode.CREDENTIAL, f"{vehicle.id} is not credentialed when it could be there")
    return Barrier(UnservedCode.WINDOW, f"{vehicle.id} cannot be there in time ({timing.rule})")


def likeness(vehicle: Vehicle) -> Hashable:
    """Equal for vehicles that differ in nothing but their names, pins and choices by name apart."""
    return (
        vehicle.vendor, vehicle.depot, vehicle.start_location, vehicle.end_location, vehicle.shift,
        vehicle.configurations, vehicle.rate, vehicle.breaks, vehicle.blocked, vehicle.skills,
        vehicle.credentials, tuple(sorted(vehicle.stock.items())), vehicle.committed,
        vehicle.max_route_seconds, vehicle.max_route_metres, vehicle.max_stops,
    )  # fmt: skip


def classes_of(problem: Problem) -> Mapping[str, int]:
    """A number for each vehicle, equal for those that differ in nothing but their names; worked out once."""
    if not problem.alike:
        numbers: dict[Hashable, int] = {}
        for vehicle in problem.vehicles:
            problem.alike[vehicle.id] = numbers.setdefault(likeness(vehicle), len(numbers))
    return problem.alike


def standing_vehicles(problem: Problem, calls: tuple[Call, ...]) -> tuple[Vehicle, ...]:
    """The vehicles that no rule without a clock keeps from a request, given by its calls."""
    request, classes = calls[0].request, classes_of(problem)
    by_name = request.vehicles is not None or request.pin is not None
    judged: dict[Hashable, bool] = {}
    able: list[Vehicle] = []
    for vehicle in problem.vehicles:
        alike: Hashable = vehicle.id if by_name else classes[vehicle.id]
        if alike not in judged:
            judged[alike] = standing_barrier(problem, vehicle, request, calls) is None
        if judged[alike]:
            able.append(vehicle)
    return tuple(able)


def nearest_barrier(problem: Problem, request: Request) -> Barrier | None:
    """The barrier nearest to a yes when no vehicle can serve the request even alone; else None."""
    nearest: Barrier | None = None
    by_name = request.vehicles is not None or request.pin is not None
    classes, judged = classes_of(problem), set[Hashable]()
    for vehicle in problem.vehicles:
        alike: Hashable = vehicle.id if by_name else classes[vehicle.id]
        if alike in judged:
            continue
        judged.add(alike)
        found = barrier(problem, vehicle, request)
        if found is None:
            return None
        if nearest is None or _ORDER.index(found.code) > _ORDER.index(nearest.code):
            nearest = found
    return nearest or Barrier(UnservedCode.VENDOR, "the plan has no vehicle")
