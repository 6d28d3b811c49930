"""Links as lags between starts of service: windows they leave open, and what soft ones cost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.optimizer.pricing import rounded
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Anchor, Link, Request

Key = tuple[str, int]
Starts = Mapping[Key, int]
NEVER, ALWAYS = -(2**31), 2**31


@dataclass(frozen=True, slots=True)
class Lag:
    """minimum <= start(after) - start(before) <= maximum, between two points of two requests."""

    link: Link
    before: Key
    after: Key
    minimum: int
    maximum: int


def lag_of(problem: Problem, link: Link) -> Lag:
    """The link with its anchors moved to the starts of service of the points they hang on."""
    before, after = problem.request_by_id[link.before], problem.request_by_id[link.after]
    before_key, before_shift = _anchored(before, link.before_anchor)
    after_key, after_shift = _anchored(after, link.after_anchor)
    shift = before_shift - after_shift
    maximum = ALWAYS if link.max_lag_seconds is None else link.max_lag_seconds + shift
    return Lag(link, before_key, after_key, link.min_lag_seconds + shift, maximum)


def _anchored(request: Request, anchor: Anchor) -> tuple[Key, int]:
    index = 0 if anchor in (Anchor.START, Anchor.DEPARTURE) else len(request.points) - 1
    ended = anchor in (Anchor.DEPARTURE, Anchor.END)
    return (request.id, index), request.points[index].service_seconds if ended else 0


def lags_of(problem: Problem) -> dict[str, tuple[Lag, ...]]:
    """The lags that touch each linked request, by request id."""
    lags = {link.id: lag_of(problem, link) for link in problem.links}
    return {request: tuple(lags[link.id] for link in links) for request, links in problem.links_of.items()}


def windows_left(
    lags: Iterable[Lag], request: str, starts: Starts, ignoring: frozenset[str] = frozenset()
) -> dict[Key, tuple[int, int]]:
    """What the starts of the other ends leave open for the request's points; ends not planned leave all.

    Lags to the requests in `ignoring` are passed over.
    """
    left: dict[Key, tuple[int, int]] = {}
    for lag in lags:
        own, other = (lag.after, lag.before) if lag.after[0] == request else (lag.before, lag.after)
        start = starts.get(other)
        if start is None or other[0] in ignoring:
            continue
        if own is lag.after:
            lower, upper = start + lag.minimum, start + lag.maximum
        else:
            lower, upper = start - lag.maximum, start - lag.minimum
        had = left.get(own, (NEVER, ALWAYS))
        left[own] = max(had[0], lower), min(had[1], upper)
    return left


def breach_seconds(lag: Lag, starts: Starts) -> int | None:
    """By how many seconds the lag misses its bounds (0: kept); None when an end is not planned."""
    before, after = starts.get(lag.before), starts.get(lag.after)
    if before is None or after is None:
        return None
    apart = after - before
    return max(lag.minimum - apart, apart - lag.maximum, 0)


def kept(lag: Lag, starts: Starts) -> bool:
    """Whether a hard link's promise holds, including that `after` is not served without `before`."""
    missed = breach_seconds(lag, starts)
    if missed is not None:
        return missed == 0
    if lag.after in starts:
        return False
    return not (lag.link.mutual and lag.before in starts)


def soft_cents(lag: Lag, starts: Starts) -> int:
    """The price of a soft link in this plan: nothing when it is kept or neither end is served."""
    missed = breach_seconds(lag, starts)
    if missed is None:
        return lag.link.break_cents if (lag.after in starts or lag.before in starts) else 0
    return 0 if missed == 0 else lag.link.break_cents + rounded(missed * lag.link.cents_per_minute, 60)
