"""Bounded looks for a place, and two workers on parts of one plan."""

from typing import Any

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.benchmarks.city_rules import city_faults
from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.construct import complete, lay_start
from dispatch.optimizer.engine.insertion import best_place
from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.layout import Data, pack
from dispatch.optimizer.engine.parts import deal, follow, hand_in, own_all
from dispatch.optimizer.engine.plan import Plan, Work, empty_plan, empty_work
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop


@kernel
def price(data: Data, plan: Plan, work: Work, request: int, vehicle: int, bound: float) -> float:
    return best_place(data, plan, work, request, vehicle, vehicle, bound)


def planned(instance: Instance, left_out: int) -> tuple[Data, Plan, Work]:
    """A first plan of a day from which the last requests are missing."""
    data, plan, work = pack(instance), empty_plan(instance), empty_work(instance, 1, 0)
    lay_start(data, plan, work, instance.prefix_index, np.zeros(1, dtype=np.int32))
    work.barred[-left_out:] = 1
    complete(data, plan, work, 4)
    work.barred[:] = 0
    return data, plan, work


def test_a_bound_hides_no_cheaper_place_and_shows_no_dearer_one() -> None:
    instance = city_day(60, 8, seed=2)
    data, plan, work = planned(instance, 12)
    found = 0
    for request in range(instance.requests - 12, instance.requests):
        for vehicle in np.flatnonzero(instance.allowed[request]):
            free = price(data, plan, work, request, vehicle, np.inf)
            if not np.isfinite(free):
                continue
            at = tuple(work.found)
            found += 1
            assert price(data, plan, work, request, vehicle, free + 1.0) == pytest.approx(free)
            assert tuple(work.found) == at
            assert price(data, plan, work, request, vehicle, free - 1e-3) == np.inf
            assert work.found[0] == -1
    assert found > 5


def test_parts_cover_a_plan_once_and_put_together_give_it_back() -> None:
    instance = city_day(80, 10, seed=4)
    data, plan, work = planned(instance, 5)
    works = [work, empty_work(instance, 1, 1)]
    deal(data, plan, works)
    for array in ("foreign", "barred", "closed"):
        assert (getattr(works[0], array) + getattr(works[1], array) == 1).all()
    served = plan.where >= 0
    assert np.array_equal(works[0].barred[served], works[0].foreign[plan.where[served]])
    together = empty_plan(instance)
    for one in works:
        hand_in(together, plan, one)
        own_all(one)
    copy: Any = empty_plan(instance)
    follow(copy, plan)
    for name in ("nodes", "size", "cost", "version"):
        assert np.array_equal(getattr(together, name)[:-1], getattr(copy, name)[:-1])
    assert np.array_equal(together.where, plan.where)


def test_two_workers_on_a_large_day_keep_every_rule_and_repeat_themselves() -> None:
    instance = city_day(150, 20, seed=6)
    first, second = (search(instance, Stop(iterations=4000), seed=3, threads=2) for _ in range(2))
    assert city_faults(instance, first) == []
    assert first.routes == second.routes
    assert first.cost <= search(instance, Stop(iterations=0)).cost
