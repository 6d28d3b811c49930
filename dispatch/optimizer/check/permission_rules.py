"""Who may do what: references, completeness, vendors, pins, skills, credentials, caps."""

from collections import Counter
from collections.abc import Iterator

from dispatch.optimizer.check.evidence import Evidence
from dispatch.optimizer.check.report import Finding, Rule
from dispatch.optimizer.requests import RequestKind


def check_references(evidence: Evidence) -> Iterator[Finding]:
    """REFERENCE: everything named exists, one route a vehicle, no empty route."""
    yield from _route_references(evidence)
    problem, solution = evidence.problem, evidence.solution
    for stop in solution.stops():
        request = problem.request_by_id.get(stop.request)
        if request is None:
            yield Finding(Rule.REFERENCE, f"unknown request {stop.request!r}", stop.request)
        elif not 0 <= stop.point < len(request.points):
            yield Finding(Rule.REFERENCE, f"{stop.request} has no point {stop.point}", stop.request)
    for left in solution.unserved:
        if left.request not in problem.request_by_id:
            yield Finding(Rule.REFERENCE, f"unknown request {left.request!r} is left out", left.request)


def _route_references(evidence: Evidence) -> Iterator[Finding]:
    known = {vehicle.id for vehicle in evidence.problem.vehicles}
    routes = evidence.solution.routes
    for vehicle, times in Counter(route.vehicle for route in routes).items():
        if vehicle not in known:
            yield Finding(Rule.REFERENCE, f"unknown vehicle {vehicle!r}", vehicle=vehicle)
        if times > 1:
            yield Finding(Rule.REFERENCE, f"{vehicle} has {times} routes", vehicle=vehicle)
    for route in routes:
        if not route.stops:
            yield Finding(Rule.REFERENCE, f"the route of {route.vehicle} is empty", vehicle=route.vehicle)


def check_once(evidence: Evidence) -> Iterator[Finding]:
    """ONCE: no point twice, no request on two vehicles."""
    seen: dict[tuple[str, int], str] = {}
    carrier: dict[str, str] = {}
    for route, stop in evidence.served():
        key, vehicle = (stop.request.id, stop.index), route.vehicle.id
        if key in seen:
            yield Finding(Rule.ONCE, f"point {stop.index} is served twice", stop.request.id, vehicle)
        elif carrier.get(stop.request.id, vehicle) != vehicle:
            yield Finding(Rule.ONCE, "its points are served by two vehicles", stop.request.id, vehicle)
        seen[key] = carrier[stop.request.id] = vehicle


def check_complete(evidence: Evidence) -> Iterator[Finding]:
    """COMPLETE: served at all points or left out, never both, never neither."""
    points: dict[str, set[int]] = {}
    nothing: set[int] = set()
    for _, stop in evidence.served():
        points.setdefault(stop.request.id, set()).add(stop.index)
    left = Counter(unserved.request for unserved in evidence.solution.unserved)
    for request in evidence.problem.requests:
        served = points.get(request.id, nothing)
        if served and len(served) < len(request.points):
            yield Finding(Rule.COMPLETE, "only some of its points are served", request.id)
        if served and left[request.id]:
            yield Finding(Rule.COMPLETE, "it is both served and left out", request.id)
        if not served and not left[request.id]:
            yield Finding(Rule.COMPLETE, "it is neither served nor left out", request.id)
        if left[request.id] > 1:
            yield Finding(Rule.COMPLETE, "it is left out twice", request.id)


def check_reasons(evidence: Evidence) -> Iterator[Finding]:
    """REASON: a code and a sentence for whatever is left out."""
    for left in evidence.solution.unserved:
        if not left.code or not left.reason.strip():
            yield Finding(Rule.REASON, "it is left out without a reason", left.request)


