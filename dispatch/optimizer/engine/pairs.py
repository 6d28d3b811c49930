"""Which two requests no vehicle can serve on one route: told from their windows, rides and loads alone.

Most insertions that a search tries fail, and most of those because of one request that is in the route
already. What is found out about two requests is kept in the instance: all workers find the same, whoever
comes first.
The test leaves out other stops, so it holds where a detour is never quicker than the direct way
(:func:`layout.pack` looks); requests in a frozen prefix are never judged, since they may be late already.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.layout import (
    CLOCKED,
    EARLIEST,
    EPSILON,
    FIRST,
    KIND,
    LATEST,
    LOCATION,
    LOCKED,
    MAX_RIDE,
    PICKUP,
    REQUEST,
    SECOND,
    SERVICE,
    SINGLE,
    Data,
)
from dispatch.optimizer.engine.plan import Plan
from dispatch.optimizer.engine.travel import lasting

UNKNOWN, TOGETHER, APART = range(3)


@inlined
def rides_end(data: Data, node: int, drives: float, left: float) -> bool:
    """Whether a ride from ``left`` to ``drives`` units of driving and service keeps its limit."""
    limit = data.request_numbers[data.node_marks[node, REQUEST], MAX_RIDE]
    return bool(data.flags[CLOCKED] or drives - left <= limit + data.slack[0])


@inlined
def in_turn(data: Data, profile: int, one: int, two: int, three: int, four: int) -> bool:
    """Whether a vehicle could serve these nodes in turn, those below zero aside."""
    clock, work, before = -np.inf, 0.0, -1
    owner, left, also_left = -1, 0.0, 0.0
    for node in (one, two, three, four):
        if node < 0:
            continue
        if before >= 0:
            way = data.time[profile, data.node_marks[before, LOCATION], data.node_marks[node, LOCATION]]
            clock += lasting(data, profile, way, clock) if clock > -np.inf else 0.0
            work += way
        clock = max(clock, data.node_numbers[node, EARLIEST])
        if clock > data.node_numbers[node, LATEST] + data.slack[0]:
            return False
        if owner < 0:
            owner = data.node_marks[node, REQUEST]
        mine = data.node_marks[node, REQUEST] == owner
        if data.node_marks[node, KIND] not in (PICKUP, SINGLE) and not rides_end(
            data, node, work, left if mine else also_left
        ):
            return False
        clock += data.node_numbers[node, SERVICE]
        work += data.node_numbers[node, SERVICE]
        if data.node_marks[node, KIND] == PICKUP:
            left, also_left = (work, also_left) if mine else (left, work)
        before = node
    return True


@inlined
def share(data: Data, one: int, other: int) -> bool:
    """Whether some vehicle has room for the loads of two rides at once."""
    first, second = data.request_marks[one, FIRST], data.request_marks[other, FIRST]
    for c in range(data.rooms.shape[0]):
        inside = True
        for k in range(data.rooms.shape[1]):
            if data.node_loads[first, k] + data.node_loads[second, k] > data.rooms[c, k] + EPSILON:
                inside = False
        if inside:
            return True
    return False


@linked
def ever_together(data: Data, one: int, other: int) -> int:
    """1 when two requests could be on one route in some order, nothing else being on it; else 0."""
    marks = data.request_marks
    if marks[one, LOCKED] or marks[other, LOCKED]:
        return 1
    a, b, c, d = marks[one, FIRST], marks[one, SECOND], marks[other, FIRST], marks[other, SECOND]
    shared = b < 0 or d < 0 or share(data, one, other)
    for profile in range(data.time.shape[0]):
        if in_turn(data, profile, a, b, c, d) or in_turn(data, profile, c, d, a, b):
            return 1
        if shared and (
            in_turn(data, profile, a, c, b, d)
            or in_turn(data, profile, a, c, d, b)
            or in_turn(data, profile, c, a, b, d)
            or in_turn(data, profile, c, a, d, b)
        ):
            return 1
    return 0


@inlined
def apart(data: Data, one: int, other: int) -> bool:
    """Whether no route can hold both requests; False where that is not known."""
    if data.pairs.shape[0] == 0:
        return False
    found = data.pairs[one, other]
    if found == UNKNOWN:
        found = TOGETHER if one == other or ever_together(data, one, other) else APART
        data.pairs[one, other] = data.pairs[other, one] = found
    return bool(found == APART)


@linked
def hindrances(data: Data, plan: Plan, row: int, request: int, most: int) -> int:
    """How many requests of a row can share no route with one; counted no further than one above ``most``."""
    count = 0
    if data.pairs.shape[0] == 0:
        return count
    for i in range(1, plan.size[row] - 1):
        node = plan.nodes[row, i]
        if data.node_marks[node, KIND] in (PICKUP, SINGLE) and apart(
            data, request, data.node_marks[node, REQUEST]
        ):
            count += 1
            if count > most:
                break
    return count
