"""Two routes exchange their ends: what removing and inserting requests one by one never reaches.

Each of two neighbouring routes is cut between two stops, and goes on with the other's rest. Requests that are
on board at a cut wait to be inserted again.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.dice import below, uniform
from dispatch.optimizer.engine.laying import lay
from dispatch.optimizer.engine.layout import (
    BREAKS,
    DELIVERY,
    EPSILON,
    FIRST,
    FROZEN,
    KIND,
    LOCKED,
    PICKUP,
    PROFILE,
    REQUEST,
    SECOND,
    Data,
)
from dispatch.optimizer.engine.plan import STAMP, Plan, Work
from dispatch.optimizer.engine.rests import lay_with_breaks
from dispatch.optimizer.engine.routes import fill_loads, find, fits, pull, refresh
from dispatch.optimizer.engine.schedule import settle
from dispatch.optimizer.engine.travel import drive

LOOKS, REACH, OVERLOOKED = 4, 40, 0.2
"""How many near requests' routes are looked at, among how many; and how often a cut is overlooked."""


@inlined
def aboard(data: Data, plan: Plan, row: int, i: int) -> int:
    """How many requests are on board between a position and the next."""
    count = 0
    for k in range(1, i + 1):
        kind = data.node_marks[plan.nodes[row, k], KIND]
        count += 1 if kind == PICKUP else -1 if kind == DELIVERY else 0
    return count


@inlined
def leads(data: Data, plan: Plan, row: int, i: int, other: int, j: int) -> float:
    """Distance from a position of a route to what follows another's, minus to what follows now.

    Infinite when that is too late.
    """
    profile, last = data.vehicle_marks[row, PROFILE], plan.size[other] - 2
    to, late = plan.place[other, j + 1], plan.late[other, j + 1]
    if j == last:
        end = plan.size[row] - 1
        to, late = plan.place[row, end], plan.late[row, end]
    here, ready = plan.place[row, i], plan.free[row, i]
    if ready + drive(data, profile, here, to, ready) > late + EPSILON:
        return np.inf
    return float(data.distance[profile, here, to] - plan.gap[row, i])


@inlined
def best_cut(
    data: Data, plan: Plan, work: Work, one: int, i: int, other: int, most: int
) -> tuple[float, int]:
    """What exchanging ends after position i adds to the distance, at most, and where the other is cut (-1).

    At most so many requests may be on board there. Cuts are overlooked by chance.
    """
    best, at, count = np.inf, -1, 0
    last, other_last = plan.size[one] - 2, plan.size[other] - 2
    for j in range(other_last + 1):
        kind = data.node_marks[plan.nodes[other, j], KIND]
        count += 1 if kind == PICKUP else -1 if kind == DELIVERY else 0
        if j < data.vehicle_marks[other, FROZEN] or count > most or uniform(work.dice) < OVERLOOKED:
            continue
        if (i == 0 and j == 0) or (i == last and j == other_last):
            continue
        value = leads(data, plan, one, i, other, j)
        if value < best:
            value += leads(data, plan, other, j, one, i)
            if value < best:
                best, at = value, j
    return best, at


@inlined
def may_change(data: Data, plan: Plan, work: Work, row: int, i: int, vehicle: int) -> bool:
    """Whether another vehicle may serve all stops of a row after a position, and they may move."""
    for k in range(i + 1, plan.size[row] - 1):
        request = data.node_marks[plan.nodes[row, k], REQUEST]
        if data.request_marks[request, LOCKED] or work.barred[request] or not data.allowed[request, vehicle]:
            return False
    return True


@inlined
def straddling(data: Data, plan: Plan, work: Work, row: int, i: int, count: int) -> int:
    """Add the requests on board between a position and the next to ``work.members``; how many there are."""
    work.count[STAMP] += 1
    stamp = work.count[STAMP]
    for k in range(i + 1, plan.size[row] - 1):
        node = plan.nodes[row, k]
        kind, request = data.node_marks[node, KIND], data.node_marks[node, REQUEST]
        if kind == PICKUP:
            work.seen[request] = stamp
        elif kind == DELIVERY and work.seen[request] != stamp:
            work.members[count] = request
            count += 1
    return count


