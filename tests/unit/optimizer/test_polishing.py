"""The last pass over a plan: stops change places on their own route where that costs less."""

from itertools import count, pairwise

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import Stop, check, solve
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft, draft_of
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.polishing import polished
from dispatch.optimizer.reasons import reasons_for


def first_plan(seed: int) -> Draft:
    draft = Draft.empty(sample_day(rides=24, deliveries=8, visits=4, vans=3, seed=seed))
    insert_all(draft, [request.id for request in draft.left_out()])
    return draft


def test_polishing_lowers_first_plans_and_changes_no_vehicle() -> None:
    cheaper = 0
    for seed in range(6):
        draft = first_plan(seed)
        routes, cost = dict(draft.routes), draft.cost().total
        result = polished(draft, lambda: False)
        assert draft.routes == routes
        assert result.vehicle_of == draft.vehicle_of
        assert result.cost().total <= cost
        cheaper += result.cost().total < cost
        made = result.solution(reasons_for(result, result.left_out()))
        assert check(draft.problem, made).findings == ()
    assert cheaper > 2


def test_polishing_stops_when_it_is_told_to() -> None:
    draft = next(draft for draft in map(first_plan, range(6)) if _gain(draft) > 0)
    assert polished(draft, lambda: True) is draft
    asked = count(1)
    polished(draft, lambda: next(asked) > 3)
    assert next(asked) == 5


def test_two_set_downs_in_the_dearer_order_change_places() -> None:
    problem = sample_day(rides=24, deliveries=8, visits=4, vans=5, seed=0)
    best, _ = draft_of(problem, solve(problem, Stop(iterations=3000), 1))
    swapped = 0
    for route in list(best.routes.values()):
        for at, (one, other) in enumerate(pairwise(route.calls)):
            if not one.boards < 0 > other.boards:
                continue
            calls = [*route.calls[:at], other, one, *route.calls[at + 2 :]]
            timed = best.timed(route.vehicle, calls)
            if isinstance(timed, Fault) or timed.cost.total <= route.cost.total:
                continue
            dearer = best.copy()
            dearer.put(timed)
            assert polished(dearer, lambda: False).cost().total <= best.cost().total
            swapped += 1
    assert swapped > 0


def test_a_cancelled_search_does_not_polish() -> None:
    draft = next(draft for draft in map(first_plan, range(6)) if _gain(draft) > 0)
    clock = Stop(iterations=1000, cancelled=lambda: True).started()
    assert clock.remaining > 0
    assert polished(draft, clock.over) is draft
    assert not Stop(iterations=0).started().over()


def _gain(draft: Draft) -> int:
    return draft.cost().total - polished(draft, lambda: False).cost().total
