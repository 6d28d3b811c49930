"""What the plan costs, worked out again from its stops and times."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from dispatch.optimizer.check.evidence import Evidence, SeenRoute, SeenStop, drive
from dispatch.optimizer.check.link_rules import soft_link_cents
from dispatch.optimizer.check.load_rules import metres
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.check.time_rules import leave_time, ready_at
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import CostBreakdown


def check_costs(evidence: Evidence) -> Iterator[Finding]:
    """COST: each cause is stated to the cent."""
    derived = derive_costs(evidence)
    for part in fields(CostBreakdown):
        stated, due = getattr(evidence.solution.cost, part.name), getattr(derived, part.name)
        if stated != due:
            yield Finding(Rule.COST, f"{part.name} is stated as {stated} cents, it is {due}")


def derive_costs(evidence: Evidence) -> CostBreakdown:
    """The costs that follow from the problem and the plan's stops and times."""
    served = {stop.request.id for _, stop in evidence.served()}
    left = [request for request in evidence.problem.requests if request.id not in served]
    total = CostBreakdown(
        links=soft_link_cents(evidence),
        unserved=sum(request.unserved_cents * (1 + request.priority) for request in left),
    )
    prices = {vendor.id: vendor.base_cents for vendor in evidence.problem.vendors}
    for route in evidence.routes:
        if route.stops:
            total += _route_costs(evidence.problem, route, prices)
    return total


def _route_costs(problem: Problem, route: SeenRoute, prices: Mapping[str, int]) -> CostBreakdown:
    rate, shift, out = route.vehicle.rate, route.vehicle.shift, route.end - route.departure
    blocked = sum(
        max(0, min(b.end, route.end) - max(b.start, route.departure)) for b in route.vehicle.blocked
    )
    busy = _driving(problem, route) + sum(stop.point.service_seconds for stop in route.stops)
    busy += sum(rest.seconds for rest in route.breaks)
    return CostBreakdown(
        fixed=rate.fixed_cents,
        distance=_cents(metres(problem, route) * rate.cents_per_km, 1000),
        time=_cents((out - blocked) * rate.cents_per_hour, 3600),
        waiting=_cents(max(out - busy, 0) * rate.wait_cents_per_hour, 3600),
        overtime=_cents(max(route.end - shift.end, 0) * shift.overtime_cents_per_hour, 3600),
        vendor=sum(_vendor(prices, route, stop) for stop in route.stops),
        lateness=sum(_late(stop) for stop in route.stops),
        promises=sum(_promise(stop) for stop in route.stops),
        changes=sum(_change(route, stop) for stop in route.stops),
    )


def _cents(amount: int, unit: int) -> int:
    whole, rest = divmod(amount, unit)
    return whole + 1 if 2 * rest >= unit else whole


def _driving(problem: Problem, route: SeenRoute) -> int:
    total = 0
    for position, stop in enumerate(route.stops):
        free, place = ready_at(route, position)
        if not stop.committed and position and position == route.fixed:
            free = max(free, problem.frozen_until)
        rests = [rest for rest in route.breaks if rest.after == position] if route.breaks else []
        leaving = leave_time(problem, free, place, stop, rests)
        total += drive(problem, place, stop.point.location, free if leaving is None else leaving)
    home, last = route.vehicle.end_location, route.stops[-1]
    if home is None:
        return total
    after = [rest.start + rest.seconds for rest in route.breaks if rest.after == len(route.stops)]
    return total + drive(problem, last.point.location, home, max([last.end, *after]))


def _vendor(prices: Mapping[str, int], route: SeenRoute, stop: SeenStop) -> int:
    if stop.index:
        return 0
    agreed = stop.request.vendor_cents
    vendor = route.vehicle.vendor
    return agreed[vendor] if vendor in agreed else prices.get(vendor, 0)


def _late(stop: SeenStop) -> int:
    due = stop.point.due
    return 0 if due is None else _cents(max(stop.start - due, 0) * stop.point.late_cents_per_minute, 60)


def _promise(stop: SeenStop) -> int:
    told = stop.point.promised
    if told is None or told.break_cents is None or told.earliest <= stop.start <= told.latest:
        return 0
    return told.break_cents


def _change(route: SeenRoute, stop: SeenStop) -> int:
    told = stop.request.told
    if told is None or stop.index or told.vehicle == route.vehicle.id:
        return 0
    return told.change_cents
