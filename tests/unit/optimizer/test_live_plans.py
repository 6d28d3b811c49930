"""Live plans: repairs, questions and explanations, each of them put to the checker."""

from dataclasses import replace

import pytest

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import (
    Assigned,
    Breakdown,
    Event,
    Insert,
    LeftOut,
    Link,
    LivePlan,
    NoShow,
    ProblemError,
    Remove,
    RequestKind,
    Slip,
    Stop,
    UnservedCode,
    check,
    compare,
    explain,
    freeze,
    repair,
    solve,
    validate,
    what_if,
)
from dispatch.optimizer.check import Rule
from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.fleet import Break, Vehicle, Vendor
from dispatch.optimizer.insertion import Vacancy, placements
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.repair import _rank, alternatives
from dispatch.optimizer.solution import CostBreakdown, PlannedBreak, PlannedStop, Route, Solution
from dispatch.optimizer.whatif import every
from tests.unit.optimizer.worked_day import (
    at,
    line_of_places,
    ride,
    single,
    van,
    worked_plan,
    worked_problem,
)


@pytest.fixture(scope="module")
def live() -> LivePlan:
    problem = sample_day(30, 9, 6, vans=7, seed=2)
    return LivePlan(problem, solve(problem, Stop(iterations=45), engine="insertion"))


@pytest.fixture(scope="module")
def worked() -> LivePlan:
    problem = worked_problem()
    return LivePlan(problem, worked_plan(problem))


def test_a_live_plan_keeps_every_time_that_people_were_told(live: LivePlan, worked: LivePlan) -> None:
    for plan in (live, worked):
        assert plan.lost == []
        again = plan.draft.solution(plan.plan.unserved)
        assert [route.stops for route in again.routes] == [
            next(r.stops for r in plan.plan.routes if r.vehicle == route.vehicle) for route in again.routes
        ]


@pytest.mark.parametrize(
    "event",
    [
        Slip("walk-4", at(9, 45)),
        Slip("wheel-1", at(10, 15)),
        Remove("walk-3"),
        NoShow("walk-4"),
        NoShow("early"),
        Breakdown("van-1", at(9)),
        Breakdown("van-2", at(8, 30), location=3),
        Insert(ride("new", 4, at(13), at(14))),
        Insert(
            single("call", RequestKind.VISIT, 5, at(9), at(16)),
            (Link(id="call after", before="walk-4", after="call"),),
        ),
    ],
    ids=lambda event: type(event).__name__,
)  # fmt: skip
def test_every_alternative_passes_the_checker(worked: LivePlan, event: Event) -> None:
    found = repair(worked, event)
    validate(found.problem)
    assert found.alternatives
    for alternative in found.alternatives:
        assert check(found.problem, alternative.plan).findings == ()
        assert alternative.cost_change == alternative.plan.cost.total - worked.plan.cost.total
    scores = [alternative.score for alternative in found.alternatives]
    assert scores == sorted(scores)


@pytest.mark.parametrize("request_", ["ride-0", "ride-7", "ride-15", "ride-21"])
def test_a_slip_changes_few_routes_and_loses_nobody(live: LivePlan, request_: str) -> None:
    ready = live.problem.request_by_id[request_].first.earliest + 2700
    found = repair(live, Slip(request_, ready), seconds=1.0)
    assert check(found.problem, found.best.plan).ok
    assert found.best.difference.left_out == ()
    assert len(found.best.difference.routes) <= 5


def test_a_cancelled_request_leaves_everybody_else_as_they_were(live: LivePlan) -> None:
    found = repair(live, Remove("ride-12"))
    kept = next(a for a in found.alternatives if a.summary == "keep the rest as it is")
    assert kept.difference.people == ()
    assert kept.cost_change <= 0


def test_a_spare_vehicle_can_take_over_what_broke_down(worked: LivePlan) -> None:
    found = repair(worked, Breakdown("van-3", at(8)))
    assert found.best.difference.left_out == ()
    assert "walk-4" in found.best.difference.reassigned


def test_an_event_about_nobody_is_refused_by_its_key(worked: LivePlan) -> None:
    for event in (Slip("nobody", 0), Breakdown("van-9", 0), Remove("nobody")):
        with pytest.raises(ProblemError, match=r"event\."):
            repair(worked, event)


