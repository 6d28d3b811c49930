"""Where could a request go? All places in a draft, cheapest first, each timed exactly."""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop

from dispatch.optimizer.calls import Call
from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.eligibility import likeness
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.limits import Limits
from dispatch.optimizer.links import soft_cents
from dispatch.optimizer.passing import Fault

_FAR = 2**31


@dataclass(frozen=True, slots=True)
class Placement:
    """A request on a vehicle: the route with it, and what the plan would cost more (cents)."""

    request: str
    route: TimedRoute
    delta: int

    @property
    def vehicle(self) -> str:
        """The vehicle's id."""
        return self.route.vehicle.id


def placements(
    draft: Draft, request: str, vehicles: Iterable[Vehicle] | None = None, most: int = 3, tries: int = 12
) -> list[Placement]:
    """The cheapest feasible places for a request, at most one per vehicle and `most` in all.

    Positions that windows rule out are never timed; the rest are timed in order of added cost, at most
    `tries` on a vehicle. Links must already be possible: a request whose hard `before` is not in the plan
    has no place.
    """
    if not _links_ready(draft, request):
        return []
    calls = draft.calls[request]
    probe = _Probe(draft, calls)
    pool: list[tuple[int, str, Vehicle, list[tuple[int, int, int]]]] = []
    limits = Limits(draft, calls[0].request)
    for vehicle in _distinct(draft, _among(draft, request, vehicles)):
        if not limits.allow(vehicle):
            continue
        spots = probe.spots(vehicle)
        if spots:
            pool.append((spots[0][0], vehicle.id, vehicle, spots))
    heapify(pool)
    found: list[Placement] = []
    while pool and not (len(found) >= most and pool[0][0] >= found[most - 1].delta):
        _, _, vehicle, spots = heappop(pool)
        placement = _best_on(draft, calls, vehicle, spots[:tries])
        if placement is not None:
            found.append(placement)
            found.sort(key=lambda place: (place.delta, place.vehicle))
    return found[:most]


def _among(draft: Draft, request: str, vehicles: Iterable[Vehicle] | None) -> Iterable[Vehicle]:
    able = draft.eligible(request)
    if vehicles is None:
        return able
    names = {vehicle.id for vehicle in able}
    return [vehicle for vehicle in vehicles if vehicle.id in names]


def _links_ready(draft: Draft, request: str) -> bool:
    for lag in draft.lags.get(request, ()):
        if lag.link.hard and lag.after[0] == request and lag.before not in draft.starts:
            return False
    return True


def _distinct(draft: Draft, vehicles: Iterable[Vehicle]) -> Iterator[Vehicle]:
    """The vehicles, of those that stand idle and are alike only the first."""
    seen: set[Hashable] = set()
    for vehicle in vehicles:
        if vehicle.id not in draft.routes:
            alike = likeness(vehicle)
            if alike in seen:
                continue
            seen.add(alike)
        yield vehicle


def _best_on(
    draft: Draft, calls: tuple[Call, ...], vehicle: Vehicle, spots: Sequence[tuple[int, int, int]]
) -> Placement | None:
    old = draft.routes.get(vehicle.id)
    had = old.cost.total if old is not None else 0
    base = old.calls if old is not None else ()
    best: Placement | None = None
    for bound, first, last in spots:
        if best is not None and bound >= best.delta:
            break
        timed = draft.timed(vehicle, inserted(base, calls, first, last))
        if isinstance(timed, Fault):
            continue
        delta = timed.cost.total - had + soft_delta(draft, calls[0].request.id, timed)
        if best is None or delta < best.delta:
            best = Placement(calls[0].request.id, timed, delta)
    return best


def soft_delta(draft: Draft, request: str, route: TimedRoute) -> int:
    """What the request's soft links cost more once the route is in the plan."""
    lags = [lag for lag in draft.lags.get(request, ()) if not lag.link.hard]
    if not lags:
        return 0
    starts = draft.starts | route.starts()
    return sum(soft_cents(lag, starts) - soft_cents(lag, draft.starts) for lag in lags)


