"""Room made by a few exchanges, on planted plans where it is known which ones are needed."""

from collections.abc import Sequence

import numpy as np
import pytest

from dispatch.optimizer.engine.filling import Filling, load_filling
from dispatch.optimizer.engine.instance import Instance, build

WANTED = 0


@pytest.fixture(scope="module", autouse=True)
def _kernels() -> None:
    load_filling()


def day(able: Sequence[Sequence[int]], vehicles: int, room: int = 1) -> Instance:
    """Single stops of eight units in a day of ten times `room`: so many fit on one of the able vehicles."""
    allowed = np.zeros((len(able), vehicles), dtype=bool)
    for request, rows in enumerate(able):
        allowed[request, list(rows)] = True
    count = len(able)
    return build(
        pickup=np.arange(count),
        delivery=np.full(count, -1),
        stop_location=np.arange(1, count + 1),
        window_start=np.zeros(count),
        window_end=np.full(count, 10.0 * room - 8.0),
        service=np.full(count, 8.0),
        load=np.zeros((count, 1)),
        start_location=np.zeros(vehicles),
        capacity=np.ones((vehicles, 1, 1)),
        travel_time=np.full((1, count + 1, count + 1), 0.5) - np.eye(count + 1) * 0.5,
        allowed=allowed,
        penalty=np.full(count, 1000.0),
    )


def untouched(filling: Filling, start: Sequence[Sequence[int]]) -> bool:
    """Whether the plan given is as it was."""
    given = filling.given
    return [given.nodes[row, 1 : given.size[row] - 1].tolist() for row in range(len(start))] == [*start]


def test_one_gives_way_and_goes_to_the_spare_route() -> None:
    start = [[1], []]
    filling = Filling(day([[0], [0, 1]], 2), start)
    assert filling.exchanged(WANTED, 1, [0, 1]) == {0: [0], 1: [1]}
    assert untouched(filling, start)


def test_one_gives_way_to_a_third_route_that_is_not_the_spare_one() -> None:
    filling = Filling(day([[0], [0, 2], [1]], 3), [[1], [2], []])
    assert filling.exchanged(WANTED, 1, [0]) == {0: [0], 1: [2], 2: [1]}


def test_one_passes_its_place_on_to_another_that_takes_the_spare_route() -> None:
    start = [[1], [2], []]
    filling = Filling(day([[0], [0, 1], [1, 2]], 3), start)
    assert filling.exchanged(WANTED, 2, [0]) == {0: [0], 1: [1], 2: [2]}
    assert untouched(filling, start)


def test_what_is_thrown_out_is_parted_between_the_spare_route_and_one_more() -> None:
    """The wanted stop lasts as long as two others together, which different vehicles take in."""
    able = [[0], [0, 1], [0, 2]]
    instance = day(able, 3)
    instance.service[1:] = 4.0
    instance.window_end[:] = (2.0, 6.0, 6.0)
    filling = Filling(instance, [[1, 2], [], []])
    assert filling.exchanged(WANTED, 1, [0]) == {0: [0], 1: [1], 2: [2]}


def test_where_four_routes_would_have_to_change_nothing_is_found() -> None:
    start = [[1], [2], [3], []]
    filling = Filling(day([[0], [0, 1], [1, 2], [2, 3]], 4), start)
    assert filling.exchanged(WANTED, 3, [0, 1, 2, 3]) is None
    assert untouched(filling, start)
    assert filling.filled([[0, 1, 2], [0, 1, 3], [0, 2, 3]], 60) is None
    assert untouched(filling, start)
    found = filling.filled([[0, 1, 3, 2]], 400)
    assert found is not None
    assert found[1] == {0: [0], 1: [1], 2: [2], 3: [3]}


def test_the_first_set_that_takes_everything_in_is_named_and_the_others_keep_their_routes() -> None:
    start = [[1], [2], []]
    filling = Filling(day([[0], [0, 2], [1]], 3), start)
    found = filling.filled([[0, 1], [0, 2]], 60)
    assert found is not None
    assert found == (2, {0: [0], 2: [1]})
    assert untouched(filling, start)


def test_many_routes_at_once_find_what_three_cannot_and_only_those_that_changed_are_told() -> None:
    start = [[1], [2], [3], [4], []]
    filling = Filling(day([[0], [0, 1], [1, 2], [2, 4], [3]], 5), start)
    assert filling.anew([[0, 1, 2], [0, 1, 3]], 60) is None
    assert filling.anew([[0, 3, 1], [0, 1, 2], [1, 2, 4], [2, 3, 4]], 60) is None
    assert untouched(filling, start)
    for sets in ([[]], [[0, 1, 2, 4]], [[0, 1], []], [[0, 1], [4, 2, 1, 0]]):
        found = filling.anew(sets, 400)
        assert found == {0: [0], 1: [1], 2: [2], 4: [3]}
        assert untouched(filling, start)
        assert filling.cheaper(found) == found
        assert untouched(filling, start)
