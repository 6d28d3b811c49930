"""Pressing: whether a request fits at all, and what is thrown out for one that does not."""

from typing import Any

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.construct import complete, lay_start
from dispatch.optimizer.engine.ejection import close_routes, squeeze
from dispatch.optimizer.engine.fitting import some_place
from dispatch.optimizer.engine.insertion import best_place
from dispatch.optimizer.engine.instance import Instance, build
from dispatch.optimizer.engine.layout import Data, pack
from dispatch.optimizer.engine.parts import follow
from dispatch.optimizer.engine.plan import Plan, Work, empty_plan, empty_work
from dispatch.optimizer.engine.routes import insert
from dispatch.optimizer.engine.shaking import shake

NONE = np.zeros(0, dtype=np.int32)


@kernel
def price(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> float:
    return best_place(data, plan, work, request, vehicle, vehicle, np.inf)


@kernel
def fits_in(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> int:
    return some_place(data, plan, work, request, vehicle, vehicle)


@kernel
def put(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> None:
    insert(data, plan, work, request, vehicle, work.found[0], work.found[1])


def rides(seed: int, count: int, vehicles: int) -> Instance:
    """Rides between random places with windows that make routes of some length."""
    dice = np.random.default_rng(seed)
    places = dice.uniform(0, 40, (2 * count + 1, 2))
    opens = np.concatenate([at := dice.uniform(0, 200, count), at + dice.uniform(20, 60, count)])
    load = np.ones((2 * count, 1))
    load[count:] = -1.0
    return build(
        pickup=np.arange(count), delivery=np.arange(count, 2 * count),
        stop_location=np.arange(1, 2 * count + 1), window_start=opens,
        window_end=opens + np.tile(dice.uniform(30, 90, count), 2), service=np.full(2 * count, 2.0),
        load=load, start_location=[0] * vehicles, capacity=np.full((vehicles, 1, 1), 3.0),
        travel_time=np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))[None],
    )  # fmt: skip


def planned(instance: Instance, left_out: int) -> tuple[Data, Plan, Work]:
    """A first plan from which the last requests are missing."""
    data, plan, work = pack(instance), empty_plan(instance), empty_work(instance, 1, 0)
    lay_start(data, plan, work, instance.prefix_index, np.zeros(1, dtype=np.int32))
    work.barred[instance.requests - left_out :] = 1
    complete(data, plan, work, 4)
    work.barred[:] = 0
    return data, plan, work


@pytest.mark.parametrize("limits", [False, True])
def test_a_request_fits_where_it_has_a_cheapest_place_and_only_there(*, limits: bool) -> None:
    instance = city_day(60, 6, seed=3) if limits else rides(3, 60, 8)
    data, plan, work = planned(instance, 20)
    answers = []
    for request in range(instance.requests - 20, instance.requests):
        for vehicle in np.flatnonzero(instance.allowed[request]):
            if plan.size[vehicle] == 2:
                continue
            answers.append(bool(np.isfinite(price(data, plan, work, request, vehicle))))
            assert bool(fits_in(data, plan, work, request, vehicle)) is answers[-1]
            if answers[-1]:
                copy: Any = empty_plan(instance)
                follow(copy, plan)
                put(data, copy, work, request, vehicle)
                n = copy.size[vehicle]
                assert (copy.early[vehicle, :n] <= copy.late[vehicle, :n] + 1e-6).all()
    assert answers.count(True) > 10
    assert answers.count(False) > 10


def test_what_fits_nowhere_does_not_hold_up_the_rest() -> None:
    instance = rides(5, 12, 3)
    given = {name: getattr(instance, name) for name in instance.__dataclass_fields__}
    late = given["window_end"][23]  # the last is ready only when its delivery must be over
    given |= {
        name: np.where(np.arange(24) == 11, late, given[name]) for name in ("window_start", "window_end")
    }
    data, plan, work = planned(build(**given), 3)

    close_routes(data, plan, work, NONE, 0)
    assert list(work.pool[:3]) == [9, 10, 11]
    assert squeeze(data, plan, empty_plan(instance), work, 60, 0, 0.0) == 1
    assert list(np.flatnonzero(plan.where < 0)) == [11]


def test_a_long_request_throws_out_as_many_as_it_needs() -> None:
    count, hour = 8, 60.0
    opens = np.append(np.arange(count) * hour, 2 * hour)
    visits = build(
        pickup=np.arange(count + 1), delivery=np.full(count + 1, -1), stop_location=np.zeros(count + 1, int),
        window_start=opens, window_end=np.append(opens[:-1] + 5.0, 2 * hour + 5.0),
        service=np.append(np.full(count, 50.0), 230.0), load=np.zeros((count + 1, 1)), start_location=[0],
        capacity=np.zeros((1, 1, 1)), travel_time=np.zeros((1, 1, 1)),
    )  # fmt: skip
    data, plan, work = planned(visits, 1)
    assert (plan.where[:-1] == 0).all()

    close_routes(data, plan, work, NONE, 0)
    left = squeeze(data, plan, empty_plan(visits), work, 1, 0, 0.0)
    assert plan.where[count] == 0
    assert list(np.flatnonzero(plan.where < 0)) == [2, 3, 4, 5]
    assert left == 4


@kernel
def shaken(data: Data, plan: Plan, work: Work, moves: int, temperature: float) -> None:
    shake(data, plan, work, moves, temperature)


def test_cold_random_moves_never_cost_anything_and_hot_ones_may() -> None:
    data, plan, work = planned(rides(7, 60, 8), 10)
    first, routes = plan.cost[:-1].sum(), plan.nodes.copy()
    last = first
    for _ in range(40):
        shaken(data, plan, work, 50, 1e-9)
        assert plan.cost[:-1].sum() <= last + 1e-9
        last = plan.cost[:-1].sum()
    assert last < first - 1.0
    served = np.flatnonzero(plan.where >= 0)
    on_board = sorted(
        int(stop) for row, n in enumerate(plan.size[:-1]) for stop in plan.nodes[row, 1 : n - 1]
    )
    assert on_board == sorted([*served, *(served + 60)])
    assert len(served) == 50
    shaken(data, plan, work, 500, np.inf)
    assert plan.cost[:-1].sum() > last + 1.0
    assert not np.array_equal(plan.nodes, routes)
