"""Serve what an event has left over by planning three routes around it anew, with the compiled search."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from time import perf_counter

from dispatch.optimizer.calls import Call
from dispatch.optimizer.compile import Compiled, compile_problem
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.engine.filling import Filling
from dispatch.optimizer.engine.search import load_kernels
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.limits import trim
from dispatch.optimizer.links import ALWAYS, NEVER, Key

ROUTES = 3
"""At most so many routes change, those that the event has changed already among them."""
_LOOKED_AT = 24
"""Vehicles of each order, by nearness and by room left, that are looked at."""
_ENOUGH, _MORE = 8, 0.3
"""Plans to choose from, and the share of the time in which they are looked for after the first."""
_AROUND = 5400
"""Seconds before and after the request's windows in which room counts."""
_ITERATIONS, _TURNS = 60, 4
"""Iterations for each set at first, twice as many when its turn comes again, and turns in all."""


def by_few_routes(
    base: Draft, missing: Sequence[str], touched: Sequence[str], seconds: float, most: int = 1000
) -> list[tuple[str, Draft]]:
    """Plans that serve all that is missing, lose nobody and change at most three routes each.

    `touched` are vehicles whose routes the event has changed already; at most `most` sets of routes are
    tried for at most `seconds`, by turns the nearest and those with most room left: some requests are saved
    by the one order at once and by the other never. The first plan may be a dear one, so a few more are
    looked for, for a third of the time. Loading the search is off that clock.
    """
    load_kernels()
    deadline = perf_counter() + seconds
    start = base.copy()
    insert_all(start, missing)
    stuck = [name for name in missing if name not in start.vehicle_of]
    changed = dict.fromkeys([*touched, *(v for n in missing if (v := start.vehicle_of.get(n)))])
    kept = [name for name in changed if name in start.problem.vehicle_by_id]
    if not stuck or len(kept) > ROUTES:
        return []
    orders = [
        [name for name in order if name not in kept][:_LOOKED_AT]
        for order in (_roomiest(start, stuck[0]), _nearest(start, stuck[0]))
    ]
    part = _Part(start, stuck, list(dict.fromkeys([*kept, *orders[0], *orders[1]])))
    able = {vehicle.id for vehicle in start.eligible(stuck[0])}
    found: list[tuple[str, Draft]] = []
    sets = [names for others in _sets(orders, ROUTES - len(kept)) if able & set(names := (*kept, *others))]
    for number, (turn, names) in enumerate(product(range(_TURNS), sets)):
        if number >= most or len(found) >= _ENOUGH or perf_counter() > deadline:
            break
        draft = part.served_by(names, _ITERATIONS << turn)
        if draft is not None:
            deadline = deadline if found else min(deadline, perf_counter() + seconds * _MORE)
            found.append((f"{', '.join(stuck[:3])} by planning {', '.join(names)} anew", draft))
    return found


def _sets(orders: Sequence[Sequence[str]], size: int) -> Iterator[tuple[str, ...]]:
    """Sets of vehicles, from each order in turn those whose ranks add up to least; none comes twice."""
    longest = max(len(order) for order in orders)
    seen: set[frozenset[str]] = set()
    for ranks in sorted(combinations(range(longest), size), key=lambda ranks: (sum(ranks), ranks)):
        for order in orders:
            names = tuple(order[rank] for rank in ranks if rank < len(order))
            if len(names) == size and frozenset(names) not in seen:
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
        self.draft, self.names = draft, list(names)
        self.compiled = self._compiled(stuck)
        self.filling: Filling | None = None
        if self.compiled is not None:
            sequences = {name: _calls(draft, name) for name in names}
            self.filling = Filling(self.compiled.instance, self.compiled.routes(sequences))

    def _compiled(self, stuck: Sequence[str]) -> Compiled | None:
        draft, problem = self.draft, self.draft.problem
        inside = {call.request.id for name in self.names for call in _calls(draft, name)} | set(stuck)
        part = replace(
            problem,
            requests=tuple(request for request in problem.requests if request.id in inside),
            vehicles=tuple(problem.vehicle_by_id[name] for name in self.names),
            links=(),
        )
        serving = {name: draft.vehicle_of[name] for name in inside if name in draft.vehicle_of}
        compiled = compile_problem(part, draft.calls, _windows(draft, inside), serving=serving)
        whole = compiled is not None and compiled.instance.requests == len(inside)
        return compiled if whole else None

    def served_by(self, names: Sequence[str], iterations: int) -> Draft | None:
        """The draft once these vehicles serve what is stuck as well; None when no such plan is found."""
        if self.filling is None or self.compiled is None:
            return None
        rows = [self.names.index(name) for name in names]
        routes = self.filling.filled(rows, iterations)
        if routes is None:
            return None
        every = [routes.get(row, []) for row in range(len(self.names))]
        return _laid(self.draft, self.compiled.sequences(every), names)


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
