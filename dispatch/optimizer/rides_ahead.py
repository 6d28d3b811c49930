"""A second way into a linked day: rides as if nothing hung on them, then the rest around their times.

Where vehicles are scarce this serves more than windows parted between both ends of every link; the search
goes on from whichever way came out better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dispatch.optimizer.compile import Compiled, compile_problem
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.engine.search import EngineResult, search
from dispatch.optimizer.limits import out_of_stock
from dispatch.optimizer.link_windows import free_windows
from dispatch.optimizer.links import Key, Lag
from dispatch.optimizer.rebuilding import rebuilt
from dispatch.optimizer.requests import RequestKind
from dispatch.optimizer.stop import Stop

_TRIES = 30


def has_rest(draft: Draft) -> bool:
    """Whether some link ties a ride to something that is no ride."""
    kinds = {request.id: request.kind is RequestKind.RIDE for request in draft.problem.requests}
    return any(kinds[link.before] != kinds[link.after] for link in draft.problem.links)


def rides_ahead(
    base: Draft,
    penalties: Mapping[str, int],
    each: Stop,
    seed: int,
    threads: int,
    stopped: Callable[[], bool],
) -> tuple[Draft, int]:
    """The draft of both steps, each within the limits, and the iterations; nothing of ``base`` is kept."""
    rest = [r.id for r in base.problem.requests if r.kind is not RequestKind.RIDE]
    every: dict[str, Lag] = {lag.link.id: lag for lags in base.lags.values() for lag in lags}
    among = [lag for lag in every.values() if lag.before[0] not in rest and lag.after[0] not in rest]
    short = out_of_stock(base)
    alone = compile_problem(
        base.problem, base.calls, free_windows(base.calls, among, {}), [*rest, *short], None, penalties
    )
    if alone is None:
        return base, 0
    rides = search(alone.instance, each, seed, threads=threads)
    windows = free_windows(base.calls, every.values(), _starts(alone, rides))
    whole = compile_problem(base.problem, base.calls, windows, short, None, penalties)
    if whole is None:
        return base, rides.iterations
    start = whole.routes(alone.sequences(rides.routes))
    result = search(whole.instance, each, seed, start, threads=threads)
    trial = rebuilt(base, whole, result.routes, windows)
    insert_all(trial, [request.id for request in trial.left_out()[:_TRIES]], stopped)
    return trial, rides.iterations + result.iterations


def _starts(compiled: Compiled, result: EngineResult) -> dict[Key, int]:
    """When each stop of the engine's plan starts."""
    return {
        compiled.stops[stop].key: round(start)
        for route, starts in zip(result.routes, result.starts, strict=True)
        for stop, start in zip(route, starts, strict=True)
    }