def check_vendors(evidence: Evidence) -> Iterator[Finding]:
    """VENDOR and PIN: only allowed vendors and vehicles; pins are kept."""
    for route, stop in evidence.served():
        request, vehicle = stop.request, route.vehicle
        if stop.index == 0 and not stop.committed:
            if request.vendors is not None and vehicle.vendor not in request.vendors:
                yield Finding(Rule.VENDOR, f"{vehicle.vendor} may not serve it", request.id, vehicle.id)
            if request.vehicles is not None and vehicle.id not in request.vehicles:
                yield Finding(Rule.VENDOR, f"{vehicle.id} may not serve it", request.id, vehicle.id)
        pin = request.pin
        if pin is None or stop.committed:
            continue
        if pin.vehicle != vehicle.id:
            yield Finding(Rule.PIN, f"it is pinned to {pin.vehicle}", request.id, vehicle.id)
        if pin.start is not None and stop.index == 0 and stop.start != pin.start:
            message = f"it begins at {stop.start}, not at its pinned {pin.start}"
            yield Finding(Rule.PIN, message, request.id, vehicle.id)


def check_skills(evidence: Evidence) -> Iterator[Finding]:
    """SKILL and CREDENTIAL: what the crew must have, and have at the time of service."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for route, stop in evidence.served():
        key = (stop.request.id, route.vehicle.id)
        begin, end = spans.get(key, (stop.start, stop.end))
        spans[key] = min(begin, stop.start), max(end, stop.end)
    settled = {stop.request.id for _, stop in evidence.served() if stop.committed}
    vehicles = {route.vehicle.id: route.vehicle for route in evidence.routes}
    for (name, vehicle_id), (begin, end) in spans.items():
        request, vehicle = evidence.problem.request_by_id[name], vehicles[vehicle_id]
        if name in settled:
            continue
        for skill in () if request.skills <= vehicle.skills else sorted(request.skills - vehicle.skills):
            yield Finding(Rule.SKILL, f"{vehicle_id} lacks {skill}", name, vehicle_id)
        for wanted in sorted(request.credentials):
            held = [c for c in vehicle.credentials if c.name == wanted]
            if not any(c.valid_from <= begin and end <= c.valid_to for c in held):
                message = f"{wanted} of {vehicle_id} is not valid from {begin} to {end}"
                yield Finding(Rule.CREDENTIAL, message, name, vehicle_id)


def check_caps(evidence: Evidence) -> Iterator[Finding]:
    """VENDOR_CAP: requests by vendor stay within its cap and its largest share of all requests."""
    work: dict[str, set[str]] = {}
    for route, stop in evidence.served():
        work.setdefault(route.vehicle.vendor, set()).add(stop.request.id)
    everything = len(evidence.problem.requests)
    for vendor in evidence.problem.vendors:
        count = len(work.get(vendor.id, ()))
        if vendor.max_requests is not None and count > vendor.max_requests:
            yield Finding(
                Rule.VENDOR_CAP, f"{vendor.id} has {count} requests, its cap is {vendor.max_requests}"
            )
        if count * 100 > vendor.max_share_percent * everything:
            message = (
                f"{vendor.id} has {count} of {everything} requests, more than {vendor.max_share_percent} %"
            )
            yield Finding(Rule.VENDOR_CAP, message)


def check_stock(evidence: Evidence) -> Iterator[Finding]:
    """STOCK: deliveries draw on the vehicle first, then on its depot; neither goes below nothing."""
    drawn: Counter[tuple[str, str]] = Counter()
    for route in evidence.routes:
        needed: Counter[str] = Counter()
        for stop in route.stops:
            if stop.index == 0 and stop.request.kind is not RequestKind.COLLECTION:
                needed.update(stop.request.equipment)
        for item, pieces in needed.items():
            missing = pieces - route.vehicle.stock.get(item, 0)
            if missing > 0:
                drawn[route.vehicle.depot or "", item] += missing
    stores = {depot.id: depot.stock for depot in evidence.problem.depots}
    for (depot, item), pieces in sorted(drawn.items()):
        have = stores.get(depot, {}).get(item, 0)
        if pieces > have:
            yield Finding(
                Rule.STOCK, f"{pieces} x {item} are drawn from {depot or 'no depot'}, which has {have}"
            )
