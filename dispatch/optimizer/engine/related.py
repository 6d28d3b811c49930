"""Which requests are most like a request: what a search takes out of a plan together."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.instance import Floats, Instance, Integers

NEIGHBOURS = 120
TIME_APART = 0.3
"""What a second between the middles of two windows counts, in seconds on the way."""


def related(instance: Instance) -> Integers:
    """For each request the requests most like it, nearest first, in two ways: by place; by place and time.

    Equals stand in their order. Shape (2, R, M).
    """
    second = np.where(instance.delivery >= 0, instance.delivery, instance.pickup)
    ends = np.stack([instance.pickup, second])
    count = min(NEIGHBOURS, max(instance.requests - 1, 0))
    near = np.zeros((2, instance.requests, count), dtype=np.int32)
    if count:
        travel = instance.travel_time[int(instance.profile[0]) if instance.vehicles else 0]
        middle = (instance.window_start[ends] + _finite_end(instance, ends)) / 2
        write_related(travel, instance.stop_location[ends], middle, np.empty((2, count)), near)
    return near


def _finite_end(instance: Instance, stops: Integers) -> Floats:
    """The window's end, or its start where it is open."""
    end = instance.window_end[stops]
    return np.where(np.isfinite(end), end, instance.window_start[stops])


@kernel
def write_related(travel: Floats, place: Integers, middle: Floats, apart: Floats, near: Integers) -> None:
    """Write ``near``; ``place`` and ``middle`` (2, R) are of both ends, ``apart`` (2, M) is scratch."""
    for request in range(place.shape[1]):
        first, second = travel[place[0, request]], travel[place[1, request]]
        held = 0
        for other in range(place.shape[1]):
            if other == request:
                continue
            there, on = place[0, other], place[1, other]
            ahead, behind = first[there], second[on]
            by_place = min(ahead, first[on], second[there], behind)
            later = abs(middle[0, request] - middle[0, other]) + abs(middle[1, request] - middle[1, other])
            by_both = ahead + behind + TIME_APART * later
            if held < near.shape[2]:
                climb(apart[0], near[0, request], held, by_place, other)
                climb(apart[1], near[1, request], held, by_both, other)
                held += 1
                continue
            if by_place < apart[0, 0]:
                sink(apart[0], near[0, request], held, by_place, other)
            if by_both < apart[1, 0]:
                sink(apart[1], near[1, request], held, by_both, other)
        for measure in range(2):
            in_order(apart[measure], near[measure, request], held)


@inlined
def after(value: float, other: int, key: float, than: int) -> bool:
    """Whether a request stands after another: it is further, or as far and has a larger number."""
    return value > key or (value == key and other > than)


@inlined
def climb(keys: Floats, held: Integers, at: int, value: float, other: int) -> None:
    """Put a request at the end of a heap whose root is the last in order."""
    while at > 0:
        parent = (at - 1) // 2
        if not after(value, other, keys[parent], held[parent]):
            break
        keys[at], held[at] = keys[parent], held[parent]
        at = parent
    keys[at], held[at] = value, other


@inlined
def sink(keys: Floats, held: Integers, count: int, value: float, other: int) -> None:
    """Put a request in place of the root of a heap of so many."""
    at = 0
    while 2 * at + 1 < count:
        child = 2 * at + 1
        if child + 1 < count and after(keys[child + 1], held[child + 1], keys[child], held[child]):
            child += 1
        if not after(keys[child], held[child], value, other):
            break
        keys[at], held[at] = keys[child], held[child]
        at = child
    keys[at], held[at] = value, other


@inlined
def in_order(keys: Floats, held: Integers, count: int) -> None:
    """Sort a heap, its root to the end."""
    for left in range(count - 1, 0, -1):
        value, other = keys[left], held[left]
        keys[left], held[left] = keys[0], held[0]
        sink(keys, held, left, value, other)


def load_related() -> None:
    """Load or compile the kernel of this module."""
    ends = np.zeros((2, 1), dtype=np.int32)
    write_related(np.zeros((1, 1)), ends, np.zeros((2, 1)), np.zeros((2, 1)), ends[:, :, None].copy())
