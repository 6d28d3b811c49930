"""Relaxations: single rules that a person could waive or widen so that a request fits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dispatch.optimizer.fleet import Vehicle, Vendor
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request, ServicePoint

MINUTE_STEPS = (10, 20, 30, 45, 60, 90, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change of the problem that would help a request; `kind` is for programs, `text` for people.

    `amount` is minutes for `later`, `earlier` and `longer_ride`, pieces for `stock`, else 0; `subject` names
    the skill, credential, link, item, vendor or the vehicle that is doubled.
    """

    kind: str
    text: str
    request: str
    amount: int = 0
    subject: str = ""

    def apply(self, problem: Problem) -> Problem:
        """The problem with this relaxation."""
        if self.kind == "vehicle":
            return replace(problem, vehicles=(*problem.vehicles, self._double(problem)))
        if self.kind == "link":
            links = tuple(link for link in problem.links if link.id != self.subject)
            return replace(problem, links=links)
        if self.kind == "stock":
            return _restocked(problem, self.subject, self.amount)
        if self.kind == "cap":
            return replace(problem, vendors=tuple(self._freed(vendor) for vendor in problem.vendors))
        changed = self._changed(problem, problem.request_by_id[self.request])
        return replace(
            problem, requests=tuple(changed if r.id == changed.id else r for r in problem.requests)
        )

    def _freed(self, vendor: Vendor) -> Vendor:
        if vendor.id != self.subject:
            return vendor
        return replace(vendor, max_requests=None, max_share_percent=100)

    def _double(self, problem: Problem) -> Vehicle:
        like = problem.vehicle_by_id[self.subject]
        names = {vehicle.id for vehicle in problem.vehicles}
        name = next(n for k in range(2, len(names) + 3) if (n := f"{like.id} ({k})") not in names)
        return replace(like, id=name, committed=())

    def _changed(self, problem: Problem, request: Request) -> Request:
        seconds = self.amount * 60
        changes: dict[str, Callable[[], Request]] = {
            "later": lambda: _widened(problem, request, seconds),
            "earlier": lambda: _widened(problem, request, -seconds),
            "longer_ride": lambda: _allowed_longer(request, seconds),
            "vendor": lambda: replace(request, vendors=None, vehicles=None),
            "pin": lambda: replace(request, pin=None),
            "skill": lambda: replace(request, skills=request.skills - {self.subject}),
            "credential": lambda: replace(request, credentials=request.credentials - {self.subject}),
            "price": lambda: replace(request, unserved_cents=max(self.amount, request.unserved_cents)),
        }
        return changes[self.kind]()


def _widened(problem: Problem, request: Request, seconds: int) -> Request:
    def widen(point: ServicePoint) -> ServicePoint:
        earliest = max(point.earliest + min(seconds, 0), 0)
        latest = min(point.latest + max(seconds, 0), problem.horizon_seconds)
        told = point.promised
        if told is not None and told.break_cents is None:
            told = replace(
                told, earliest=told.earliest + min(seconds, 0), latest=told.latest + max(seconds, 0)
            )
        return replace(point, earliest=earliest, latest=latest, promised=told)

    return replace(request, points=tuple(widen(point) for point in request.points))


def _allowed_longer(request: Request, seconds: int) -> Request:
    ride, detour = request.max_ride_seconds, request.max_detour_seconds
    return replace(
        request,
        max_ride_seconds=None if ride is None else ride + seconds,
        max_detour_seconds=None if detour is None else detour + seconds,
    )


def _restocked(problem: Problem, item: str, pieces: int) -> Problem:
    depots = tuple(
        replace(depot, stock={**depot.stock, item: depot.stock.get(item, 0) + pieces})
        for depot in problem.depots
    )
    return replace(problem, depots=depots)


def ladders(problem: Problem, request: Request) -> Iterator[tuple[Relaxation, ...]]:
    """Kinds of relaxation for a request, each as a ladder from the smallest step to the largest."""
    name = request.id
    for kind, text in (("later", "{} min later"), ("earlier", "{} min earlier")):
        yield tuple(Relaxation(kind, text.format(m), name, m) for m in MINUTE_STEPS)
    if request.max_ride_seconds is not None or request.max_detour_seconds is not None:
        yield tuple(Relaxation("longer_ride", f"{m} min longer on board", name, m) for m in MINUTE_STEPS)
    yield from ((relaxation,) for relaxation in _waivers(request))
    yield from ((relaxation,) for relaxation in _unlinked(problem, request))
    yield from ((relaxation,) for relaxation in _uncapped(problem, request))
    yield from ((relaxation,) for relaxation in _additions(problem, request))


def _waivers(request: Request) -> Iterator[Relaxation]:
    if request.vendors is not None or request.vehicles is not None:
        yield Relaxation("vendor", "any vendor and vehicle", request.id)
    if request.pin is not None:
        yield Relaxation("pin", f"not pinned to {request.pin.vehicle}", request.id)
    for skill in sorted(request.skills):
        yield Relaxation("skill", f"without {skill}", request.id, subject=skill)
    for credential in sorted(request.credentials):
        yield Relaxation("credential", f"waive the credential {credential}", request.id, subject=credential)


def _unlinked(problem: Problem, request: Request) -> Iterator[Relaxation]:
    for link in problem.links_of.get(request.id, ()):
        if link.hard:
            yield Relaxation("link", f"waive the link {link.id}", request.id, subject=link.id)


def _additions(problem: Problem, request: Request) -> Iterator[Relaxation]:
    for item, pieces in request.equipment.items():
        yield Relaxation("stock", f"{pieces} more {item} in stock", request.id, pieces, item)
    for vehicle in _models(problem):
        text = f"one more vehicle like {vehicle.id} of {vehicle.vendor}"
        yield Relaxation("vehicle", text, request.id, subject=vehicle.id)
    yield Relaxation("price", "whatever it costs", request.id, amount=10_000_000)


def _uncapped(problem: Problem, request: Request) -> Iterator[Relaxation]:
    for vendor in problem.vendors:
        allowed = request.vendors is None or vendor.id in request.vendors
        if allowed and (vendor.max_requests is not None or vendor.max_share_percent < 100):
            yield Relaxation(
                "cap", f"more requests for {vendor.id} than agreed", request.id, subject=vendor.id
            )


def _models(problem: Problem) -> list[Vehicle]:
    """One vehicle of each kind: vendor, capacities and skills."""
    kinds: dict[object, Vehicle] = {}
    for vehicle in problem.vehicles:
        kinds.setdefault((vehicle.vendor, vehicle.configurations, vehicle.skills, vehicle.depot), vehicle)
    return list(kinds.values())