def test_what_if_moves_one_request_and_counts_the_others_who_are_displaced(live: LivePlan) -> None:
    own = live.problem.request_by_id["ride-11"].first.earliest
    curve = what_if(live, "ride-11", every(own - 3600, own + 3600, 1800))
    assert [point.ready_at for point in curve.points] == [own + step * 1800 for step in range(-2, 3)]
    same = curve.points[2]
    assert same.feasible
    assert same.cost_change <= 0
    for point in curve.points:
        change, _, _ = live.after(Slip("ride-11", point.ready_at, keep_promises=False))
        assert check(change.problem, point.plan).ok
        assert point.feasible == ("ride-11" in point.plan.served)
        assert "patient-11" not in point.displaced
        assert point.feasible == (point.reason == "")
    assert curve.cheapest is not None


def test_an_assignment_is_explained_by_its_rules_and_its_rivals(worked: LivePlan) -> None:
    answer = explain(worked, "pinned")
    assert isinstance(answer, Assigned)
    assert (answer.vehicle, answer.vendor) == ("van-2", "south")
    assert "pin" in {binding.rule for binding in answer.bindings}
    rivals = {rival.vendor: rival.rule for rival in answer.runners_up}
    assert rivals == {
        "care": UnservedCode.VENDOR, "north": UnservedCode.PIN, "supplies": UnservedCode.VENDOR,
    }  # fmt: skip


def test_a_rival_that_could_serve_too_is_named_with_its_price(worked: LivePlan) -> None:
    answer = explain(worked, "walk-4")
    assert isinstance(answer, Assigned)
    rival = answer.runners_up[0]
    assert rival.vendor == "north" or rival.gap_cents is None


def test_what_would_help_a_request_left_out_is_solved_and_minimal(worked: LivePlan) -> None:
    answer = explain(worked, "left-out")
    assert isinstance(answer, LeftOut)
    assert answer.code is UnservedCode.SKILL
    assert answer.remedies
    for remedy in answer.remedies:
        assert "left-out" in remedy.plan.served
        assert check(remedy.problem, remedy.plan).ok
        assert worked.plan.served <= remedy.plan.served
        assert remedy.relaxations
        for kept in remedy.relaxations:
            problem = worked.problem
            for relaxation in remedy.relaxations:
                problem = problem if relaxation is kept else relaxation.apply(problem)
            again = explain(LivePlan(problem, worked.plan), "left-out")
            assert isinstance(again, LeftOut)
            assert all(other.relaxations for other in again.remedies)


def test_an_unknown_request_cannot_be_explained(worked: LivePlan) -> None:
    with pytest.raises(ProblemError):
        explain(worked, "nobody")


@pytest.mark.parametrize("until", [at(9), at(11), at(12, 15), at(14)])
def test_a_frozen_day_can_be_planned_again_and_keeps_what_was_committed(live: LivePlan, until: int) -> None:
    frozen = freeze(live.problem, live.plan, until, change_cents=300)
    validate(frozen)
    again = solve(frozen, Stop(iterations=3), start=live.plan, engine="insertion")
    assert check(frozen, again).findings == ()
    starts = {(stop.request, stop.point): stop.start for stop in again.stops()}
    for vehicle in frozen.vehicles:
        for stop in vehicle.committed:
            assert starts[stop.request, stop.point] == stop.start


def test_comparing_a_plan_with_itself_finds_no_difference(live: LivePlan) -> None:
    difference = compare(live.problem, live.plan, live.plan)
    assert difference == replace(difference, people=(), routes=(), retimed=(), reassigned=(), left_out=())


def test_who_was_served_is_kept_before_money_is_saved() -> None:
    problem = worked_problem()
    cheap = [replace(r, unserved_cents=1) if r.id == "walk-4" else r for r in problem.requests]
    problem = replace(problem, requests=tuple(cheap))
    found = repair(LivePlan(problem, worked_plan(problem)), Slip("walk-4", at(9, 45)))
    dropped = next(a for a in found.alternatives if "walk-4" in a.difference.left_out)
    assert found.best.difference.left_out == ()
    assert dropped.score < found.best.score


def test_everybody_comes_before_few_routes_and_these_before_a_lower_score(worked: LivePlan) -> None:
    best = repair(worked, Slip("walk-4", at(9, 45))).best
    four = replace(best, difference=replace(best.difference, routes=("a", "b", "c", "d"), left_out=()))
    three = replace(best, difference=replace(best.difference, routes=("a", "b", "c"), left_out=("walk-4",)))
    dear = replace(best, cost_change=best.cost_change + 10**6)
    ways = [four, three, dear, best]
    assert sorted(ways, key=lambda way: _rank(way, few=True)) == [best, dear, four, three]
    assert sorted(ways, key=lambda way: _rank(way, few=False)) == [four, best, dear, three]


