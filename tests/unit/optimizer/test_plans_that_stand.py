"""A plan that stands and does not fit any more is improved in a short search, which begins cooler for it."""

from dataclasses import replace

import pytest

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import Problem, Stop, check, solve
from dispatch.optimizer.compiled_engine import search_compiled
from dispatch.optimizer.draft import Draft, draft_of

SHORT = 1_000


def untold(_cost: int, _unserved: int, _iterations: int) -> None:
    """Progress is of no interest here."""


@pytest.fixture(scope="module")
def days() -> list[tuple[Problem, Draft]]:
    """Three days with the plans made for them before the first six requests were called off."""
    found = []
    for seed in (1, 2, 3):
        problem = sample_day(110, 12, 8, seed=seed)
        plan = solve(problem, Stop(iterations=20_000), seed=1)
        gone = {request.id for request in problem.requests[:6]}
        after = replace(
            problem,
            requests=problem.requests[6:],
            links=tuple(link for link in problem.links if not {link.before, link.after} & gone),
        )
        found.append((after, draft_of(after, plan)[0]))
    return found


def found_from(draft: Draft, *, standing: bool) -> int:
    """What a short search comes to."""
    clock = Stop(iterations=SHORT).started()
    return search_compiled(draft, clock, 1, 1, untold, standing=standing)[0].cost().total


def test_a_short_search_improves_a_plan_that_stands_more_than_one_from_hot_on(
    days: list[tuple[Problem, Draft]],
) -> None:
    stands = sum(draft.cost().total for _, draft in days)
    cool = sum(found_from(draft, standing=True) for _, draft in days)
    hot = sum(found_from(draft, standing=False) for _, draft in days)
    assert cool < hot < stands
    assert cool < 0.995 * stands


def test_a_plan_that_serves_few_does_not_stand(days: list[tuple[Problem, Draft]]) -> None:
    _, draft = days[0]
    half = draft.copy()
    for name in list(half.routes)[::2]:
        half.drop_route(name)
    half = draft_of(half.problem, half.solution(()))[0]
    assert found_from(half, standing=True) == found_from(half, standing=False)
    assert found_from(draft, standing=True) != found_from(draft, standing=False)


def test_solving_from_a_plan_goes_on_from_it_as_it_stands(days: list[tuple[Problem, Draft]]) -> None:
    problem, draft = days[0]
    plan = solve(problem, Stop(iterations=SHORT), seed=1, start=draft.solution(()))
    assert plan.cost.total <= found_from(draft, standing=True)
    assert check(problem, plan).ok


@pytest.mark.parametrize("end", ["before", "after"])
@pytest.mark.parametrize("iterations", [0, 200])
def test_a_plan_without_one_end_of_its_links_is_mended(
    days: list[tuple[Problem, Draft]], end: str, iterations: int
) -> None:
    """What comes first may have lost its place: who hangs on it is served only with it again."""
    problem, draft = days[1]
    gone = {getattr(link, end) for link in problem.links if link.hard}
    plan = draft.solution(())
    routes = [
        replace(route, stops=tuple(stop for stop in route.stops if stop.request not in gone))
        for route in plan.routes
    ]
    start = replace(plan, routes=tuple(route for route in routes if route.stops))
    assert gone & plan.served
    again = solve(problem, Stop(iterations=iterations), seed=1, start=start)
    assert check(problem, again).findings == ()
    assert len(again.served) >= len(start.served)
