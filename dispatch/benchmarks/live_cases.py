"""Cases for live plans: repairs after a slip, what-if curves and explanations, each measured and checked.

Each function returns plain figures (a flat dict of numbers) for one seed; times are milliseconds of wall
time in a warm process.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from time import perf_counter, process_time

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import (
    LeftOut,
    LivePlan,
    Slip,
    Solution,
    Stop,
    check,
    explain,
    freeze,
    repair,
    solve,
    what_if,
)
from dispatch.optimizer.comparing import FEW_ROUTES
from dispatch.optimizer.eligibility import nearest_barrier
from dispatch.optimizer.relaxing import Relaxation
from dispatch.optimizer.repair import Repair

Figures = dict[str, float]
SLIP_SECONDS = 2700


def live_plan(rides: int, seconds: float | None, seed: int, *, iterations: int | None = None) -> LivePlan:
    """A sample day, planned for `seconds` or so many iterations."""
    problem = sample_day(rides, seed=seed)
    return LivePlan(problem, solve(problem, Stop(seconds, iterations), seed, threads=2))


def repair_case(
    seed: int = 0,
    rides: int = 500,
    slips: int = 40,
    seconds: float | None = 5.0,
    *,
    iterations: int | None = None,
) -> Figures:
    """Single discharges slip by 45 minutes; every alternative is checked apart from the measured call.

    A ride is lost when after a second of search no alternative serves everybody who was served before.
    `kept_by_more_routes` are those that only an alternative of more than three routes keeps. `impossible`
    counts apart the rides that no vehicle could serve any more even if it did nothing else: each vehicle is
    timed with the ride alone.
    """
    live = live_plan(rides, seconds, seed, iterations=iterations)
    wall: list[float] = []
    work: list[float] = []
    routes: list[int] = []
    fates: Counter[str] = Counter()
    breaches = searched = 0
    for request in _some_rides(live, slips, seed):
        slip = Slip(request, live.problem.request_by_id[request].first.earliest + SLIP_SECONDS)
        began, worked = perf_counter(), process_time()
        found = repair(live, slip)
        wall.append(1000 * (perf_counter() - began))
        work.append(1000 * (process_time() - worked))
        breaches += _breaches(found)
        if _fate(found, request) != "kept":
            searched += 1
            found = repair(live, slip, seconds=1.0)
            breaches += _breaches(found)
        fates[_fate(found, request)] += 1
        routes.append(len(found.best.difference.routes))
    return {
        "cases": len(wall),
        "p50_ms": median(wall),
        "p95_ms": _percentile(wall, 95),
        "p95_processor_ms": _percentile(work, 95),
        "searched": searched,
        "lost_after_1s": fates["lost"],
        "kept_by_more_routes": fates["crowded"],
        "impossible": fates["impossible"],
        "most_routes_changed": max(routes, default=0),
        "breaches": breaches,
    }


def _breaches(found: Repair) -> int:
    """How many of the alternatives break a rule."""
    return sum(not check(found.problem, alternative.plan).ok for alternative in found.alternatives)


def _fate(found: Repair, request: str) -> str:
    """What became of the slipped request: kept, crowded (kept by many routes only), impossible or lost."""
    if not found.best.difference.left_out:
        return "crowded" if len(found.best.difference.routes) > FEW_ROUTES else "kept"
    alone = nearest_barrier(found.problem, found.problem.request_by_id[request])
    return "lost" if alone is None else "impossible"


def what_if_case(seed: int = 0, rides: int = 200, candidates: int = 30, seconds: float = 8.0) -> Figures:
    """A curve of thirty candidate times, and at five of them a full re-solve with the time fixed."""
    live = live_plan(rides, 3 * seconds, seed)
    request = _some_rides(live, 1, seed)[0]
    begin = live.problem.request_by_id[request].first.earliest - 3600
    times = [max(begin, 0) + 600 * step for step in range(candidates)]
    curve = what_if(live, request, times)
    gaps = [
        _gap(live, request, p.ready_at, p.plan, seconds) for p in curve.points[:: max(candidates // 5, 1)]
    ]
    return {
        "candidates": len(curve.points),
        "ms": 1000 * curve.seconds,
        "feasible": sum(point.feasible for point in curve.points),
        "largest_gap_percent": max(gaps),
        "mean_gap_percent": sum(gaps) / len(gaps),
    }


def _gap(live: LivePlan, request: str, ready_at: int, plan: Solution, seconds: float) -> float:
    """By how many per cent the curve's plan is dearer than a full re-solve begun from it."""
    change, _, _ = live.after(Slip(request, ready_at, keep_promises=False))
    again = solve(change.problem, Stop(seconds=seconds), start=plan, threads=2)
    return 100 * (plan.cost.total / again.cost.total - 1)


