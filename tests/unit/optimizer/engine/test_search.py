"""What the compiled engine promises on small instances with known answers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.benchmarks.city_rules import city_faults
from dispatch.optimizer.engine.instance import Instance, InstanceError, build
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop


def line(**changes: Any) -> Instance:
    """Two rides along a line (places 0..4 at kilometres 0..4), one minute a kilometre, one seat."""
    places = np.arange(5.0)
    given: dict[str, Any] = {
        "pickup": [0, 1],
        "delivery": [2, 3],
        "stop_location": [1, 3, 2, 4],
        "window_start": [0.0] * 4,
        "window_end": [100.0] * 4,
        "load": [[1.0], [1.0], [-1.0], [-1.0]],
        "start_location": [0],
        "capacity": [[[1.0]]],
        "travel_time": np.abs(places[:, None] - places)[None],
    }
    return build(**(given | changes))


def test_two_rides_on_a_line_are_served_in_one_sweep() -> None:
    result = search(line(), Stop(iterations=50))
    assert result.routes == [[0, 2, 1, 3]]
    assert result.cost == pytest.approx(8.0)
    assert result.unserved == []


def test_same_seed_and_iterations_give_the_same_plan_on_two_threads() -> None:
    instance = city_day(60, 8, seed=3)
    first, second = (search(instance, Stop(iterations=2000), seed=5, threads=2) for _ in range(2))
    assert first.routes == second.routes
    assert first.cost == second.cost


def test_a_city_day_keeps_every_rule() -> None:
    instance = city_day(80, 12, seed=1)
    assert city_faults(instance, search(instance, Stop(iterations=1500), seed=1)) == []


def test_a_request_that_fits_nowhere_is_left_out_and_costs_its_penalty() -> None:
    result = search(line(window_end=[100.0, 2.0, 100.0, 100.0], penalty=[7.0, 5.0]), Stop(iterations=20))
    assert result.unserved == [1]
    assert result.cost == pytest.approx(4.0 + 5.0)


def test_a_ride_limit_forbids_a_detour() -> None:
    shared: dict[str, Any] = {
        "stop_location": [1, 2, 4, 3],
        "capacity": [[[2.0]]],
        "service": [0.0, 3.0, 0.0, 0.0],
    }
    free = search(line(**shared), Stop(iterations=30))
    assert free.cost == pytest.approx(8.0)
    limited = search(line(**shared, max_ride=[3.0, np.inf]), Stop(iterations=30))
    assert limited.cost > free.cost
    assert limited.unserved == []


def test_a_convertible_vehicle_must_fit_one_configuration_at_every_moment() -> None:
    both: dict[str, Any] = {
        "stop_location": [1, 2, 4, 3],
        "load": [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]],
    }
    convertible = search(line(**both, capacity=[[[1.0, 0.0], [0.0, 1.0]]]), Stop(iterations=30))
    roomy = search(line(**both, capacity=[[[1.0, 1.0], [-1.0, -1.0]]]), Stop(iterations=30))
    assert roomy.cost == pytest.approx(8.0)
    assert convertible.cost > roomy.cost


def test_a_break_is_taken_inside_its_window_with_nobody_on_board() -> None:
    result = search(
        line(break_vehicle=[0], break_earliest=[2.0], break_latest=[2.5], break_duration=[10.0]),
        Stop(iterations=30),
    )
    assert result.breaks == [[2.0]]
    assert result.unserved == []
    assert result.starts[0][-1] >= 14.0


def test_lateness_is_paid_by_the_minute() -> None:
    late = line(due=[np.inf, np.inf, np.inf, 3.0], lateness_price=[0.0, 0.0, 0.0, 2.0], penalty=[1.0, 100.0])
    result = search(late, Stop(iterations=60))
    assert result.cost == pytest.approx(8.0 + 2.0 * 1.0)


def test_who_may_serve_a_request_for_a_while_serves_it_then_or_not_at_all() -> None:
    """One ride at minutes 1 to 2, another at 3 to 4; a crew must have set the rider down by the end."""
    never, always = -np.inf, np.inf
    limits: dict[str, Any] = {"valid_from": [[never], [never]], "penalty": [7.0, 50.0]}
    just = search(line(**limits, valid_until=[[2.0], [always]]), Stop(iterations=30))
    assert (just.routes, just.cost) == ([[0, 2, 1, 3]], pytest.approx(8.0))
    ended = search(line(**limits, valid_until=[[1.9], [always]]), Stop(iterations=30))
    assert (ended.unserved, ended.cost) == ([0], pytest.approx(8.0 + 7.0))
    served = search(
        line(**limits, valid_until=[[2.0], [always]], service=[0.5, 0.0, 0.0, 0.0]), Stop(iterations=30)
    )
    assert served.unserved == [0]
    later = search(line(valid_from=[[never], [20.0]], valid_until=[[always]] * 2), Stop(iterations=30))
    assert later.unserved == []
    assert later.starts[0][later.routes[0].index(1)] >= 20.0


def test_crews_whose_time_ends_keep_it_in_every_plan() -> None:
    """Of two crews at one place that cost the same one ends early: nothing of its work ends after that."""
    instance, until = city_day(60, 8, seed=2), np.full((60, 8), np.inf)
    until[::2, ::2] = 840.0
    limited = replace(instance, valid_from=np.full((60, 8), -np.inf), valid_until=until)
    result = search(limited, Stop(iterations=3000), seed=1, threads=2)
    assert city_faults(instance, result) == []
    ends = [
        (stop % 60, vehicle, start + instance.service[stop])
        for vehicle, (route, starts) in enumerate(zip(result.routes, result.starts, strict=True))
        for stop, start in zip(route, starts, strict=True)
    ]
    assert all(end <= until[request, vehicle] + 1e-6 for request, vehicle, end in ends)
    free = search(instance, Stop(iterations=3000), seed=1, threads=2)
    assert any(
        start + instance.service[stop] > until[stop % 60, vehicle]
        for vehicle, (route, starts) in enumerate(zip(free.routes, free.starts, strict=True))
        for stop, start in zip(route, starts, strict=True)
    )
    early = {vehicle for request, vehicle, _ in ends if until[request, vehicle] < np.inf}
    assert early, "crews whose time ends serve nobody: the limit is no limit but a ban"


def test_a_pinned_request_and_a_frozen_prefix_stay_where_they_are() -> None:
    instance = line(
        start_location=[0, 0],
        capacity=[[[1.0]], [[1.0]]],
        allowed=[[True, True], [False, True]],
        prefix_index=[0, 2, 2],
        prefix_stops=[0, 2],
    )
    result = search(instance, Stop(iterations=60))
    assert result.routes == [[0, 2], [1, 3]]


def test_a_start_is_never_made_worse() -> None:
    instance = city_day(40, 6, seed=2)
    first = search(instance, Stop(iterations=400), seed=1)
    again = search(instance, Stop(iterations=0), seed=2, start=first.routes)
    assert again.cost <= first.cost + 1e-9


def test_slower_hours_make_later_arrivals() -> None:
    slow = line(speed=[[0.5]])
    assert search(slow, Stop(iterations=30)).arrivals[0] - search(slow, Stop(iterations=30)).departures[
        0
    ] == pytest.approx(16.0)


def test_fewer_vehicles_come_first_when_asked() -> None:
    two = line(start_location=[0, 0], capacity=[[[1.0]], [[1.0]]], fixed_cost=[100.0, 100.0])
    result = search(replace(two, minimise_vehicles=True), Stop(iterations=200), threads=2)
    assert sum(1 for route in result.routes if route) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"window_start": [200.0, 0.0, 0.0, 0.0]}, "window_start"),
        ({"service": [np.nan] * 4}, "service"),
        ({"travel_time": np.full((1, 5, 5), -1.0)}, "travel_time"),
        ({"pickup": [0, 0]}, "pickup and delivery"),
        ({"stop_location": [1, 3, 2, 9]}, "stop_location"),
        ({"valid_from": np.zeros((2, 3)), "valid_until": np.zeros((2, 3))}, "valid_from"),
        ({"valid_from": np.zeros((2, 1)), "valid_until": np.full((2, 1), np.nan)}, "valid_until"),
    ],
)
def test_bad_arrays_are_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InstanceError, match=words):
        line(**changes)
