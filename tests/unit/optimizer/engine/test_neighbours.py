"""The neighbours of each request, from which the search takes out and puts back."""

import numpy as np

from dispatch.benchmarks.sample_day import sample_day
from dispatch.optimizer.calls import calls_of
from dispatch.optimizer.compile import compile_problem
from dispatch.optimizer.engine.related import related


def test_neighbours_are_the_first_of_a_full_stable_sort() -> None:
    problem = sample_day(150, seed=4)
    compiled = compile_problem(problem, calls_of(problem), {})
    assert compiled is not None
    instance = compiled.instance
    near = related(instance)
    places = instance.stop_location
    travel = instance.travel_time[0]
    ends = (places[instance.pickup], places[instance.delivery])
    apart = np.min([travel[np.ix_(a, b)] for a in ends for b in ends], axis=0)
    np.fill_diagonal(apart, np.inf)
    assert (near[0] == np.argsort(apart, axis=1, kind="stable")[:, : near.shape[2]]).all()
