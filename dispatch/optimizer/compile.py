"""From a problem to the compiled engine's arrays, and from its routes back to a draft.

What the arrays cannot say is narrowed so that no plan of theirs is wrong: links become windows, scarce
equipment is given to the dearest requests, a vendor at its cap keeps what it has. Insertion afterwards uses
the exact rules.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.optimizer.calls import Call, CallTable
from dispatch.optimizer.credential_limits import Crews, Span, limits, span_of
from dispatch.optimizer.eligibility import likeness, timeless_barrier
from dispatch.optimizer.engine.instance import Instance, build
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.links import Key
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request

_SLOWEST_ROUNDING = 2
"""Seconds added to each leg when travel depends on the hour, so that rounding up never comes too late."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """An instance with the calls that its stops stand for; vehicles keep the problem's order."""

    problem: Problem
    instance: Instance
    stops: tuple[Call, ...]
    number: Mapping[Key, int]

    def sequences(self, routes: Sequence[Sequence[int]]) -> dict[str, list[Call]]:
        """The engine's routes as calls by vehicle id."""
        found: dict[str, list[Call]] = {}
        for vehicle, route in zip(self.problem.vehicles, routes, strict=True):
            if route:
                found[vehicle.id] = [self.stops[stop] for stop in route]
        return found

    def routes(self, sequences: Mapping[str, Sequence[Call]]) -> list[list[int]]:
        """Calls by vehicle id as the engine's routes; requests that the instance lacks are left away."""
        return [
            [self.number[call.key] for call in sequences.get(vehicle.id, ()) if call.key in self.number]
            for vehicle in self.problem.vehicles
        ]


def compile_problem(
    problem: Problem,
    calls: CallTable,
    windows: Mapping[Key, tuple[int, int]],
    without: Collection[str] = (),
    forbidden: Mapping[str, Collection[str]] | None = None,
    penalties: Mapping[str, int] | None = None,
    serving: Mapping[str, str] | None = None,
    able: Mapping[str, Collection[Vehicle]] | None = None,
) -> Compiled | None:
    """The problem as arrays; None when no vehicle or no request is left.

    `windows` narrow single points, requests in `without` and those whose windows are empty are left away,
    `forbidden` lists vehicles by request, `penalties` replace prices of leaving out. A vehicle that is
    `serving` a request now may go on with it. `able` are the vehicles that no
    standing rule keeps from a request, where that is known already.
    """
    kept = [r for r in problem.requests if r.id not in without and _open(calls[r.id], windows)]
    if not kept or not problem.vehicles:
        return None
    crews = Crews.of(problem.vehicles, kept)
    stops = tuple(call for request in kept for call in calls[request.id])
    number = {call.key: index for index, call in enumerate(stops)}
    pairs = [(number[r.id, 0], number.get((r.id, 1), -1)) for r in kept]
    penalty = [(penalties or {}).get(r.id, r.left_out_cents) for r in kept]
    instance = build(
        pickup=[pair[0] for pair in pairs],
        delivery=[pair[1] for pair in pairs],
        penalty=penalty,
        max_ride=[_unlimited(calls[r.id][0].ride_limit) for r in kept],
        allowed=_allowed(problem, crews, kept, calls, windows, forbidden or {}, serving or {}, able or {}),
        serve_price=_serve_prices(problem, kept),
        **limits(crews, len(problem.vehicles), kept, calls, windows, _begun(problem)),
        **_stop_arrays(problem, stops, windows),
        **_vehicle_arrays(problem),
        **_rest_arrays(problem),
        **_prefix_arrays(problem, number),
        **_place_arrays(problem, stops),
    )
    return Compiled(problem, instance, stops, number)


def _open(calls: Sequence[Call], windows: Mapping[Key, tuple[int, int]]) -> bool:
    for call in calls:
        lower, upper = windows.get(call.key, (call.lower, call.upper))
        if max(lower, call.lower) > min(upper, call.upper):
            return False
    return True


def _unlimited(limit: int | None) -> float:
    return np.inf if limit is None else float(limit)


def _begun(problem: Problem) -> set[str]:
    """The requests of which some vehicle has served a stop, or is bound to."""
    return {stop.request for vehicle in problem.vehicles for stop in vehicle.committed}


