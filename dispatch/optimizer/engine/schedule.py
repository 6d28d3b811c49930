"""When a route's stops are served: exact feasibility and the price of a schedule.

All time limits of a route have the form "start of b >= start of a + constant", rides and shift lengths
included (start of the pickup >= start of the delivery - service - ride limit). Such limits have one least
solution, which repeated forward passes reach; it is what the eight steps of Cordeau & Laporte (2003) look
for, but exact. The mirrored passes give the latest solution, used for the shortest shift and for filtering
insertions.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.laying import BEGIN, CEILING, HIGH, LEG, RIDE, STAY, lay
from dispatch.optimizer.engine.layout import (
    BREAKS,
    DUE,
    EPSILON,
    FIXED,
    KIND,
    LATENESS,
    LOCATION,
    OVERTIME,
    OVERTIME_FROM,
    PER_DISTANCE,
    PER_TIME,
    PER_WAITING,
    PICKUP,
    PROFILE,
    PROMISED,
    REQUEST,
    TIMED,
    TOLD,
    TOLD_PRICE,
    TOLERANCE,
    Data,
)
from dispatch.optimizer.engine.plan import Work
from dispatch.optimizer.engine.rests import lay_with_breaks
from dispatch.optimizer.engine.travel import drive, drive_back


@inlined
def forward(data: Data, work: Work, m: int, first: int, profile: int) -> bool:
    """Push starts forward from position ``first``; False when a window closes."""
    line, clocked = work.line, data.speed.shape[1] > 0
    begin = line[BEGIN, first]
    for k in range(first + 1, m):
        ready = begin + line[STAY, k - 1]
        if clocked and work.place[k] != work.place[k - 1]:
            ready += drive(data, profile, work.place[k - 1], work.place[k], ready)
        else:
            ready += line[LEG, k - 1]
        begin = max(line[BEGIN, k], ready)
        if begin > line[HIGH, k] + EPSILON:
            return False
        line[BEGIN, k] = begin
    return True


@inlined
def tighten(mate: Integers, line: Floats, m: int) -> int:
    """Delay pickups whose rides are too long: the first position delayed, m when none, -1 when impossible."""
    lowest = m
    for k in range(m - 1, 0, -1):
        p = mate[k]
        if p >= 0:
            need = line[BEGIN, k] - line[STAY, p] - line[RIDE, k]
            if need > line[BEGIN, p] + EPSILON:
                if need > line[HIGH, p] + EPSILON:
                    return -1
                line[BEGIN, p] = need
                lowest = min(lowest, p)
    return lowest


@inlined
def settle(data: Data, work: Work, m: int, first: int, vehicle: int) -> bool:
    """Earliest schedule of a laid out route from position ``first`` on; False when there is none."""
    profile = data.vehicle_marks[vehicle, PROFILE]
    for _ in range(2 * m + 2):
        if not forward(data, work, m, first, profile):
            return False
        first = tighten(work.mate, work.line, m)
        if first < 0:
            return False
        if first == m:
            return True
    return False


@inlined
def ceilings(data: Data, work: Work, m: int, vehicle: int) -> None:
    """Latest schedule under the ceilings that are already written: lowers them until all limits hold."""
    profile, line, mate = data.vehicle_marks[vehicle, PROFILE], work.line, work.mate
    for _ in range(2 * m + 2):
        for k in range(m - 2, -1, -1):
            late = line[CEILING, k + 1]
            if data.speed.shape[1] > 0 and work.place[k + 1] != work.place[k]:
                late -= drive_back(data, profile, work.place[k], work.place[k + 1], late)
            else:
                late -= line[LEG, k]
            line[CEILING, k] = min(line[CEILING, k], late - line[STAY, k])
        changed = False
        for k in range(1, m):
            p = mate[k]
            if p >= 0 and line[CEILING, p] + line[STAY, p] + line[RIDE, k] < line[CEILING, k] - EPSILON:
                line[CEILING, k] = line[CEILING, p] + line[STAY, p] + line[RIDE, k]
                changed = True
        if not changed:
            return


@inlined
def soft_ceilings(data: Data, work: Work, m: int, vehicle: int) -> None:
    """Latest schedule that ends no later and is late nowhere more than the earliest one."""
    line = work.line
    for k in range(m):
        line[CEILING, k] = line[HIGH, k]
        if work.node[k] >= 0:
            line[CEILING, k] = min(line[HIGH, k], max(line[BEGIN, k], data.node_prices[work.node[k], DUE]))
    line[CEILING, m - 1] = line[BEGIN, m - 1]
    ceilings(data, work, m, vehicle)


@inlined
def keep_promises(data: Data, work: Work, m: int, vehicle: int) -> None:
    """Wait for the times that people were told, where that delays nothing else."""
    soft_ceilings(data, work, m, vehicle)
    line, raised = work.line, False
    for k in range(m):
        if work.node[k] >= 0:
            prices = data.node_prices[work.node[k]]
            floor = prices[TOLD] - prices[TOLERANCE]
            if prices[TOLD_PRICE] > 0 and line[BEGIN, k] < floor <= line[CEILING, k]:
                line[BEGIN, k] = floor
                raised = True
    if raised:
        settle(data, work, m, 0, vehicle)


@inlined
def off_duty_until(work: Work, m: int) -> int:
    """The last of the positions at the start that are rests: who rests before leaving begins to work then."""
    k = 0
    while k < m - 1 and work.node[k + 1] < 0 and work.place[k + 1] == work.place[0]:
        k += 1
    return k


@inlined
def leaves(data: Data, work: Work, on_duty: int, vehicle: int) -> float:
    """When a vehicle leaves its start at the latest, by the ceilings of where it goes first."""
    line, k = work.line, on_duty
    if k == 0:
        return float(line[CEILING, 0])
    late = line[CEILING, k + 1]
    if data.speed.shape[1] > 0:
        profile = data.vehicle_marks[vehicle, PROFILE]
        return float(late - drive_back(data, profile, work.place[k], work.place[k + 1], late))
    return float(late - line[LEG, k])


@inlined
def time_price(data: Data, work: Work, m: int, vehicle: int) -> float:
    """Lateness, broken promises, shift time, waiting and overtime of a settled route."""
    if data.flags[PROMISED]:
        keep_promises(data, work, m, vehicle)
    soft_ceilings(data, work, m, vehicle)
    line, price, busy, on_duty = work.line, 0.0, 0.0, off_duty_until(work, m)
    for k in range(m):
        if on_duty <= k < m - 1:
            busy += line[LEG, k] + (line[STAY, k] if k > on_duty else 0.0)
        if work.node[k] < 0:
            continue
        prices = data.node_prices[work.node[k]]
        if line[BEGIN, k] > prices[DUE]:
            price += (line[BEGIN, k] - prices[DUE]) * prices[LATENESS]
        if prices[TOLD_PRICE] > 0 and abs(line[BEGIN, k] - prices[TOLD]) > prices[TOLERANCE] + EPSILON:
            price += prices[TOLD_PRICE]
    duration = line[BEGIN, m - 1] - leaves(data, work, on_duty, vehicle)
    terms = data.vehicle_numbers[vehicle]
    price += duration * terms[PER_TIME] + max(0.0, duration - busy) * terms[PER_WAITING]
    if line[BEGIN, m - 1] > terms[OVERTIME_FROM]:
        price += (line[BEGIN, m - 1] - terms[OVERTIME_FROM]) * terms[OVERTIME]
    return float(price)


@inlined
def distance_price(data: Data, sequence: Integers, n: int, vehicle: int) -> float:
    """Fixed price, distance and serving prices of a used vehicle."""
    matrix = data.distance[data.vehicle_marks[vehicle, PROFILE]]
    metres, price = 0.0, data.vehicle_numbers[vehicle, FIXED]
    for k in range(1, n):
        a, b = sequence[k - 1], sequence[k]
        metres += matrix[data.node_marks[a, LOCATION], data.node_marks[b, LOCATION]]
        kind = data.node_marks[b, KIND]
        if kind in (PICKUP, 3):
            price += data.price[data.node_marks[b, REQUEST], vehicle]
    return float(price + metres * data.vehicle_numbers[vehicle, PER_DISTANCE])


@inlined
def appraise(data: Data, work: Work, n: int, known: Floats, first: int, vehicle: int) -> float:
    """Price of serving the trial sequence of n nodes with this vehicle; infinite when it cannot.

    ``known`` holds lower bounds on the starts of positions 0 to ``first``.
    """
    if n == 2:
        return 0.0
    if data.vehicle_marks[vehicle, BREAKS] > 0:
        m, first = lay_with_breaks(data, work, n, vehicle), 0
    else:
        m = lay(data, work, n, vehicle)
        copy(work.line[BEGIN], known, first + 1)
    if m == 0 or not settle(data, work, m, first, vehicle):
        return np.inf
    price = distance_price(data, work.trial, n, vehicle)
    if data.flags[TIMED]:
        price += time_price(data, work, m, vehicle)
    return price
