"""The way it is done by hand: rides are planned first, then equipment and visits around their times."""

from __future__ import annotations

from dispatch.optimizer import Problem, Solution, Stop, solve
from dispatch.optimizer.draft import draft_of
from dispatch.optimizer.reasons import reasons_for
from dispatch.optimizer.rides_settled import completed, rides_alone, rides_settled


def rides_first(problem: Problem, each: Stop, seed: int = 0, threads: int = 2) -> Solution:
    """A plan in two steps, each within the limits; its cost is that of the whole problem.

    In the second step every planned ride keeps its vehicle and its times, so that equipment has a deadline;
    rides whose hard links cannot be kept are lost.
    """
    rides = solve(rides_alone(problem), each, seed, threads=threads)
    starts = {(stop.request, stop.point): stop.start for stop in rides.stops()}
    vehicle_of = {stop.request: route.vehicle for route in rides.routes for stop in route.stops}
    settled = rides_settled(problem, vehicle_of, starts)
    second = solve(settled, each, seed, start=rides, threads=threads)
    draft = completed(draft_of(problem, second)[0])
    return draft.solution(reasons_for(draft, draft.left_out()), engine="rides first")
