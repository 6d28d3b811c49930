"""What a sequence of calls demands of a vehicle apart from time: configurations, order, stops, metres."""

from collections.abc import Sequence

from dispatch.optimizer.calls import Call
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import RequestKind


def load_fault(problem: Problem, vehicle: Vehicle, calls: Sequence[Call]) -> Fault | None:
    """The first call at which the load fits no configuration of the vehicle, or None."""
    load = [0] * len(problem.dimensions)
    for call in calls:
        if call.request.kind is RequestKind.DELIVERY:
            load = [have - change for have, change in zip(load, call.load, strict=True)]
    if any(load) and not fits(vehicle, load):
        return Fault("capacity", next(c.request.id for c in calls if c.request.kind is RequestKind.DELIVERY))
    for call in calls:
        heavier = False
        for dimension, change in enumerate(call.load):
            if change:
                load[dimension] += change
                heavier |= change > 0
        if heavier and not fits(vehicle, load):
            return Fault("capacity", call.request.id)
    return None


def fits(vehicle: Vehicle, load: Sequence[int]) -> bool:
    """Whether the load fits at least one configuration."""
    for capacity in vehicle.configurations:
        for amount, room in zip(load, capacity, strict=True):
            if amount > room:
                break
        else:
            return True
    return False


def extent_fault(problem: Problem, vehicle: Vehicle, calls: Sequence[Call]) -> Fault | None:
    """A fault when the route has too many stops or metres for the vehicle, or None."""
    if vehicle.max_stops is not None and len(calls) > vehicle.max_stops:
        return Fault("route_stops", calls[-1].request.id)
    limit = vehicle.max_route_metres
    if limit is not None and route_metres(problem, vehicle, calls) > limit:
        return Fault("route_distance", calls[-1].request.id)
    return None


def route_metres(problem: Problem, vehicle: Vehicle, calls: Sequence[Call]) -> int:
    """The length of the route in metres, from its start through all calls to its end."""
    metres, here, total = problem.travel.metres, vehicle.start_location, 0
    for call in calls:
        total += int(metres[here, call.location])
        here = call.location
    return total if vehicle.end_location is None else total + int(metres[here, vehicle.end_location])
