"""Repair a live plan after an event: ranked alternatives in milliseconds, deeper when asked for."""

from dataclasses import dataclass
from time import perf_counter

from dispatch.optimizer.check import check
from dispatch.optimizer.comparing import FEW_ROUTES, Difference, compare
from dispatch.optimizer.construct import insert_all, insert_one
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.ejecting import by_ejection, by_search
from dispatch.optimizer.events import Event
from dispatch.optimizer.insertion import placements
from dispatch.optimizer.live import LivePlan
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.reasons import reason_for
from dispatch.optimizer.solution import Solution, Unserved, UnservedCode
from dispatch.optimizer.takeover import by_spare_vehicle

AFFECTED_CENTS = 300
"""What one more person whose plan changes weighs when alternatives are ranked."""

_LEAVE_OUT = "leave out"

_FEW, _SEARCH, _ITERATIONS = 0.5, 0.2, 100
"""Where several are missing, or one with what hard links tie to it: the share of the time for planning few
routes anew, then for search around the damage; the whole search gets the rest, and so many iterations for
each try allowed."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to go on: a whole plan, what it costs more than before, and whom it changes things for."""

    summary: str
    plan: Solution
    cost_change: int
    difference: Difference

    @property
    def score(self) -> int:
        """Cost change plus a price for every person affected; of those that lose as few the least is best."""
        return self.cost_change + AFFECTED_CENTS * len(self.difference.people)


@dataclass(frozen=True, slots=True)
class Repair:
    """The problem after an event and the alternatives, best first; the first passes the checker."""

    problem: Problem
    alternatives: tuple[Alternative, ...]
    seconds: float

    @property
    def best(self) -> Alternative:
        """The alternative proposed first."""
        return self.alternatives[0]


def repair(live: LivePlan, event: Event, most: int = 3, seconds: float = 0.0) -> Repair:
    """Up to `most` ways to go on after the event, best first; there is always at least one.

    Ways that lose nobody who was served before come first; of these, where one request is to be placed, those
    that change at most three routes; then the least score. Insertion and bounded ejection always run;
    when they leave a request out that was served before, or change more routes, a search around the damage
    goes on for `seconds`.
    Raises ProblemError when the event names what is not there.
    """
    began = perf_counter()
    problem, ranked = alternatives(live, event, most, seconds)
    return Repair(problem, tuple(_checked(problem, ranked)[:most]), perf_counter() - began)


def alternatives(
    live: LivePlan, event: Event, most: int = 3, seconds: float = 0.0, tries: int = 10_000
) -> tuple[Problem, list[Alternative]]:
    """The problem after the event and the alternatives of `repair`, best first, not yet checked."""
    change, base, missing = live.after(event)
    drafts = _candidates(live, base, missing, most)
    few = len(missing) == 1 and not _dependents(base, missing[0])

    def ranked() -> list[Alternative]:
        known = _reasons(live, base, missing, drafts, seconds)
        found = [_alternative(live, change.problem, summary, draft, known) for summary, draft in drafts]
        return sorted(_different(found), key=lambda way: _rank(way, few=few))

    searching = seconds > 0 and bool(missing)
    if not searching or not all(_lost(draft, missing) for _, draft in drafts):
        found = ranked()
        if not searching or not _crowded(found[0], few=few):
            return change.problem, found
    drafts += _searched(live, base, missing, seconds, tries)
    return change.problem, ranked()


def _crowded(way: Alternative, *, few: bool) -> bool:
    """Whether it changes more routes than people overlook, where that is asked for."""
    return few and len(way.difference.routes) > FEW_ROUTES


def _rank(way: Alternative, *, few: bool) -> tuple[int, bool, int]:
    """What comes first: nobody lost, few routes changed (where that is asked for), the least score.

    A fourth crew that hears of a change is better than a patient who is left behind.
    """
    return len(way.difference.left_out), _crowded(way, few=few), way.score


def _candidates(live: LivePlan, base: Draft, missing: list[str], most: int) -> list[tuple[str, Draft]]:
    if not missing:
        return _fuller(live, base)
    found = _one(base, missing[0], most) if len(missing) == 1 else _several(base, missing)
    if not found or all(_lost(draft, missing) for _, draft in found):
        found += by_ejection(base, missing)
    if all(draft.vehicle_of.get(missing[0]) for _, draft in found):
        found.append((f"{_LEAVE_OUT} {', '.join(missing[:3])}", _without_stranded(base)))
    return found


