"""The arrays as kernels see them: rows per node, vehicle and request, packed once per search.

Nodes are the stops 0..S-1, then for each vehicle v its start ``S + 2v`` and its end ``S + 2v + 1``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.optimizer.engine.bundle import Bundle
from dispatch.optimizer.engine.instance import Flags, Floats, Instance, Integers
from dispatch.optimizer.engine.matrices import both_ways, load_matrices
from dispatch.optimizer.engine.related import load_related, related

# Columns of node_numbers
EARLIEST, LATEST, SERVICE = range(3)
# Columns of node_prices
DUE, LATENESS, TOLD, TOLERANCE, TOLD_PRICE = range(5)
# Columns of node_marks
LOCATION, REQUEST, KIND = range(3)
# Values of KIND
START, PICKUP, DELIVERY, SINGLE, END = range(5)
# Columns of vehicle_numbers
FIXED, PER_DISTANCE, PER_TIME, PER_WAITING, OVERTIME_FROM, OVERTIME, MAX_DURATION = range(7)
# Columns of vehicle_marks
PROFILE, FROZEN, BREAKS, CLASS = range(4)
# Columns of request_numbers
MAX_RIDE, PENALTY = range(2)
# Columns of request_marks
FIRST, SECOND, LOCKED = range(3)
# Entries of flags
EXACT, TIMED, PROMISED, CLOCKED, FEWER = range(5)
# Columns of breaks
BREAK_EARLIEST, BREAK_LATEST, BREAK_DURATION = range(3)

EPSILON = 1e-9
"""What rounding of floating point may amount to."""
MOST_PAIRS = 4000
"""Up to how many requests it is remembered which two of them share no route: a byte for each two."""
TRIANGLES, CROOKED = 20_000, 0.03
"""Ways by a third place that are compared with the direct one, and by which share of the longest of these the
direct one may be the longer (rounded times are, a little) before nothing is told from direct ways."""


@dataclass(frozen=True, eq=False)
class Data(Bundle):
    """An instance, packed; kernels only read it, but for what they find out about pairs."""

    node_numbers: Floats  # (N, 3): few, since searches read them for every stop that they pass
    node_prices: Floats  # (N, 5)
    node_marks: Integers  # (N, 3)
    node_loads: Floats  # (N, K)
    vehicle_numbers: Floats  # (V, 7)
    vehicle_marks: Integers  # (V, 4)
    capacity: Floats  # (V, C, K)
    request_numbers: Floats  # (R, 2)
    request_marks: Integers  # (R, 3)
    allowed: Any  # (R, V) bool
    price: Floats  # (R, V)
    valid: Floats  # (R, V, 2) first start and last end of service; (R, 0, 2) where nothing is limited so
    time: Floats  # (P, L, L)
    distance: Floats  # (P, L, L)
    back: Floats  # (P, L, L) distances to a place in one row: back[p, b, a] is distance[p, a, b]
    inward: Floats  # (P, L, L) times to a place in one row: inward[p, b, a] is time[p, a, b]
    speed: Floats  # (P, H)
    breaks: Floats  # (V, B, 3)
    near: Integers  # (2, R, M) related requests, nearest first: by place, by place and time
    flags: Integers  # (5,)
    bucket: Floats  # (1,)
    rooms: Floats  # (U, K) the capacities that differ
    slack: Floats  # (1,) by how much a detour may be quicker than the direct way
    pairs: Any  # (R, R) int8, see :mod:`pairs`; (0, 0) where nothing is told from two requests


def pack(instance: Instance) -> Data:
    """Pack an instance for the kernels."""
    with ThreadPoolExecutor(1) as aside:
        nearest = aside.submit(related, instance)
        time, distance, back, inward = both_ways(instance)
        slack = _shortcuts(time)
        near = nearest.result()
    known = instance.requests if slack < np.inf and instance.requests <= MOST_PAIRS else 0
    return Data(
        node_numbers=_node_numbers(instance),
        node_prices=_node_prices(instance),
        node_marks=_node_marks(instance),
        node_loads=np.vstack([instance.load, np.zeros((2 * instance.vehicles, instance.load.shape[1]))]),
        vehicle_numbers=_vehicle_numbers(instance),
        vehicle_marks=_vehicle_marks(instance),
        capacity=instance.capacity,
        request_numbers=np.ascontiguousarray(np.stack([instance.max_ride, instance.penalty], axis=1)),
        request_marks=_request_marks(instance),
        allowed=np.ascontiguousarray(instance.allowed & _carried(instance)),
        price=instance.serve_price,
        valid=np.stack([instance.valid_from, instance.valid_until], axis=2),
        time=time,
        distance=distance,
        back=back,
        inward=inward,
        speed=instance.speed,
        breaks=_breaks(instance),
        near=near,
        flags=_flags(instance),
        bucket=np.array([instance.bucket_length]),
        rooms=np.unique(instance.capacity.reshape(-1, instance.capacity.shape[2]), axis=0),
        slack=np.array([slack]),
        pairs=np.zeros((known, known), dtype=np.int8),
    )


def load_packing() -> None:
    """Load or compile the kernels with which instances are packed."""
    load_matrices()
    load_related()


def _shortcuts(time: Floats) -> float:
    """By how much detours save time over direct ways, with room to spare; infinite where that is a lot."""
    places = time.shape[1]
    if places < 3:
        return EPSILON
    a, b, c = np.random.default_rng(0).integers(places, size=(3, TRIANGLES))
    direct = time[:, a, c]
    with np.errstate(invalid="ignore"):
        saved = np.nanmax(direct - time[:, a, b] - time[:, b, c], initial=0.0)
    longest = np.max(direct, initial=0.0, where=np.isfinite(direct))
    return float(EPSILON + 4 * saved) if saved <= CROOKED * longest else np.inf


def _node_numbers(instance: Instance) -> Floats:
    """Windows and service times by node; depots have the shift as their window."""
    stops, vehicles = instance.stops, instance.vehicles
    numbers = np.zeros((stops + 2 * vehicles, 3))
    for column, values in enumerate((instance.window_start, instance.window_end, instance.service)):
        numbers[:stops, column] = values
    for offset in (0, 1):
        numbers[stops + offset :: 2, EARLIEST] = instance.shift_start
        numbers[stops + offset :: 2, LATEST] = instance.shift_end
    return numbers


def _node_prices(instance: Instance) -> Floats:
    """What lateness and broken promises cost by node; depots have neither."""
    prices = np.zeros((instance.stops + 2 * instance.vehicles, 5))
    columns = (
        instance.due, instance.lateness_price,
        instance.told_start, instance.told_tolerance, instance.told_price,
    )  # fmt: skip
    for column, values in enumerate(columns):
        prices[: instance.stops, column] = values
    prices[instance.stops :, DUE] = np.inf
    prices[instance.stops :, TOLD] = np.nan
    return prices


def _node_marks(instance: Instance) -> Integers:
    """Location, request and kind by node."""
    stops, vehicles = instance.stops, instance.vehicles
    marks = np.full((stops + 2 * vehicles, 3), -1, dtype=np.int32)
    marks[:stops, LOCATION] = instance.stop_location
    marks[stops::2, LOCATION] = instance.start_location
    marks[stops + 1 :: 2, LOCATION] = instance.end_location
    marks[stops::2, KIND] = START
    marks[stops + 1 :: 2, KIND] = END
    every = np.arange(instance.requests, dtype=np.int32)
    paired = instance.delivery >= 0
    marks[instance.pickup, REQUEST] = every
    marks[instance.pickup, KIND] = np.where(paired, PICKUP, SINGLE)
    marks[instance.delivery[paired], REQUEST] = every[paired]
    marks[instance.delivery[paired], KIND] = DELIVERY
    return marks


def _vehicle_numbers(instance: Instance) -> Floats:
    """Prices and limits by vehicle."""
    columns = [
        instance.fixed_cost, instance.distance_price, instance.time_price, instance.waiting_price,
        instance.overtime_from, instance.overtime_price, instance.max_duration,
    ]  # fmt: skip
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _vehicle_marks(instance: Instance) -> Integers:
    """Profile, length of the frozen prefix, number of breaks, and class of equal vehicles."""
    marks = np.zeros((instance.vehicles, 4), dtype=np.int32)
    marks[:, PROFILE] = instance.profile
    marks[:, FROZEN] = np.diff(instance.prefix_index)
    np.add.at(marks[:, BREAKS], instance.break_vehicle, 1)
    marks[:, CLASS] = _classes(instance)
    return marks


def _classes(instance: Instance) -> Integers:
    """Vehicles that differ in nothing share a class number; of a class only one empty vehicle is tried."""
    names = (
        "start_location", "end_location", "profile", "shift_start", "shift_end", "max_duration", "fixed_cost",
        "distance_price", "time_price", "waiting_price", "overtime_from", "overtime_price",
    )  # fmt: skip
    columns = [np.asarray(getattr(instance, name), dtype=np.float64)[:, None] for name in names]
    columns += [instance.capacity.reshape(instance.vehicles, -1)]
    columns += [instance.allowed.T.astype(np.float64), instance.serve_price.T]
    if instance.valid_from.shape[1]:
        columns += [instance.valid_from.T, instance.valid_until.T]
    alone = np.zeros(instance.vehicles)
    alone[instance.break_vehicle] = instance.break_vehicle + 1
    alone[np.diff(instance.prefix_index) > 0] = np.flatnonzero(np.diff(instance.prefix_index) > 0) + 1
    rows = np.ascontiguousarray(np.hstack([*columns, alone[:, None]]))
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], dtype=np.int32)


def _request_marks(instance: Instance) -> Integers:
    """First and second stop, and whether the request is locked to a frozen prefix."""
    marks = np.zeros((instance.requests, 3), dtype=np.int32)
    marks[:, FIRST] = instance.pickup
    marks[:, SECOND] = instance.delivery
    frozen = np.zeros(instance.stops + 1, dtype=bool)
    frozen[instance.prefix_stops] = True
    marks[:, LOCKED] = frozen[instance.pickup] | ((instance.delivery >= 0) & frozen[instance.delivery])
    return marks


def _carried(instance: Instance) -> Flags:
    """Which vehicles have room for which requests, (R, V); one in a frozen prefix is on board already.

    Insertion would find it out each time anew; instances made of files or drawn do not say it in ``allowed``.
    """
    load = np.abs(instance.load[instance.pickup])
    room = instance.capacity.reshape(instance.vehicles, -1)
    loads, kinds = np.unique(load, axis=0, return_inverse=True)
    rooms, fleets = np.unique(room, axis=0, return_inverse=True)
    carried = np.zeros((len(loads), len(rooms)), dtype=np.bool_)
    for number, ways in enumerate(rooms.reshape(len(rooms), *instance.capacity.shape[1:])):
        inside = np.all(loads[:, None] <= ways + EPSILON, axis=2)
        carried[:, number] = np.any(inside, axis=1)
    begun = np.isin(instance.pickup, instance.prefix_stops)
    return carried[kinds.ravel()][:, fleets.ravel()] | begun[:, None]


def _breaks(instance: Instance) -> Floats:
    """Breaks by vehicle, in the order given."""
    most = int(np.bincount(instance.break_vehicle, minlength=1).max()) if len(instance.break_vehicle) else 0
    rows = np.zeros((instance.vehicles, max(most, 1), 3))
    filled = np.zeros(instance.vehicles, dtype=np.int32)
    for index, vehicle in enumerate(instance.break_vehicle):
        rows[vehicle, filled[vehicle]] = (
            instance.break_earliest[index], instance.break_latest[index], instance.break_duration[index],
        )  # fmt: skip
        filled[vehicle] += 1
    return rows


def _flags(instance: Instance) -> Integers:
    """What this instance needs beyond windows, one capacity and distance."""
    timed = (
        bool(np.any(instance.time_price > 0) or np.any(instance.waiting_price > 0))
        or bool(np.any((instance.overtime_price > 0) & np.isfinite(instance.overtime_from)))
        or bool(np.any((instance.lateness_price > 0) & np.isfinite(instance.due)))
    )
    promised = bool(np.any(np.isfinite(instance.told_start) & (instance.told_price > 0)))
    clocked = instance.speed.shape[1] > 0
    exact = (
        timed or promised or clocked or len(instance.break_vehicle) > 0 or instance.valid_from.shape[1] > 0
        or bool(np.any(np.isfinite(instance.max_ride))) or bool(np.any(np.isfinite(instance.max_duration)))
    )  # fmt: skip
    return np.array([exact, timed or promised, promised, clocked, instance.minimise_vehicles], dtype=np.int32)
