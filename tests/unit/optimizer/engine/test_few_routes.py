"""A few routes planned anew, and the arrays that such plans are made from."""

from itertools import islice

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import LivePlan, Slip, Stop, check, repair, solve
from dispatch.optimizer.calls import calls_of
from dispatch.optimizer.compile import compile_problem
from dispatch.optimizer.engine.filling import Filling, load_filling
from dispatch.optimizer.few_routes import _close, _mixed, _wider, _with_room


def test_what_is_left_out_is_served_by_the_chosen_routes_and_nobody_is_lost() -> None:
    problem = sample_day(30, vans=6, seed=3)
    plan = solve(problem, Stop(iterations=600), engine="compiled")
    compiled = compile_problem(problem, calls_of(problem), {})
    assert compiled is not None
    sequences = {
        route.vehicle: [calls_of(problem)[stop.request][stop.point] for stop in route.stops]
        for route in plan.routes
    }
    start = compiled.routes(sequences)
    left = {int(n) for n in range(compiled.instance.requests)}
    served = {r for r in left if any(int(compiled.instance.pickup[r]) in route for route in start)}
    busy = sorted(range(len(start)), key=lambda row: -len(start[row]))[:3]
    absent = sorted(left - served)
    gone = min(start[busy[0]][:1])
    request = next(r for r in served if int(compiled.instance.pickup[r]) == gone)
    out = {gone, int(compiled.instance.delivery[request])}
    start[busy[0]] = [stop for stop in start[busy[0]] if stop not in out]
    load_filling()
    done = Filling(compiled.instance, start).filled([busy], 400) if not absent else None
    assert absent or done is not None
    if done is not None:
        found = done[1]
        before = {stop for row in busy for stop in start[row]} | out
        assert {stop for route in found.values() for stop in route} == before
        assert sorted(found) == sorted(busy)


def test_a_searched_repair_changes_three_routes_at_most_and_passes_the_checker() -> None:
    problem = sample_day(40, vans=4, seed=1)
    live = LivePlan(problem, solve(problem, Stop(iterations=600), engine="compiled"))
    for name in sorted(live.plan.served)[:8]:
        ready = problem.request_by_id[name].first.earliest + 2700
        found = repair(live, Slip(name, ready), seconds=0.3)
        assert check(found.problem, found.best.plan).ok
        assert len(found.best.difference.routes) <= 3


def test_matrices_hold_only_the_places_in_use() -> None:
    problem = sample_day(20, seed=5)
    few = type(problem)(
        requests=problem.requests[:3], vehicles=problem.vehicles[:1], travel=problem.travel,
        vendors=problem.vendors,
    )  # fmt: skip
    compiled = compile_problem(few, calls_of(few), {})
    assert compiled is not None
    used = {call.location for call in compiled.stops} | {few.vehicles[0].start_location}
    assert compiled.instance.travel_time.shape[1] == len(used) < problem.travel.size
    first, second = compiled.instance.stop_location[:2]
    meant = problem.travel.seconds[compiled.stops[0].location, compiled.stops[1].location]
    assert compiled.instance.travel_time[0, first, second] == meant


def test_sets_pair_what_may_help_with_what_has_room_the_roomiest_first() -> None:
    assert list(_with_room(["a", "b"], ["x", "a"], 2)) == [("a", "x"), ("b", "x"), ("b", "a")]
    assert list(_with_room(["a", "b"], ["x"], 1)) == [("a",), ("b",)]
    assert list(_with_room(["a"], ["x", "y", "z"], 3))[:2] == [("a", "x", "y"), ("a", "x", "z")]
    assert list(_with_room(["a"], ["x"], 0)) == [()]


def test_sets_of_vehicles_come_from_both_orders_in_turn_and_once() -> None:
    found = list(_mixed(_with_room(["a", "b"], ["x", "y"], 2), _close(["a", "x", "b", "y"], 2)))
    assert found[:3] == [("a", "x"), ("b", "x"), ("a", "b")]
    assert len(found) == len({frozenset(names) for names in found})
    assert {frozenset(names) for names in found} == {
        frozenset(pair) for pair in ("ax", "ab", "ay", "bx", "xy", "by")
    }


def test_wider_sets_hold_who_is_kept_some_that_help_and_some_with_room_and_by_turns_mean_everybody() -> None:
    helpful, roomy = [f"near-{k}" for k in range(30)], [f"roomy-{k}" for k in range(30)]
    sets = list(islice(_wider(["kept"], helpful, roomy), 40))
    assert [len(names) for names in sets[:4]] == [9, 17, 0, 17]
    for names in filter(None, sets):
        assert names[0] == "kept"
        assert len(names) == len(set(names))
        assert sum(name in helpful[:24] for name in names) == sum(name in roomy[:16] for name in names)
    assert len(set(sets)) == 31
    assert list(islice(_wider([], ["a"], ["a", "b"]), 2)) == [("a", "b"), ("a", "b")]