def test_what_nobody_can_serve_any_more_is_left_out_for_the_rule_against_it(worked: LivePlan) -> None:
    found = repair(worked, Slip("walk-4", at(19)), seconds=0.05)
    left = next(left for left in found.best.plan.unserved if left.request == "walk-4")
    assert found.best.difference.left_out == ("walk-4",)
    assert left.code is UnservedCode.WINDOW
    assert left.reason.startswith("No vehicle can serve it")


def test_what_finds_no_room_says_that_it_was_searched_for_and_not_that_others_serve_it() -> None:
    problem = sample_day(14, vans=1, seed=3)
    live = LivePlan(problem, solve(problem, Stop(iterations=100), engine="insertion"))
    told = []
    for name in sorted(live.plan.served):
        slip = Slip(name, problem.request_by_id[name].first.earliest + 2700)
        best = repair(live, slip, seconds=0.05).best
        told += [left for left in best.plan.unserved if left.request == name]
    full = [left for left in told if left.code is UnservedCode.NO_ROOM]
    assert full
    assert all("search of 0.05 s" in left.reason for left in full)
    assert all("others serve it" not in left.reason for left in told)


def test_what_windows_rule_out_on_a_vacated_place_no_exact_insertion_finds(live: LivePlan) -> None:
    draft, ruled_out = live.draft, 0
    for request in ("ride-3", "ride-11"):
        base = draft.copy()
        assert base.remove(request)
        vacancy = Vacancy(base, request)
        for other, name in list(base.vehicle_of.items()):
            vehicle = problem_vehicle(base, name)
            trial = base.copy()
            if vehicle not in base.eligible(request) or not trial.remove(other):
                continue
            if not vacancy.of(other):
                ruled_out += 1
                assert placements(trial, request, [vehicle], most=1, tries=100) == []
    assert ruled_out > 5


def problem_vehicle(draft: Draft, name: str) -> Vehicle:
    """A vehicle of the draft's problem by its id."""
    return draft.problem.vehicle_by_id[name]


def test_what_a_patient_s_visit_hangs_on_is_planned_anew_with_it() -> None:
    """Few routes can only leave out a slipped ride and the nurse after it; the whole day loses fewer."""
    problem = sample_day(30, 9, 6, vans=7, seed=2)
    live = LivePlan(problem, solve(problem, Stop(iterations=90), engine="insertion"))
    slip = Slip("ride-0", problem.request_by_id["ride-0"].first.earliest + 2700)
    assert len(repair(live, slip).best.difference.left_out) == 2
    after, found = alternatives(live, slip, seconds=60.0, tries=200)
    assert len(found[0].difference.left_out) < 2
    assert check(after, found[0].plan).ok
    told = {(stop.request, stop.point): stop.start for stop in live.plan.stops()}
    for stop in found[0].plan.stops():
        if stop.request != "ride-0":
            assert stop.start >= told.get((stop.request, stop.point), stop.start)
    assert "routes anew" in found[0].summary


def test_a_break_taken_on_arrival_stays_where_the_plan_has_it_and_puts_nobody_off() -> None:
    """Taken before the third ride instead, it would put that off by 22 minutes; timing alone finds it too."""
    rest = Break(at(11), at(13), 1800)
    rides = (
        ride("first", 4, at(9, 45), at(10, 30)),
        ride("second", 4, at(11), at(12, 30)),
        ride("third", 4, at(12, 30), at(14)),
    )
    problem = Problem(
        requests=rides, vehicles=(van("van-1", "north", breaks=(rest,)),), travel=line_of_places(),
        vendors=(Vendor(id="north"),),
    )  # fmt: skip
    starts = {"first": at(10), "second": at(11, 40), "third": at(12, 58)}
    stops = [
        PlannedStop(name, index, start + 2100 * index) for name, start in starts.items() for index in (0, 1)
    ]
    route = Route("van-1", tuple(stops), at(9, 50), at(14, 18), (PlannedBreak(2, at(11, 10), 1800),))
    plan = Solution((route,), (), CostBreakdown())
    assert {finding.rule for finding in check(problem, plan).findings} == {Rule.COST}
    draft = LivePlan(problem, plan).draft
    assert draft.routes["van-1"].timing.starts == tuple(stop.start for stop in stops)
    alone = draft.timed(problem.vehicles[0], draft.routes["van-1"].calls)
    assert isinstance(alone, TimedRoute)
    assert alone.timing.starts[4] == at(12, 58)