def explain_case(seed: int = 0, rides: int = 120, seconds: float = 3.0) -> Figures:
    """A day with too few vans: every explanation of a request left out is put to the mutation test.

    Its relaxations applied, the request is served and the plan passes the checker; with any one of them
    missing it stays out.
    """
    problem = sample_day(rides, rides // 6, rides // 12, vans=rides // 12, seed=seed)
    live = LivePlan(problem, solve(problem, Stop(seconds=seconds), seed, threads=2))
    taken: list[float] = []
    explained = remedies = failed = 0
    for left in live.plan.unserved[:20]:
        began = perf_counter()
        answer = explain(live, left.request)
        taken.append(1000 * (perf_counter() - began))
        assert isinstance(answer, LeftOut)
        explained += bool(answer.remedies)
        for remedy in answer.remedies:
            remedies += 1
            served = left.request in remedy.plan.served and check(remedy.problem, remedy.plan).ok
            failed += not (served and _minimal(live, left.request, remedy.relaxations))
    return {
        "left_out": len(taken),
        "explained": explained,
        "remedies": remedies,
        "failed_mutations": failed,
        "p50_ms": median(taken) if taken else 0.0,
        "p95_ms": _percentile(taken, 95),
    }


def _minimal(live: LivePlan, request: str, relaxations: Sequence[Relaxation]) -> bool:
    """Whether without any one of the relaxations the request stays out."""
    for kept in range(len(relaxations)):
        problem = live.problem
        for position, relaxation in enumerate(relaxations):
            problem = problem if position == kept else relaxation.apply(problem)
        other = LivePlan(problem, live.plan)
        answer = explain(other, request)
        if not isinstance(answer, LeftOut) or any(not remedy.relaxations for remedy in answer.remedies):
            return False
    return True


def freeze_case(seed: int = 0, rides: int = 200, seconds: float = 5.0) -> Figures:
    """The day is frozen at noon and the rest planned again for `seconds`; nothing frozen may move."""
    live = live_plan(rides, seconds, seed)
    frozen = freeze(live.problem, live.plan, 12 * 3600, change_cents=300)
    again = solve(frozen, Stop(seconds=seconds), seed, start=live.plan, threads=2)
    report = check(frozen, again)
    return {
        "committed_stops": sum(len(vehicle.committed) for vehicle in frozen.vehicles),
        "breaches": len(report.findings),
        "left_out_before": len(live.plan.unserved),
        "left_out_after": len(again.unserved),
    }


CASES: dict[str, Callable[..., Figures]] = {
    "repair": repair_case,
    "whatif": what_if_case,
    "explain": explain_case,
    "freeze": freeze_case,
}
"""The cases by the name under which a command may offer them; each takes `seed` and returns figures."""


def _some_rides(live: LivePlan, count: int, seed: int) -> list[str]:
    served = sorted(name for name in live.plan.served if name.startswith("ride-"))
    return Random(seed).sample(served, min(count, len(served)))  # noqa: S311 - a repeatable choice


def _percentile(values: list[float], percent: int) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) * percent // 100, len(ranked) - 1)] if ranked else 0.0
