"""Routes that exchange their ends: nothing is lost, every rule is kept, and crossed ways are undone."""

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.crossing import cross, exchange_ends
from dispatch.optimizer.engine.instance import Instance, build
from dispatch.optimizer.engine.layout import EXACT, Data
from dispatch.optimizer.engine.parts import follow
from dispatch.optimizer.engine.plan import WAITING, Plan, Work, empty_plan
from dispatch.optimizer.engine.routes import refresh, settle_dirty
from tests.unit.optimizer.engine.test_pressing import planned, rides


@kernel
def cross_near(data: Data, plan: Plan, work: Work, seed: int, most: int) -> None:
    work.count[WAITING] = 0
    cross(data, plan, work, seed, most)
    settle_dirty(data, plan, work)


@kernel
def exchange(data: Data, plan: Plan, work: Work, one: int, i: int, other: int, j: int) -> int:
    return int(exchange_ends(data, plan, work, one, i, other, j))


@kernel
def anew(data: Data, plan: Plan, work: Work, row: int) -> None:
    refresh(data, plan, work, row, row)


def stops_of(plan: Plan, row: int) -> list[int]:
    stops: list[int] = plan.nodes[row, 1 : plan.size[row] - 1].tolist()
    return stops


def assert_sound(instance: Instance, data: Data, plan: Plan, work: Work) -> None:
    """Every planned request is whole in its own row, in order and in time; the rows are up to date."""
    again = empty_plan(instance)
    follow(again, plan)
    for row in range(instance.vehicles):
        stops = stops_of(plan, row)
        mine = np.flatnonzero(plan.where == row)
        assert sorted(stops) == sorted([*instance.pickup[mine], *instance.delivery[mine]])
        assert all(stops.index(instance.pickup[r]) < stops.index(instance.delivery[r]) for r in mine)
        assert instance.allowed[mine, row].all()
        if not stops:
            continue
        n = plan.size[row]
        anew(data, again, work, row)
        for name in ("early", "late", "free", "load", "place"):
            np.testing.assert_array_equal(getattr(plan, name)[row, :n], getattr(again, name)[row, :n])
        assert plan.cost[row] == again.cost[row]
        assert (plan.early[row, :n] <= plan.late[row, :n] + 1e-6).all()
        held = plan.load[row, :n, None] <= instance.capacity[row][None] + 1e-9
        assert held.all(axis=2).any(axis=1).all()


@pytest.mark.parametrize("limits", [False, True])
def test_whatever_is_crossed_every_request_is_in_one_route_or_waits(*, limits: bool) -> None:
    instance = city_day(60, 6, seed=3) if limits else rides(3, 60, 8)
    data, plan, work = planned(instance, 5)
    assert bool(data.flags[EXACT]) is limits
    exchanged = 0
    for turn in range(300):
        seed = int(np.flatnonzero(plan.where >= 0)[turn % 20])
        before = [stops_of(plan, row) for row in range(instance.vehicles)]
        missing = set(np.flatnonzero(plan.where < 0).tolist())
        cross_near(data, plan, work, seed, 6)
        waiting = work.pool[: work.count[WAITING]].tolist()
        assert len(waiting) <= 6
        assert set(np.flatnonzero(plan.where < 0).tolist()) == missing | set(waiting)
        assert_sound(instance, data, plan, work)
        owners = {stop: row for row, stops in enumerate(before) for stop in stops}
        exchanged += any(
            owners[stop] != row for row in range(instance.vehicles) for stop in stops_of(plan, row)
        )
        if (plan.where < 0).sum() > 20:
            data, plan, work = planned(instance, 5)
    assert exchanged > 20


def crossed(**changes: object) -> tuple[Instance, Data, Plan, Work]:
    """Two vehicles that each serve one request on their own side and one on the other's.

    Places: the depot, then at x = -1, 1 at first and -2, 2 afterwards.
    """
    along = np.array([0.0, -1.0, -1.0, 1.0, 1.0, 2.0, 2.0, -2.0, -2.0])
    arguments: dict[str, object] = {
        "pickup": [0, 2, 4, 6], "delivery": [1, 3, 5, 7], "stop_location": np.arange(1, 9),
        "window_start": [0, 0, 0, 0, 10, 10, 10, 10], "window_end": [9, 9, 9, 9, 20, 20, 20, 20],
        "start_location": [0, 0], "capacity": np.ones((2, 1, 1)),
        "load": np.tile([[1.0], [-1.0]], (4, 1)),
        "travel_time": np.abs(along[:, None] - along[None])[None],
    }  # fmt: skip
    instance = build(**(arguments | changes))  # type: ignore[arg-type]
    data, plan, work = planned(instance, 4)
    for row, stops in enumerate([[0, 1, 4, 5], [2, 3, 6, 7]]):
        plan.nodes[row, 5] = plan.nodes[row, 1]
        plan.nodes[row, 1:5] = stops
        plan.size[row] = 6
        anew(data, plan, work, row)
    plan.where[:] = [0, 1, 0, 1]
    return instance, data, plan, work


def test_crossed_ways_are_undone() -> None:
    instance, data, plan, work = crossed()
    before = plan.cost[:2].sum()
    assert exchange(data, plan, work, 0, 2, 1, 2) == 1
    assert [stops_of(plan, row) for row in (0, 1)] == [[0, 1, 6, 7], [2, 3, 4, 5]]
    assert before - plan.cost[:2].sum() == pytest.approx(4.0)
    assert_sound(instance, data, plan, work)


def test_a_whole_route_is_appended_to_another() -> None:
    late = np.array([0, 0, 10, 10, 10, 10, 20, 20])
    instance, data, plan, work = crossed(window_start=late, window_end=late + 9)
    assert exchange(data, plan, work, 0, 2, 1, 0) == 1
    assert [stops_of(plan, row) for row in (0, 1)] == [[0, 1, 2, 3, 6, 7], [4, 5]]
    assert_sound(instance, data, plan, work)


@pytest.mark.parametrize(
    "changes",
    [
        {"window_end": [2, 2, 9, 9, 20, 20, 20, 20]},
        {"capacity": [[[1.0]], [[0.5]]]},
        {"max_duration": [7.0, 7.0]},
    ],
    ids=["window", "capacity", "shift"],
)
def test_ends_that_a_route_cannot_serve_stay_where_they_are(changes: dict[str, object]) -> None:
    _, data, plan, work = crossed(**changes)
    assert exchange(data, plan, work, 0, 0, 1, 2) == 0
    assert [stops_of(plan, row) for row in (0, 1)] == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_a_vehicle_that_may_not_serve_a_request_does_not_get_it() -> None:
    allowed = np.ones((4, 2), dtype=bool)
    allowed[2, 1] = False
    instance, data, plan, work = crossed(allowed=allowed)
    for seed in [0, 1, 2, 3] * 10:
        cross_near(data, plan, work, seed, 4)
        assert plan.where[2] == 0
        assert_sound(instance, data, plan, work)
