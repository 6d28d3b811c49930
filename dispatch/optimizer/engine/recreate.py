"""Recreate: put the requests of the pool back, cheapest first or by regret, with blinks."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.asking import first_asked, others, refused
from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.dice import uniform
from dispatch.optimizer.engine.insertion import look, remembered
from dispatch.optimizer.engine.layout import (
    EARLIEST,
    FEWER,
    FIRST,
    LATEST,
    LOCATION,
    SECOND,
    Data,
)
from dispatch.optimizer.engine.plan import ALSO_AT, AT, USED, WAITING, Plan, Work, routes_in_use
from dispatch.optimizer.engine.routes import insert

BY_CHANCE, FAR, CLOSE, NARROW, EARLY, LATE = range(6)
ORDERS = 6
CROWD = 24
"""Up to how many routes all are tried."""


@inlined
def cheapest(data: Data, plan: Plan, work: Work, request: int, blink: float) -> int:
    """The vehicle with the cheapest insertion, each overlooked with a small probability; -1 when none.

    Near routes come first: what they offer bounds the look at the others, and where there are many routes
    only an empty vehicle is tried beside them, unless they have no place. A request that the accepted plan
    has no place for asks the ruined routes alone.
    """
    best, at, done = np.inf, -1, 0
    count = first_asked(data, plan, work, request)
    for stage in range(3):
        if stage > 0 and refused(work, request):
            return at
        if stage == 1:
            if at >= 0 and data.flags[FEWER] and work.count[USED] > CROWD:
                return at
            count = others(data, plan, work, request, count, int(work.count[USED] > CROWD))
        elif stage == 2:
            if at >= 0 or work.count[USED] <= CROWD:
                return at
            count = others(data, plan, work, request, count, 0)
        while done < count:
            vehicle = work.rows[done]
            done += 1
            if blink > 0.0 and uniform(work.dice) < blink:
                continue
            price = look(data, plan, work, request, vehicle, best)
            if price < best:
                best, at = price, vehicle
    return at


@inlined
def place(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> None:
    """Insert a request where :func:`look` found its cheapest place."""
    entry = work.cached[request, vehicle, remembered(plan, work, request, vehicle)]
    insert(data, plan, work, request, vehicle, int(entry[AT]), int(entry[ALSO_AT]))


@inlined
def key(data: Data, work: Work, request: int, order: int) -> float:
    """Sorting key of a request."""
    first = data.request_marks[request, FIRST]
    second = max(data.request_marks[request, SECOND], first)
    numbers = data.node_numbers
    if order in (FAR, CLOSE):
        depot = data.node_marks[len(data.node_marks) - 2, LOCATION]
        way = data.distance[0, depot, data.node_marks[first, LOCATION]]
        way += data.distance[0, depot, data.node_marks[second, LOCATION]]
        return float(-way if order == FAR else way)
    if order == NARROW:
        slack = numbers[first, LATEST] - numbers[first, EARLIEST]
        return float(slack + (numbers[second, LATEST] - numbers[second, EARLIEST]))
    if order == EARLY:
        return float(numbers[first, EARLIEST])
    if order == LATE:
        return float(-numbers[second, LATEST])
    return uniform(work.dice)


@inlined
def sort_pool(data: Data, work: Work, order: int) -> None:
    """Sort the pool by a key."""
    n, pool, keys = work.count[WAITING], work.pool, work.order
    for k in range(n):
        keys[k] = key(data, work, pool[k], order)
    for k in range(1, n):
        value, request, i = keys[k], pool[k], k - 1
        while i >= 0 and keys[i] > value:
            keys[i + 1], pool[i + 1] = keys[i], pool[i]
            i -= 1
        keys[i + 1], pool[i + 1] = value, request


@inlined
def greedy(data: Data, plan: Plan, work: Work, order: int, blink: float) -> None:
    """Insert the pool in an order, each request at its cheapest place; what finds none stays in the pool."""
    sort_pool(data, work, order)
    left = 0
    for k in range(work.count[WAITING]):
        request = work.pool[k]
        vehicle = cheapest(data, plan, work, request, blink)
        if vehicle < 0:
            work.pool[left] = request
            left += 1
            continue
        place(data, plan, work, request, vehicle)
    work.count[WAITING] = left


@inlined
def regret_of(data: Data, plan: Plan, work: Work, request: int, depth: int) -> tuple[float, float, int]:
    """Regret of a request over its best ``depth`` (2 or 3) routes, the best price, its vehicle (-1: none)."""
    best, second, third, at = np.inf, np.inf, np.inf, -1
    count = first_asked(data, plan, work, request)
    if not refused(work, request):
        count = others(data, plan, work, request, count, int(work.count[USED] > CROWD and count > depth))
    for k in range(count):
        vehicle = work.rows[k]
        price = look(data, plan, work, request, vehicle, np.inf)
        if price < best:
            best, second, third, at = price, best, second, vehicle
        elif price < second:
            second, third = price, second
        elif price < third:
            third = price
    if at < 0:
        return -np.inf, np.inf, -1
    ceiling = 1e12
    regret = min(second, ceiling) - best
    if depth > 2:
        regret += min(third, ceiling) - best
    return regret, best, at


@inlined
def by_regret(data: Data, plan: Plan, work: Work, depth: int, noise: float) -> None:
    """Insert again and again the request that would regret waiting most."""
    while work.count[WAITING] > 0:
        chosen, vehicle, top, price = -1, -1, -np.inf, np.inf
        for k in range(work.count[WAITING]):
            regret, best, at = regret_of(data, plan, work, work.pool[k], depth)
            if at < 0:
                continue
            regret *= 1.0 + noise * (uniform(work.dice) - 0.5)
            if regret > top or (regret == top and best < price):
                chosen, vehicle, top, price = k, at, regret, best
        if chosen < 0:
            return
        request = work.pool[chosen]
        work.count[WAITING] -= 1
        work.pool[chosen] = work.pool[work.count[WAITING]]
        place(data, plan, work, request, vehicle)


@linked
def recreate(data: Data, plan: Plan, work: Work, kind: int, blink: float) -> None:
    """Insert the pool: kinds 0 to 5 greedily in that order, 6 and 7 by regret over two and three routes.

    What regret leaves is tried once more greedily.
    """
    work.count[USED] = routes_in_use(plan)
    if kind >= ORDERS:
        by_regret(data, plan, work, kind - 4, 0.4 if uniform(work.dice) < 0.5 else 0.0)
    if work.count[WAITING] > 0:
        greedy(data, plan, work, min(kind, ORDERS - 1), blink)
