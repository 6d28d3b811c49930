"""Ways to spoil the worked plan, each with the rule that must be named for it."""

from collections.abc import Callable
from dataclasses import fields, replace

from dispatch.optimizer import (
    CostBreakdown,
    PlannedStop,
    Problem,
    Route,
    Rule,
    Solution,
    Unserved,
    UnservedCode,
)
from tests.unit.optimizer.worked_day import at

Corruption = Callable[[Problem, Solution], Solution]


def routed(plan: Solution, vehicle: str, change: Callable[[Route], Route | None]) -> Solution:
    """The plan with one route changed, or taken out when the change gives None."""
    routes = [change(r) if r.vehicle == vehicle else r for r in plan.routes]
    return replace(plan, routes=tuple(r for r in routes if r is not None))


def stopped(plan: Solution, request: str, point: int, **change: object) -> Solution:
    """The plan with one stop changed."""

    def turn(route: Route) -> Route:
        stops = tuple(
            replace(s, **change) if (s.request, s.point) == (request, point) else s  # type: ignore[arg-type]
            for s in route.stops
        )
        return replace(route, stops=stops)

    return replace(plan, routes=tuple(turn(route) for route in plan.routes))


def moved(plan: Solution, request: str, vehicle: str) -> Solution:
    """The plan with a request's stops moved to another route, in order of time."""
    taken = [s for s in plan.stops() if s.request == request]

    def turn(route: Route) -> Route:
        stops = [s for s in route.stops if s.request != request]
        if route.vehicle == vehicle:
            stops = sorted([*stops, *taken], key=lambda s: s.start)
        return replace(route, stops=tuple(stops))

    return replace(plan, routes=tuple(r for r in map(turn, plan.routes) if r.stops))


def without(plan: Solution, request: str, point: int | None = None) -> Solution:
    """The plan without a request's stops, or without one of them."""

    def turn(route: Route) -> Route:
        gone = [s for s in route.stops if s.request == request and point in (None, s.point)]
        return replace(route, stops=tuple(s for s in route.stops if s not in gone))

    return replace(plan, routes=tuple(r for r in map(turn, plan.routes) if r.stops))


def left(plan: Solution, request: str, reason: str = "dropped") -> Solution:
    """The plan with a request also named as left out."""
    return replace(plan, unserved=(*plan.unserved, Unserved(request, UnservedCode.NO_ROOM, reason)))


def _renamed(old: str, new: str) -> Corruption:
    return lambda _, plan: routed(plan, old, lambda route: replace(route, vehicle=new))


def _stop(request: str, point: int, **change: object) -> Corruption:
    return lambda _, plan: stopped(plan, request, point, **change)


def _move(request: str, vehicle: str) -> Corruption:
    return lambda _, plan: moved(plan, request, vehicle)


def _route(vehicle: str, **change: object) -> Corruption:
    return lambda _, plan: routed(plan, vehicle, lambda r: replace(r, **change))  # type: ignore[arg-type]


def _later(request: str, point: int, seconds: int) -> Corruption:
    def corrupt(_: Problem, plan: Solution) -> Solution:
        start = next(s.start for s in plan.stops() if (s.request, s.point) == (request, point))
        return stopped(plan, request, point, start=start + seconds)

    return corrupt


def _append(vehicle: str, *stops: PlannedStop) -> Corruption:
    return lambda _, plan: routed(plan, vehicle, lambda r: replace(r, stops=(*r.stops, *stops)))


def _reordered(vehicle: str, *order: int) -> Corruption:
    def turn(route: Route) -> Route:
        times = [s.start for s in route.stops]
        stops = [replace(route.stops[k], start=times[i]) for i, k in enumerate(order)]
        return replace(route, stops=tuple(stops))

    return lambda _, plan: routed(plan, vehicle, turn)


def _end_shifted(vehicle: str, seconds: int) -> Corruption:
    return lambda _, plan: routed(plan, vehicle, lambda r: replace(r, end=r.end + seconds))


def _rest(number: int, **change: object) -> Corruption:
    def turn(route: Route) -> Route:
        rests = [replace(b, **change) if k == number else b for k, b in enumerate(route.breaks)]  # type: ignore[arg-type]
        return replace(route, breaks=tuple(rests))

    return lambda _, plan: routed(plan, "van-1", turn)


def _no_rest(number: int) -> Corruption:
    def turn(route: Route) -> Route:
        return replace(route, breaks=tuple(b for k, b in enumerate(route.breaks) if k != number))

    return lambda _, plan: routed(plan, "van-1", turn)


def _gone(request: str, *, told: bool) -> Corruption:
    return lambda _, plan: left(without(plan, request), request) if told else without(plan, request)


def _cost(part: str, cents: int) -> Corruption:
    def corrupt(_: Problem, plan: Solution) -> Solution:
        wrong = replace(plan.cost, **{part: getattr(plan.cost, part) + cents})
        return replace(plan, cost=wrong)

    return corrupt


