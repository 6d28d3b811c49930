"""What a timed route costs, in integer cents, each amount rounded half up once per route or stop."""

from collections.abc import Sequence

from dispatch.optimizer.calls import Call
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.load_rules import route_metres
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import CostBreakdown
from dispatch.optimizer.timing import Timing


def route_cost(problem: Problem, vehicle: Vehicle, calls: Sequence[Call], timing: Timing) -> CostBreakdown:
    """The cost of one route: its vehicle, its vendor's prices, lateness, broken promises and changes."""
    rate, shift = vehicle.rate, vehicle.shift
    blocked = sum(_overlap(b.start, b.end, timing.departure, timing.end) for b in vehicle.blocked)
    paid = timing.end - timing.departure - blocked
    resting = sum(rest.seconds for rest in timing.breaks)
    service = sum(call.service for call in calls)
    idle = max(timing.end - timing.departure - timing.driving - service - resting, 0)
    over = max(timing.end - shift.end, 0)
    return CostBreakdown(
        fixed=rate.fixed_cents,
        distance=rounded(route_metres(problem, vehicle, calls) * rate.cents_per_km, 1000),
        time=rounded(paid * rate.cents_per_hour, 3600),
        waiting=rounded(idle * rate.wait_cents_per_hour, 3600),
        overtime=rounded(over * shift.overtime_cents_per_hour, 3600),
        vendor=sum(problem.price(call.request, vehicle.vendor) for call in calls if call.index == 0),
        lateness=sum(lateness_cents(call, s) for call, s in zip(calls, timing.starts, strict=True)),
        promises=sum(promise_cents(call, s) for call, s in zip(calls, timing.starts, strict=True)),
        changes=sum(_change(call, vehicle) for call in calls if call.index == 0),
    )


def rounded(amount: int, unit: int) -> int:
    """A non-negative amount divided by a unit, rounded half up."""
    return (2 * amount + unit) // (2 * unit)


def lateness_cents(call: Call, start: int) -> int:
    """The price of beginning after `due`."""
    due = call.point.due
    return 0 if due is None or start <= due else rounded((start - due) * call.point.late_cents_per_minute, 60)


def promise_cents(call: Call, start: int) -> int:
    """The price of beginning outside a promise that may be broken."""
    promise = call.point.promised
    if promise is None or promise.earliest <= start <= promise.latest:
        return 0
    return promise.break_cents or 0


def _change(call: Call, vehicle: Vehicle) -> int:
    told = call.request.told
    return told.change_cents if told is not None and told.vehicle != vehicle.id else 0


def _overlap(start: int, end: int, other_start: int, other_end: int) -> int:
    return max(min(end, other_end) - max(start, other_start), 0)
