"""Serve what an event has left over by planning three routes around it anew, with the compiled search.

First every way of a few exchanges is looked at; then sets of three routes are ruined and recreated, one
after another. What saves a request is nearly always a route that may serve it together with one that has
room, whose vehicle need not be able to serve it: sets are tried in that order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, cycle, islice, takewhile, zip_longest
from random import Random
from time import perf_counter

from dispatch.optimizer.calls import Call
from dispatch.optimizer.comparing import FEW_ROUTES
from dispatch.optimizer.compile import Compiled, compile_problem
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.engine.filling import Filling, Routes, load_filling
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.limits import trim
from dispatch.optimizer.links import ALWAYS, NEVER, Key

_LOOKED_AT = 40
"""Vehicles of each order, by nearness and by room left, that are looked at."""
_ENOUGH, _MORE = 8, 0.3
"""Plans to choose from, and the share of the time in which they are looked for after the first."""
_AROUND = 5400
"""Seconds before and after the request's windows in which room counts."""
_ITERATIONS, _TURNS = 30, 6
"""Iterations for each set at first, twice as many when its turn comes again, and turns in all."""
_SETS, _AT_ONCE = 3000, 16
"""Sets of three made at most, and how many are tried between two looks at the clock."""
_WIDE, _WIDE_ITERATIONS, _WIDE_AT_ONCE = 0.5, 100, 8
"""The share of the time for more routes than three, iterations for each such set, and sets between two looks
at the clock."""
_HELPFUL, _ROOMY, _EACH = 24, 16, (4, 8, 0, 8)
"""Out of how many of the nearest and of the roomiest vehicles these sets are drawn, and how many of each, in
turn; none means all vehicles."""
_SPARES = 3
"""Routes tried as the one that takes in what is thrown out, where the event has changed none."""

Found = list[tuple[str, Draft]]


def by_few_routes(
    base: Draft, missing: Sequence[str], touched: Sequence[str], seconds: float, most: int = 10_000
) -> Found:
    """Plans that serve all that is missing, lose nobody and change at most three routes each.

    `touched` are vehicles whose routes the event has changed already; at most `most` sets of routes are
    tried for at most `seconds`. The first plan may be a dear one, so a few more are looked for, for a third
    of the time. When three routes are not enough, the rest of the time goes to many routes at once, and the
    plan, of those found the one that changes fewest, says how many. Loading the search is off that clock.
    """
    load_filling()
    deadline = perf_counter() + seconds
    narrow = deadline - seconds * _WIDE
    start = base.copy()
    insert_all(start, missing)
    stuck = [name for name in missing if name not in start.vehicle_of]
    changed = dict.fromkeys([*touched, *(v for n in missing if (v := start.vehicle_of.get(n)))])
    kept = [name for name in changed if name in start.problem.vehicle_by_id]
    if not stuck or len(kept) > FEW_ROUTES:
        return []
    able = {vehicle.id for vehicle in start.eligible(stuck[0])}
    near = [name for name in _nearest(start, stuck[0]) if name not in kept]
    roomy = [name for name in _roomiest(start, stuck[0]) if name not in kept][:_LOOKED_AT]
    helpful = [name for name in near if name in able][:_LOOKED_AT]
    part = _Part(start, stuck, list(dict.fromkeys([*kept, *helpful, *roomy, *near[:_LOOKED_AT]])))
    found = part.exchanged(kept, roomy[:_SPARES])
    if found:
        narrow = min(narrow, perf_counter() + seconds * _MORE)
    free = FEW_ROUTES - len(kept)
    likely, near_by = _with_room(helpful, roomy, free), _close(near[:_LOOKED_AT], free)
    orders = islice(_mixed(likely, near_by), _SETS)
    sets = [names for others in orders if able & set(names := (*kept, *others))]
    few, tried = part.by_sets(sets, _ITERATIONS, narrow, seconds * _MORE, most, _ENOUGH - len(found))
    if found or few or len(missing) > 1:
        return found + few
    return part.by_many(kept, _wider(kept, helpful, roomy), deadline, most - tried)


