"""Bounded looks for a place, and two workers on parts of one plan."""

from dataclasses import replace
from random import Random
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
from dispatch.optimizer.engine.search import SPLIT, search
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
    deal(data, plan, works, Random(7))
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


def test_any_two_routes_are_with_one_worker_in_some_deals_and_with_two_in_others() -> None:
    instance = city_day(120, 16, seed=5)
    data, plan, work = planned(instance, 5)
    works, chance = [work, empty_work(instance, 1, 1)], Random(3)
    used = np.flatnonzero(plan.size[:-1] > 2)
    together, deals, alike = np.zeros((len(used), len(used))), 120, 0
    for _ in range(deals):
        deal(data, plan, works, chance)
        owner = works[0].foreign[used]
        together += owner[:, None] == owner[None, :]
        stops = (plan.size[used] - 2) @ owner
        alike += abs(2 * stops - (plan.size[used] - 2).sum()) <= 2 * plan.size[used].max()
    others = together[~np.eye(len(used), dtype=bool)]
    assert len(used) > 8
    assert 0 < others.min() <= others.max() < deals
    assert alike == deals


def test_who_is_left_out_is_asked_for_on_its_side_of_the_day() -> None:
    instance = city_day(120, 16, seed=5)
    data, plan, work = planned(instance, 40)
    works, chance = [work, empty_work(instance, 1, 1)], Random(3)
    left, used = np.flatnonzero(plan.where < 0), np.flatnonzero(plan.size[:-1] > 2)
    begins = instance.window_start[instance.pickup[left]]
    late = np.array([plan.early[v, 1 : plan.size[v] - 1].mean() for v in used])
    agreed = 0.0
    for _ in range(60):
        deal(data, plan, works, chance)
        mine, here = works[0].barred[left] == 0, works[0].foreign[used] == 0
        if mine.any() and not mine.all():
            requests = begins[mine].mean() - begins[~mine].mean()
            agreed += requests * (late[here].mean() - late[~here].mean()) > 0
    assert agreed > 40


def test_a_plan_of_places_that_no_road_joins_is_dealt_all_the_same() -> None:
    data, plan, work = planned(city_day(80, 10, seed=4), 5)
    far = data.distance.copy()
    far[0, : len(far[0]) // 2] = np.inf
    works = [work, empty_work(city_day(80, 10, seed=4), 1, 1)]
    deal(replace(data, distance=far), plan, works, Random(1))
    assert (works[0].foreign + works[1].foreign == 1).all()


@pytest.mark.parametrize(("rides", "vehicles"), [(150, 20), (320, 42)])
def test_two_workers_on_a_day_keep_every_rule_and_repeat_themselves(rides: int, vehicles: int) -> None:
    """The smaller day is planned whole by both workers, the larger one in parts."""
    instance = city_day(rides, vehicles, seed=6)
    assert (rides >= SPLIT) == (rides == 320)
    first, second = (search(instance, Stop(iterations=4000), seed=3, threads=2) for _ in range(2))
    assert city_faults(instance, first) == []
    assert first.routes == second.routes
    assert first.cost <= search(instance, Stop(iterations=0)).cost
