"""Li & Lim pickup-and-delivery instances with time windows, as kept by SINTEF.

First line: vehicles, capacity, speed (unused). Then one line per node: number, x, y, demand, earliest,
latest, service, pickup node (0 when this is the pickup), delivery node. Node 0 is the depot. Travel is the
unrounded Euclidean distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch.optimizer.engine.instance import Floats, Instance, build
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.formats.numbers import euclidean, rows_of, whole


@dataclass(frozen=True, slots=True)
class LiLim:
    """An instance with what is needed to speak of its stops as the file does."""

    instance: Instance
    nodes: list[int]
    """Node number of each stop."""


def read(path: Path) -> LiLim:
    """Read a Li & Lim file; raises :class:`ProblemError` naming the line and the column."""
    rows = rows_of(path, {"header": 3, "node": 9})
    vehicles, capacity = whole(rows[0][0], "line 1, vehicles", 1, 100_000), rows[0][1]
    table = np.array(rows[1:], dtype=np.float64).reshape(-1, 9)
    _check(table, capacity)
    return compile_table(table, vehicles, capacity)


def compile_table(table: Floats, vehicles: int, capacity: float) -> LiLim:
    """The engine's instance of a table of nodes, the depot first."""
    stops = table[1:]
    pickups = np.flatnonzero(stops[:, 7] == 0)
    deliveries = stops[pickups, 8].astype(int) - 1
    travel = euclidean(table[:, 1:3])
    fixed = 10.0 * float(travel.max()) + 1000.0
    instance = build(
        pickup=pickups,
        delivery=deliveries,
        penalty=np.full(len(pickups), 20.0 * fixed),
        stop_location=np.arange(1, len(table)),
        window_start=stops[:, 4],
        window_end=stops[:, 5],
        service=stops[:, 6],
        load=stops[:, 3:4],
        start_location=np.zeros(vehicles),
        shift_start=np.full(vehicles, table[0, 4]),
        shift_end=np.full(vehicles, table[0, 5]),
        capacity=np.full((vehicles, 1, 1), capacity),
        fixed_cost=np.full(vehicles, fixed),
        travel_time=travel[None],
        minimise_vehicles=True,
    )
    return LiLim(instance, list(range(1, len(table))))


def _check(table: Floats, capacity: float) -> None:
    """Every pickup must have its delivery and the other way round; windows must not be empty."""
    count = len(table)
    if count == 0:
        raise ProblemError("line 2", "the depot is missing")
    if not np.array_equal(table[:, 0], np.arange(count)):
        raise ProblemError("node", "numbers must run from 0 without gaps")
    for row in table[1:]:
        key = f"node {int(row[0])}"
        mate = int(row[8] if row[7] == 0 else row[7])
        if not 0 < mate < count:
            raise ProblemError(key, f"its partner {mate} is not a node of the file")
        back = table[mate, 7] if row[7] == 0 else table[mate, 8]
        if int(back) != int(row[0]):
            raise ProblemError(key, f"its partner {mate} does not name it")
        if row[4] > row[5]:
            raise ProblemError(key, "earliest is later than latest")
        if row[7] == 0 and not 0 <= row[3] <= capacity:
            raise ProblemError(key, f"demand {row[3]:g} does not fit the capacity {capacity:g}")
        if row[6] < 0:
            raise ProblemError(key, "negative service time")
