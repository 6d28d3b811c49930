"""Matrices as kernels read them: also turned round, so that the ways into a place stand side by side.

One pass over tiles that fit the processor's caches: numpy's copy of a turned matrix jumps from line to line.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.instance import Floats, Instance

TILE = 64


def both_ways(instance: Instance) -> tuple[Floats, Floats, Floats, Floats]:
    """Times, distances, and distances and times turned round: one array where they are equal."""
    time, distance = instance.travel_time, instance.distance
    if equal(time, distance):
        distance = time
    back = turned(distance)
    return time, distance, back, back if distance is time else turned(time)


def equal(one: Floats, other: Floats) -> bool:
    """Whether two arrays of one shape hold the same numbers; most that differ do so early."""
    return one is other or bool(same(one.reshape(-1), other.reshape(-1)))


def turned(matrix: Floats) -> Floats:
    """The matrices with their rows as columns: themselves when that makes no difference."""
    if mirrored(matrix):
        return matrix
    rows_as_columns = np.empty_like(matrix)
    turn(matrix, rows_as_columns)
    return rows_as_columns


@kernel
def same(one: Floats, other: Floats) -> int:
    """1 when all numbers are equal, else 0."""
    for k in range(len(one)):
        if one[k] != other[k]:
            return 0
    return 1


@kernel
def mirrored(matrix: Floats) -> int:
    """1 when every way back is as long as the way there, else 0."""
    places = matrix.shape[1]
    for profile in range(matrix.shape[0]):
        for top in range(0, places, TILE):
            for left in range(0, top + 1, TILE):
                differ = 0
                for a in range(top, min(top + TILE, places)):
                    for b in range(left, min(left + TILE, places)):
                        differ += matrix[profile, a, b] != matrix[profile, b, a]
                if differ > 0:
                    return 0
    return 1


@kernel
def turn(matrix: Floats, into: Floats) -> None:
    """Write the rows of every matrix as columns."""
    places = matrix.shape[1]
    for profile in range(matrix.shape[0]):
        for top in range(0, places, TILE):
            for left in range(0, places, TILE):
                for a in range(top, min(top + TILE, places)):
                    for b in range(left, min(left + TILE, places)):
                        into[profile, a, b] = matrix[profile, b, a]


def load_matrices() -> None:
    """Load or compile the kernels of this module."""
    one, other = np.zeros((1, 1, 1)), np.zeros((1, 1, 1))
    turned(one)
    turn(one, other)
    equal(one, other)
