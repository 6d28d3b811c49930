"""A plan that is being worked on: sequences of calls on vehicles, always timed, always feasible."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.optimizer.calls import Bounds, Call, calls_of
from dispatch.optimizer.eligibility import standing_vehicles
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.links import (
    ALWAYS,
    NEVER,
    Key,
    Lag,
    breach_seconds,
    kept,
    lags_of,
    soft_cents,
    windows_left,
)
from dispatch.optimizer.load_rules import extent_fault, load_fault
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.pricing import route_cost
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Request
from dispatch.optimizer.solution import CostBreakdown, PlannedStop, Route, Solution, Unserved
from dispatch.optimizer.timing import Timing, time_route


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """A sequence of calls on a vehicle with its schedule and cost."""

    vehicle: Vehicle
    calls: tuple[Call, ...]
    timing: Timing
    cost: CostBreakdown

    def starts(self) -> dict[Key, int]:
        """Start of service by request and point."""
        return {call.key: start for call, start in zip(self.calls, self.timing.starts, strict=True)}


@dataclass(eq=False)
class Draft:
    """A working plan over one problem. Every route in it is timed; hard links hold after every `put`.

    `starts` and `vehicle_of` follow the routes. Requests without a vehicle are simply absent. `floors` are
    starts that people were told: nothing is moved ahead of them where that can be helped. `corridor` are
    windows that stand for links while not all routes are laid.
    """

    problem: Problem
    calls: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    lags: dict[str, tuple[Lag, ...]] = field(default_factory=dict)
    routes: dict[str, TimedRoute] = field(default_factory=dict)
    starts: dict[Key, int] = field(default_factory=dict)
    vehicle_of: dict[str, str] = field(default_factory=dict)
    eligible_by_request: dict[str, tuple[Vehicle, ...]] = field(default_factory=dict)
    floors: dict[Key, int] = field(default_factory=dict)
    corridor: Mapping[Key, tuple[int, int]] = field(default_factory=dict)
    outlines: dict[str, tuple[TimedRoute | None, object]] = field(default_factory=dict)
    made: dict[str, tuple[TimedRoute, Route]] = field(default_factory=dict)

    @classmethod
    def empty(cls, problem: Problem) -> "Draft":
        """A plan with nothing but the committed beginnings of routes."""
        draft = cls(problem, calls_of(problem), lags_of(problem))
        for vehicle in problem.vehicles:
            if vehicle.committed:
                draft.commit(vehicle)
        return draft

    def commit(self, vehicle: Vehicle) -> None:
        """Put the committed stops and, by their latest time, the set-downs of riders already on board."""
        stops = [self.calls[stop.request][stop.point] for stop in vehicle.committed]
        held = {call.key for call in stops}
        aboard = [self.calls[c.request.id][1] for c in stops if c.boards == 1]
        tail = sorted(
            (c for c in aboard if c.key not in held), key=lambda call: (call.upper, call.request.id)
        )
        for sequence in (stops + tail, stops):
            timed = self.timed(vehicle, sequence)
            if isinstance(timed, TimedRoute):
                self.put(timed)
                return

    def copy(self) -> "Draft":
        """An independent draft with the same routes; the prepared tables are shared."""
        return Draft(
            self.problem,
            self.calls,
            self.lags,
            dict(self.routes),
            dict(self.starts),
            dict(self.vehicle_of),
            self.eligible_by_request,
            self.floors,
            self.corridor,
            dict(self.outlines),
            dict(self.made),
        )

    def eligible(self, request: str) -> tuple[Vehicle, ...]:
        """The vehicles that no standing rule keeps from the request."""
        found = self.eligible_by_request.get(request)
        if found is None:
            found = standing_vehicles(self.problem, self.calls[request])
            self.eligible_by_request[request] = found
        return found

    def timed(
        self, vehicle: Vehicle, calls: Sequence[Call], ignoring: frozenset[str] = frozenset()
    ) -> TimedRoute | Fault:
        """The sequence with its schedule and cost inside what all links leave open, or its first fault.

        Links to the requests in `ignoring` are passed over.
        """
        fault = load_fault(self.problem, vehicle, calls) or extent_fault(self.problem, vehicle, calls)
        if fault is not None:
            return fault
        bounds = self.windows(calls, ignoring) if self.lags else {}
        timing = self._schedule(vehicle, calls, bounds)
        if isinstance(timing, Fault) and self.lags:
            hard = self.windows(calls, ignoring, soft=False)
            timing = self._schedule(vehicle, calls, hard) if hard != bounds else timing
        if isinstance(timing, Fault):
            return timing
        return TimedRoute(vehicle, tuple(calls), timing, route_cost(self.problem, vehicle, calls, timing))

    def timed_as_told(self, vehicle: Vehicle, calls: Sequence[Call]) -> TimedRoute | None:
        """The sequence at the very starts that people were told; None when it cannot be kept so.

        Timing alone may take a break later than the plan does and so put everybody behind it off.
        """
        if not all(call.key in self.floors for call in calls):
            return None
        return self.timed_at(vehicle, calls, self.floors)

    def timed_at(
        self, vehicle: Vehicle, calls: Sequence[Call], starts: Mapping[Key, int]
    ) -> TimedRoute | None:
        """The sequence with these very starts, as far as they are given; None when it cannot be kept so."""
        if load_fault(self.problem, vehicle, calls) or extent_fault(self.problem, vehicle, calls):
            return None
        for soft in (True, False) if self.lags else (False,):
            timing = self._schedule(vehicle, calls, self._bounds_at(calls, starts, soft=soft))
            if isinstance(timing, Timing):
                cost = route_cost(self.problem, vehicle, calls, timing)
                return TimedRoute(vehicle, tuple(calls), timing, cost)
        return None

    def _bounds_at(self, calls: Sequence[Call], starts: Mapping[Key, int], *, soft: bool) -> Bounds:
        """These starts, inside what hard links leave open, or soft ones too."""
        left = self.windows(calls, soft=soft) if self.lags else {}
        bounds: dict[Key, tuple[int, int]] = {}
        for call in calls:
            low, up = left.get(call.key, (NEVER, ALWAYS))
            if call.key in starts:
                low, up = max(low, starts[call.key]), min(up, starts[call.key])
            bounds[call.key] = low, up
        return bounds

    def _schedule(self, vehicle: Vehicle, calls: Sequence[Call], bounds: Bounds) -> Timing | Fault:
        """The schedule inside the bounds that also keeps the hard links between requests of this route."""
        inner = self._inner_lags(calls)
        broken: list[Lag] = []
        for _ in range(len(inner) + 1):
            timing = time_route(self.problem, vehicle, calls, bounds, self.floors)
            if isinstance(timing, Fault) or not inner:
                return timing
            starts = {call.key: start for call, start in zip(calls, timing.starts, strict=True)}
            broken = [lag for lag in inner if breach_seconds(lag, starts)]
            if not broken:
                return timing
            for lag in broken:
                low, up = bounds.get(lag.after, (NEVER, ALWAYS))
                bounds = {**bounds, lag.after: (max(low, starts[lag.before] + lag.minimum), up)}
        return Fault("link", broken[0].after[0])

    def _inner_lags(self, calls: Sequence[Call]) -> list[Lag]:
        """The hard lags between two requests of one sequence."""
        if not self.lags:
            return []
        inside = {call.request.id for call in calls}
        found = {lag.link.id: lag for name in inside for lag in self.lags.get(name, ()) if lag.link.hard}
        return [lag for lag in found.values() if {lag.before[0], lag.after[0]} <= inside]

    def windows(
        self, calls: Collection[Call], ignoring: frozenset[str] = frozenset(), *, soft: bool = True
    ) -> Bounds:
        """What links to requests on other routes leave open for these calls."""
        inside = ignoring | {call.request.id for call in calls}
        left: dict[Key, tuple[int, int]] = {}
        for request in inside - ignoring:
            lags = [lag for lag in self.lags.get(request, ()) if soft or lag.link.hard]
            if lags:
                left |= windows_left(lags, request, self.starts, inside)
        for call in calls if self.corridor else ():
            lower, upper = self.corridor.get(call.key, (call.lower, call.upper))
            had = left.get(call.key, (lower, upper))
            left[call.key] = max(had[0], lower), min(had[1], upper)
        return left

    def put(self, route: TimedRoute) -> None:
        """Replace the vehicle's route by this one; an empty sequence removes it."""
        self.drop_route(route.vehicle.id)
        if route.calls:
            self.routes[route.vehicle.id] = route
            self.starts |= route.starts()
            for call in route.calls:
                self.vehicle_of[call.request.id] = route.vehicle.id

    def drop_route(self, vehicle: str) -> None:
        """Take the vehicle's whole route out of the plan."""
        old = self.routes.pop(vehicle, None)
        for call in old.calls if old is not None else ():
            self.starts.pop(call.key, None)
            self.vehicle_of.pop(call.request.id, None)

    def without(self, request: str) -> TimedRoute | Fault | None:
        """The request's route as it would be without it; None when the route would be empty."""
        route = self.routes[self.vehicle_of[request]]
        rest = [call for call in route.calls if call.request.id != request]
        return self.timed(route.vehicle, rest, frozenset({request})) if rest else None

    def remove(self, request: str) -> bool:
        """Take the request out; False (and nothing changed) when it is committed or cannot be spared."""
        vehicle = self.problem.vehicle_by_id[self.vehicle_of[request]]
        if any(stop.request == request for stop in vehicle.committed):
            return False
        rest = self.without(request)
        if isinstance(rest, Fault):
            return False
        if rest is None:
            self.drop_route(vehicle.id)
        else:
            self.put(rest)
        return True

    def broken_links(self) -> list[Lag]:
        """The hard links that this plan does not keep."""
        every = {lag.link.id: lag for lags in self.lags.values() for lag in lags if lag.link.hard}
        return [lag for lag in every.values() if not kept(lag, self.starts)]

    def soft_link_cents(self) -> int:
        """The price of all soft links in this plan."""
        every = {lag.link.id: lag for lags in self.lags.values() for lag in lags if not lag.link.hard}
        return sum(soft_cents(lag, self.starts) for lag in every.values())

    def left_out(self) -> list[Request]:
        """The requests that no route serves, in the problem's order."""
        return [request for request in self.problem.requests if request.id not in self.vehicle_of]

    def cost(self) -> CostBreakdown:
        """The cost of the whole plan, what is left out included."""
        total = CostBreakdown(
            links=self.soft_link_cents(), unserved=sum(request.left_out_cents for request in self.left_out())
        )
        for route in self.routes.values():
            total += route.cost
        return total

    def solution(self, unserved: Sequence[Unserved], **about: object) -> Solution:
        """The plan as a value; `about` are the remaining fields of Solution."""
        order = [vehicle.id for vehicle in self.problem.vehicles if vehicle.id in self.routes]
        routes = tuple(self._made(vehicle) for vehicle in order)
        return Solution(routes, tuple(unserved), self.cost(), **about)  # type: ignore[arg-type]

    def _made(self, vehicle: str) -> Route:
        """The route as a value, made once for as long as it does not change."""
        route, made = self.routes[vehicle], self.made.get(vehicle)
        if made is None or made[0] is not route:
            made = self.made[vehicle] = route, _as_route(route)
        return made[1]


