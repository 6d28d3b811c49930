"""A problem that contradicts itself is refused before anything is planned."""

from dataclasses import replace

import pytest

from dispatch.optimizer import (
    Anchor,
    CommittedStop,
    Link,
    Pin,
    Problem,
    ProblemError,
    RequestKind,
    Stop,
    solve,
    validate,
)
from tests.unit.optimizer.worked_day import at, single, van, worked_problem


def linked(*links: Link) -> Problem:
    return replace(worked_problem(), links=links)


def refused_key(problem: Problem) -> str:
    with pytest.raises(ProblemError) as refused:
        validate(problem)
    return refused.value.key


def is_sound(problem: Problem) -> bool:
    """True when nothing is refused; the refusal itself otherwise, for a failing test to show."""
    validate(problem)
    return True


def test_the_worked_day_is_sound() -> None:
    assert is_sound(worked_problem())


def test_links_in_a_circle_are_refused_and_the_circle_is_named() -> None:
    circle = linked(
        Link(id="1", before="bed-1", after="bed-2"),
        Link(id="2", before="bed-2", after="visit-1"),
        Link(id="3", before="visit-1", after="bed-1"),
    )
    with pytest.raises(ProblemError, match=r"links: cyclic links: .*bed-1.*visit-1.*") as refused:
        validate(circle)
    assert refused.value.key == "links"


def test_a_circle_of_simultaneous_starts_is_no_contradiction() -> None:
    together = {"before_anchor": Anchor.START, "after_anchor": Anchor.START, "max_lag_seconds": 0}
    assert is_sound(
        linked(
            Link(id="1", before="visit-2", after="visit-3", **together),  # type: ignore[arg-type]
            Link(id="2", before="visit-3", after="visit-2", **together),  # type: ignore[arg-type]
        )
    )


def test_a_lag_shorter_than_the_ride_itself_is_a_contradiction() -> None:
    tight = Link(id="1", before="wheel-1", after="bed-1", before_anchor=Anchor.START, max_lag_seconds=0)
    back = Link(id="2", before="wheel-1", after="bed-1", before_anchor=Anchor.END)
    assert refused_key(linked(tight, back)) == "links"


def test_soft_links_may_contradict_each_other() -> None:
    assert is_sound(
        linked(
            Link(id="1", before="bed-1", after="bed-2", hard=False),
            Link(id="2", before="bed-2", after="bed-1", hard=False),
        )
    )


def test_a_link_to_itself_is_refused() -> None:
    assert refused_key(linked(Link(id="1", before="bed-1", after="bed-1"))) == "links[0]"


def test_two_pins_on_one_vehicle_at_the_same_time_contradict_each_other() -> None:
    problem = worked_problem()
    requests = [replace(r, pin=Pin("van-2", at(10, 4))) if r.id == "walk-4" else r for r in problem.requests]
    assert refused_key(replace(problem, requests=tuple(requests))) == "requests.pin"


def test_a_committed_set_down_on_another_vehicle_than_the_pick_up_is_refused() -> None:
    problem = worked_problem()
    vehicles = [
        replace(v, committed=(CommittedStop("early", 1, at(8, 40)),)) if v.id == "van-1" else v
        for v in problem.vehicles
    ]
    assert refused_key(replace(problem, vehicles=tuple(vehicles))) == "vehicles[0].committed"


def test_minimum_shares_above_the_whole_are_refused() -> None:
    problem = worked_problem()
    vendors = tuple(replace(v, min_share_percent=30) for v in problem.vendors)
    assert refused_key(replace(problem, vendors=vendors)) == "vendors.min_share_percent"


def test_solve_refuses_what_validate_refuses() -> None:
    problem = linked(Link(id="1", before="bed-1", after="bed-1"))
    with pytest.raises(ProblemError):
        solve(problem, Stop(iterations=0), engine="insertion")


def test_an_unknown_engine_is_refused_by_its_key() -> None:
    with pytest.raises(ProblemError) as refused:
        solve(worked_problem(), Stop(iterations=0), engine="magic")  # type: ignore[arg-type]
    assert refused.value.key == "engine"


def test_a_problem_without_vehicles_leaves_everything_out_with_a_reason() -> None:
    visit = single("visit", RequestKind.VISIT, 4, at(9), at(17))
    problem = replace(worked_problem(), requests=(visit,), vehicles=(), links=())
    plan = solve(problem, Stop(iterations=0), engine="insertion")
    assert [(left.request, left.code.value) for left in plan.unserved] == [("visit", "vendor")]


def test_a_problem_without_requests_has_an_empty_plan() -> None:
    problem = replace(worked_problem(), requests=(), links=(), vehicles=(van("van-1", "north"),))
    plan = solve(problem, Stop(iterations=0), engine="insertion")
    assert (plan.routes, plan.unserved, plan.cost.total) == ((), (), 0)
