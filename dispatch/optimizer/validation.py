"""Refuses problems that do not hang together, naming the key that is wrong and what would be right."""

from collections import Counter
from collections.abc import Iterable

from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request, RequestKind, ServicePoint
from dispatch.optimizer.validation_links import require_sound_links
from dispatch.optimizer.validation_pins import require_sound_commitments, require_sound_pins


def validate(problem: Problem) -> None:
    """Raise ProblemError for the first part that cannot be meant: shapes, signs, references, contradictions.

    A request that merely cannot be served is no error; it ends in `unserved` with a reason.
    """
    if problem.horizon_seconds <= 0:
        raise ProblemError("horizon_seconds", "must be positive")
    if not 0 <= problem.frozen_until <= problem.horizon_seconds:
        raise ProblemError("frozen_until", "must lie between 0 and horizon_seconds")
    if not problem.dimensions:
        raise ProblemError("dimensions", "must name at least one dimension of load")
    _require_unique("requests", (request.id for request in problem.requests))
    _require_unique("vehicles", (vehicle.id for vehicle in problem.vehicles))
    _require_unique("vendors", (vendor.id for vendor in problem.vendors))
    _require_unique("depots", (depot.id for depot in problem.depots))
    _require_unique("links", (link.id for link in problem.links))
    _require_vendors(problem)
    for index, vehicle in enumerate(problem.vehicles):
        _require_vehicle(problem, vehicle, f"vehicles[{index}]")
    for index, request in enumerate(problem.requests):
        _require_request(problem, request, f"requests[{index}]")
    require_sound_links(problem)
    require_sound_pins(problem)
    require_sound_commitments(problem)


def _require_unique(key: str, names: Iterable[str]) -> None:
    counted = Counter(names)
    if "" in counted:
        raise ProblemError(f"{key}.id", "must not be empty")
    twice = sorted(name for name, times in counted.items() if times > 1)
    if twice:
        raise ProblemError(f"{key}.id", f"{twice[0]!r} is used more than once")


def _require_vendors(problem: Problem) -> None:
    for index, vendor in enumerate(problem.vendors):
        if not 0 <= vendor.min_share_percent <= vendor.max_share_percent <= 100:
            raise ProblemError(
                f"vendors[{index}].min_share_percent", "shares must be 0 <= minimum <= maximum <= 100"
            )
        _require_not_negative(f"vendors[{index}].base_cents", vendor.base_cents)
        _require_not_negative(f"vendors[{index}].max_requests", vendor.max_requests)
    if sum(vendor.min_share_percent for vendor in problem.vendors) > 100:
        raise ProblemError("vendors.min_share_percent", "the minimum shares add up to more than 100")
    for index, depot in enumerate(problem.depots):
        _require_location(problem, f"depots[{index}].location", depot.location)
        for item, pieces in depot.stock.items():
            _require_not_negative(f"depots[{index}].stock.{item}", pieces)


def _require_vehicle(problem: Problem, vehicle: Vehicle, key: str) -> None:
    _require_location(problem, f"{key}.start_location", vehicle.start_location)
    if vehicle.end_location is not None:
        _require_location(problem, f"{key}.end_location", vehicle.end_location)
    if problem.vendors and vehicle.vendor not in {vendor.id for vendor in problem.vendors}:
        raise ProblemError(f"{key}.vendor", f"{vehicle.vendor!r} is not in vendors")
    if vehicle.depot is not None and vehicle.depot not in {depot.id for depot in problem.depots}:
        raise ProblemError(f"{key}.depot", f"{vehicle.depot!r} is not in depots")
    if not vehicle.configurations:
        raise ProblemError(f"{key}.configurations", "must hold at least one capacity")
    for position, configuration in enumerate(vehicle.configurations):
        _require_load(problem, f"{key}.configurations[{position}]", configuration)
    _require_day(problem, vehicle, key)
    for name in ("fixed_cents", "cents_per_km", "cents_per_hour", "wait_cents_per_hour"):
        _require_not_negative(f"{key}.rate.{name}", getattr(vehicle.rate, name))
    for name in ("max_route_seconds", "max_route_metres", "max_stops"):
        _require_not_negative(f"{key}.{name}", getattr(vehicle, name))
    for item, pieces in vehicle.stock.items():
        _require_not_negative(f"{key}.stock.{item}", pieces)