def _allowed(
    problem: Problem,
    crews: Crews,
    kept: Sequence[Request],
    calls: CallTable,
    windows: Mapping[Key, Span],
    forbidden: Mapping[str, Collection[str]],
    serving: Mapping[str, str],
    able: Mapping[str, Collection[Vehicle]],
) -> npt.NDArray[np.bool_]:
    """Who may serve what, judged once for each kind of request on each kind of vehicle.

    Credentials are judged for each request, since they end: once for vehicles that hold the same. Who holds
    them for a part of its time may serve it then.
    """
    allowed = np.zeros((len(kept), len(problem.vehicles)), dtype=np.bool_)
    groups: dict[Hashable, list[int]] = {}
    for index, vehicle in enumerate(problem.vehicles):
        groups.setdefault(likeness(vehicle), []).append(index)
    judged: dict[Hashable, npt.NDArray[np.bool_]] = {}
    names = {vehicle.id: index for index, vehicle in enumerate(problem.vehicles)}
    for row, request in enumerate(kept):
        if request.id in able:
            allowed[row, [names[v.id] for v in able[request.id] if v.id in names]] = True
        else:
            kind = _kind(request)
            if kind not in judged:
                judged[kind] = _judge(problem, request, calls[request.id], list(groups.values()))
            allowed[row] = judged[kind]
        if request.credentials:
            allowed[row, crews.never(request, span_of(calls[request.id], windows))] = False
        if request.id in serving:
            allowed[row, names[serving[request.id]]] = True
        for index, vehicle in enumerate(problem.vehicles if request.id in forbidden else ()):
            allowed[row, index] &= vehicle.id not in forbidden[request.id]
    _keep_committed(problem, kept, allowed)
    return allowed


def _keep_committed(problem: Problem, kept: Sequence[Request], allowed: npt.NDArray[np.bool_]) -> None:
    """What a vehicle has begun, it alone may serve."""
    place = {request.id: row for row, request in enumerate(kept)}
    for index, vehicle in enumerate(problem.vehicles):
        for stop in vehicle.committed:
            if stop.request in place:
                allowed[place[stop.request]] = False
                allowed[place[stop.request], index] = True


def _kind(request: Request) -> Hashable:
    if request.pin is not None or request.vehicles is not None:
        return request.id
    equipment = tuple(sorted(request.equipment.items()))
    return request.kind, request.vendors, request.skills, request.load, equipment


def _judge(
    problem: Problem, request: Request, calls: tuple[Call, ...], groups: Sequence[Sequence[int]]
) -> npt.NDArray[np.bool_]:
    row = np.zeros(len(problem.vehicles), dtype=np.bool_)
    by_name = request.pin is not None or request.vehicles is not None
    for group in groups:
        for member in [[index] for index in group] if by_name else [list(group)]:
            vehicle = problem.vehicles[member[0]]
            row[member] = timeless_barrier(problem, vehicle, request, calls) is None
    return row


def _serve_prices(problem: Problem, kept: Sequence[Request]) -> npt.NDArray[np.float64]:
    vendors = sorted(problem.vendor_by_id)
    column = np.array([vendors.index(vehicle.vendor) for vehicle in problem.vehicles])
    table = np.array([[problem.price(r, vendor) for vendor in vendors] for r in kept], dtype=np.float64)
    prices = table[:, column]
    for row, request in enumerate(kept):
        if request.told is not None and request.told.change_cents:
            others = np.array([vehicle.id != request.told.vehicle for vehicle in problem.vehicles])
            prices[row, others] += request.told.change_cents
    return prices


def _stop_arrays(
    problem: Problem, stops: Sequence[Call], windows: Mapping[Key, tuple[int, int]]
) -> dict[str, object]:
    bounds = [windows.get(call.key, (call.lower, call.upper)) for call in stops]
    held = {(s.request, s.point): s.start for v in problem.vehicles for s in v.committed}
    lower = [held.get(c.key, max(b[0], c.lower)) for c, b in zip(stops, bounds, strict=True)]
    upper = [held.get(c.key, min(b[1], c.upper)) for c, b in zip(stops, bounds, strict=True)]
    told = [_told(call) for call in stops]
    return {
        "window_start": lower,
        "window_end": upper,
        "due": [np.inf if call.point.due is None else call.point.due for call in stops],
        "lateness_price": [call.point.late_cents_per_minute / 60 for call in stops],
        "service": [call.service + _held_back(problem, call) for call in stops],
        "load": [call.load for call in stops],
        "told_start": [entry[0] for entry in told],
        "told_tolerance": [entry[1] for entry in told],
        "told_price": [entry[2] for entry in told],
    }


def _told(call: Call) -> tuple[float, float, float]:
    promise = call.point.promised
    if promise is None or promise.break_cents is None:
        return np.nan, 0.0, 0.0
    middle = (promise.earliest + promise.latest) / 2
    return middle, (promise.latest - promise.earliest) / 2, promise.break_cents


