"""When a route's stops are served: exact feasibility and the price of a schedule.

All time limits of a route have the form "start of b >= start of a + constant", rides and shift lengths
included (start of the pickup >= start of the delivery - service - ride limit). Such limits have one least
solution, which repeated forward passes reach; it is what the eight steps of Cordeau & Laporte (2003) look
for, but exact. The mirrored passes give the latest solution, used for the shortest shift and for filtering
insertions.

Rows of ``Work.line`` for a laid out route, by position.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.instance import Floats, Integers
from dispatch.optimizer.engine.layout import (
    BREAK_DURATION,
    BREAK_EARLIEST,
    BREAK_LATEST,
    BREAKS,
    DELIVERY,
    DUE,
    EARLIEST,
    EPSILON,
    FIXED,
    KIND,
    LATENESS,
    LATEST,
    LOCATION,
    MAX_DURATION,
    MAX_RIDE,
    OVERTIME,
    OVERTIME_FROM,
    PER_DISTANCE,
    PER_TIME,
    PER_WAITING,
    PICKUP,
    PROFILE,
    PROMISED,
    REQUEST,
    SERVICE,
    TIMED,
    TOLD,
    TOLD_PRICE,
    TOLERANCE,
    Data,
)
from dispatch.optimizer.engine.plan import Work
from dispatch.optimizer.engine.travel import drive, drive_back

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


@inlined
def put_break(work: Work, m: int, window: Floats, clock: float) -> None:
    """Lay a rest at position m, at the place before it, not before the clock."""
    line = work.line
    work.node[m] = -1
    work.place[m] = work.place[m - 1]
    work.mate[m] = -1
    line[LOW, m] = window[BREAK_EARLIEST]
    line[HIGH, m] = window[BREAK_LATEST]
    line[STAY, m] = window[BREAK_DURATION]
    line[BEGIN, m] = max(clock, window[BREAK_EARLIEST])
    line[LEG, m - 1] = 0.0


@inlined
def lay_with_breaks(data: Data, work: Work, n: int, vehicle: int) -> int:
    """Lay out the trial sequence with breaks at moments with nobody on board; 0 when there is no way.

    A break is taken as soon as it costs no delay, else at the last chance before it would be too late.
    """
    breaks, profile = data.breaks[vehicle], data.vehicle_marks[vehicle, PROFILE]
    put(data, work, 0, work.trial[0], vehicle)
    line, m, k, on_board, due = work.line, 1, 1, 0, 0
    chance, chance_k = 0, 1
    while k < n:
        clock = line[BEGIN, m - 1] + line[STAY, m - 1]
        resting = due < data.vehicle_marks[vehicle, BREAKS]
        if resting and on_board == 0:
            late = clock > breaks[due, BREAK_LATEST] + EPSILON
            if late:
                m, k = chance + 1, chance_k
                clock = line[BEGIN, m - 1] + line[STAY, m - 1]
                if clock > breaks[due, BREAK_LATEST] + EPSILON:
                    return 0
            if late or _free(data, work, m, k, clock, breaks[due], profile):
                put_break(work, m, breaks[due], clock)
                m, due = m + 1, due + 1
                chance, chance_k = m - 1, k
                continue
            chance, chance_k = m - 1, k
        node = work.trial[k]
        put(data, work, m, node, vehicle)
        line[BEGIN, m] = max(
            line[BEGIN, m], clock + drive(data, profile, work.place[m - 1], work.place[m], clock)
        )
        kind = data.node_marks[node, KIND]
        on_board += 1 if kind == PICKUP else -1 if kind == DELIVERY else 0
        m, k = m + 1, k + 1
        if (
            k == n
            and due < data.vehicle_marks[vehicle, BREAKS]
            and (line[BEGIN, m - 1] > breaks[due, BREAK_LATEST] + EPSILON)
        ):
            m, k = chance + 1, chance_k
            clock = line[BEGIN, m - 1] + line[STAY, m - 1]
            if clock > breaks[due, BREAK_LATEST] + EPSILON:
                return 0
            put_break(work, m, breaks[due], clock)
            m, due = m + 1, due + 1
            on_board, chance, chance_k = 0, m - 1, k
    limit_shift(data, work, m, vehicle)
    return m


@inlined
def _free(data: Data, work: Work, m: int, k: int, clock: float, window: Floats, profile: int) -> bool:
    """Whether a rest now delays the next stop by nothing."""
    begin = max(clock, window[BREAK_EARLIEST])
    if begin > window[BREAK_LATEST] + EPSILON:
        return False
    ready, node = begin + window[BREAK_DURATION], work.trial[k]
    arrive = ready + drive(data, profile, work.place[m - 1], data.node_marks[node, LOCATION], ready)
    return bool(arrive <= data.node_numbers[node, EARLIEST])


@inlined
def forward(data: Data, work: Work, m: int, first: int, profile: int) -> bool:
    """Push starts forward from position ``first``; False when a window closes."""
    line, clocked = work.line, data.speed.shape[1] > 0
    begin = line[BEGIN, first]
    for k in range(first + 1, m):
        ready = begin + line[STAY, k - 1]
        if clocked and work.node[k] >= 0:
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
            if data.speed.shape[1] > 0 and work.node[k + 1] >= 0:
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
def time_price(data: Data, work: Work, m: int, vehicle: int) -> float:
    """Lateness, broken promises, shift time, waiting and overtime of a settled route."""
    if data.flags[PROMISED]:
        keep_promises(data, work, m, vehicle)
    soft_ceilings(data, work, m, vehicle)
    line, price, busy = work.line, 0.0, 0.0
    for k in range(m):
        if k < m - 1:
            busy += line[STAY, k] + line[LEG, k]
        if work.node[k] < 0:
            continue
        prices = data.node_prices[work.node[k]]
        if line[BEGIN, k] > prices[DUE]:
            price += (line[BEGIN, k] - prices[DUE]) * prices[LATENESS]
        if prices[TOLD_PRICE] > 0 and abs(line[BEGIN, k] - prices[TOLD]) > prices[TOLERANCE] + EPSILON:
            price += prices[TOLD_PRICE]
    duration = line[BEGIN, m - 1] - line[CEILING, 0]
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
