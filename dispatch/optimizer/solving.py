"""Solve: the way from a problem to the best plan found within the limits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft, draft_of
from dispatch.optimizer.ejecting import with_room_made
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.limits import trim
from dispatch.optimizer.polishing import polished
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.reasons import reasons_for
from dispatch.optimizer.ruin import improve
from dispatch.optimizer.solution import Solution
from dispatch.optimizer.stop import Stop, StopClock, Tell
from dispatch.optimizer.validation import validate

Engine = Literal["auto", "compiled", "routing", "insertion"]
ENGINES: tuple[Engine, ...] = ("auto", "compiled", "routing", "insertion")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: best cost in cents, requests left out, iterations and wall seconds so far."""

    cost: int
    unserved: int
    iterations: int
    seconds: float


OnProgress = Callable[[Progress], None]
Search = Callable[[Draft, StopClock, Tell], tuple[Draft, int]]


def solve(
    problem: Problem,
    stop: Stop,
    seed: int = 0,
    start: Solution | None = None,
    on_progress: OnProgress | None = None,
    *,
    engine: Engine = "auto",
    threads: int = 1,
) -> Solution:
    """Find a plan of least cost within the limits.

    `start` is a plan to improve; whatever of it still fits is kept. `on_progress` is told now and then.
    `engine` is `compiled` (also `auto`: own compiled search), `routing` (OR-Tools routing alone) or
    `insertion` (plain Python). Same seed, iterations and threads without a time limit give the same plan;
    without any limit the first plan is returned. Requests that cannot be served end in `unserved` with a
    reason. Raises ProblemError when the problem does not hang together.
    """
    if engine not in ENGINES:
        raise ProblemError("engine", f"must be one of {', '.join(ENGINES)}")
    validate(problem)
    limits = replace(stop, iterations=0) if stop.seconds is None and stop.iterations is None else stop
    chosen: Engine = "compiled" if engine == "auto" else engine
    search = _searcher(chosen, seed, threads, standing=start is not None)
    clock = limits.started()
    draft = Draft.empty(problem) if start is None else _as_it_fits(problem, start, clock)
    tell = _teller(on_progress, clock)
    draft, iterations = search(draft, clock, tell)
    if limits.iterations != 0:
        draft = with_room_made(draft, clock.over)
        draft = polished(draft, clock.over)
    unserved = reasons_for(draft, draft.left_out())
    return draft.solution(unserved, seed=seed, iterations=iterations, engine=chosen, seconds=clock.elapsed)


def _searcher(engine: Engine, seed: int, threads: int, *, standing: bool) -> Search:
    """The search of an engine; compiled code and OR-Tools are loaded here, off the clock."""
    if engine == "compiled":
        from dispatch.optimizer.compiled_engine import search_compiled

        return lambda draft, clock, tell: search_compiled(
            draft, clock, seed, threads, tell, standing=standing
        )
    if engine == "routing":
        from dispatch.optimizer.routing_engine import search_routing

        return lambda draft, clock, tell: search_routing(_filled(draft, clock), clock, tell)
    return lambda draft, clock, tell: improve(_filled(draft, clock), clock, seed, tell)


def _as_it_fits(problem: Problem, start: Solution, clock: StopClock) -> Draft:
    """The plan to begin from without what breaks a limit or a hard link, after a try to mend the link."""
    draft, _ = draft_of(problem, start)
    trim(draft)
    ends = {lag.before[0] for lag in draft.broken_links()}
    insert_all(draft, sorted(ends - draft.vehicle_of.keys()), clock.over)
    return draft


def _filled(draft: Draft, clock: StopClock) -> Draft:
    insert_all(draft, [request.id for request in draft.left_out()], lambda: clock.remaining <= 0)
    return draft


def _teller(on_progress: OnProgress | None, clock: StopClock) -> Tell:
    def tell(cost: int, unserved: int, iterations: int) -> None:
        if on_progress is not None:
            on_progress(Progress(cost, unserved, iterations, clock.elapsed))

    return tell
