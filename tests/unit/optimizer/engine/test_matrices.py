"""The matrices as kernels read them: turned round where streets lead one way, one where all are equal."""

import numpy as np

from dispatch.optimizer.engine.instance import Floats, Instance, build
from dispatch.optimizer.engine.layout import pack
from dispatch.optimizer.engine.search import search
from dispatch.optimizer.stop import Stop


def _instance(times: Floats, distances: Floats) -> Instance:
    return build(
        pickup=[0, 2],
        delivery=[1, 3],
        stop_location=[1, 2, 3, 4],
        window_start=np.zeros(4),
        window_end=np.full(4, 1000.0),
        load=np.array([[1.0], [-1.0], [1.0], [-1.0]]),
        start_location=[0],
        capacity=np.ones((1, 1, 1)),
        travel_time=times[None],
        distance=distances[None],
    )


def test_one_way_streets_are_turned_round() -> None:
    chance = np.random.default_rng(1)
    times, distances = chance.uniform(1, 9, (5, 5)), chance.uniform(1, 9, (5, 5))
    data = pack(_instance(times, distances))
    assert (data.inward[0] == times.T).all()
    assert (data.back[0] == distances.T).all()
    assert data.inward is not data.back


def test_equal_matrices_are_one_array_and_unequal_ones_are_not() -> None:
    places = np.random.default_rng(2).uniform(0, 50, (5, 2))
    apart = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    same = pack(_instance(apart, apart.copy()))
    assert same.time is same.distance is same.back is same.inward
    slower = pack(_instance(2 * apart, apart))
    assert slower.time is slower.inward
    assert slower.distance is slower.back
    assert (slower.time == 2 * slower.distance).all()


def test_a_plan_stays_whole_where_every_stop_is_on_the_way() -> None:
    """Taking any stop out makes these routes longer: no removal may look for one that makes them shorter."""
    times = np.full((5, 5), 9.0)
    np.fill_diagonal(times, 0.0)
    for a, b in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)):
        times[a, b] = 1.0
    for seed in range(4):
        found = search(_instance(times, times), Stop(iterations=100), seed)
        assert found.routes == [[0, 1, 2, 3]]
        assert found.cost == 5.0
        assert found.arrivals[0] - found.departures[0] == 5.0
