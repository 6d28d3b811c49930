"""Small linked days: the way by hand, and the steps by the exact rules between rounds of the arrays."""

from dataclasses import replace

import pytest

from dispatch.benchmarks.rides_first import rides_first
from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import Problem, RequestKind, Stop, check, solve
from dispatch.optimizer.compiled_engine import _windows
from dispatch.optimizer.draft import Draft, draft_of
from dispatch.optimizer.reasons import reasons_for
from dispatch.optimizer.rides_settled import carried_over, completed, rides_alone, rides_settled
from dispatch.optimizer.ruin import improve

LIMIT = Stop(iterations=3000)
SOFT = sample_day(24, 8, 4, vans=3, seed=5)
"""A day on which a bed may come after its patient, for a price, and does in the best plan known."""


def by_hand(problem: Problem) -> tuple[Draft, Problem]:
    """The rides planned alone, over the problem in which they are settled, and that problem."""
    alone = draft_of(rides_alone(problem), solve(rides_alone(problem), LIMIT))[0]
    settled = rides_settled(problem, alone.vehicle_of, alone.starts)
    return carried_over(alone, settled), settled


def test_settled_rides_keep_vehicle_and_times_whatever_else_is_planned() -> None:
    draft, settled = by_hand(SOFT)
    rides, starts = dict(draft.vehicle_of), dict(draft.starts)
    assert rides
    assert not any(name.startswith(("delivery", "visit")) for name in rides)
    whole = draft_of(settled, solve(settled, LIMIT, start=draft.solution(())))[0]
    kept = set(rides) & set(whole.vehicle_of)
    assert kept
    assert all(whole.vehicle_of[name] == rides[name] for name in kept)
    assert all(whole.starts[key] == start for key, start in starts.items() if key[0] in kept)
    assert set(whole.vehicle_of) - set(rides)


def test_what_is_carried_back_and_completed_keeps_every_rule_of_the_whole_day() -> None:
    draft, _ = by_hand(SOFT)
    carried = carried_over(draft, SOFT)
    assert carried.broken_links()
    done = completed(carried)
    assert done.broken_links() == []
    assert any(done.problem.request_by_id[r].kind is not RequestKind.RIDE for r in done.vehicle_of)
    assert check(SOFT, done.solution(reasons_for(done, done.left_out()))).findings == ()


def test_what_is_carried_keeps_its_times_and_breaks_what_soft_links_it_broke() -> None:
    """What is planned around settled rides hangs on their times, not on the soonest or latest ones."""
    draft, settled = by_hand(SOFT)
    whole = draft_of(settled, solve(settled, LIMIT, start=draft.solution(())), told=True)[0]
    carried = carried_over(whole, SOFT)
    assert carried.starts == whole.starts
    assert carried.soft_link_cents() > 0
    assert carried.floors == {}


def test_windows_around_a_plan_hold_it_even_where_it_breaks_soft_links() -> None:
    hand = draft_of(SOFT, rides_first(SOFT, Stop(iterations=15_000), threads=2), told=True)[0]
    assert hand.soft_link_cents() > 0
    for share in (0.0, 0.5, 1.0):
        windows = _windows(hand, share, ())
        assert all(
            low <= hand.starts[key] <= high for key, (low, high) in windows.items() if key in hand.starts
        )


def test_steps_by_the_exact_rules_move_nothing_that_is_settled() -> None:
    draft, _ = by_hand(SOFT)
    settled = completed(draft)
    before = dict(settled.starts)
    improved, steps = improve(settled, Stop(iterations=40).started(), 1)
    assert steps == 40
    assert improved.cost().total <= settled.cost().total
    rides = {key for key in before if key[0].startswith("ride")}
    assert {key: improved.starts[key] for key in rides if key in improved.starts} == {
        key: before[key] for key in rides if key in improved.starts
    }


def test_where_everything_is_settled_no_step_is_taken() -> None:
    alone = draft_of(rides_alone(SOFT), solve(rides_alone(SOFT), LIMIT))[0]
    planned = tuple(request for request in alone.problem.requests if request.id in alone.vehicle_of)
    only = rides_settled(replace(alone.problem, requests=planned), alone.vehicle_of, alone.starts)
    still = carried_over(alone, only)
    assert still.vehicle_of == alone.vehicle_of
    assert improve(still, Stop(iterations=40).started(), 1) == (still, 0)


@pytest.mark.parametrize("seed", range(3))
def test_given_time_a_small_day_comes_out_no_dearer_than_by_hand(seed: int) -> None:
    """What the arrays alone do not find: they take every soft link for a hard one."""
    hand = rides_first(SOFT, Stop(iterations=15_000), seed, threads=2)
    together = solve(SOFT, Stop(iterations=100_000), seed, threads=2)
    assert check(SOFT, together).findings == ()
    assert together.cost.total <= hand.cost.total