@inlined
def holds(data: Data, plan: Plan, work: Work, one: int, i: int, other: int, j: int) -> bool:
    """Whether a vehicle can go on after position i with what follows position j of another.

    The new route is left in the last row.
    """
    row = len(plan.size) - 1
    rest = plan.size[other] - 2 - j
    n = i + 2 + rest
    breaks = data.vehicle_marks[one, BREAKS]
    if n + breaks > plan.nodes.shape[1]:
        return False
    nodes = plan.nodes[row]
    copy(nodes, plan.nodes[one], i + 1)
    copy(nodes[i + 1 :], plan.nodes[other][j + 1 :], rest)
    nodes[n - 1] = plan.nodes[one, plan.size[one] - 1]
    plan.size[row] = n
    fill_loads(data, plan, row)
    for k in range(n - 1):
        if not fits(data.capacity[one], plan.load[row, k], plan.load[row, k], 0.0):
            return False
    copy(work.trial, nodes, n)
    m = lay_with_breaks(data, work, n, one) if breaks > 0 else lay(data, work, n, one)
    return m > 0 and settle(data, work, m, 0, one)


@inlined
def go_on_with(data: Data, plan: Plan, work: Work, row: int, i: int, rest: int) -> None:
    """Let a row go on after position i with the first stops of ``work.trial``, which is overwritten then."""
    end = plan.nodes[row, plan.size[row] - 1]
    for k in range(rest):
        node = work.trial[k]
        plan.nodes[row, i + 1 + k] = node
        plan.where[data.node_marks[node, REQUEST]] = row
    plan.nodes[row, i + 1 + rest] = end
    plan.size[row] = i + 2 + rest
    work.dirty[row] = 0
    refresh(data, plan, work, row, row)


@inlined
def exchange_ends(data: Data, plan: Plan, work: Work, one: int, i: int, other: int, j: int) -> bool:
    """Exchange what follows position i of a row and position j of another, if both can do it."""
    if not holds(data, plan, work, one, i, other, j) or not holds(data, plan, work, other, j, one, i):
        return False
    rest, other_rest = plan.size[one] - 2 - i, plan.size[other] - 2 - j
    copy(work.members, plan.nodes[one][i + 1 :], rest)
    copy(work.trial, plan.nodes[other][j + 1 :], other_rest)
    go_on_with(data, plan, work, one, i, other_rest)
    copy(work.trial, work.members, rest)
    go_on_with(data, plan, work, other, j, rest)
    return True


@inlined
def nearest_cut(data: Data, plan: Plan, work: Work, seed: int, i: int, most: int) -> tuple[int, int]:
    """A route near a request, and where its end is best exchanged for that of the request's own; -1, -1."""
    one, row, at, best = plan.where[seed], -1, -1, np.inf
    for _ in range(LOOKS):
        near = min(data.near.shape[2], REACH)
        other = plan.where[data.near[below(work.dice, 2), seed, int(near * uniform(work.dice) ** 1.5)]]
        if other < 0 or other == one or work.closed[other] or work.foreign[other]:
            continue
        value, j = best_cut(data, plan, work, one, i, other, most)
        if value < best:
            best, row, at = value, other, j
    return row, at


@inlined
def cross(data: Data, plan: Plan, work: Work, seed: int, most: int) -> None:
    """Let a request's route exchange its end with a near one; at most so many are taken out for it.

    Nothing may be marked as changed before.
    """
    one, mark = plan.where[seed], FIRST
    if data.request_marks[seed, SECOND] >= 0 and uniform(work.dice) < 0.5:
        mark = SECOND
    i = find(plan, one, data.request_marks[seed, mark]) - int(uniform(work.dice) < 0.5)
    here = aboard(data, plan, one, i)
    if i < data.vehicle_marks[one, FROZEN] or here > most or data.near.shape[2] == 0:
        return
    other, j = nearest_cut(data, plan, work, seed, i, most - here)
    if other < 0 or not may_change(data, plan, work, one, i, other):
        return
    if not may_change(data, plan, work, other, j, one):
        return
    count = straddling(data, plan, work, one, i, 0)
    count = straddling(data, plan, work, other, j, count)
    there = count - here
    for k in range(count):
        pull(data, plan, work, work.members[k])
    exchange_ends(data, plan, work, one, i - here, other, j - there)