def _as_route(route: TimedRoute) -> Route:
    stops = tuple(
        PlannedStop(call.request.id, call.index, start)
        for call, start in zip(route.calls, route.timing.starts, strict=True)
    )
    return Route(route.vehicle.id, stops, route.timing.departure, route.timing.end, route.timing.breaks)


def draft_of(problem: Problem, solution: Solution, *, told: bool = False) -> tuple[Draft, list[str]]:
    """The solution as a draft, and the requests that no longer fit where it had them.

    Sequences are kept and timed anew, with `told` at the solution's starts where that can be, never ahead of
    them: they are kept as floors. Where a route has become infeasible its requests are put back as far as
    they fit.
    """
    draft = Draft.empty(problem)
    if told:
        draft.floors = {(stop.request, stop.point): stop.start for stop in solution.stops()}
    lost: list[str] = []
    for route in solution.routes:
        vehicle = problem.vehicle_by_id.get(route.vehicle)
        known = [s for s in route.stops if s.request in draft.calls]
        if vehicle is None:
            lost += dict.fromkeys(stop.request for stop in known)
            continue
        calls = [draft.calls[stop.request][stop.point] for stop in known]
        if not calls:
            continue
        timed = (draft.timed_as_told(vehicle, calls) if told else None) or draft.timed(vehicle, calls)
        if isinstance(timed, TimedRoute):
            draft.put(timed)
        else:
            lost += thin_out(draft, vehicle, calls)
    return draft, lost


def thin_out(draft: Draft, vehicle: Vehicle, calls: list[Call]) -> list[str]:
    """Put as much of a sequence as fits; returns the requests that had to go."""
    fixed = {stop.request for stop in vehicle.committed}
    lost: list[str] = []
    while calls:
        timed = draft.timed(vehicle, calls)
        if isinstance(timed, TimedRoute):
            draft.put(timed)
            break
        names = list(dict.fromkeys(call.request.id for call in calls if call.request.id not in fixed))
        if not names:
            break
        worst = timed.request if timed.request in names else names[-1]
        lost.append(worst)
        calls = [call for call in calls if call.request.id != worst]
    return lost