def _searched(
    live: LivePlan, base: Draft, missing: list[str], seconds: float, tries: int
) -> list[tuple[str, Draft]]:
    """Plans that lose nobody and change three routes, or more where that is not enough."""
    # The compiled search is loaded by the calls that need it, and by no others.
    from dispatch.optimizer.few_routes import by_few_routes
    from dispatch.optimizer.replanning import by_planning_anew

    had = live.draft.vehicle_of
    touched = [had[name] for name in missing if name in had]
    tied = [name for name in _dependents(base, missing[0]) if name in base.vehicle_of]
    alone = len(missing) == 1 and not tied
    found = by_few_routes(base, missing, touched, seconds if alone else _FEW * seconds, tries)
    if found or alone:
        return found
    if len(missing) > 1:
        found = by_search(base, missing, perf_counter() + _SEARCH * seconds, tries)
    share = 1.0 - _FEW - (_SEARCH if len(missing) > 1 else 0.0)
    return found or by_planning_anew(base, missing, share * seconds, tries * _ITERATIONS)


def _lost(draft: Draft, missing: list[str]) -> bool:
    return any(name not in draft.vehicle_of for name in missing)


def _fuller(live: LivePlan, base: Draft) -> list[tuple[str, Draft]]:
    """The plan as it remains, and with requests put into the room that has come free."""
    kept = _without_stranded(base)
    filled = kept.copy()
    insert_all(filled, [request.id for request in filled.left_out()[:20]])
    found = [("keep the rest as it is", kept)]
    if len(filled.vehicle_of) > len(kept.vehicle_of):
        found.append(("use the room for requests that were left out", filled))
    return found


def _one(base: Draft, request: str, most: int) -> list[tuple[str, Draft]]:
    """The request at its cheapest places, with whatever hard links tie to it put after it."""
    found: list[tuple[str, Draft]] = []
    tied = _dependents(base, request)
    freed = base.copy()
    movable = [name for name in tied if freed.vehicle_of.get(name) and freed.remove(name)]
    for place in placements(base, request, most=most):
        draft = base.copy()
        draft.put(place.route)
        found.append((f"{request} on {place.vehicle}", _without_stranded(draft)))
    for place in placements(freed, request, most=most) if movable and not found else ():
        draft = freed.copy()
        draft.put(place.route)
        insert_all(draft, movable)
        found.append((f"{request} on {place.vehicle}, with what is linked to it", _without_stranded(draft)))
    return found


def _dependents(draft: Draft, request: str) -> list[str]:
    """Requests tied to this one by hard links, however many links away, without those committed."""
    known, pending = {request}, [request]
    while pending:
        for lag in draft.lags.get(pending.pop(), ()):
            for end in (lag.before[0], lag.after[0]) if lag.link.hard else ():
                if end not in known:
                    known.add(end)
                    pending.append(end)
    return sorted(known - {request})


def _several(base: Draft, missing: list[str]) -> list[tuple[str, Draft]]:
    """Several requests at once: a spare vehicle takes them over, or each goes where it costs least."""
    found = by_spare_vehicle(base, missing)
    spread = base.copy()
    insert_all(spread, missing)
    found.append(("spread over the other vehicles", spread))
    in_time = base.copy()
    for name in sorted(missing, key=lambda name: base.calls[name][0].upper):
        insert_one(in_time, name)
    found.append(("spread over the other vehicles in order of time", _without_stranded(in_time)))
    return found


def _without_stranded(draft: Draft) -> Draft:
    clean = draft.copy()
    insert_all(clean, ())
    return clean


def _reasons(
    live: LivePlan, base: Draft, missing: list[str], drafts: list[tuple[str, Draft]], seconds: float
) -> dict[str, Unserved]:
    """Why what is left out is left out, as far as that is the same for every alternative."""
    known = {left.request: left for left in live.plan.unserved}
    for name in missing:
        if any(name in draft.vehicle_of for _, draft in drafts):
            text = "This alternative leaves it out; others serve it at a price."
            known[name] = Unserved(name, UnservedCode.PRICE, text)
            continue
        reason = reason_for(base, base.calls[name][0].request, probe=False)
        if reason.code is UnservedCode.NO_ROOM and seconds > 0:
            text = f"{reason.reason} A search of {seconds:g} s for routes to plan anew found no room either."
            reason = Unserved(name, UnservedCode.NO_ROOM, text)
        known[name] = reason
    return known


def _alternative(
    live: LivePlan, problem: Problem, summary: str, draft: Draft, known: dict[str, Unserved]
) -> Alternative:
    reasons = [
        known.get(request.id) or reason_for(draft, request, probe=False) for request in draft.left_out()
    ]
    plan = draft.solution(reasons, engine="repair")
    difference = compare(problem, live.plan, plan)
    return Alternative(summary, plan, plan.cost.total - live.plan.cost.total, difference)


def _different(found: list[Alternative]) -> list[Alternative]:
    seen: dict[tuple[object, ...], Alternative] = {}
    for alternative in found:
        seen.setdefault(alternative.plan.routes, alternative)
    return list(seen.values())


def _checked(problem: Problem, ranked: list[Alternative]) -> list[Alternative]:
    """The alternatives without those before the first that passes the checker."""
    for position, alternative in enumerate(ranked):
        if check(problem, alternative.plan).ok:
            return ranked[position:]
    return ranked
