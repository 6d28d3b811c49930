"""Solve: the way from a problem to the best plan found within the limits."""

from collections.abc import Callable
from dataclasses import dataclass

from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft, draft_of
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.reasons import reasons_for
from dispatch.optimizer.ruin import improve
from dispatch.optimizer.solution import Solution
from dispatch.optimizer.stop import Stop, StopClock
from dispatch.optimizer.validation import validate


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: best cost in cents, requests left out, iterations and wall seconds so far."""

    cost: int
    unserved: int
    vehicles: int
    iterations: int
    seconds: float


OnProgress = Callable[[Progress], None]


def solve(
    problem: Problem,
    stop: Stop,
    seed: int = 0,
    start: Solution | None = None,
    on_progress: OnProgress | None = None,
) -> Solution:
    """Find a plan of least cost within the limits; the same seed and iterations give the same plan.

    `start` is a plan to improve; whatever of it still fits is kept. `on_progress` is told of each better
    plan. Requests that cannot be served end in `unserved` with a reason. Raises ProblemError when the
    problem itself does not hang together.
    """
    validate(problem)
    clock = stop.started()
    draft = draft_of(problem, start)[0] if start is not None else Draft.empty(problem)
    insert_all(draft, [request.id for request in draft.left_out()], lambda: clock.reached(-1))
    _tell(on_progress, draft, 0, clock)
    draft, iterations = improve(draft, clock, seed, lambda d, done: _tell(on_progress, d, done, clock))
    unserved = reasons_for(draft, draft.left_out())
    return draft.solution(
        unserved, seed=seed, iterations=iterations, engine="insertion", seconds=clock.elapsed
    )


def _tell(on_progress: OnProgress | None, draft: Draft, iterations: int, clock: StopClock) -> None:
    if on_progress is not None:
        left = len(draft.calls) - len(draft.vehicle_of)
        on_progress(Progress(draft.cost().total, left, len(draft.routes), iterations, clock.elapsed))
