"""Routes on trial: what is left out of them, who makes room, and where ruins begin."""

from itertools import pairwise

import numpy as np
import pytest

from dispatch.benchmarks.city_day import city_day
from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.ejection import PAIRS, doubles, singles, surround
from dispatch.optimizer.engine.fitting import room, room_without
from dispatch.optimizer.engine.instance import Instance, Integers
from dispatch.optimizer.engine.layout import EXACT, Data
from dispatch.optimizer.engine.pairs import apart
from dispatch.optimizer.engine.parts import follow
from dispatch.optimizer.engine.plan import TRIALS, Plan, Work, empty_plan
from dispatch.optimizer.engine.removal import AROUND, where_to_ruin
from dispatch.optimizer.engine.routes import take_out
from dispatch.optimizer.engine.trial import leave_out, leave_out_none, settle_trial
from tests.unit.optimizer.engine.test_pressing import planned, rides


@kernel
def lay(data: Data, plan: Plan, work: Work, vehicle: int, requests: Integers) -> None:
    leave_out_none(work)
    for request in requests:
        leave_out(work, request)
    settle_trial(data, plan, work, vehicle)


@kernel
def remove_all(data: Data, plan: Plan, work: Work, requests: Integers) -> None:
    for request in requests:
        take_out(data, plan, work, request)


@kernel
def near_ones(data: Data, plan: Plan, work: Work, request: int) -> int:
    return surround(data, plan, work, request)


@kernel
def one_out(data: Data, plan: Plan, work: Work, request: int, count: int) -> int:
    return singles(data, plan, work, request, count)[1]


@kernel
def two_out(data: Data, plan: Plan, work: Work, request: int, count: int) -> float:
    return doubles(data, plan, work, request, count, np.inf)[0]


@kernel
def has_room(data: Data, plan: Plan, work: Work, request: int, one: int, other: int) -> int:
    row = plan.where[one]
    if one == other:
        return int(room_without(data, plan, work, request, row, one))
    leave_out_none(work)
    leave_out(work, one)
    leave_out(work, other)
    return int(room(data, plan, work, request, row))


@kernel
def hindered(data: Data, work: Work, row: int, request: int, one: int, other: int) -> int:
    return int(work.rows[row] - apart(data, request, one) - (one != other and apart(data, request, other)))


@kernel
def begin(data: Data, plan: Plan, work: Work, left: int) -> int:
    work.pool[0], work.count[1] = left, 1
    return where_to_ruin(data, plan, work)


def crowded(seed: int) -> Instance:
    """Rides for which there are too few vehicles."""
    return rides(seed, 60, 6)


@pytest.mark.parametrize("limits", [False, True])
def test_a_route_on_trial_is_as_if_what_it_leaves_out_were_gone(*, limits: bool) -> None:
    instance = city_day(60, 6, seed=3) if limits else rides(3, 60, 8)
    data, plan, work = planned(instance, 5)
    assert bool(data.flags[EXACT]) is limits
    dice, compared = np.random.default_rng(1), 0
    for vehicle in np.flatnonzero(plan.size[:-1] > 6):
        mine = np.flatnonzero(plan.where == vehicle).astype(np.int32)
        for count in (0, 1, 2, len(mine) // 2):
            out = dice.choice(mine, count, replace=False).astype(np.int32)
            lay(data, plan, work, vehicle, out)
            gone = empty_plan(instance)
            follow(gone, plan)
            remove_all(data, gone, work, out)
            n = gone.size[vehicle]
            assert plan.size[-1] == n
            for name in ("nodes", "place", "early", "late", "free", "load"):
                np.testing.assert_array_equal(getattr(plan, name)[-1, :n], getattr(gone, name)[vehicle, :n])
            for name in ("gap", "leg"):
                np.testing.assert_array_equal(
                    getattr(plan, name)[-1, : n - 1], getattr(gone, name)[vehicle, : n - 1]
                )
            compared += 1
    assert compared > 8


@pytest.mark.parametrize("seed", range(4))
def test_asking_of_several_at_once_finds_who_makes_room_as_trying_each_does(seed: int) -> None:
    data, plan, work = planned(crowded(seed), 15)
    work.trouble[:] = np.random.default_rng(seed).permutation(60) + 1.0
    waiting = [int(r) for r in np.flatnonzero(plan.where < 0)]
    alone, both = 0, 0
    for request in waiting:
        count = near_ones(data, plan, work, request)
        near = [int(other) for other in work.around[:count]]
        assert all(work.trouble[a] < work.trouble[b] + 1 for a, b in pairwise(near))

        def makes_room(one: int, other: int, request: int = request) -> bool:
            row = plan.where[one]
            if plan.where[other] != row or hindered(data, work, row, request, one, other) > 0:
                return False
            return bool(has_room(data, plan, work, request, one, other))

        found = one_out(data, plan, work, request, count)
        assert found == next((one for one in near if makes_room(one, one)), -1)
        alone += found >= 0
        least = two_out(data, plan, work, request, count)
        if work.count[TRIALS] <= PAIRS:
            sums = (
                work.trouble[one] + work.trouble[other]
                for k, one in enumerate(near)
                for other in near[k + 1 :]
                if makes_room(one, other)
            )
            assert least == min(sums, default=np.inf)
            both += least < np.inf
    assert alone > 0 or both > 0


def test_ruins_begin_near_what_is_left_out_half_of_the_time() -> None:
    instance = rides(7, 400, 30)
    data, plan, work = planned(instance, 1)
    near = set(data.near[:, 399, :AROUND].ravel().tolist())
    inside = sum(begin(data, plan, work, 399) in near for _ in range(2000))
    assert len(near) < 80
    assert 900 < inside < 1500
