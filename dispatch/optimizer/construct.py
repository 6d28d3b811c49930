"""A first plan: requests are put in one after another where they cost least, the hardest to place first."""

from collections.abc import Callable, Iterable, Sequence

from dispatch.optimizer.draft import Draft
from dispatch.optimizer.insertion import Placement, placements
from dispatch.optimizer.links import ALWAYS

_REGRET_UP_TO = 60


def insert_all(
    draft: Draft, requests: Iterable[str], stopped: Callable[[], bool] = lambda: False
) -> list[str]:
    """Insert the requests where they cost least and return those that found no place worth its price.

    Up to 60 requests are inserted by regret (those with most to lose first), more in the order of their
    windows. A request that a hard link needs before another goes first; mutual links keep both or none.
    """
    waiting = _in_order(draft, requests)
    left = _by_regret(draft, waiting, stopped) if len(waiting) <= _REGRET_UP_TO else waiting
    absent = (request for request in left if request not in draft.vehicle_of)
    refused = [request for request in absent if stopped() or not insert_one(draft, request)]
    return refused + drop_stranded(draft)


def insert_one(draft: Draft, request: str) -> bool:
    """Put the request where it costs least; False when it has no place cheaper than leaving it out."""
    best = worthwhile(draft, placements(draft, request, most=1))
    if not best:
        return False
    draft.put(best[0].route)
    return True


def worthwhile(draft: Draft, found: Sequence[Placement]) -> list[Placement]:
    """The placements that cost no more than leaving the request out."""
    return [p for p in found if p.delta <= draft.calls[p.request][0].request.left_out_cents]


def drop_stranded(draft: Draft) -> list[str]:
    """Take out requests whose hard link is not kept, until all links are; returns what was taken out."""
    dropped: list[str] = []
    for _ in range(len(draft.problem.links) + 1):
        broken = draft.broken_links()
        if not broken:
            break
        for lag in broken:
            victim = lag.after[0] if lag.after in draft.starts else lag.before[0]
            if victim not in draft.vehicle_of:
                continue
            if not draft.remove(victim):
                draft.drop_route(draft.vehicle_of[victim])
            dropped.append(victim)
    return dropped


def _in_order(draft: Draft, requests: Iterable[str]) -> list[str]:
    """By depth in the hard links, then priority, then the width and the end of the window."""
    depth: dict[str, int] = {}

    def deep(request: str) -> int:
        if request not in depth:
            depth[request] = 0
            lags = [lag for lag in draft.lags.get(request, ()) if lag.link.hard and lag.after[0] == request]
            depth[request] = max((1 + deep(lag.before[0]) for lag in lags), default=0)
        return depth[request]

    def rank(request: str) -> tuple[int, int, int, str]:
        calls = draft.calls[request]
        return deep(request), -calls[0].request.priority, min(calls[0].upper, ALWAYS), request

    return sorted(requests, key=rank)


def _by_regret(draft: Draft, waiting: list[str], stopped: Callable[[], bool]) -> list[str]:
    """Insert by largest regret over the three best vehicles; returns what could not be inserted."""
    known: dict[str, list[Placement]] = {}
    pending = list(waiting)
    stuck: list[str] = []
    while pending and not stopped():
        for request in pending:
            if request not in known:
                known[request] = worthwhile(draft, placements(draft, request, most=3))
        hopeless = [request for request in pending if not known[request]]
        stuck += hopeless
        pending = [request for request in pending if known[request]]
        if not pending:
            break
        chosen = max(pending, key=lambda request: (_regret(draft, known[request]), request))
        draft.put(known[chosen][0].route)
        pending.remove(chosen)
        touched = known[chosen][0].vehicle
        _forget(draft, known, touched, chosen)
        pending += [request for request in stuck if _needs(draft, request, chosen)]
        stuck = [request for request in stuck if request not in pending]
    return pending + stuck


def _regret(draft: Draft, found: list[Placement]) -> int:
    refused = draft.calls[found[0].request][0].request.left_out_cents
    return sum(place.delta - found[0].delta for place in found[1:]) + (3 - len(found)) * refused


def _forget(draft: Draft, known: dict[str, list[Placement]], vehicle: str, chosen: str) -> None:
    """Drop what the change of one route makes stale."""
    linked = {end for lag in draft.lags.get(chosen, ()) for end in (lag.before[0], lag.after[0])}
    shared = bool(draft.calls[chosen][0].request.equipment)
    for request in list(known):
        stale = shared or request in linked or any(place.vehicle == vehicle for place in known[request])
        if stale or not known[request] or len(known[request]) < 3:
            del known[request]


def _needs(draft: Draft, request: str, chosen: str) -> bool:
    return any(lag.before[0] == chosen for lag in draft.lags.get(request, ()) if lag.link.hard)
