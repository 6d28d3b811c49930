"""What a search remembers of a row lasts as long as the row is what it was."""

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.insertion import best_place, look
from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.layout import Data
from dispatch.optimizer.engine.parts import follow
from dispatch.optimizer.engine.plan import AT, FOR, PRICE, Plan, Work, anchor_rows, changes, empty_plan
from dispatch.optimizer.engine.routes import insert, take_out
from dispatch.optimizer.engine.shaking import spots
from tests.unit.optimizer.engine.test_pressing import planned, rides


@kernel
def out_and_in(data: Data, plan: Plan, work: Work, request: int) -> int:
    """Take a request out and put it back where it was; the vehicle."""
    i, j = spots(data, plan, request)
    vehicle = plan.where[request]
    take_out(data, plan, work, request)
    insert(data, plan, work, request, vehicle, i, j)
    return int(vehicle)


@kernel
def out(data: Data, plan: Plan, work: Work, request: int) -> int:
    vehicle = plan.where[request]
    take_out(data, plan, work, request)
    return int(vehicle)


@kernel
def differs(plan: Plan, base: Plan) -> int:
    return int(changes(plan, base))


@kernel
def accept(plan: Plan, work: Work) -> None:
    anchor_rows(work, plan)


@kernel
def looked(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> float:
    return look(data, plan, work, request, vehicle, np.inf)


@kernel
def anew(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> float:
    return best_place(data, plan, work, request, vehicle, vehicle, np.inf)


def day(kind: str) -> Instance:
    """Rides with windows alone, or with limits on rides and shifts."""
    return rides(2, 60, 8) if kind == "windows" else city_day(60, 8, seed=2)


@pytest.mark.parametrize("kind", ["windows", "limits"])
def test_a_row_into_which_all_is_put_back_where_it_was_is_the_row_it_was(kind: str) -> None:
    data, plan, work = planned(instance := day(kind), 10)
    base = empty_plan(instance)
    follow(base, plan)
    served = np.flatnonzero(plan.where >= 0)
    assert len(served) > 20
    for request in served:
        vehicle = out_and_in(data, plan, work, int(request))
        assert plan.version[vehicle] != base.version[vehicle]
        np.testing.assert_array_equal(plan.nodes[vehicle], base.nodes[vehicle])
        assert not differs(plan, base)
        np.testing.assert_array_equal(plan.version, base.version)
        np.testing.assert_array_equal(plan.where, base.where)


@pytest.mark.parametrize("kind", ["windows", "limits"])
def test_a_row_that_is_another_keeps_its_own_version_beside_one_put_back(kind: str) -> None:
    data, plan, work = planned(instance := day(kind), 10)
    base = empty_plan(instance)
    follow(base, plan)
    one = int(np.flatnonzero(plan.where >= 0)[0])
    other = int(np.flatnonzero((plan.where >= 0) & (plan.where != plan.where[one]))[0])
    back = out_and_in(data, plan, work, one)
    changed = out(data, plan, work, other)
    assert differs(plan, base)
    assert plan.version[back] == base.version[back]
    assert plan.version[changed] != base.version[changed]
    assert plan.size[changed] < base.size[changed]


@pytest.mark.parametrize("kind", ["windows", "limits"])
def test_what_is_remembered_of_a_trial_is_the_accepted_plans_once_it_is_accepted(kind: str) -> None:
    data, plan, work = planned(day(kind), 10)
    accept(plan, work)
    one = int(np.flatnonzero(plan.where >= 0)[0])
    before = work.cached.copy()
    vehicle = out(data, plan, work, one)
    prices = {
        request: looked(data, plan, work, request, vehicle)
        for request in map(int, np.flatnonzero(plan.where < 0))
        if data.allowed[request, vehicle]
    }
    assert np.isfinite(list(prices.values())).any()
    for request in prices:
        np.testing.assert_array_equal(work.cached[request, vehicle, 0], before[request, vehicle, 0])
    accept(plan, work)
    for request, price in prices.items():
        assert looked(data, plan, work, request, vehicle) == price
        held = work.cached[request, vehicle, 0]
        assert held[FOR] == plan.version[vehicle]
        fresh = anew(data, plan, work, request, vehicle)
        assert price == pytest.approx(fresh)
        assert (held[PRICE] == pytest.approx(fresh)) if np.isfinite(fresh) else (held[AT] < 0)
