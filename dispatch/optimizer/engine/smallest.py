"""The smallest instance there is: what kernels are compiled and loaded with, ahead of any search."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.instance import build

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
