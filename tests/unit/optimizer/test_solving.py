"""Solving: every plan passes the checker, nothing is silently dropped, and a seed repeats itself."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import (
    Anchor,
    Break,
    CommittedStop,
    Credential,
    Depot,
    Link,
    Pin,
    Problem,
    Progress,
    Promise,
    Rate,
    Request,
    RequestKind,
    ServicePoint,
    Shift,
    Solution,
    Stop,
    Told,
    TravelMatrix,
    UnservedCode,
    Vehicle,
    Vendor,
    check,
    solve,
)
from dispatch.optimizer.calls import calls_of
from dispatch.optimizer.compile import compile_problem
from dispatch.optimizer.solving import Engine
from tests.unit.optimizer.worked_day import at, line_of_places, ride, single, van, worked_plan, worked_problem

FIRST = Stop(iterations=0)
BOTH: tuple[Engine, ...] = ("insertion", "compiled")


def day(requests: Sequence[Request], vehicles: Sequence[Vehicle] = (), **more: object) -> Problem:
    fields: dict[str, object] = {"travel": line_of_places(), "vehicles": tuple(vehicles)}
    if not vehicles:
        fields["vehicles"] = (van("van-1", "north"), van("van-2", "south"))
    return Problem(requests=tuple(requests), **(fields | more))  # type: ignore[arg-type]


def solved(problem: Problem, stop: Stop = FIRST, engine: Engine = "insertion", seed: int = 0) -> Solution:
    """The plan, which must pass the checker."""
    plan = solve(problem, stop, seed, engine=engine)
    assert check(problem, plan).findings == ()
    return plan


def codes(plan: Solution) -> dict[str, UnservedCode]:
    return {left.request: left.code for left in plan.unserved}


@pytest.mark.parametrize("engine", BOTH)
def test_the_worked_day_is_planned_with_nothing_left_out_that_can_be_served(engine: Engine) -> None:
    plan = solved(worked_problem(), Stop(iterations=200), engine)
    assert codes(plan) == {"left-out": UnservedCode.SKILL}
    assert plan.cost.total <= worked_plan(worked_problem()).cost.total


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("seed", range(3))
def test_a_sample_day_with_links_is_planned_and_checked(engine: Engine, seed: int) -> None:
    problem = sample_day(24, 9, 5, vans=6, seed=seed)
    plan = solved(problem, Stop(iterations=20 if engine == "insertion" else 600), engine, seed)
    assert len(plan.unserved) <= 2
    assert plan.engine == engine


def test_or_tools_routing_alone_gives_a_checked_plan_too() -> None:
    problem = sample_day(12, 4, 2, vans=4, seed=1)
    plan = solved(problem, Stop(seconds=1.0), "routing")
    assert len(plan.unserved) <= 1


@pytest.mark.parametrize("engine", BOTH)
def test_the_same_seed_and_iterations_give_the_same_plan(engine: Engine) -> None:
    problem = sample_day(20, 6, 3, vans=5, seed=3)
    stop = Stop(iterations=10 if engine == "insertion" else 400)
    first, second = solve(problem, stop, 7, engine=engine), solve(problem, stop, 7, engine=engine)
    assert first.routes == second.routes
    assert first.cost == second.cost


@pytest.mark.parametrize("engine", BOTH)
def test_a_start_is_never_made_worse(engine: Engine) -> None:
    problem = sample_day(20, 6, 3, vans=5, seed=4)
    start = solve(problem, Stop(iterations=15), engine="insertion")
    again = solve(problem, Stop(iterations=30), start=start, engine=engine)
    assert again.cost.total <= start.cost.total


def test_progress_is_told_and_a_search_can_be_cancelled() -> None:
    heard: list[Progress] = []
    problem = sample_day(20, vans=5, seed=5)
    stop = Stop(seconds=30, cancelled=lambda: len(heard) >= 2)
    plan = solve(problem, stop, on_progress=heard.append)
    assert plan.seconds < 15
    assert heard[-1].cost >= plan.cost.total


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ride("r", 5, at(9), at(10), vendors=()), UnservedCode.VENDOR),
        (ride("r", 5, at(9), at(10), skills=frozenset({"stretcher"})), UnservedCode.SKILL),
        (ride("r", 5, at(9), at(10), load=(5, 0, 0, 0)), UnservedCode.CAPACITY),
        (ride("r", 5, at(9), at(10), credentials=frozenset({"oxygen"})), UnservedCode.CREDENTIAL),
        (ride("r", 5, at(9), at(10), max_ride_seconds=2399), UnservedCode.RIDE_LIMIT),
        (ride("r", 5, at(3), at(4)), UnservedCode.WINDOW),
        (ride("r", 5, at(9), at(10), equipment={"bed": 1}), UnservedCode.STOCK),
        (ride("r", 5, at(9), at(10), unserved_cents=100), UnservedCode.PRICE),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_left_out_with_its_reason(request_: Request, code: UnservedCode) -> None:
    assert codes(solved(day([request_]))) == {"r": code}


def test_a_credential_that_runs_out_before_the_service_ends_does_not_count() -> None:
    short = van("van-1", "north", credentials=(Credential("cpr", 0, at(9, 30)),))
    wanted = ride("r", 5, at(9), at(10), credentials=frozenset({"cpr"}))
    assert codes(solved(day([wanted], [short]))) == {"r": UnservedCode.CREDENTIAL}
    longer = replace(short, credentials=(Credential("cpr", 0, at(9, 50)),))
    assert solved(day([wanted], [longer])).unserved == ()


def test_the_arrays_know_until_when_a_crew_is_credentialed() -> None:
    """A ride may begin between 9 and 11; a crew is credentialed until 10, and cheaper than the other."""
    ending = van("van-1", "north", credentials=(Credential("cpr", 0, at(10)),))
    lasting = van("van-2", "north", rate=Rate(9000, 50, 2000, 500))
    wanted = ride("r", 5, at(9), at(11), credentials=frozenset({"cpr"}))
    problem = day([wanted, ride("free", 5, at(9), at(11))], [ending, lasting])
    compiled = compile_problem(problem, calls_of(problem), {})
    assert compiled is not None
    arrays = compiled.instance
    assert arrays.allowed.all()
    assert arrays.valid_from.tolist() == [[0.0, -np.inf], [-np.inf, -np.inf]]
    assert arrays.valid_until.tolist() == [[at(10), np.inf], [np.inf, np.inf]]
    plan = solved(problem, Stop(iterations=200), "compiled")
    assert [route.vehicle for route in plan.routes] == ["van-1"]
    begun = replace(ending, committed=(CommittedStop("r", 0, at(9)),))
    problem = day([wanted], [begun, lasting])
    going_on = compile_problem(problem, calls_of(problem), {})
    assert going_on is not None
    assert going_on.instance.valid_until.shape == (1, 0)
    never = replace(ending, credentials=(Credential("cpr", 0, at(8)),))
    problem = day([wanted], [never, lasting])
    without = compile_problem(problem, calls_of(problem), {})
    assert without is not None
    assert without.instance.allowed.tolist() == [[False, True]]
    assert without.instance.valid_until.shape == (1, 0)


def test_a_request_whose_hard_link_cannot_be_kept_is_named() -> None:
    first = single("first", RequestKind.VISIT, 4, at(15), at(16))
    rider = ride("r", 5, at(9), at(10))
    plan = solved(day([first, rider], links=(Link(id="x", before="first", after="r"),)))
    assert codes(plan) == {"r": UnservedCode.LINK}


def test_a_soft_link_is_kept_where_it_can_be_and_else_priced() -> None:
    bed = single("bed", RequestKind.VISIT, 4, at(8), at(16))
    rider = ride("r", 4, at(9), at(10))
    soft = Link(id="x", before="bed", after="r", after_anchor=Anchor.ARRIVAL, hard=False, break_cents=900)
    assert solved(day([bed, rider], links=(soft,))).cost.links == 0
    late = single("bed", RequestKind.VISIT, 4, at(14), at(16))
    assert solved(day([late, rider], links=(soft,))).cost.links == 900


def test_two_crews_start_together_when_the_link_says_so() -> None:
    lift = [single(f"lift-{k}", RequestKind.VISIT, 6, at(9), at(15), vehicles=(f"van-{k}",)) for k in (1, 2)]
    together = Link(
        id="x", before="lift-1", after="lift-2", before_anchor=Anchor.START, max_lag_seconds=0, mutual=True
    )
    other = single("other", RequestKind.VISIT, 2, at(11), at(11, 10), vehicles=("van-2",))
    plan = solved(day([*lift, other], links=(together,)))
    starts = {stop.request: stop.start for stop in plan.stops()}
    assert starts["lift-1"] == starts["lift-2"]
    assert plan.unserved == ()


def test_equipment_is_not_delivered_twice() -> None:
    truck = van("truck", "supplies", depot="store", configurations=((0, 0, 0, 9),))
    bed = {"bed": 1}
    beds = [single(f"bed-{k}", RequestKind.DELIVERY, 4 + k, at(8), at(16), equipment=bed) for k in range(3)]
    problem = day(beds, [truck], depots=(Depot(id="store", location=0, stock={"bed": 2}),))
    for engine in BOTH:
        assert len(solved(problem, Stop(iterations=50), engine).unserved) == 1


def test_a_vendor_at_its_cap_gets_no_more() -> None:
    riders = [ride(f"r{k}", 5, at(9 + k), at(10 + k)) for k in range(4)]
    south = Vendor(id="south", base_cents=90_000, max_share_percent=50)
    vendors = (Vendor(id="north", max_requests=1), south)
    for engine in BOTH:
        plan = solved(day(riders, vendors=vendors), Stop(iterations=100), engine)
        assert len(plan.unserved) == 1


def test_pins_promises_and_what_people_were_told_are_kept_or_paid_for() -> None:
    pinned = ride("pinned", 5, at(9), at(11), pin=Pin("van-2", at(10)))
    told = ride("told", 6, at(12), at(13), told=Told("van-2", 800))
    promise = Promise(at(14, 30), at(14, 40))
    promised = ride("promised", 5, at(14), at(16))
    promised = replace(promised, points=(replace(promised.first, promised=promise), promised.last))
    plan = solved(day([pinned, told, promised]), Stop(iterations=30))
    starts = {(stop.request, stop.point): stop.start for stop in plan.stops()}
    assert starts["pinned", 0] == at(10)
    assert at(14, 30) <= starts["promised", 0] <= at(14, 40)
    route = plan.route_of("told")
    assert route is not None
    assert plan.cost.changes == (0 if route.vehicle == "van-2" else 800)


@pytest.mark.parametrize("engine", BOTH)
def test_rush_hours_are_planned_for(engine: Engine) -> None:
    speeds = (100,) * 8 + (40, 50, 80) + (100,) * 5 + (60, 50, 100)
    calm = sample_day(10, vans=3, seed=6)
    problem = replace(calm, travel=TravelMatrix.of(calm.travel.seconds, calm.travel.metres, speeds))
    assert solved(problem, Stop(iterations=100), engine).served
    blind = solved(calm, Stop(iterations=100), engine)
    assert check(problem, blind).findings  # a plan that knows of no rush hour would come late


@pytest.mark.parametrize("engine", BOTH)
def test_a_route_with_a_break_and_a_limit_on_its_length_is_respected(engine: Engine) -> None:
    limited = van(
        "van-1", "north", breaks=(Break(at(11), at(12), 1800),), max_route_metres=90_000, max_stops=4,
        max_route_seconds=at(6), shift=Shift(at(8), at(16)),
    )  # fmt: skip
    riders = [ride(f"r{k}", 5, at(9 + k), at(10 + k)) for k in range(5)]
    plan = solved(day(riders, [limited]), Stop(iterations=60), engine)
    assert 1 <= len(plan.served) <= 2


def test_collections_and_deliveries_share_the_room_on_a_truck() -> None:
    truck = van("truck", "supplies", configurations=((0, 0, 0, 10),))
    out = single("out", RequestKind.DELIVERY, 4, at(8), at(16), load=(0, 0, 0, 8))
    back = single("back", RequestKind.COLLECTION, 6, at(8), at(16), load=(0, 0, 0, 8))
    plan = solved(day([out, back], [truck]))
    assert [stop.request for stop in plan.stops()] == ["out", "back"]


def test_service_points_with_no_width_and_no_service_are_fine() -> None:
    exact = Request(id="x", kind=RequestKind.VISIT, points=(ServicePoint(0, at(9), at(9)),))
    assert solved(day([exact])).served == {"x"}