def _wider(kept: Sequence[str], helpful: Sequence[str], roomy: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """In turn those kept with some that may help and some with room, by chance, and all (an empty set)."""
    chance = Random(0)  # noqa: S311 - repeatable search, nothing secret
    for each in cycle(_EACH):
        if each == 0:
            yield ()
            continue
        some = chance.sample(helpful[:_HELPFUL], min(each, len(helpful[:_HELPFUL])))
        rest = [name for name in roomy[:_ROOMY] if name not in some]
        yield (*kept, *some, *chance.sample(rest, min(each, len(rest))))


def _with_room(helpful: Sequence[str], roomy: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Sets of one vehicle that may help and others that have room: first the roomiest with each of them."""
    if size < 1:
        yield ()
        return
    for ranks in sorted(combinations(range(len(roomy)), size - 1), key=lambda ranks: (sum(ranks), ranks)):
        others = [roomy[rank] for rank in ranks]
        for name in helpful:
            if name not in others:
                yield (name, *others)


def _close(near: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Sets of vehicles whose ranks by nearness add up to least first."""
    for ranks in sorted(combinations(range(len(near)), size), key=lambda ranks: (sum(ranks), ranks)):
        yield tuple(near[rank] for rank in ranks)


def _mixed(*orders: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The sets of all orders, one of each in turn; none comes twice."""
    seen: set[frozenset[str]] = set()
    for turn in zip_longest(*orders):
        for names in turn:
            if names is not None and frozenset(names) not in seen:
                seen.add(frozenset(names))
                yield names


def _roomiest(draft: Draft, request: str) -> list[str]:
    """Vehicles by the seconds, around the request's windows, in which they neither drive nor serve."""
    calls = draft.calls[request]
    begin, end = calls[0].lower - _AROUND, calls[-1].upper + _AROUND
    ranked = [(-_idle(draft, vehicle, begin, end), vehicle.id) for vehicle in draft.problem.vehicles]
    return [name for _, name in sorted(ranked)]


def _idle(draft: Draft, vehicle: Vehicle, begin: int, end: int) -> int:
    """Seconds between two times in which a vehicle waits, at its start and its end too."""
    free, place, idle = vehicle.shift.start, vehicle.start_location, 0
    for call in _calls(draft, vehicle.id):
        start = draft.starts[call.key]
        leaves = start - draft.problem.travel.shortest(place, call.location)
        idle += max(0, min(leaves, end) - max(free, begin))
        free, place = start + call.service, call.location
    return idle + max(0, min(vehicle.shift.latest_end, end) - max(free, begin))


def _nearest(draft: Draft, request: str) -> list[str]:
    """Vehicles by how near, in time and place, any of their stops is to the request; idle ones last."""
    call = draft.calls[request][0]
    seconds = draft.problem.travel.seconds[call.location]
    ranked: list[tuple[int, str]] = []
    for vehicle in draft.problem.vehicles:
        apart = 2 * ALWAYS
        for other in _calls(draft, vehicle.id):
            apart = min(apart, _apart(call, draft.starts[other.key]) + int(seconds[other.location]))
        ranked.append((apart, vehicle.id))
    return [name for _, name in sorted(ranked)]


def _apart(call: Call, start: int) -> int:
    """Seconds between a start and the call's window."""
    return max(call.lower - start, start - call.upper, 0)


class _Part:
    """Some vehicles of a draft with what they serve and what is stuck, as arrays."""

    def __init__(self, draft: Draft, stuck: Sequence[str], names: Sequence[str]) -> None:
        self.draft, self.stuck, self.names = draft, list(stuck), list(names)
        self.row = {name: row for row, name in enumerate(names)}
        self.compiled = self._compiled()
        self.filling: Filling | None = None
        if self.compiled is not None:
            sequences = {name: _calls(draft, name) for name in names}
            self.filling = Filling(self.compiled.instance, self.compiled.routes(sequences))

    def _compiled(self) -> Compiled | None:
        draft, problem = self.draft, self.draft.problem
        served = {call.request.id for name in self.names for call in _calls(draft, name)}
        inside = served | set(self.stuck)
        part = replace(
            problem,
            requests=tuple(request for request in problem.requests if request.id in inside),
            vehicles=tuple(problem.vehicle_by_id[name] for name in self.names),
            links=(),
        )
        compiled = compile_problem(
            part,
            draft.calls,
            _windows(draft, inside),
            serving={name: draft.vehicle_of[name] for name in served},
            able={name: draft.eligible(name) for name in inside},
        )
        whole = compiled is not None and compiled.instance.requests == len(inside)
        return compiled if whole else None

    def exchanged(self, kept: Sequence[str], spares: Sequence[str]) -> Found:
        """The cheapest plan that a few exchanges make, with the one route kept or else one of the spares."""
        if self.filling is None or self.compiled is None or len(self.stuck) != 1 or len(kept) > 1:
            return []
        point = self.compiled.number[self.stuck[0], 0]
        request = int((self.compiled.instance.pickup == point).argmax())
        for spare in kept or spares:
            routes = self.filling.exchanged(request, self.row[spare], range(len(self.names)))
            draft = None if routes is None else self._laid(routes)
            if draft is not None:
                return [(f"{self.stuck[0]} by exchanges between {', '.join(self._others(draft))}", draft)]
        return []

    def _others(self, draft: Draft) -> list[str]:
        """The vehicles whose routes a draft changes."""
        return [name for name in self.names if _calls(draft, name) != _calls(self.draft, name)]

    def by_sets(
        self,
        sets: Sequence[Sequence[str]],
        turns: int,
        deadline: float,
        after: float,
        most: int,
        enough: int,
    ) -> tuple[Found, int]:
        """Plans made from sets of vehicles one after another, and how many sets were tried.

        Each set gets some turns, twice as many when it comes again. The deadline is `after` seconds once
        the first is found.
        """
        found: Found = []
        tried, stop = 0, min(most, _TURNS * len(sets))
        while self.filling is not None and tried < stop and len(found) < enough and perf_counter() < deadline:
            again, at = divmod(tried, len(sets))
            batch = _alike(sets[at : at + min(_AT_ONCE, stop - tried)])
            done = self.filling.filled([[self.row[n] for n in names] for names in batch], turns << again)
            tried += len(batch) if done is None else done[0]
            draft = None if done is None else self._laid(done[1])
            if draft is not None:
                deadline = deadline if found else min(deadline, perf_counter() + after)
                found.append((self._summary(draft), draft))
        return found, tried

    def by_many(
        self, kept: Sequence[str], sets: Iterator[tuple[str, ...]], deadline: float, most: int
    ) -> Found:
        """The plan, if there is one, that changes fewest routes of those made from large sets of vehicles.

        It is looked for until the deadline, for at most so many sets, or until few routes are enough.
        """
        best: Draft | None = None
        fewest = len(self.names) + 1
        while self.filling is not None and most > 0 and fewest > FEW_ROUTES and perf_counter() < deadline:
            batch = [[self.row[name] for name in names] for names in islice(sets, min(_WIDE_AT_ONCE, most))]
            most -= len(batch)
            routes = self.filling.anew(batch, _WIDE_ITERATIONS)
            if routes is None or (changed := len({*routes, *(self.row[name] for name in kept)})) >= fewest:
                continue
            draft = self._laid(self.filling.cheaper(routes))
            if draft is not None:
                best, fewest = draft, changed
        return [] if best is None else [(self._summary(best), best)]

    def _summary(self, draft: Draft) -> str:
        others = self._others(draft)
        text = f"{', '.join(self.stuck[:3])} by planning {', '.join(others)} anew"
        return text if len(others) <= FEW_ROUTES else f"{text}: {len(others)} routes change"

    def _laid(self, routes: Routes) -> Draft | None:
        """The draft with the compiled search's routes; None when the exact rules refuse one."""
        assert self.compiled is not None
        every = [routes.get(row, []) for row in range(len(self.names))]
        return _laid(self.draft, self.compiled.sequences(every), [self.names[row] for row in routes])


def _alike(sets: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The first sets as long as they have the same number of vehicles."""
    return list(takewhile(lambda names: len(names) == len(sets[0]), sets))


def _calls(draft: Draft, name: str) -> tuple[Call, ...]:
    route = draft.routes.get(name)
    return () if route is None else route.calls


def _windows(draft: Draft, inside: set[str]) -> dict[Key, tuple[int, int]]:
    """What links to other routes leave open, and nobody ahead of the time they were told."""
    calls = [call for name in inside for call in draft.calls[name]]
    left = draft.windows(calls) if draft.lags else {}
    windows: dict[Key, tuple[int, int]] = {}
    for call in calls:
        low, up = left.get(call.key, (NEVER, ALWAYS))
        windows[call.key] = max(low, call.lower, draft.floors.get(call.key, NEVER)), min(up, call.upper)
    return windows


def _laid(base: Draft, sequences: dict[str, list[Call]], names: Sequence[str]) -> Draft | None:
    """The draft with these sequences on the vehicles; None when the exact rules refuse one."""
    draft = base.copy()
    for name in names:
        draft.drop_route(name)
    for name, calls in sequences.items():
        timed = draft.timed(base.problem.vehicle_by_id[name], calls)
        if not isinstance(timed, TimedRoute):
            return None
        draft.put(timed)
    return None if trim(draft) or draft.broken_links() else draft