def _held_back(problem: Problem, call: Call) -> int:
    """Seconds by which a route's last committed stop is prolonged: nothing leaves before the freeze."""
    for vehicle in problem.vehicles if problem.frozen_until else ():
        if vehicle.committed and (vehicle.committed[-1].request, vehicle.committed[-1].point) == call.key:
            return max(problem.frozen_until - vehicle.committed[-1].start - call.service, 0)
    return 0


def _vehicle_arrays(problem: Problem) -> dict[str, object]:
    vehicles = problem.vehicles
    alternatives = max(len(vehicle.configurations) for vehicle in vehicles)
    capacity = np.full((len(vehicles), alternatives, len(problem.dimensions)), -1.0)
    for index, vehicle in enumerate(vehicles):
        capacity[index, : len(vehicle.configurations)] = vehicle.configurations
    return {
        "shift_start": [
            v.shift.start if v.committed else max(v.shift.start, problem.frozen_until) for v in vehicles
        ],
        "shift_end": [v.shift.latest_end for v in vehicles],
        "max_duration": [_unlimited(v.max_route_seconds) for v in vehicles],
        "capacity": capacity,
        "fixed_cost": [v.rate.fixed_cents for v in vehicles],
        "distance_price": [v.rate.cents_per_km / 1000 for v in vehicles],
        "time_price": [v.rate.cents_per_hour / 3600 for v in vehicles],
        "waiting_price": [v.rate.wait_cents_per_hour / 3600 for v in vehicles],
        "overtime_from": [v.shift.end for v in vehicles],
        "overtime_price": [v.shift.overtime_cents_per_hour / 3600 for v in vehicles],
    }


def _rest_arrays(problem: Problem) -> dict[str, object]:
    rests = []
    for index, vehicle in enumerate(problem.vehicles):
        own = [(rest.earliest, rest.latest, rest.seconds) for rest in vehicle.breaks]
        own += [(blocked.start, blocked.start, blocked.end - blocked.start) for blocked in vehicle.blocked]
        settled, left = _settled(problem, vehicle)
        rests += [(index, *rest) for rest in sorted(own) if rest[1] >= settled and left < rest[0] + rest[2]]
    return {
        "break_vehicle": np.array([rest[0] for rest in rests], dtype=np.int32),
        "break_earliest": np.array([rest[1] for rest in rests], dtype=np.float64),
        "break_latest": np.array([rest[2] for rest in rests], dtype=np.float64),
        "break_duration": np.array([rest[3] for rest in rests], dtype=np.float64),
    }


def _settled(problem: Problem, vehicle: Vehicle) -> tuple[int, int]:
    """When the last committed service begins, and when the vehicle left: rests before are not owed."""
    if not vehicle.committed:
        return 0, 0
    first = vehicle.committed[0]
    place = problem.request_by_id[first.request].points[first.point].location
    left = first.start - int(problem.travel.seconds[vehicle.start_location, place])
    return vehicle.committed[-1].start, left


def _prefix_arrays(problem: Problem, number: Mapping[Key, int]) -> dict[str, object]:
    index, stops = [0], []
    for vehicle in problem.vehicles:
        stops += [number[s.request, s.point] for s in vehicle.committed if (s.request, s.point) in number]
        index.append(len(stops))
    return {"prefix_index": index, "prefix_stops": np.array(stops, dtype=np.int32)}


def _place_arrays(problem: Problem, stops: Sequence[Call]) -> dict[str, object]:
    """Places and matrices, cut to the places in use, with one more, nowhere, near everything: open ends."""
    travel, vehicles = problem.travel, problem.vehicles
    used = {call.location for call in stops} | {v.start_location for v in vehicles}
    used |= {v.end_location for v in vehicles if v.end_location is not None}
    kept = sorted(used)
    nowhere = len(kept)
    place = {location: index for index, location in enumerate(kept)}
    size = nowhere + any(vehicle.end_location is None for vehicle in vehicles)
    seconds, metres = np.zeros((1, size, size)), np.zeros((1, size, size))
    seconds[0, :nowhere, :nowhere] = travel.seconds[np.ix_(kept, kept)]
    metres[0, :nowhere, :nowhere] = travel.metres[np.ix_(kept, kept)]
    arrays: dict[str, object] = {
        "stop_location": [place[call.location] for call in stops],
        "start_location": [place[v.start_location] for v in vehicles],
        "end_location": [nowhere if v.end_location is None else place[v.end_location] for v in vehicles],
        "travel_time": seconds,
        "distance": metres,
    }
    if travel.speed_percent:
        moving = seconds[0, :nowhere, :nowhere]
        moving += np.where(moving > 0, _SLOWEST_ROUNDING, 0)
        arrays["speed"] = np.array([travel.speed_percent], dtype=np.float64) / 100
        arrays["bucket_length"] = float(travel.bucket_seconds)
    return arrays
