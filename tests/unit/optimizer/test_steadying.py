"""People keep the times they were told where the order of a new plan allows it; nothing else is changed."""

from dataclasses import replace

import pytest

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import Problem, Solution, Stop, check, solve
from dispatch.optimizer.draft import draft_of
from dispatch.optimizer.steadying import steadied

WORTH = 500
MINUTE = 60


def told_otherwise(problem: Problem, plan: Solution, seconds: int) -> Solution:
    """The same sequences as they would stand had each route begun so much later, as far as that goes."""
    draft, _ = draft_of(problem, plan)
    for route in list(draft.routes.values()):
        later = {key: start + seconds for key, start in route.starts().items()}
        timed = draft.timed_at(route.vehicle, route.calls, later)
        trial = draft.copy()
        if timed is not None:
            trial.put(timed)
        draft = draft if trial.broken_links() else trial
    return draft.solution(plan.unserved)


@pytest.fixture(scope="module", params=[3, 8])
def day(request: pytest.FixtureRequest) -> tuple[Problem, Solution]:
    """Rides, deliveries and visits with links, and a plan of them."""
    problem = sample_day(24, 8, 4, vans=6, seed=request.param)
    return problem, solve(problem, Stop(iterations=400), seed=1)


def starts(plan: Solution) -> dict[tuple[str, int], int]:
    return {(stop.request, stop.point): stop.start for stop in plan.stops()}


def sequences(plan: Solution) -> dict[str, list[tuple[str, int]]]:
    return {route.vehicle: [(stop.request, stop.point) for stop in route.stops] for route in plan.routes}


def test_who_keeps_place_and_order_keeps_the_time(day: tuple[Problem, Solution]) -> None:
    problem, plan = day
    told = told_otherwise(problem, plan, 2 * MINUTE)
    moved = {key for key, start in starts(told).items() if start != starts(plan)[key]}
    steady = steadied(problem, plan, told, WORTH)
    assert len(moved) > 10
    kept = {key for key in moved if starts(steady)[key] == starts(told)[key]}
    assert len(kept) >= 0.8 * len(moved)
    assert sequences(steady) == sequences(plan)
    assert steady.unserved == plan.unserved
    assert check(problem, steady).findings == ()
    assert steady.cost.total <= plan.cost.total + WORTH * len(plan.routes)


def test_a_price_that_is_too_high_is_not_paid(day: tuple[Problem, Solution]) -> None:
    problem, plan = day
    told = told_otherwise(problem, plan, 2 * MINUTE)
    assert draft_of(problem, told, told=True)[0].cost().total > plan.cost.total + 1
    free = steadied(problem, plan, told, -(10**9))
    assert starts(free) == starts(plan)
    cheap = steadied(problem, plan, told, 1)
    assert cheap.cost.total <= plan.cost.total + len(plan.routes)


def test_those_before_a_newcomer_keep_their_time_when_those_after_cannot(
    day: tuple[Problem, Solution],
) -> None:
    problem, plan = day
    route = max(plan.routes, key=lambda one: len(one.stops))
    newcomer = route.stops[len(route.stops) // 2].request
    told = replace(
        plan,
        routes=tuple(
            replace(one, stops=tuple(stop for stop in one.stops if stop.request != newcomer))
            for one in told_otherwise(problem, plan, 2 * MINUTE).routes
        ),
    )
    steady = steadied(problem, plan, told, WORTH)
    assert check(problem, steady).findings == ()
    assert sequences(steady) == sequences(plan)
    known = starts(told)
    others = [stop for one in steady.routes if one.vehicle != route.vehicle for stop in one.stops]
    assert sum(stop.start == known.get((stop.request, stop.point)) for stop in others) > 0.8 * len(others)


def test_a_plan_whose_times_cannot_be_kept_is_given_back_as_it_is(day: tuple[Problem, Solution]) -> None:
    problem, plan = day
    nobody = Solution((), ())
    assert starts(steadied(problem, plan, nobody, WORTH)) == starts(plan)
    impossible = replace(
        plan,
        routes=tuple(
            replace(one, stops=tuple(replace(stop, start=stop.start + 10**5) for stop in one.stops))
            for one in plan.routes
        ),
    )
    assert starts(steadied(problem, plan, impossible, WORTH)) == starts(plan)
