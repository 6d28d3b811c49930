"""Joint days: rides, equipment before and visits after them in one plan, beside rides planned first."""

from __future__ import annotations

from time import perf_counter

from dispatch.benchmarks.city_peers import beside
from dispatch.benchmarks.figures import Report, Row, Wishes
from dispatch.benchmarks.rides_first import rides_first
from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import Problem, Solution, Stop, check, solve
from dispatch.optimizer.calls import request_calls
from dispatch.optimizer.compile import compile_problem

SIZES = (
    ("metro M", {"rides": 482, "deliveries": 79, "visits": 55, "vans": 63}),
    ("1,000 + 300", {"rides": 1000, "deliveries": 300, "visits": 0, "vans": 100}),
)
"""A weekday of the metro area (82 rides home, 400 other legs); and a city on 120 vehicles."""


def joint(wishes: Wishes) -> Report:
    """Both days, every seed; ``first`` is the wall time of the first plan in seconds."""
    rows: list[Row] = []
    for case, size in SIZES:
        for seed in range(wishes.seeds):
            problem = sample_day(**size, seed=seed)
            rows += _both_ways(problem, case, seed, wishes.seconds)
            wishes.tell(f"{case}, seed {seed}: {rows[-2].unserved} left out, by hand {rows[-1].unserved}")
            if "vroom" in wishes.against:
                rows += _beside(problem, case, seed, wishes.seconds)
    return Report("joint", rows)


def _both_ways(problem: Problem, case: str, seed: int, seconds: float) -> list[Row]:
    """The joint plan and the one made step by step, in the same time."""
    began, seen = perf_counter(), []
    plan = solve(
        problem, Stop(seconds), seed, threads=2, on_progress=lambda _: seen.append(perf_counter() - began)
    )
    by_hand = rides_first(problem, Stop(seconds / 2), seed)
    better = 100.0 * (1.0 - plan.cost.total / by_hand.cost.total)
    first = seen[0] if seen else plan.seconds
    return [
        _row(problem, plan, (case, "homeward", seed), {"first": first, "better_percent": better}),
        _row(problem, by_hand, (case, "rides first", seed), {}),
    ]


def _row(problem: Problem, plan: Solution, name: tuple[str, str, int], notes: dict[str, float]) -> Row:
    """A plan, checked: hard links, limits, credentials, stock and costs."""
    silent = [left.request for left in plan.unserved if not left.reason]
    return Row(
        case=name[0],
        solver=name[1],
        seed=name[2],
        cost=plan.cost.total / 100,
        vehicles=sum(1 for route in plan.routes if route.stops),
        unserved=len(plan.unserved),
        seconds=plan.seconds,
        faults=[str(finding) for finding in check(problem, plan).findings]
        + [f"{request} is left out without a reason" for request in silent],
        notes=notes,
    )


def _beside(problem: Problem, case: str, seed: int, seconds: float) -> list[Row]:
    """The part of the day without links, beside VROOM."""
    calls = {request.id: request_calls(problem, request) for request in problem.requests}
    compiled = compile_problem(problem, calls, {})
    return [] if compiled is None else beside(compiled.instance, "vroom", case, seed, seconds)
