"""Annealing that passes through plans which leave requests out."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.optimizer.engine.annealing import BASE_COST, BEST_COST, anneal
from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.parts import follow
from dispatch.optimizer.engine.plan import empty_plan
from dispatch.optimizer.engine.search import plan_cost, search
from dispatch.optimizer.stop import Stop
from tests.unit.optimizer.engine.test_pressing import planned, rides


def few_vehicles(seed: int, count: int, vehicles: int) -> Instance:
    """Rides where the number of vehicles comes first."""
    return replace(
        rides(seed, count, vehicles),
        minimise_vehicles=True,
        fixed_cost=np.full(vehicles, 1000.0),
        penalty=np.full(count, 20_000.0),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_forbearance_requests_are_left_out_meanwhile_but_not_in_the_best_plan(seed: int) -> None:
    instance = few_vehicles(seed, 40, 20)
    data, best, work = planned(instance, 0)
    assert (best.where >= 0).all()
    plan, base = empty_plan(instance), empty_plan(instance)
    follow(base, best)
    vehicles, price, left_out = int((best.size[:-1] > 2).sum()), plan_cost(data, best), 0
    for _ in range(40):
        anneal(data, plan, base, best, work, 25, 3.0, 3.0, 1, 10, 0.5)
        left_out += int((base.where < 0).any())
        assert int((base.size[:-1] > 2).sum()) <= vehicles
        assert not work.closed.any()
        used = int((base.size[:-1] > 2).sum())
        waiting = int((base.where < 0).sum())
        assert work.result[BASE_COST] == pytest.approx(base.cost[:-1].sum() - 1000.0 * used + 0.5 * waiting)
        assert work.result[BEST_COST] == pytest.approx(plan_cost(data, best))
        assert plan_cost(data, best) <= price + 1e-9
        assert (best.where >= 0).all()
        price = plan_cost(data, best)
    assert left_out > 10


@pytest.mark.parametrize("threads", [1, 2])
def test_a_search_that_may_leave_out_on_its_way_ends_complete_and_repeats_itself(threads: int) -> None:
    instance = few_vehicles(4, 120, 60)
    first, again = (search(instance, Stop(iterations=4000), seed=2, threads=threads) for _ in range(2))
    assert first.unserved == []
    assert sorted(stop for route in first.routes for stop in route) == list(range(240))
    assert first.routes == again.routes
    assert first.cost < search(instance, Stop(iterations=0), seed=2).cost
