"""A route's stops laid out by position, with what limits their times; rests are laid in :mod:`rests`.

Rows of ``Work.line`` for a laid out route, by position: the earliest and latest start, service, driving to
the next position, the longest ride that ends here, the start found, and the latest one.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.layout import (
    DELIVERY,
    EARLIEST,
    KIND,
    LATEST,
    LOCATION,
    MAX_DURATION,
    MAX_RIDE,
    PICKUP,
    PROFILE,
    REQUEST,
    SERVICE,
    Data,
)
from dispatch.optimizer.engine.plan import Work

LOW, HIGH, STAY, LEG, RIDE, BEGIN, CEILING = range(7)


@inlined
def put_down(data: Data, work: Work, m: int, node: int, vehicle: int) -> None:
    """Lay a node at position m, wherever it is reached from."""
    line, numbers = work.line, data.node_numbers
    work.node[m] = node
    work.place[m] = data.node_marks[node, LOCATION]
    work.mate[m] = -1
    low, high, stay = numbers[node, EARLIEST], numbers[node, LATEST], numbers[node, SERVICE]
    kind, request = data.node_marks[node, KIND], data.node_marks[node, REQUEST]
    if data.valid.shape[1] > 0 and request >= 0:
        low = max(low, data.valid[request, vehicle, 0])
        high = min(high, data.valid[request, vehicle, 1] - stay)
    line[LOW, m], line[HIGH, m], line[STAY, m], line[BEGIN, m] = low, high, stay, low
    if kind == PICKUP:
        work.spot[request] = m
    elif kind == DELIVERY and data.request_numbers[request, MAX_RIDE] < np.inf:
        work.mate[m] = work.spot[request]
        line[RIDE, m] = data.request_numbers[request, MAX_RIDE]


@inlined
def put(data: Data, work: Work, m: int, node: int, vehicle: int) -> None:
    """Lay a node at position m."""
    put_down(data, work, m, node, vehicle)
    if m > 0:
        way = data.time[data.vehicle_marks[vehicle, PROFILE], work.place[m - 1], work.place[m]]
        work.line[LEG, m - 1] = way


@inlined
def limit_shift(data: Data, work: Work, m: int, vehicle: int) -> None:
    """The end of a laid out route is tied to its start by the longest allowed duration."""
    if data.vehicle_numbers[vehicle, MAX_DURATION] < np.inf:
        work.mate[m - 1] = 0
        work.line[RIDE, m - 1] = data.vehicle_numbers[vehicle, MAX_DURATION]


@inlined
def lay(data: Data, work: Work, n: int, vehicle: int) -> int:
    """Lay out the first n nodes of the trial sequence without breaks; the number of positions."""
    for k in range(n):
        put(data, work, k, work.trial[k], vehicle)
    limit_shift(data, work, n, vehicle)
    return n


@inlined
def lay_row(data: Data, work: Work, nodes: Integers, leg: Floats, n: int, vehicle: int) -> None:
    """Lay out a row whose driving times are known, without breaks."""
    for k in range(n):
        put_down(data, work, k, nodes[k], vehicle)
    copy(work.line[LEG], leg, n - 1)
    limit_shift(data, work, n, vehicle)
