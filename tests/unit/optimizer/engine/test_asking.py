"""Requests left out ask only the routes that a ruin changed, and miss no place by it."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.optimizer.engine.asking import ask_again, forget_refusals, note_ruined, refused
from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.cooling import Climate
from dispatch.optimizer.engine.insertion import best_place
from dispatch.optimizer.engine.instance import Instance, Integers
from dispatch.optimizer.engine.layout import Data, pack
from dispatch.optimizer.engine.plan import (
    SEED,
    TURN,
    WAITING,
    Plan,
    Work,
    anchor_rows,
    copy_changed,
    empty_plan,
)
from dispatch.optimizer.engine.recreate import recreate
from dispatch.optimizer.engine.removal import AROUND, RUINS, aim, gather_near, ruin, where_to_ruin
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop
from tests.unit.optimizer.engine.test_pressing import planned, rides


@kernel
def turns(data: Data, plan: Plan, base: Plan, work: Work, iterations: int, seen: Integers) -> int:
    """Turns of a search that accepts every third plan; how often a request was refused, or lost a place.

    Counted in ``seen``: refusals, places that a route left alone by the ruin still had for one refused.
    """
    copy_changed(plan, base)
    anchor_rows(work, base)
    forget_refusals(work)
    for turn in range(iterations):
        work.count[TURN] += 1
        aim(data, plan, work, 20)
        ask_again(data, plan, work)
        waiting = work.count[WAITING]
        ruin(data, plan, work, turn % RUINS, 1 + turn % 5)
        note_ruined(plan, work)
        for k in range(waiting):
            request = work.pool[k]
            if not refused(work, request):
                continue
            seen[0] += 1
            for row in range(len(work.anchor)):
                if plan.version[row] == work.anchor[row] and data.allowed[request, row]:
                    seen[1] += best_place(data, plan, work, request, row, row, np.inf) < np.inf
        recreate(data, plan, work, turn % 6, 0.02)
        if turn % 3 == 0:
            copy_changed(base, plan)
            anchor_rows(work, base)
        else:
            copy_changed(plan, base)
    return int(work.count[TURN])


@kernel
def pool_near(data: Data, plan: Plan, work: Work, most: int) -> None:
    gather_near(data, plan, work, most)


@kernel
def aimed(data: Data, plan: Plan, work: Work, most: int) -> int:
    aim(data, plan, work, most)
    return where_to_ruin(data, plan, work)


def crowded(seed: int, kind: str) -> Instance:
    """Rides for which there are too few vehicles."""
    return rides(seed, 80, 8) if kind == "alike" else city_day(150, 15, seed)


@pytest.mark.parametrize("kind", ["alike", "city"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_is_refused_by_the_accepted_plan_has_a_place_in_ruined_routes_alone(kind: str, seed: int) -> None:
    data, base, work = planned(instance := crowded(seed, kind), 0)
    assert (base.where < 0).any()
    plan, seen = empty_plan(instance), np.zeros(2, dtype=np.int32)
    turns(data, plan, base, work, 2000, seen)
    assert seen[0] > 2000
    assert seen[1] == 0


def test_the_pool_holds_requests_left_out_near_one_of_them_and_no_others() -> None:
    instance = crowded(4, "city")
    data, plan, work = planned(instance, 0)
    left = set(np.flatnonzero(plan.where < 0).tolist())
    firsts = set()
    for _ in range(200):
        pool_near(data, plan, work, 6)
        pool = work.pool[: work.count[WAITING]].tolist()
        assert 0 < len(pool) <= 6
        assert len(set(pool)) == len(pool)
        assert set(pool) <= left
        assert set(pool[1:]) <= set(data.near[1, pool[0]].tolist())
        firsts.add(pool[0])
    assert len(firsts) > len(left) // 2
    work.barred[list(left)] = 1
    pool_near(data, plan, work, 6)
    assert work.count[WAITING] == 0


def test_a_ruin_begins_near_the_requests_left_out_that_are_tried_again() -> None:
    instance = crowded(4, "city")
    data, plan, work = planned(instance, 0)
    near = [row.tolist() for row in data.near[1]]
    around_one_left = around_any = 0
    for _ in range(400):
        seed = aimed(data, plan, work, 6)
        pool = work.pool[: work.count[WAITING]].tolist()
        assert plan.where[seed] >= 0
        assert len(pool) <= 6
        assert all(plan.where[request] < 0 for request in pool)
        if work.count[SEED] < 0 or not pool:
            continue
        near_the_left = seed in near[pool[0]][:AROUND] and data.allowed[pool[0], plan.where[seed]]
        in_order = [request for request in near[seed] if request in pool]
        assert near_the_left or in_order == pool
        around_one_left += in_order != pool
        around_any += in_order == pool
    assert around_any > 50
    assert around_one_left > 50


def test_a_request_is_allowed_only_where_some_configuration_has_room_for_it() -> None:
    instance = city_day(60, 30, 1)
    allowed = pack(instance).allowed
    for request in range(instance.requests):
        load = instance.load[instance.pickup[request]]
        for vehicle in range(instance.vehicles):
            room = any((load <= way).all() for way in instance.capacity[vehicle])
            assert allowed[request, vehicle] == room
    assert not allowed.all()


def test_a_crowded_plan_is_searched_hotter_and_a_large_one_colder_and_in_smaller_steps() -> None:
    def climate(requests: int, left: int) -> Climate:
        return Climate.of(city_day(requests, 10, 1), left)

    served, crowd, full = climate(150, 0), climate(150, 3), climate(150, 60)
    assert served.hot < crowd.hot < full.hot == climate(150, 100).hot
    assert served.largest > full.largest
    assert climate(1000, 0).hot < served.hot
    assert climate(1000, 0).cold < served.cold
    assert 2 <= climate(1000, 0).largest < served.largest
    assert climate(1, 0).largest == 2
    assert full.at(0.0) == pytest.approx(full.hot)
    assert full.at(1.0) == pytest.approx(full.cold)
    assert full.hot > full.at(0.5) > full.cold


def test_who_can_be_served_by_no_vehicle_at_all_does_not_make_a_plan_crowded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instance = rides(1, 60, 30)
    seen: list[int] = []
    climate_of = Climate.of
    monkeypatch.setattr(Climate, "of", lambda *told: seen.append(told[1]) or climate_of(*told))
    allowed = np.ones((60, 30), dtype=np.bool_)
    allowed[:20] = False
    result = search(replace(instance, allowed=allowed), Stop(iterations=500), seed=1)
    assert set(range(20)) <= set(result.unserved)
    assert seen[-1] == len(result.unserved) - 20


def test_a_crowded_day_serves_more_the_longer_it_is_searched_and_repeats_itself() -> None:
    instance = city_day(200, 20, 3)
    first, again = (search(instance, Stop(iterations=6000), seed=1, threads=2) for _ in range(2))
    assert first.routes == again.routes
    begun = search(instance, Stop(iterations=0), seed=1, threads=2)
    assert len(first.unserved) < len(begun.unserved)
    assert first.cost < 0.9 * begun.cost
