"""Two requests are said to share no route only when no order of their stops is possible."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest

from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.instance import Instance, build
from dispatch.optimizer.engine.layout import Data, pack
from dispatch.optimizer.engine.pairs import ever_together
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop


@kernel
def asked(data: Data, one: int, other: int) -> int:
    """The kernel's answer, for Python."""
    return ever_together(data, one, other)


def two(seed: int, **more: Any) -> Instance:
    """Two requests, rides or single stops with narrow windows, for one vehicle of one or two places."""
    dice = np.random.default_rng(seed)
    rides = [bool(dice.integers(3)), bool(dice.integers(3))]
    delivery, stops = [], 2
    for ride in rides:
        delivery.append(stops if ride else -1)
        stops += ride
    opens = dice.uniform(0, 60, stops)
    load = np.zeros((stops, 1))
    for pickup, end in enumerate(delivery):
        if end >= 0:
            load[pickup], load[end] = 1.0, -1.0
    places = dice.uniform(0, 20, (stops + 1, 2))
    limits = dice.uniform(15, 50, 2) if dice.integers(2) else np.full(2, np.inf)
    given = {
        "pickup": [0, 1], "delivery": delivery, "stop_location": np.arange(1, stops + 1),
        "window_start": opens, "window_end": opens + dice.uniform(0, 30, stops),
        "service": dice.uniform(0, 3, stops), "load": load, "start_location": [0],
        "capacity": np.full((1, 1, 1), float(dice.integers(1, 3))), "max_ride": limits,
        "travel_time": np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))[None],
    }  # fmt: skip
    return build(**{**given, **more})


def possible(instance: Instance, order: Sequence[int]) -> bool:
    """Whether a vehicle can serve the stops in this order, by the text of the rules.

    Starts are as early as possible; then pickups are delayed until no ride is too long.
    """
    place, service = instance.stop_location, instance.service
    starts = np.zeros(len(order))
    way = [instance.travel_time[0, place[a], place[b]] for a, b in pairwise(order)]
    for k, stop in enumerate(order):
        ready = starts[k - 1] + service[order[k - 1]] + way[k - 1] if k else -np.inf
        starts[k] = max(ready, instance.window_start[stop])
        if starts[k] > instance.window_end[stop] + 1e-9:
            return False
    load = np.cumsum(instance.load[list(order), 0])
    if load.max() > instance.capacity[0, 0, 0]:
        return False
    at = {stop: k for k, stop in enumerate(order)}
    pairs = [(at[p], at[d], request) for request, (p, d) in enumerate(_rides(instance))]
    for _ in range(4):
        for p, d, request in pairs:
            need = starts[d] - instance.max_ride[_requests(instance)[request]] - service[order[p]]
            starts[p] = max(starts[p], need)
        for k in range(1, len(order)):
            starts[k] = max(starts[k], starts[k - 1] + service[order[k - 1]] + way[k - 1])
    late = any(starts[k] > instance.window_end[stop] + 1e-9 for k, stop in enumerate(order))
    too_long = any(
        starts[d] - starts[p] - service[order[p]] > instance.max_ride[_requests(instance)[request]] + 1e-9
        for p, d, request in pairs
    )
    return not late and not too_long


def _requests(instance: Instance) -> list[int]:
    return [request for request in range(2) if instance.delivery[request] >= 0]


def _rides(instance: Instance) -> list[tuple[int, int]]:
    return [(int(instance.pickup[r]), int(instance.delivery[r])) for r in _requests(instance)]


def orders(instance: Instance) -> list[tuple[int, ...]]:
    """All orders of the stops with each pickup before its delivery."""
    every = permutations(range(len(instance.stop_location)))
    return [order for order in every if all(order.index(p) < order.index(d) for p, d in _rides(instance))]


def test_two_that_some_order_serves_are_never_held_apart_and_others_mostly_are() -> None:
    answers = []
    for seed in range(600):
        instance = two(seed)
        some = any(possible(instance, order) for order in orders(instance))
        answers.append((some, bool(asked(pack(instance), 0, 1))))

    assert (True, False) not in answers
    assert answers.count((True, True)) > 100, "the cases are all alike"
    # a ride that can begin later is judged without its waiting, so a few are not told apart
    assert answers.count((False, False)) > 20 * answers.count((False, True))


def test_frozen_work_is_never_judged() -> None:
    hopeless = next(one for one in map(two, range(600)) if not asked(pack(one), 0, 1))
    given = {name: getattr(hopeless, name) for name in hopeless.__dataclass_fields__}
    frozen = build(**{**given, "prefix_index": [0, 1], "prefix_stops": [0]})

    assert asked(pack(frozen), 0, 1)


def test_nothing_is_told_from_direct_ways_where_detours_are_quicker() -> None:
    dice = np.random.default_rng(5)
    ways = dice.uniform(1, 100, (1, 12, 12))
    ways[0][np.diag_indices(12)] = 0.0
    crooked = build(
        pickup=np.arange(10), delivery=np.full(10, -1), stop_location=np.arange(1, 11),
        window_start=np.zeros(10), window_end=np.full(10, 60.0), load=np.zeros((10, 1)),
        start_location=[0], capacity=np.zeros((1, 1, 1)), travel_time=ways,
    )  # fmt: skip

    assert pack(crooked).pairs.size == 0
    assert len(search(crooked, Stop(iterations=400)).unserved) < 10


@pytest.mark.parametrize("seconds", [0.4, 1.0])
def test_rounded_times_leave_room_for_their_rounding(seconds: float) -> None:
    dice = np.random.default_rng(3)
    places = dice.uniform(0, 60, (40, 2))
    exact = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))[None]
    rounded = build(
        pickup=np.arange(39), delivery=np.full(39, -1), stop_location=np.arange(1, 40),
        window_start=np.zeros(39), window_end=np.full(39, 600.0), load=np.zeros((39, 1)),
        start_location=[0], capacity=np.zeros((1, 1, 1)), travel_time=np.round(exact / seconds) * seconds,
    )  # fmt: skip
    data = pack(rounded)

    assert data.pairs.shape == (39, 39)
    assert seconds <= data.slack[0] <= 8 * seconds
