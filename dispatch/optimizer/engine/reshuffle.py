"""Serve what waits by ruining and recreating a few rows alone, set of rows after set of rows.

A set costs about a millisecond, so that many are tried: which rows are chosen matters more than how long each
choice is worked on. A choice is accepted when those left out were left out less often before (Christiaens &
Vanden Berghe 2020).
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.exchange import enter
from dispatch.optimizer.engine.insertion import look
from dispatch.optimizer.engine.instance import Integers
from dispatch.optimizer.engine.layout import EARLIEST, FIRST, LATEST, LOCKED, REQUEST, SECOND, Data
from dispatch.optimizer.engine.plan import Plan, Work, anchor_rows, copy_row
from dispatch.optimizer.engine.routes import drop, settle_row

AROUND = 3600.0
"""Up to so long before and after a waiting request's windows the rows are opened."""
LARGEST, LENGTH = 8, 4
"""About how many requests are taken out at once, and how many stops of a row these span."""
BLINK = 0.03
"""How often a row is overlooked, so that the cheapest place is not always taken."""


@inlined
def nearest_in_time(plan: Plan, row: int, clock: float) -> int:
    """The position of the stop of a row that is served nearest to a time."""
    at, least = 1, np.inf
    for i in range(1, plan.size[row] - 1):
        if abs(plan.early[row, i] - clock) < least:
            at, least = i, abs(plan.early[row, i] - clock)
    return at


@inlined
def cut_around(data: Data, plan: Plan, work: Work, row: int, clock: float, count: int) -> int:
    """Take the requests of a few stops around a time out of a row, to the pool's end; the pool's new size."""
    length = 1 + below(work.dice, LENGTH)
    begin = max(1, nearest_in_time(plan, row, clock) - below(work.dice, length))
    end, first = min(plan.size[row] - 1, begin + length), count
    for i in range(begin, end):
        request = data.node_marks[plan.nodes[row, i], REQUEST]
        known = data.request_marks[request, LOCKED] > 0
        for k in range(first, count):
            known = known or work.pool[k] == request
        if not known:
            work.pool[count] = request
            count += 1
    for k in range(first, count):
        drop(data, plan, row, row, work.pool[k])
        plan.where[work.pool[k]] = -1
    if count > first:
        settle_row(data, plan, work, row, row)
    return count


@inlined
def open_rows_at(data: Data, plan: Plan, work: Work, rows: Integers, count: int) -> int:
    """Take requests out of the rows around a time near one that waits; the pool's new size."""
    request = work.pool[below(work.dice, count)]
    node = data.request_marks[request, FIRST]
    if data.request_marks[request, SECOND] >= 0 and uniform(work.dice) < 0.3:
        node = data.request_marks[request, SECOND]
    low, high = data.node_numbers[node, EARLIEST], data.node_numbers[node, LATEST]
    clock = (low + high) / 2 if high < np.inf else low
    clock += (2.0 * uniform(work.dice) - 1.0) * AROUND
    target, first = count + 1 + below(work.dice, LARGEST), below(work.dice, len(rows))
    for step in range(len(rows)):
        row = rows[(first + step) % len(rows)]
        if plan.size[row] > 2 and count < target:
            count = cut_around(data, plan, work, row, clock, count)
    return count


@inlined
def arrange(data: Data, work: Work, count: int) -> None:
    """Put the pool in an order: by chance, what was left out most often first, by windows either way."""
    how = uniform(work.dice)
    for k in range(count):
        first = data.request_marks[work.pool[k], FIRST]
        if how < 0.4:
            work.order[k] = uniform(work.dice)
        elif how < 0.7:
            work.order[k] = uniform(work.dice) / 2 - work.trouble[work.pool[k]]
        elif how < 0.85:
            work.order[k] = data.node_numbers[first, LATEST]
        else:
            work.order[k] = -data.node_numbers[first, EARLIEST]
    for k in range(1, count):
        value, request, i = work.order[k], work.pool[k], k - 1
        while i >= 0 and work.order[i] > value:
            work.order[i + 1], work.pool[i + 1] = work.order[i], work.pool[i]
            i -= 1
        work.order[i + 1], work.pool[i + 1] = value, request


@inlined
def put_back(data: Data, plan: Plan, work: Work, rows: Integers, count: int) -> int:
    """Insert the pool into the rows, each request where it costs least; how many remain in the pool."""
    left = 0
    for k in range(count):
        request, chosen, least = work.pool[k], -1, np.inf
        for row in rows:
            if data.allowed[request, row] and uniform(work.dice) >= BLINK:
                price = look(data, plan, work, request, row, least)
                if price < least:
                    chosen, least = row, price
        if chosen < 0 or not enter(data, plan, work, request, chosen):
            work.pool[left] = request
            left += 1
    return left


@inlined
def follow_rows(data: Data, target: Plan, source: Plan, rows: Integers) -> None:
    """Make some rows equal to those of another plan, and say where their requests are."""
    for row in rows:
        if target.version[row] != source.version[row]:
            copy_row(target, row, source, row)
    for row in rows:
        for i in range(1, target.size[row] - 1):
            target.where[data.node_marks[target.nodes[row, i], REQUEST]] = row


@inlined
def start_over(data: Data, given: Plan, work: Work, rows: Integers) -> None:
    """Nothing is known yet about what is hard to place."""
    for request in range(len(given.where)):
        if given.where[request] < 0:
            work.trouble[request] = 1.0
    for row in rows:
        for i in range(1, given.size[row] - 1):
            work.trouble[data.node_marks[given.nodes[row, i], REQUEST]] = 1.0


@inlined
def reshuffled(
    data: Data, plan: Plan, base: Plan, work: Work, rows: Integers, kept: Integers, waiting: int, turns: int
) -> bool:
    """Ruin and recreate these rows for some turns, until nothing waits: then ``plan`` is complete."""
    for _ in range(turns):
        copy(work.pool, kept, waiting)
        count = open_rows_at(data, plan, work, rows, waiting)
        arrange(data, work, count)
        left = put_back(data, plan, work, rows, count)
        if left == 0:
            return True
        here, there = 0.0, 0.0
        for k in range(waiting):
            here += work.trouble[kept[k]]
        for k in range(left):
            there += work.trouble[work.pool[k]]
            work.trouble[work.pool[k]] += 1.0
        if there < here or (there == here and uniform(work.dice) < 0.5):
            follow_rows(data, base, plan, rows)
            waiting = left
            copy(kept, work.pool, waiting)
        else:
            follow_rows(data, plan, base, rows)
            for k in range(waiting):
                plan.where[kept[k]] = -1
    return False


@kernel
def first_filled(
    data: Data, given: Plan, plan: Plan, base: Plan, work: Work, sets: Integers, turns: int
) -> int:
    """The first set of rows (a row of ``sets``) that takes in all that ``given`` leaves out; -1 when none.

    ``plan`` is then that complete plan; it and ``base`` must equal ``given`` before.
    """
    anchor_rows(work, given)
    first, kept, outside = work.kept[0], work.kept[1], 0
    for request in range(len(given.where)):
        if given.where[request] < 0:
            first[outside] = request
            outside += 1
    for number in range(len(sets)):
        rows = sets[number]
        start_over(data, given, work, rows)
        copy(kept, first, outside)
        if reshuffled(data, plan, base, work, rows, kept, outside, turns):
            return number
        follow_rows(data, plan, given, rows)
        follow_rows(data, base, given, rows)
        copy(plan.where, given.where, len(given.where))
    return -1