def _doubled(_: Problem, plan: Solution) -> Solution:
    return replace(plan, routes=(*plan.routes, plan.routes[2]))


def _emptied(_: Problem, plan: Solution) -> Solution:
    return replace(plan, routes=(*plan.routes[:2], replace(plan.routes[2], stops=()), *plan.routes[3:]))


def _shared_out(_: Problem, plan: Solution) -> Solution:
    half = next(s for s in plan.stops() if (s.request, s.point) == ("walk-4", 1))
    return _append("van-2", replace(half, start=at(14)))(_, without(plan, "walk-4", 1))


def _silent(_: Problem, plan: Solution) -> Solution:
    return replace(plan, unserved=(replace(plan.unserved[0], reason=" "),))


CORRUPTIONS: dict[str, tuple[Rule, Corruption]] = {
    "an unknown vehicle": (Rule.REFERENCE, _renamed("van-3", "van-9")),
    "an unknown request in a route": (Rule.REFERENCE, _append("van-3", PlannedStop("nobody", 0, at(11)))),
    "an unknown point": (Rule.REFERENCE, _append("van-3", PlannedStop("walk-4", 7, at(11)))),
    "a negative point": (Rule.REFERENCE, _append("van-3", PlannedStop("walk-4", -1, at(11)))),
    "two routes for one vehicle": (Rule.REFERENCE, _doubled),
    "an empty route": (Rule.REFERENCE, _emptied),
    "an unknown request left out": (Rule.REFERENCE, lambda _, plan: left(plan, "nobody")),
    "the empty plan": (Rule.COMPLETE, lambda _, plan: replace(plan, routes=())),
    "a stop twice": (Rule.ONCE, _append("van-3", PlannedStop("walk-4", 1, at(11)))),
    "a request on two vehicles": (Rule.ONCE, _append("nurse-2", PlannedStop("visit-2", 0, at(13)))),
    "picked up and set down by different vehicles": (Rule.ONCE, _shared_out),
    "never set down": (Rule.COMPLETE, lambda _, plan: without(plan, "walk-4", 1)),
    "never picked up": (Rule.COMPLETE, lambda _, plan: without(plan, "walk-4", 0)),
    "a request forgotten": (Rule.COMPLETE, _gone("bed-2", told=False)),
    "a left out request forgotten": (Rule.COMPLETE, lambda _, plan: replace(plan, unserved=())),
    "served and left out": (Rule.COMPLETE, lambda _, plan: left(plan, "walk-4")),
    "left out twice": (Rule.COMPLETE, lambda _, plan: left(plan, "left-out")),
    "left out without a reason": (Rule.REASON, _silent),
    "set down before pick-up": (Rule.ORDER, _reordered("van-3", 1, 0)),
    "two services at once": (Rule.ORDER, _stop("walk-3", 0, start=at(11, 2))),
    "a ride before its window": (Rule.WINDOW, _stop("walk-4", 0, start=at(8, 59))),
    "a ride after its window": (Rule.WINDOW, _stop("walk-4", 0, start=at(11) + 1)),
    "set down after its window": (Rule.WINDOW, _stop("walk-4", 1, start=at(14) + 1)),
    "a visit before its window": (Rule.WINDOW, _stop("visit-3", 0, start=at(11, 59))),
    "a delivery after its window": (Rule.WINDOW, _stop("bed-2", 0, start=at(16) + 1)),
    "a collection after its window": (Rule.WINDOW, _stop("collect-1", 0, start=at(17))),
    "earlier than promised": (Rule.PROMISE, _stop("wheel-2", 0, start=at(12, 29))),
    "later than promised": (Rule.PROMISE, _stop("wheel-2", 0, start=at(13, 16))),
    "another vehicle than pinned": (Rule.PIN, _move("pinned", "van-1")),
    "another time than pinned": (Rule.PIN, _stop("pinned", 0, start=at(10, 1))),
    "a ride given to a truck": (Rule.VENDOR, _move("walk-4", "truck-1")),
    "a delivery given to a van": (Rule.VENDOR, _move("bed-2", "van-1")),
    "a visit given to a van": (Rule.VENDOR, _move("visit-3", "van-3")),
    "a vehicle that the request excludes": (Rule.VENDOR, _move("walk-1", "van-3")),
    "a vendor over its cap": (Rule.VENDOR_CAP, _move("walk-4", "van-1")),
    "a vendor over its share": (Rule.VENDOR_CAP, _move("walk-1", "van-2")),
    "a wheelchair without a lift": (Rule.SKILL, _move("wheel-1", "van-2")),
    "a visit without a nurse": (Rule.SKILL, _move("visit-1", "truck-1")),
    "a credential that has run out": (Rule.CREDENTIAL, _stop("wheel-2", 1, start=at(14, 56))),
    "a credential not yet valid": (Rule.CREDENTIAL, _stop("walk-4", 0, start=at(8, 50))),
    "two wheelchairs at once": (Rule.CAPACITY, _reordered("van-1", 0, 2, 1, 3, 4, 5)),
    "a wheelchair where there are only seats": (Rule.CAPACITY, _move("wheel-1", "van-3")),
    "a rider where there is no seat": (Rule.CAPACITY, _move("walk-4", "nurse-1")),
    "too much cargo": (Rule.CAPACITY, _move("bed-2", "truck-1")),
    "a collection on top of cargo": (Rule.CAPACITY, _reordered("truck-2", 1, 0)),
    "equipment that the depot lacks": (Rule.STOCK, _move("oxygen-1", "truck-2")),
    "the same bed twice": (Rule.STOCK, _move("bed-2", "truck-1")),
    "equipment on a vehicle without a depot": (Rule.STOCK, _move("bed-1", "van-3")),
    "there a second too soon": (Rule.TRAVEL, _later("walk-4", 1, -1)),
    "there before leaving the garage": (Rule.TRAVEL, _route("van-3", departure=at(9, 5))),
    "leaving before the service is done": (Rule.TRAVEL, _later("oxygen-1", 0, 60)),
    "too long on board": (Rule.RIDE_LIMIT, _later("walk-1", 1, 1200)),
    "picked up too early for the ride limit": (Rule.RIDE_LIMIT, _later("walk-1", 0, -1200)),
    "too long a detour": (Rule.RIDE_LIMIT, _later("walk-2", 1, 700)),
    "leaving before the shift": (Rule.SHIFT, _route("van-1", departure=at(6, 59))),
    "back after overtime": (Rule.SHIFT, _route("van-1", end=at(18) + 1)),
    "a visit after the shift": (Rule.SHIFT, _route("nurse-2", end=at(18, 10))),
    "an end stated too early": (Rule.END, _end_shifted("van-3", -60)),
    "an end stated too late": (Rule.END, _end_shifted("truck-1", 1)),
    "out for too long": (Rule.ROUTE_DURATION, _route("van-1", departure=at(7, 20))),
    "too many metres": (Rule.ROUTE_DISTANCE, _move("walk-4", "van-1")),
    "too many stops": (Rule.ROUTE_STOPS, _move("walk-4", "van-1")),
    "no break": (Rule.BREAK, _no_rest(0)),
    "a shorter break": (Rule.BREAK, _rest(0, seconds=1799)),
    "a break before its window": (Rule.BREAK, _rest(0, start=at(10, 59))),
    "a break after its window": (Rule.BREAK, _rest(0, start=at(12) + 1)),
    "a break with a rider on board": (Rule.BREAK, _rest(0, after=1)),
    "a break during service": (Rule.BREAK, _rest(0, after=2, start=at(10, 58))),
    "a break while driving": (Rule.BREAK, _rest(1, start=at(13, 30))),
    "a break nowhere on the route": (Rule.BREAK, _rest(0, after=40)),
    "on the road while blocked": (Rule.BLOCKED, _no_rest(1)),
    "standing still at another time": (Rule.BLOCKED, _rest(1, start=at(13, 50))),
    "standing still for too short": (Rule.BLOCKED, _rest(1, seconds=1200)),
    "the patient before the bed": (Rule.LINK, _stop("bed-1", 0, start=at(10, 36))),
    "the nurse too soon": (Rule.LINK, _stop("visit-1", 0, start=at(11, 14))),
    "the nurse too late": (Rule.LINK, _stop("visit-1", 0, start=at(13, 1))),
    "the patient without the bed": (Rule.LINK, _gone("bed-1", told=True)),
    "one of two nurses": (Rule.LINK, _gone("visit-3", told=True)),
    "two nurses a second apart": (Rule.LINK, _later("visit-2", 0, 1)),
    "a committed stop at another time": (Rule.FROZEN, _later("early", 0, 60)),
    "a committed stop not first": (Rule.FROZEN, _reordered("van-2", 2, 1, 0, 3, 4, 5, 6, 7)),
    "a committed stop given away": (Rule.FROZEN, _move("early", "van-1")),
    "a committed route gone": (Rule.FROZEN, lambda _, plan: routed(plan, "van-2", lambda _: None)),
    "setting off inside the frozen horizon": (Rule.FROZEN, _route("truck-1", departure=at(8, 9))),
    "served inside the frozen horizon": (Rule.FROZEN, _stop("oxygen-1", 0, start=at(8, 5))),
} | {
    f"{part.name} a cent too {word}": (Rule.COST, _cost(part.name, cents))
    for part in fields(CostBreakdown)
    for word, cents in (("dear", 1), ("cheap", -1))
}  # fmt: skip
