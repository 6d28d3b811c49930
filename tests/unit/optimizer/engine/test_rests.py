"""Where vehicles rest: compared with every way there is, and what a rest before leaving costs."""

from itertools import combinations_with_replacement, product
from random import Random

import numpy as np
import pytest

from dispatch.optimizer.engine.instance import Instance, build
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop

STOPS = 4


def one_route(chance: Random, breaks: int) -> Instance:
    """A vehicle with single stops along a line and breaks in order of time, all at random."""
    places = np.array([0.0, *(chance.randint(0, 12) for _ in range(STOPS))])
    opens = np.array([4.0 * k + chance.randint(0, 8) for k in range(STOPS)])
    rests = sorted(chance.randint(0, 20) for _ in range(breaks))
    return build(
        pickup=np.arange(STOPS),
        delivery=np.full(STOPS, -1),
        stop_location=np.arange(1, STOPS + 1),
        window_start=opens,
        window_end=opens + [chance.randint(8, 24) for _ in range(STOPS)],
        service=np.array([float(chance.randint(0, 3)) for _ in range(STOPS)]),
        load=np.zeros((STOPS, 1)),
        start_location=[0],
        shift_start=[float(chance.randint(0, 3))],
        shift_end=[45.0],
        capacity=[[[1.0]]],
        travel_time=np.abs(places[:, None] - places)[None],
        break_vehicle=np.zeros(breaks, dtype=int),
        break_earliest=np.array(rests, dtype=float),
        break_latest=np.array([rest + chance.randint(0, 8) for rest in rests], dtype=float),
        break_duration=np.array([float(chance.randint(2, 6)) for _ in range(breaks)]),
    )


def soonest_end(instance: Instance, gaps: tuple[int, ...], on_arrival: tuple[bool, ...]) -> float:
    """When the stops in order are over, with the first breaks in these gaps; infinite when that cannot be."""
    clock, place = float(instance.shift_start[0]), 0
    for gap in range(STOPS + 1):
        target = gap + 1 if gap < STOPS else 0
        drive, driven = float(instance.travel_time[0, place, target]), False
        for rest, (at, later) in enumerate(zip(gaps, on_arrival, strict=True)):
            if at != gap:
                continue
            if later and not driven:
                clock, driven = clock + drive, True
            begin = max(clock, float(instance.break_earliest[rest]))
            over = float(instance.break_earliest[rest] + instance.break_duration[rest])
            if gap == 0 and not driven and clock >= over:
                continue
            if begin > instance.break_latest[rest] or (later and gap == 0):
                return np.inf
            clock = begin + float(instance.break_duration[rest])
        clock += 0.0 if driven else drive
        if gap < STOPS:
            clock = max(clock, float(instance.window_start[gap]))
            if clock > instance.window_end[gap]:
                return np.inf
            clock += float(instance.service[gap])
        place = target
    owed = len(gaps)
    if clock > instance.shift_end[0]:
        return np.inf
    breaks = len(instance.break_earliest)
    return clock if owed == breaks or clock <= instance.break_latest[owed] else np.inf


def every_way(instance: Instance) -> float:
    """The soonest end over every choice of gaps."""
    breaks = len(instance.break_earliest)
    return min(
        soonest_end(instance, gaps, later)
        for owed in range(breaks + 1)
        for gaps in combinations_with_replacement(range(STOPS + 1), owed)
        for later in product((False, True), repeat=owed)
    )


@pytest.mark.parametrize("breaks", [1, 2])
def test_a_route_can_be_driven_when_its_rests_fit_anywhere(breaks: int) -> None:
    chance, possible = Random(breaks), 0
    for _ in range(300):
        instance = one_route(chance, breaks)
        order = [list(range(STOPS))]
        result = search(instance, Stop(iterations=0), start=order)
        fits = every_way(instance) < np.inf
        assert (result.routes == order) == fits
        possible += fits
    assert 50 < possible < 250


def test_who_rests_before_leaving_is_not_paid_for_it() -> None:
    """A shift from minute 0, a break from 10 to 20, the only stop at 60: the vehicle leaves at 59."""
    places = np.array([0.0, 1.0])
    shared = {
        "pickup": [0], "delivery": [-1], "stop_location": [1], "window_start": [60.0], "window_end": [70.0],
        "load": [[0.0]], "start_location": [0], "capacity": [[[1.0]]],
        "travel_time": np.abs(places[:, None] - places)[None], "time_price": [5.0], "waiting_price": [1.0],
    }  # fmt: skip
    rests = {"break_vehicle": [0], "break_earliest": [10.0], "break_latest": [20.0], "break_duration": [15.0]}
    without, rested = (search(build(**shared, **more), Stop(iterations=5)) for more in ({}, rests))
    assert without.cost == pytest.approx(2.0 + 2 * 5.0)
    assert rested.cost == pytest.approx(without.cost)


def test_a_rest_comes_after_what_has_begun() -> None:
    """Two stops are under way with time enough between them; the rest that is owed follows both."""
    places = np.array([0.0, 1.0, 2.0, 3.0])
    begun = build(
        pickup=[0, 1, 2], delivery=[-1] * 3, stop_location=[1, 2, 3], window_start=[10.0, 40.0, 0.0],
        window_end=[10.0, 40.0, 90.0], load=np.zeros((3, 1)), start_location=[0], capacity=[[[1.0]]],
        travel_time=np.abs(places[:, None] - places)[None], prefix_index=[0, 2], prefix_stops=[0, 1],
        break_vehicle=[0], break_earliest=[15.0], break_latest=[42.0], break_duration=[10.0],
    )  # fmt: skip
    result = search(begun, Stop(iterations=5))
    assert result.routes == [[0, 1, 2]]
    assert result.breaks[0][0] >= 40.0


def test_a_start_that_cannot_be_driven_loses_who_is_missed_least_and_has_a_price() -> None:
    """Three stops, of which the first two exclude each other; the dearer one to leave out stays."""
    places = np.array([0.0, 10.0, 20.0, 30.0])
    instance = build(
        pickup=[0, 1, 2],
        delivery=[-1] * 3, stop_location=[1, 2, 3], window_start=[0.0] * 3,
        window_end=[10.0, 11.0, 90.0], load=np.zeros((3, 1)), start_location=[0],
        capacity=[[[1.0]]],
        travel_time=np.abs(places[:, None] - places)[None], penalty=[500.0, 900.0, 700.0],
        max_duration=[90.0],
    )  # fmt: skip
    result = search(instance, Stop(iterations=0), start=[[0, 1, 2]])
    assert (result.routes, result.unserved) == ([[0, 2]], [1])
    assert result.cost == pytest.approx(60.0 + 900.0)


def test_a_begun_route_that_is_late_already_does_not_stop_the_search() -> None:
    """A rider on board is set down after the window; other work is planned all the same."""
    places = np.arange(5.0) * 10
    late = build(
        pickup=[0, 1], delivery=[2, 3], stop_location=[1, 3, 2, 4], window_start=[0.0] * 4,
        window_end=[100.0, 100.0, 15.0, 100.0], load=[[1.0], [1.0], [-1.0], [-1.0]], start_location=[0, 0],
        capacity=[[[1.0]]] * 2, travel_time=np.abs(places[:, None] - places)[None],
        prefix_index=[0, 2, 2], prefix_stops=[0, 2], max_ride=[np.inf, 10.0],
    )  # fmt: skip
    result = search(late, Stop(iterations=20), start=[[0, 2], []])
    assert np.isfinite(result.cost)
    assert result.routes[0][:2] == [0, 2]
    assert result.unserved == []
