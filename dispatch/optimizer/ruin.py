"""Improve a draft: take a few neighbouring requests out, put them back, go on from what is hardly dearer."""

from collections.abc import Callable
from random import Random

from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.stop import StopClock

_DEARER = 0.02
"""By which share of the best cost a plan may be dearer at first and still be gone on from; less and less,
none in the end. Two steps that only together save something are found so."""


def improve(
    draft: Draft, clock: StopClock, seed: int, tell: Callable[[int, int, int], None] | None = None
) -> tuple[Draft, int]:
    """The best draft found by small ruin-and-recreate steps until the clock says stop, and their number.

    Without a time or iteration limit nothing is improved. The draft given is not changed.
    """
    limited = clock.stop.iterations is not None or clock.stop.seconds is not None
    chance = Random(seed)  # noqa: S311 - repeatable search, nothing secret
    best, current, cost, iterations = draft, draft, draft.cost().total, 0
    movable = any(_movable(draft, request.id) for request in draft.problem.requests)
    while limited and movable and best.vehicle_of and not clock.reached(iterations):
        allowed = cost * (1.0 + _DEARER * max(0.0, 1.0 - clock.used(iterations)))
        iterations += 1
        trial = current.copy()
        out = ruin(trial, chance, size=chance.randint(2, 8))
        insert_all(trial, [*out, *_some_left_out(trial, out, chance)])
        trial_cost = trial.cost().total
        if trial_cost > allowed or trial.broken_links():
            continue
        current = trial
        if trial_cost < cost:
            best, cost = trial, trial_cost
            if tell is not None:
                tell(cost, len(best.calls) - len(best.vehicle_of), iterations)
    return best, iterations


def ruin(draft: Draft, chance: Random, size: int) -> list[str]:
    """Take out a request, its nearest neighbours in place and time, and what hard links hang on them."""
    served = sorted(request for request in draft.vehicle_of if _movable(draft, request))
    return ruin_around(draft, chance, served[chance.randrange(len(served))], size) if served else []


def _movable(draft: Draft, request: str) -> bool:
    """Whether a request could be served otherwise than it is: not at the given times on the given vehicle."""
    calls = draft.calls[request]
    named = calls[0].request.vehicles
    return named is None or len(named) > 1 or any(call.lower < call.upper for call in calls)


def ruin_around(draft: Draft, chance: Random, seed_request: str, size: int) -> list[str]:
    """Take out up to `size` requests near one that may or may not be served, with what hangs on them."""
    served = (request for request in draft.vehicle_of if _movable(draft, request))
    near = sorted(served, key=lambda request: (_apart(draft, seed_request, request), request))
    out: list[str] = []
    for request in near[: size * 2]:
        if len(out) >= size:
            break
        if request in draft.vehicle_of and chance.random() < 0.8:
            out += _take_with_dependents(draft, request)
    return out


def _take_with_dependents(draft: Draft, request: str) -> list[str]:
    taken = [request] if draft.remove(request) else []
    for lag in draft.lags.get(request, ()) if taken else ():
        dependent = lag.after[0] if lag.before[0] == request else lag.before[0]
        needs = lag.before[0] == request or lag.link.mutual
        if lag.link.hard and needs and dependent in draft.vehicle_of:
            taken += _take_with_dependents(draft, dependent)
    return taken


def _apart(draft: Draft, one: str, other: str) -> int:
    """How far two served requests are from each other, in seconds of driving and of start."""
    first, second = draft.calls[one][0], draft.calls[other][0]
    drive = int(draft.problem.travel.seconds[first.location, second.location])
    begins = draft.starts.get(first.key, first.lower)
    return drive + abs(begins - draft.starts[second.key]) // 4


def _some_left_out(draft: Draft, out: list[str], chance: Random) -> list[str]:
    absent = sorted(request.id for request in draft.left_out() if request.id not in out)
    return chance.sample(absent, min(len(absent), 4))