def _require_day(problem: Problem, vehicle: Vehicle, key: str) -> None:
    shift = vehicle.shift
    _require_window(problem, f"{key}.shift", shift.start, shift.end)
    _require_not_negative(f"{key}.shift.overtime_seconds", shift.overtime_seconds)
    _require_not_negative(f"{key}.shift.overtime_cents_per_hour", shift.overtime_cents_per_hour)
    for position, rest in enumerate(vehicle.breaks):
        _require_window(problem, f"{key}.breaks[{position}]", rest.earliest, rest.latest)
        _require_not_negative(f"{key}.breaks[{position}].seconds", rest.seconds)
    for position, blocked in enumerate(vehicle.blocked):
        _require_window(problem, f"{key}.blocked[{position}]", blocked.start, blocked.end)
    for position, credential in enumerate(vehicle.credentials):
        if credential.valid_to < credential.valid_from:
            raise ProblemError(f"{key}.credentials[{position}]", "is valid_to before valid_from")


def _require_request(problem: Problem, request: Request, key: str) -> None:
    wanted = 2 if request.kind is RequestKind.RIDE else 1
    if len(request.points) != wanted:
        raise ProblemError(f"{key}.points", f"a {request.kind} has {wanted}, this one {len(request.points)}")
    for position, point in enumerate(request.points):
        _require_point(problem, point, f"{key}.points[{position}]")
    if request.load:
        _require_load(problem, f"{key}.load", request.load)
    for name in ("max_ride_seconds", "max_detour_seconds", "priority", "unserved_cents"):
        _require_not_negative(f"{key}.{name}", getattr(request, name))
    for table in ("equipment", "vendor_cents"):
        for name, number in getattr(request, table).items():
            _require_not_negative(f"{key}.{table}.{name}", number)
    _require_known_choices(problem, request, key)


def _require_known_choices(problem: Problem, request: Request, key: str) -> None:
    for vendor in (request.vendors or ()) if problem.vendors else ():
        if vendor not in problem.vendor_by_id:
            raise ProblemError(f"{key}.vendors", f"{vendor!r} is not a vendor of this problem")
    for vehicle in request.vehicles or ():
        if vehicle not in problem.vehicle_by_id:
            raise ProblemError(f"{key}.vehicles", f"{vehicle!r} is not a vehicle of this problem")


def _require_point(problem: Problem, point: ServicePoint, key: str) -> None:
    _require_location(problem, f"{key}.location", point.location)
    _require_window(problem, key, point.earliest, point.latest)
    _require_not_negative(f"{key}.service_seconds", point.service_seconds)
    _require_not_negative(f"{key}.late_cents_per_minute", point.late_cents_per_minute)
    if point.due is not None and not point.earliest <= point.due <= point.latest:
        raise ProblemError(f"{key}.due", "must lie between earliest and latest")
    if point.promised is not None:
        if point.promised.latest < point.promised.earliest:
            raise ProblemError(f"{key}.promised", "ends before it begins")
        _require_not_negative(f"{key}.promised.break_cents", point.promised.break_cents)


def _require_location(problem: Problem, key: str, location: int) -> None:
    if not 0 <= location < problem.travel.size:
        raise ProblemError(
            key, f"{location} is not in the matrix; it must be in 0..{problem.travel.size - 1}"
        )


def _require_window(problem: Problem, key: str, earliest: int, latest: int) -> None:
    if latest < earliest:
        raise ProblemError(key, f"negative window: it ends at {latest}, before it begins at {earliest}")
    if earliest < 0 or latest > problem.horizon_seconds:
        raise ProblemError(key, f"[{earliest}, {latest}] is outside the day 0..{problem.horizon_seconds}")


def _require_load(problem: Problem, key: str, load: tuple[int, ...]) -> None:
    if len(load) != len(problem.dimensions):
        raise ProblemError(key, f"must have {len(problem.dimensions)} entries, one per dimension")
    if min(load) < 0:
        raise ProblemError(key, "impossible capacity: no entry may be negative")


def _require_not_negative(key: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise ProblemError(key, f"must not be negative, is {value}")
