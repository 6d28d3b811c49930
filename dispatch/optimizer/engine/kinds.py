"""The compiler's types of the bundles, read off the smallest instance: kernels can be compiled ahead."""

from __future__ import annotations

import numba
import numpy as np

from dispatch.optimizer.engine.instance import build
from dispatch.optimizer.engine.layout import pack
from dispatch.optimizer.engine.plan import empty_plan, empty_work

SMALLEST = build(
    pickup=[0],
    delivery=[-1],
    stop_location=[0],
    window_start=[0.0],
    window_end=[1.0],
    load=[[0.0]],
    start_location=[0],
    capacity=np.zeros((1, 1, 1)),
    travel_time=np.zeros((1, 1, 1)),
)
"""One stop, one vehicle, one place."""

DATA = numba.typeof(pack(SMALLEST))
PLAN = numba.typeof(empty_plan(SMALLEST))
WORK = numba.typeof(empty_work(SMALLEST, 0, 0))
