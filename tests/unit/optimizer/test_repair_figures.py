"""The figures of the repair benchmark: what they count is told apart."""

from dataclasses import replace

from dispatch.benchmarks.live_cases import _fate, repair_case
from dispatch.optimizer import LivePlan, Slip, repair
from tests.unit.optimizer.worked_day import at, worked_plan, worked_problem


def test_a_small_day_of_slips_is_measured_and_breaks_no_rule() -> None:
    figures = repair_case(seed=1, rides=40, slips=6, seconds=None, iterations=20_000)
    assert figures["cases"] == 6
    assert figures["breaches"] == 0
    assert figures["most_routes_changed"] <= 3
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]
    assert figures["lost_after_1s"] + figures["kept_by_more_routes"] <= figures["searched"]


def test_kept_crowded_lost_and_impossible_are_told_apart() -> None:
    problem = worked_problem()
    live = LivePlan(problem, worked_plan(problem))
    kept = repair(live, Slip("walk-4", at(9, 45)))
    assert _fate(kept, "walk-4") == "kept"
    never = repair(live, Slip("walk-4", at(19)))
    assert _fate(never, "walk-4") == "impossible"
    out = next(a for a in kept.alternatives if a.difference.left_out)
    many = replace(kept.best, difference=replace(kept.best.difference, routes=("a", "b", "c", "d")))
    assert _fate(replace(kept, alternatives=(many, out)), "walk-4") == "crowded"
    assert _fate(replace(kept, alternatives=(out,)), "walk-4") == "lost"
