"""Cordeau's dial-a-ride instances (a, b and R sets).

First line: vehicles, stops (or requests), longest route duration, capacity, longest ride. Then one line per
node: number, x, y, service, load, earliest, latest. Node 0 is the depot (a last depot line, as in some
copies, is ignored); node i is the pickup of request i and node n + i its delivery. The objective is the total
distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch.optimizer.engine.instance import Floats, Instance, build
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.formats.numbers import euclidean, rows_of, whole


@dataclass(frozen=True, slots=True)
class Darp:
    """An instance with what is needed to speak of its stops as the file does."""

    instance: Instance
    nodes: list[int]
    """Node number of each stop."""


def read(path: Path) -> Darp:
    """Read a dial-a-ride file; raises :class:`ProblemError` naming the line and the column."""
    rows = rows_of(path, {"header": 5, "node": 7})
    vehicles = whole(rows[0][0], "line 1, vehicles", 1, 100_000)
    duration, capacity, ride = rows[0][2:5]
    table = np.array(rows[1:], dtype=np.float64).reshape(-1, 7)
    if len(table) and len(table) % 2 == 0:
        table = table[:-1]
    if len(table) < 3:
        raise ProblemError("line 2", "the depot and at least one request expected")
    _check(table, capacity, duration, ride)
    return compile_table(table, vehicles, capacity, duration, ride)


def compile_table(table: Floats, vehicles: int, capacity: float, duration: float, ride: float) -> Darp:
    """The engine's instance of a table of nodes, the depot first."""
    stops, requests = table[1:], len(table) // 2
    travel = euclidean(table[:, 1:3])
    low, high = tightened(table, travel, ride)
    instance = build(
        pickup=np.arange(requests),
        delivery=np.arange(requests, 2 * requests),
        penalty=np.full(requests, 100.0 * float(travel.max()) + 1000.0),
        max_ride=np.full(requests, ride),
        stop_location=np.arange(1, len(table)),
        window_start=low,
        window_end=high,
        service=stops[:, 3],
        load=stops[:, 4:5],
        start_location=np.zeros(vehicles),
        shift_start=np.full(vehicles, table[0, 5]),
        shift_end=np.full(vehicles, table[0, 6]),
        max_duration=np.full(vehicles, duration),
        capacity=np.full((vehicles, 1, 1), capacity),
        travel_time=travel[None],
    )
    return Darp(instance, list(range(1, len(table))))


def tightened(table: Floats, travel: Floats, ride: float) -> tuple[Floats, Floats]:
    """Windows narrowed by the depot's hours, the partner's window and the ride limit (Cordeau 2006)."""
    n = len(table) // 2
    low, high = table[1:, 5].copy(), table[1:, 6].copy()
    stay = table[1:, 3]
    low = np.maximum(low, table[0, 5] + travel[0, 1:])
    high = np.minimum(high, table[0, 6] - travel[1:, 0] - stay)
    direct = travel[np.arange(1, n + 1), np.arange(n + 1, 2 * n + 1)]
    for _ in range(3):
        low[:n] = np.maximum(low[:n], low[n:] - ride - stay[:n])
        high[:n] = np.minimum(high[:n], high[n:] - direct - stay[:n])
        low[n:] = np.maximum(low[n:], low[:n] + stay[:n] + direct)
        high[n:] = np.minimum(high[n:], high[:n] + stay[:n] + ride)
    impossible = (low > high).reshape(2, n).any(axis=0)
    for request in np.flatnonzero(impossible):
        low[[request, n + request]], high[[request, n + request]] = table[0, 5], table[0, 5]
    return low, high


def _check(table: Floats, capacity: float, duration: float, ride: float) -> None:
    """Numbers must run without gaps, loads must fit and cancel out, windows must not be empty."""
    n = len(table) // 2
    if duration < 0 or ride < 0:
        raise ProblemError("line 1", "negative duration or ride limit")
    if not np.array_equal(table[:, 0], np.arange(len(table))):
        raise ProblemError("node", "numbers must run from 0 without gaps")
    for row in table[1:]:
        key = f"node {int(row[0])}"
        if row[5] > row[6]:
            raise ProblemError(key, "earliest is later than latest")
        if row[3] < 0:
            raise ProblemError(key, "negative service time")
    for request in range(1, n + 1):
        load = table[request, 4]
        if not 0 <= load <= capacity:
            raise ProblemError(f"node {request}", f"load {load:g} does not fit the capacity {capacity:g}")
        if table[n + request, 4] != -load:
            raise ProblemError(f"node {n + request}", "the delivery's load must be minus the pickup's")
