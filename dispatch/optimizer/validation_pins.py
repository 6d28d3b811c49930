"""Refuses pins and commitments that contradict each other or what they pin."""

from collections import defaultdict
from itertools import pairwise

from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request


def require_sound_pins(problem: Problem) -> None:
    """Raise ProblemError naming the request's `pin` for contradictory pins.

    A pin contradicts itself when its vehicle is unknown or not allowed, its start lies outside the
    window; two pins contradict each other when one vehicle would serve two places at once.
    """
    for index, request in enumerate(problem.requests):
        if request.pin is not None:
            _require_pin(problem, request, f"requests[{index}].pin")
    _require_pins_apart(problem)


def _require_pin(problem: Problem, request: Request, key: str) -> None:
    pin = request.pin
    assert pin is not None
    vehicle = problem.vehicle_by_id.get(pin.vehicle)
    if vehicle is None:
        raise ProblemError(f"{key}.vehicle", f"{pin.vehicle!r} is not a vehicle of this problem")
    if request.vehicles is not None and vehicle.id not in request.vehicles:
        raise ProblemError(key, f"contradictory pin: {vehicle.id!r} is not among the request's vehicles")
    if request.vendors is not None and vehicle.vendor not in request.vendors:
        raise ProblemError(key, f"contradictory pin: {vehicle.vendor!r} is not among the request's vendors")
    if pin.start is not None and not request.first.earliest <= pin.start <= request.first.latest:
        raise ProblemError(f"{key}.start", "contradictory pin: it is outside the first point's window")


def _require_pins_apart(problem: Problem) -> None:
    held: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
    for request in problem.requests:
        if request.pin is not None and request.pin.start is not None:
            end = request.pin.start + request.first.service_seconds
            held[request.pin.vehicle].append((request.pin.start, end, request.first.location, request.id))
    for vehicle, intervals in held.items():
        intervals.sort()
        for left, right in pairwise(intervals):
            if right[0] < left[1] + problem.travel.leg(left[2], right[2], left[1]):
                raise ProblemError(
                    "requests.pin",
                    f"contradictory pins: {vehicle!r} cannot serve both {left[3]!r} and {right[3]!r}",
                )


def require_sound_commitments(problem: Problem) -> None:
    """Raise ProblemError naming `vehicles.committed` for stops that are unknown, doubled or out of order."""
    seen: dict[tuple[str, int], str] = {}
    for index, vehicle in enumerate(problem.vehicles):
        key = f"vehicles[{index}].committed"
        clock = 0
        for stop in vehicle.committed:
            request = problem.request_by_id.get(stop.request)
            if request is None or not 0 <= stop.point < len(request.points):
                raise ProblemError(key, f"{stop.request!r} point {stop.point} is not in this problem")
            if (stop.request, stop.point) in seen:
                raise ProblemError(key, f"{stop.request!r} point {stop.point} is committed twice")
            if stop.point == 1 and seen.get((stop.request, 0)) != vehicle.id:
                raise ProblemError(key, f"{stop.request!r} is set down where it was not picked up")
            if request.pin is not None and request.pin.vehicle != vehicle.id:
                raise ProblemError(key, f"{stop.request!r} is pinned to another vehicle")
            if stop.start < clock:
                raise ProblemError(key, f"{stop.request!r} starts before the stop ahead of it ends")
            seen[stop.request, stop.point] = vehicle.id
            clock = stop.start + request.points[stop.point].service_seconds
