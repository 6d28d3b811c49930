"""A city's day of patient rides, drawn from the metro figures: hospitals, homes, levels of service, shifts.

Minutes and kilometres throughout. Where a source gives no number, the constants are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.optimizer.engine.instance import Floats, Instance, build

BEDS = np.array([720, 410, 300, 220, 150, 100])
DEPARTURE_WEIGHTS = np.array(
    [
        0.1,
        0.1,
        0.1,
        0.1,
        0.1,
        0.1,
        0.3,
        0.5,
        0.9,
        1.7,
        3.4,
        5.6,
        8.4,
        10.0,
        10.8,
        11.4,
        11.2,
        10.2,
        8.6,
        6.5,
        4.5,
        2.8,
    ]
)
SHIFTS = np.array([[4.5, 14.5], [6, 16], [8, 18], [10, 20], [13, 23]]) * 60
SHIFT_WEIGHTS = [0.20, 0.30, 0.25, 0.15, 0.10]
# Seats, wheelchair places, stretchers, bariatric places; alternative configurations of one vehicle.
FLEET: dict[str, tuple[float, list[list[int]]]] = {
    "sedan": (0.36, [[3, 0, 0, 0]]),
    "wheelchair van": (0.46, [[4, 1, 0, 0], [2, 2, 0, 0], [0, 3, 0, 0]]),
    "stretcher van": (0.10, [[1, 0, 1, 0], [2, 1, 0, 0]]),
    "bariatric van": (0.08, [[1, 0, 0, 1], [2, 2, 0, 0], [1, 0, 1, 0]]),
}
LEVELS = [0.34, 0.46, 0.15, 0.05]
SERVICE = np.array([2.0, 4.0, 8.0, 10.0])
KILOMETRES_PER_HOUR = 32.0
ROAD = 1.3


@dataclass(frozen=True, slots=True)
class _Rides:
    """Where rides go, what they need and when they may start and end."""

    origin: Floats
    target: Floats
    level: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    low: Floats
    high: Floats
    ride: Floats


def city_day(rides: int = 1000, vehicles: int = 120, seed: int = 0) -> Instance:
    """A day of single rides with convertible vehicles, shifts, breaks left out, and limits on every ride."""
    dice = np.random.default_rng(seed)
    drawn = _rides(dice, rides)
    depots = dice.normal(0.0, 7.0, (max(1, vehicles // 13), 2))
    points = np.concatenate([drawn.origin, drawn.target, depots])
    distance = ROAD * np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    shift = SHIFTS[dice.choice(len(SHIFTS), vehicles, p=SHIFT_WEIGHTS)]
    home = 2 * rides + np.arange(vehicles) % len(depots)
    load = np.zeros((2 * rides, 4))
    load[np.arange(rides), drawn.level] = 1.0
    load[rides:] = -load[:rides]
    return build(
        pickup=np.arange(rides),
        delivery=np.arange(rides, 2 * rides),
        penalty=np.full(rides, 150.0),
        max_ride=drawn.ride,
        stop_location=np.arange(2 * rides),
        window_start=drawn.low,
        window_end=drawn.high,
        service=np.tile(SERVICE[drawn.level], 2),
        load=load,
        start_location=home,
        shift_start=shift[:, 0],
        shift_end=shift[:, 1],
        capacity=_capacities(vehicles),
        fixed_cost=np.full(vehicles, 20.0),
        travel_time=(distance / KILOMETRES_PER_HOUR * 60.0)[None],
        distance=distance[None],
    )


def _rides(dice: np.random.Generator, rides: int) -> _Rides:
    """Two in five leave a hospital; the others go to appointments or back home."""
    hospitals = dice.normal(0.0, 5.0, (len(BEDS), 2))
    homes = dice.normal(0.0, 7.0, (rides, 2))
    at = hospitals[dice.choice(len(BEDS), rides, p=BEDS / BEDS.sum())]
    at = at + dice.normal(0.0, 1.0, at.shape) * (dice.random(rides) < 0.5)[:, None]
    kind = dice.choice(3, rides, p=[0.4, 0.3, 0.3])
    outward = (kind == 1)[:, None]
    origin, target = np.where(outward, homes, at), np.where(outward, at, homes)
    direct = ROAD * np.sqrt(((origin - target) ** 2).sum(axis=1)) / KILOMETRES_PER_HOUR * 60.0
    level = dice.choice(4, rides, p=LEVELS)
    limit = np.maximum(1.5 * direct, direct + 25.0)
    low, high = np.zeros(2 * rides), np.full(2 * rides, 1440.0)
    hours = dice.choice(len(DEPARTURE_WEIGHTS), rides, p=DEPARTURE_WEIGHTS / DEPARTURE_WEIGHTS.sum())
    ready = np.clip(hours * 60.0 + dice.uniform(0, 60, rides), 360.0, 1200.0)
    due = np.round(dice.uniform(450.0, 1020.0, rides) / 15.0) * 15.0
    leaves = kind != 1
    low[:rides] = np.where(leaves, ready, due - 30.0 - limit - SERVICE[level])
    high[:rides] = np.where(leaves, ready + 45.0, due)
    low[rides:] = np.where(leaves, ready, due - 30.0)
    high[rides:] = np.where(leaves, ready + 45.0 + SERVICE[level] + limit, due)
    return _Rides(origin, target, level, low, high, limit)


def _capacities(vehicles: int) -> Floats:
    """Configurations of each vehicle, kinds in their shares."""
    capacity = np.full((vehicles, 3, 4), -1.0)
    kinds = list(FLEET.values())
    bounds = np.cumsum([share for share, _ in kinds])
    for vehicle in range(vehicles):
        _, configurations = kinds[
            min(int(np.searchsorted(bounds, (vehicle + 0.5) / vehicles)), len(kinds) - 1)
        ]
        capacity[vehicle, : len(configurations)] = configurations
    return capacity
