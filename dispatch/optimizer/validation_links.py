"""Refuses unsound links: unknown ends, bounds out of order, circles that time cannot walk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.requests import Anchor, Link, Request

Moment = tuple[str, Anchor]
Delay = tuple[Moment, Moment, int]


def require_sound_links(problem: Problem) -> None:
    """Raise ProblemError naming `links` for unknown ends, empty lags, and cycles of hard links.

    A cycle is refused when following it would make some request begin before itself; two requests that
    start at the same moment (both lags 0) are no such cycle.
    """
    for index, link in enumerate(problem.links):
        _require_link(problem, link, f"links[{index}]")
    for group in _connected([link for link in problem.links if link.hard]):
        cycle = _impossible_cycle(problem, group)
        if cycle:
            raise ProblemError("links", "cyclic links: " + " -> ".join(cycle))


def _require_link(problem: Problem, link: Link, key: str) -> None:
    for end in ("before", "after"):
        if getattr(link, end) not in problem.request_by_id:
            raise ProblemError(f"{key}.{end}", f"{getattr(link, end)!r} is not a request of this problem")
    if link.before == link.after:
        raise ProblemError(key, f"links {link.before!r} to itself")
    if link.max_lag_seconds is not None and link.max_lag_seconds < link.min_lag_seconds:
        raise ProblemError(f"{key}.max_lag_seconds", "is less than min_lag_seconds")
    for name in ("break_cents", "cents_per_minute"):
        if getattr(link, name) < 0:
            raise ProblemError(f"{key}.{name}", "must not be negative")


def _connected(links: list[Link]) -> Iterator[list[Link]]:
    touching: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        touching[link.before].append(link)
        touching[link.after].append(link)
    seen: set[str] = set()
    for root in touching:
        group: dict[str, Link] = {}
        pending = [] if root in seen else [root]
        while pending:
            request = pending.pop()
            if request not in seen:
                seen.add(request)
                group |= {link.id: link for link in touching[request]}
                pending += [end for link in touching[request] for end in (link.before, link.after)]
        if group:
            yield list(group.values())


def _impossible_cycle(problem: Problem, links: list[Link]) -> list[str]:
    """The requests around a cycle whose delays add up to more than nothing; empty when there is none."""
    names = dict.fromkeys(end for link in links for end in (link.before, link.after))
    delays = [delay for name in names for delay in _within(problem, problem.request_by_id[name])]
    delays += [delay for link in links for delay in _between(link)]
    clock: dict[Moment, int] = defaultdict(int)
    cause: dict[Moment, Moment] = {}
    moved: Moment | None = None
    for _ in range(4 * len(names) + 1):
        moved = None
        for earlier, later, seconds in delays:
            if clock[earlier] + seconds > clock[later]:
                clock[later] = clock[earlier] + seconds
                cause[later] = moved = earlier
        if moved is None:
            return []
    assert moved is not None
    return _trace(moved, cause, 4 * len(names))


def _within(problem: Problem, request: Request) -> Iterable[Delay]:
    start, departure = (request.id, Anchor.START), (request.id, Anchor.DEPARTURE)
    arrival, end = (request.id, Anchor.ARRIVAL), (request.id, Anchor.END)
    yield start, departure, request.first.service_seconds
    yield departure, start, -request.first.service_seconds
    yield arrival, end, request.last.service_seconds
    yield end, arrival, -request.last.service_seconds
    if len(request.points) == 1:
        yield start, arrival, 0
        yield arrival, start, 0
        return
    yield departure, arrival, problem.travel.shortest(request.first.location, request.last.location)


def _between(link: Link) -> Iterable[Delay]:
    before, after = (link.before, link.before_anchor), (link.after, link.after_anchor)
    yield before, after, link.min_lag_seconds
    if link.max_lag_seconds is not None:
        yield after, before, -link.max_lag_seconds


def _trace(moment: Moment, cause: dict[Moment, Moment], steps: int) -> list[str]:
    for _ in range(steps):
        moment = cause.get(moment, moment)
    names, here = [moment[0]], cause.get(moment, moment)
    while here != moment and len(names) <= steps:
        if here[0] != names[-1]:
            names.append(here[0])
        here = cause[here]
    if names[-1] != moment[0]:
        names.append(moment[0])
    return names[::-1]
