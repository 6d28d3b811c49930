"""Make room: one request gives way to another and is put elsewhere; then a search around the damage."""

from collections.abc import Callable
from random import Random
from time import perf_counter

from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.insertion import Vacancy, placements
from dispatch.optimizer.ruin import ruin_around

_TRIES, _EXACTLY, _MORE = 40, 24, 6
_ENOUGH = 2
_ROOMS = 12


def by_ejection(
    base: Draft, missing: list[str], stopped: Callable[[], bool] = lambda: False
) -> list[tuple[str, Draft]]:
    """Plans in which every missing request is served because one other, each time, moves to another vehicle.

    At most 40 requests are looked at and 24 tried exactly; once one way that loses nobody is found, six more
    are tried for a second one.
    """
    found: list[tuple[str, Draft]] = []
    start = base.copy()
    insert_all(start, missing)
    stuck = [name for name in missing if name not in start.vehicle_of]
    if len(stuck) != 1:
        return found
    request, vacancy, left = stuck[0], Vacancy(start, stuck[0]), _EXACTLY
    for other in _givers(start, request)[:_TRIES]:
        if stopped() or left == 0:
            break
        if not vacancy.of(other):
            continue
        draft, left = _ejected(start, request, other), left - 1
        if draft is not None:
            left = min(left, _MORE)
            found.append((f"{request} in place of {other}, which moves to {draft.vehicle_of[other]}", draft))
        if len(found) >= _ENOUGH:
            break
    return found


def with_room_made(draft: Draft, stopped: Callable[[], bool]) -> Draft:
    """The draft with left out requests put in by ejection, a dozen tried, wherever that lowers its cost."""
    waiting = sorted(draft.left_out(), key=lambda request: (-request.left_out_cents, request.id))
    for request in waiting[:_ROOMS]:
        if stopped():
            break
        found = [other for _, other in by_ejection(draft, [request.id], stopped)] or by_partners(
            draft, request.id
        )
        best = min(found, key=lambda other: other.cost().total, default=draft)
        if best.cost().total < draft.cost().total:
            draft = best
    return draft


def by_partners(draft: Draft, request: str) -> list[Draft]:
    """Plans in which a request that a hard link ties to it goes elsewhere, so that this one is served too."""
    found: list[Draft] = []
    for lag in draft.lags.get(request, ()):
        partner = lag.before[0] if lag.after[0] == request else lag.after[0]
        base = draft.copy()
        if not lag.link.hard or partner not in base.vehicle_of or not base.remove(partner):
            continue
        for place in placements(base, partner, most=5):
            trial = base.copy()
            trial.put(place.route)
            insert_all(trial, [request])
            if request in trial.vehicle_of:
                found.append(trial)
    return found


def _ejected(start: Draft, request: str, other: str) -> Draft | None:
    vehicle = start.problem.vehicle_by_id[start.vehicle_of[other]]
    draft = start.copy()
    if not draft.remove(other):
        return None
    found = placements(draft, request, [vehicle], most=1, tries=4)
    if not found:
        return None
    draft.put(found[0].route)
    elsewhere = placements(draft, other, most=1, tries=4)
    if not elsewhere:
        return None
    draft.put(elsewhere[0].route)
    return None if draft.broken_links() else draft


def _givers(draft: Draft, request: str) -> list[str]:
    """Served requests on vehicles that could serve this one, nearest to it in time and place first."""
    call = draft.calls[request][0]
    able = {vehicle.id for vehicle in draft.eligible(request)}
    seconds = draft.problem.travel.seconds[call.location]
    ranked: list[tuple[int, str]] = []
    for other, vehicle in draft.vehicle_of.items():
        first = draft.calls[other][0]
        if vehicle not in able or first.request.pin is not None or other in draft.lags:
            continue
        start = draft.starts[first.key]
        apart = max(call.lower - start, start - call.upper, 0)
        if apart < 7200:
            ranked.append((apart + int(seconds[first.location]), other))
    return [other for _, other in sorted(ranked)]


def by_search(base: Draft, missing: list[str], deadline: float, most: int = 1000) -> list[tuple[str, Draft]]:
    """The first plan found before the deadline that serves what is missing and loses nobody; else nothing.

    Each of at most `most` tries takes out a few requests around a missing one and puts all
    back.
    """
    tries = 0
    chance = Random(0)  # noqa: S311 - repeatable search, nothing secret
    target = len(base.vehicle_of) + sum(name not in base.vehicle_of for name in missing)
    while perf_counter() < deadline and tries < most:
        tries += 1
        trial = base.copy()
        stuck = [name for name in missing if name not in trial.vehicle_of]
        out = ruin_around(trial, chance, stuck[chance.randrange(len(stuck))], chance.randint(2, 5))
        insert_all(trial, [*stuck, *out], lambda: perf_counter() > deadline)
        if len(trial.vehicle_of) >= target:
            return [(f"{', '.join(stuck[:3])} after moving {len(out)} others", trial)]
    return []