def inserted(base: tuple[Call, ...], calls: tuple[Call, ...], first: int, last: int) -> tuple[Call, ...]:
    """The sequence with the first call before position `first` and the last before position `last`."""
    if len(calls) == 1:
        return (*base[:first], calls[0], *base[first:])
    return (*base[:first], calls[0], *base[first:last], calls[1], *base[last:])


class _Probe:
    """Finds the positions on a vehicle that windows do not rule out, cheapest added driving first."""

    def __init__(self, draft: Draft, calls: tuple[Call, ...]) -> None:
        self.draft, self.calls = draft, calls
        travel = draft.problem.travel
        self.fastest = max(travel.speed_percent, default=100)
        self.to = [travel.seconds[:, call.location].tolist() for call in calls]
        self.away = [travel.seconds[call.location].tolist() for call in calls]
        self.metres_to = [travel.metres[:, call.location].tolist() for call in calls]
        self.metres_away = [travel.metres[call.location].tolist() for call in calls]
        left = draft.windows(calls) if draft.lags else {}
        hard = draft.windows(calls, soft=False) if left else {}
        self.lower = [max(c.lower, hard.get(c.key, (0, _FAR))[0]) for c in calls]
        self.upper = [min(c.upper, hard.get(c.key, (0, _FAR))[1]) for c in calls]

    def spots(self, vehicle: Vehicle, outline: "_Outline | None" = None) -> list[tuple[int, int, int]]:
        """(least added cents, first, last) for every position pair that may be feasible, sorted."""
        outline = outline or _outline_of(self.draft, vehicle)
        found: list[tuple[int, int, int]] = []
        price = self._price(vehicle)
        # What follows the first call cannot begin before that one is over.
        begin = bisect_left(outline.latest, self.lower[0] + self.calls[0].service)
        for first in range(max(begin, len(vehicle.committed)), len(outline.earliest)):
            if outline.earliest[first] > self.upper[0]:
                break
            leaving = self._reach(outline.earliest[first], outline.places[first], 0)
            if leaving is None:
                continue
            if len(self.calls) == 1:
                self._single(outline, first, leaving, price, found)
            else:
                self._pairs(outline, first, leaving, price, found)
        found.sort()
        return found

    def _price(self, vehicle: Vehicle) -> tuple[int, int, int]:
        request = self.calls[0].request
        fixed = self.draft.problem.price(request, vehicle.vendor)
        if vehicle.id not in self.draft.routes:
            fixed += vehicle.rate.fixed_cents
        if request.told is not None and request.told.vehicle != vehicle.id:
            fixed += request.told.change_cents
        return fixed, vehicle.rate.cents_per_km, vehicle.rate.cents_per_hour

    def _reach(self, clock: int, place: int, which: int) -> int | None:
        start = max(clock + self._drive(self.to[which][place]), self.lower[which])
        return None if start > self.upper[which] else start + self.calls[which].service

    def _drive(self, seconds: int) -> int:
        return seconds if self.fastest == 100 else -(-seconds * 100 // self.fastest)

    def _single(
        self, outline: "_Outline", at: int, leaving: int, price: tuple[int, int, int],
        found: list[tuple[int, int, int]],
    ) -> None:  # fmt: skip
        after = outline.place_after(at)
        if after is not None and leaving + self._drive(self.away[0][after]) > outline.latest[at]:
            return
        before = outline.places[at]
        metres = self.metres_to[0][before]
        if after is not None:
            metres += self.metres_away[0][after] - outline.metres[at]
        found.append((price[0] + metres * price[1] // 1000, at, at))

    def _pairs(
        self, outline: "_Outline", first: int, leaving: int, price: tuple[int, int, int],
        found: list[tuple[int, int, int]],
    ) -> None:  # fmt: skip
        pickup = self.calls[0]
        before, clock, place = outline.places[first], leaving, pickup.location
        joined = self.metres_to[0][before]
        for last in range(first, len(outline.earliest)):
            if last > first:
                step = outline.serve(self.draft, last - 1, place, clock)
                if step is None:
                    return
                if last == first + 1:
                    joined += self.metres_away[0][outline.places[last]] - outline.metres[first]
                clock, place = step, outline.places[last]
            if clock > self.upper[1]:
                return
            done = self._reach(clock, place, 1)
            if done is None:
                continue
            after = outline.place_after(last)
            if after is not None and done + self._drive(self.away[1][after]) > outline.latest[last]:
                continue
            metres = joined + self.metres_to[1][place]
            if after is not None:
                metres += self.metres_away[1][after] - (outline.metres[last])
            found.append((price[0] + metres * price[1] // 1000, first, last))


@dataclass(frozen=True, slots=True)
class _Outline:
    """A route reduced to what rules positions out.

    Position k lies between call k-1 (the start for 0) and call k. `earliest[k]`: the vehicle is free there
    no sooner; `places[k]`: where; `latest[k]`: service at call k (arrival at the end) begins no later;
    `metres[k]`: the leg that an insertion there replaces.
    """

    calls: tuple[Call, ...]
    earliest: list[int]
    places: list[int]
    latest: list[int]
    metres: list[int]
    end: int | None

    def place_after(self, position: int) -> int | None:
        """Where the vehicle goes next from this position; None when its route just ends."""
        return self.calls[position].location if position < len(self.calls) else self.end

    def serve(self, draft: Draft, position: int, place: int, clock: int) -> int | None:
        """When the call at this position would be done, coming from `place`; None when too late."""
        call, travel = self.calls[position], draft.problem.travel
        start = max(clock + travel.shortest(place, call.location), call.lower, draft.floors.get(call.key, 0))
        return None if start > self.latest[position] else start + call.service


def prepare(draft: Draft) -> None:
    """Work out the outlines of all routes ahead, for all drafts that are copied from this one."""
    for vehicle in draft.problem.vehicles:
        _outline_of(draft, vehicle)


class Vacancy:
    """Could a request take another's place? Told by windows alone, so a no is certain and a yes is not."""

    def __init__(self, draft: Draft, request: str) -> None:
        self.probe = _Probe(draft, draft.calls[request])

    def of(self, other: str) -> bool:
        """Whether the windows on the other's route leave room once it is gone."""
        draft = self.probe.draft
        route = draft.routes[draft.vehicle_of[other]]
        rest = tuple(call for call in route.calls if call.request.id != other)
        return bool(self.probe.spots(route.vehicle, _outline(draft, route.vehicle, rest)))


def _outline_of(draft: Draft, vehicle: Vehicle) -> _Outline:
    """The outline of the vehicle's route, kept with the draft until the route changes."""
    route, kept = draft.routes.get(vehicle.id), draft.outlines.get(vehicle.id)
    if kept is None or kept[0] is not route:
        calls = route.calls if route is not None else ()
        kept = draft.outlines[vehicle.id] = (route, _outline(draft, vehicle, calls))
    outline = kept[1]
    assert isinstance(outline, _Outline)
    return outline


def _outline(draft: Draft, vehicle: Vehicle, calls: tuple[Call, ...]) -> _Outline:
    travel, fixed = draft.problem.travel, len(vehicle.committed)
    places = [vehicle.start_location, *(call.location for call in calls)]
    clock = max(vehicle.shift.start, 0 if fixed else draft.problem.frozen_until)
    earliest = [clock]
    for position, call in enumerate(calls):
        if position < fixed:
            clock = vehicle.committed[position].start + call.service
            if position == fixed - 1:
                clock = max(clock, draft.problem.frozen_until)
        else:
            arrival = clock + travel.shortest(places[position], call.location)
            clock = max(arrival, call.lower, draft.floors.get(call.key, 0)) + call.service
        earliest.append(clock)
    end, late = vehicle.end_location, vehicle.shift.latest_end
    latest = [late] * (len(calls) + 1)
    after = end
    for position in range(len(calls) - 1, -1, -1):
        call = calls[position]
        drive = 0 if after is None else travel.shortest(call.location, after)
        latest[position] = late = min(call.upper, late - drive - call.service)
        after = call.location
    return _Outline(calls, earliest, places, latest, _legs(draft, places, end), end)


def _legs(draft: Draft, places: list[int], end: int | None) -> list[int]:
    metres = draft.problem.travel.metres
    following = places[1:] if end is None else [*places[1:], end]
    legs = [int(metres[a, b]) for a, b in zip(places, following, strict=False)]
    return legs if end is not None else [*legs, 0]
