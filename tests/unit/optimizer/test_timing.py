"""Timing and window propagation: nothing feasible is lost, nothing infeasible is let through."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer import (
    Anchor,
    Blocked,
    Break,
    CommittedStop,
    Link,
    LivePlan,
    Problem,
    Promise,
    Request,
    RequestKind,
    ServicePoint,
    Shift,
    Stop,
    TravelMatrix,
    solve,
)
from dispatch.optimizer.calls import calls_of
from dispatch.optimizer.insertion import inserted
from dispatch.optimizer.link_windows import free_windows, reachable_windows
from dispatch.optimizer.links import lags_of
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.timing import Timing, _Clockwork, time_route
from tests.unit.optimizer.worked_day import at, line_of_places, ride, single, van

few = settings(max_examples=80, deadline=None)


def day(*requests: Request, **more: object) -> Problem:
    vehicle = van("van-1", "north", shift=Shift(0, at(24)))
    fields: dict[str, object] = {"vehicles": (vehicle,), "travel": line_of_places()}
    return Problem(requests=requests, **(fields | more))  # type: ignore[arg-type]


def visit(name: str, place: int, begin: int, end: int) -> Request:
    return single(name, RequestKind.VISIT, place, begin, end)


def timed(problem: Problem, *names: tuple[str, int]) -> Timing | Fault:
    calls = calls_of(problem)
    return time_route(problem, problem.vehicles[0], [calls[name][point] for name, point in names])


windows = st.tuples(st.integers(0, 11), st.integers(0, at(12)), st.integers(0, at(6)))


@few
@given(st.lists(windows, min_size=1, max_size=7))
def test_a_schedule_exists_exactly_when_going_as_early_as_possible_keeps_every_window(
    stops: list[tuple[int, int, int]],
) -> None:
    requests = [visit(f"v{k}", place, begin, begin + width) for k, (place, begin, width) in enumerate(stops)]
    problem = day(*requests)
    found = timed(problem, *((request.id, 0) for request in requests))
    clock, here, feasible = 0, 0, True
    for place, begin, width in stops:
        clock = max(clock + 600 * abs(place - here), begin)
        feasible = feasible and clock <= begin + width
        clock, here = clock + 1200, place
    assert isinstance(found, Timing) == feasible
    if isinstance(found, Timing):
        assert found.end == clock + 600 * here


@few
@given(st.lists(windows, min_size=1, max_size=6), st.integers(0, 3600))
def test_a_schedule_keeps_windows_and_driving_and_leaves_no_earlier_than_it_must(
    stops: list[tuple[int, int, int]], later: int
) -> None:
    requests = [visit(f"v{k}", place, begin, begin + width) for k, (place, begin, width) in enumerate(stops)]
    problem = day(*requests)
    found = timed(problem, *((request.id, 0) for request in requests))
    if isinstance(found, Fault):
        return
    clock, here = found.departure, 0
    for start, (place, begin, width) in zip(found.starts, stops, strict=True):
        assert begin <= start <= begin + width
        assert start >= clock + 600 * abs(place - here)
        clock, here = start + 1200, place
    vehicle = replace(problem.vehicles[0], shift=Shift(found.departure + 1 + later, at(24)))
    calls = [calls_of(problem)[request.id][0] for request in requests]
    again = time_route(problem, vehicle, calls)
    assert isinstance(again, Fault) or again.end > found.end


@few
@given(st.integers(0, at(3)), st.integers(0, 7200))
def test_a_pick_up_waits_so_that_the_ride_is_not_longer_than_its_limit(opens: int, slack: int) -> None:
    rider = ride("r", 5, at(8), at(11), max_ride_seconds=2400 + slack)
    late = replace(rider.last, earliest=at(9) + opens, latest=at(14))
    problem = day(replace(rider, points=(rider.first, late)))
    found = timed(problem, ("r", 0), ("r", 1))
    if isinstance(found, Timing):
        assert found.starts[1] - found.starts[0] - 300 <= 2400 + slack
    else:
        assert late.earliest - at(11) - 300 > 2400 + slack


def test_a_break_is_put_where_nobody_is_on_board() -> None:
    problem = day(ride("a", 5, at(9), at(10)), ride("b", 5, at(9), at(12)))
    vehicle = replace(problem.vehicles[0], breaks=(Break(at(9, 30), at(10, 30), 1800),))
    calls = calls_of(problem)
    sequence = [calls["a"][0], calls["a"][1], calls["b"][0], calls["b"][1]]
    found = time_route(problem, vehicle, sequence)
    assert isinstance(found, Timing)
    assert [(rest.after, rest.seconds) for rest in found.breaks] == [(2, 1800)]
    interleaved = [calls["a"][0], calls["b"][0], calls["a"][1], calls["b"][1]]
    tight = replace(vehicle, breaks=(Break(at(9, 20), at(9, 40), 1800),), shift=Shift(at(8, 50), at(9, 50)))
    assert isinstance(time_route(problem, tight, interleaved), Fault)


def test_blocked_time_is_stood_still_for() -> None:
    problem = day(visit("a", 2, at(9), at(9, 30)), visit("b", 2, at(9, 30), at(13)))
    vehicle = replace(problem.vehicles[0], blocked=(Blocked(at(9, 45), at(11)),))
    calls = calls_of(problem)
    found = time_route(problem, vehicle, [calls["a"][0], calls["b"][0]])
    assert isinstance(found, Timing)
    assert found.starts[1] >= at(11)


def test_a_promise_with_a_price_is_waited_for_and_broken_only_when_it_must_be() -> None:
    promise = Promise(at(10), at(10, 15), break_cents=500)
    told = replace(
        visit("a", 2, at(9), at(11)), points=(ServicePoint(2, at(9), at(11), 0, promised=promise),)
    )
    waits = timed(day(told), ("a", 0))
    assert isinstance(waits, Timing)
    assert waits.starts == (at(10),)
    short = replace(day(told), vehicles=(van("van-1", "north", shift=Shift(at(8), at(9, 40))),))
    breaks = timed(short, ("a", 0))
    assert isinstance(breaks, Timing)
    assert breaks.starts[0] < at(10)


def test_a_rider_on_board_is_set_down_even_when_the_limit_has_passed() -> None:
    problem = day(ride("r", 5, at(8), at(9), max_ride_seconds=2400), frozen_until=at(10))
    vehicle = replace(problem.vehicles[0], committed=(CommittedStop("r", 0, at(8)),))
    calls = calls_of(problem)
    found = time_route(problem, vehicle, [calls["r"][0], calls["r"][1]])
    assert isinstance(found, Timing)
    assert found.starts == (at(8), at(10) + 2400)


@few
@given(
    st.lists(st.integers(10, 200), min_size=1, max_size=6),
    st.integers(0, 6 * 900),
    st.integers(0, 11),
    st.integers(0, 11),
)
def test_leaving_later_never_means_arriving_earlier_whatever_the_hour(
    speeds: list[int], departure: int, origin: int, destination: int
) -> None:
    apart = [[600 * abs(a - b) for b in range(12)] for a in range(12)]
    travel = TravelMatrix.of(apart, speed_percent=speeds, bucket_seconds=900)
    earlier = departure + travel.leg(origin, destination, departure)
    later = departure + 60 + travel.leg(origin, destination, departure + 60)
    assert earlier <= later
    assert travel.leg(origin, destination, departure) >= travel.shortest(origin, destination)


def test_a_leg_goes_on_at_the_next_buckets_speed() -> None:
    travel = TravelMatrix.of([[0, 600], [600, 0]], speed_percent=(100, 50), bucket_seconds=3600)
    assert travel.leg(0, 1, 0) == 600
    assert travel.leg(0, 1, 3300) == 900
    assert travel.leg(0, 1, 3600) == 1200


bounds = st.tuples(st.integers(0, 80), st.integers(0, 60))
links = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-20, 40), st.integers(0, 60), st.booleans()),
    min_size=1,
    max_size=4,
).map(lambda drawn: [link for link in drawn if link[0] < link[1]])


def linked_day(own: list[tuple[int, int]], drawn: list[tuple[int, int, int, int, bool]]) -> Problem:
    requests = [visit(f"v{k}", 0, begin, begin + width) for k, (begin, width) in enumerate(own)]
    made = [
        Link(
            id=str(k), before=f"v{a}", after=f"v{b}", before_anchor=Anchor.START,
            min_lag_seconds=low, max_lag_seconds=low + more if bounded else None,
        )
        for k, (a, b, low, more, bounded) in enumerate(drawn)
    ]  # fmt: skip
    return day(*requests, links=tuple(made))


@few
@given(st.lists(bounds, min_size=4, max_size=4), links, st.data())
def test_propagation_removes_no_start_that_some_plan_could_use(
    own: list[tuple[int, int]], drawn: list[tuple[int, int, int, int, bool]], data: st.DataObject
) -> None:
    problem = linked_day(own, drawn)
    starts = {
        (f"v{k}", 0): data.draw(st.integers(begin, begin + width)) for k, (begin, width) in enumerate(own)
    }
    lags = {lag.link.id: lag for found in lags_of(problem).values() for lag in found}.values()
    if all(lag.minimum <= starts[lag.after] - starts[lag.before] <= lag.maximum for lag in lags):
        for key, (lower, upper) in reachable_windows(calls_of(problem), lags).items():
            assert lower <= starts[key] <= upper


@few
@given(st.lists(bounds, min_size=4, max_size=4), links, st.sampled_from((0.0, 0.3, 0.5, 1.0)), st.data())
def test_any_starts_inside_the_free_windows_keep_every_link_that_the_plan_keeps(
    own: list[tuple[int, int]],
    drawn: list[tuple[int, int, int, int, bool]],
    share: float,
    data: st.DataObject,
) -> None:
    problem = linked_day(own, drawn)
    starts = {
        (f"v{k}", 0): data.draw(st.integers(begin, begin + width)) for k, (begin, width) in enumerate(own)
    }
    lags = list({lag.link.id: lag for found in lags_of(problem).values() for lag in found}.values())
    free = free_windows(calls_of(problem), lags, starts, share)
    kept = [lag for lag in lags if lag.minimum <= starts[lag.after] - starts[lag.before] <= lag.maximum]
    chosen = {
        key: data.draw(st.integers(lower, upper)) for key, (lower, upper) in free.items() if lower <= upper
    }
    for lag in kept:
        if len(kept) == len(lags):
            assert free[lag.before][0] <= starts[lag.before] <= free[lag.before][1]
        if lag.before in chosen and lag.after in chosen:
            assert lag.minimum <= chosen[lag.after] - chosen[lag.before] <= lag.maximum


@few
@given(st.lists(bounds, min_size=2, max_size=2), st.integers(-20, 40), st.integers(0, 60), st.data())
def test_windows_parted_before_there_is_a_plan_keep_the_link_too(
    own: list[tuple[int, int]], low: int, more: int, data: st.DataObject
) -> None:
    problem = linked_day(own, [(0, 1, low, more, True)])
    lags = lags_of(problem)["v0"]
    free = free_windows(calls_of(problem), lags, {})
    before, after = free["v0", 0], free["v1", 0]
    reachable = reachable_windows(calls_of(problem), lags)
    if any(lower > upper for lower, upper in reachable.values()):
        return
    assert before[0] <= before[1]
    assert after[0] <= after[1]
    first, second = data.draw(st.integers(*before)), data.draw(st.integers(*after))
    assert low <= second - first <= low + more


def test_gaps_passed_over_for_a_break_would_all_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sequence of a day is timed with and without the short way past gaps that cannot hold a break."""
    problem = sample_day(40, vans=5, seed=24)
    live = LivePlan(problem, solve(problem, Stop(iterations=200), engine="insertion"))
    tried = [
        (
            route.vehicle,
            inserted(tuple(c for c in route.calls if c.request.id != name), live.draft.calls[name], i, i),
        )
        for route in live.draft.routes.values()
        for name in sorted(live.plan.served)[:12]
        for i in range(len(route.calls) - 1)
    ]
    short = [time_route(problem, vehicle, calls, None, live.draft.floors) for vehicle, calls in tried]
    monkeypatch.setattr(
        _Clockwork, "_gaps_for", lambda work, _rest, _starts: range(work.fixed, len(work.calls) + 1)
    )
    long = [time_route(problem, vehicle, calls, None, live.draft.floors) for vehicle, calls in tried]
    assert short == long
    assert len({isinstance(timing, Timing) for timing in short}) == 2
