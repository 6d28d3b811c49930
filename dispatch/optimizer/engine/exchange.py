"""Make room for a request on three routes: it throws up to three others out, which two more routes take in.

Nothing is left to chance: every way of so few exchanges is looked at, in some hundredths of a second for a
day of a city. What needs more moves is for :mod:`reshuffle`.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, kernel, linked
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.insertion import best_place, look
from dispatch.optimizer.engine.instance import Integers
from dispatch.optimizer.engine.layout import KIND, LOCKED, PICKUP, REQUEST, SINGLE, Data
from dispatch.optimizer.engine.pairs import apart, hindrances
from dispatch.optimizer.engine.plan import LONGEST, Plan, Work, anchor_rows, copy_changed, copy_row
from dispatch.optimizer.engine.routes import drop, insert, settle_row

PRICE_OF_BEST = 0
"""Entry of ``Work.result`` with what the cheapest way found costs more than the plan given."""
SHORT = 16
"""Up to how many requests of a route three of them are thrown out at once; two up to LONGEST."""


@linked
def could(data: Data, plan: Plan, work: Work, request: int, row: int) -> int:
    """1 when a request fits a route as it is, else 0; remembered by the route's version."""
    if not data.allowed[request, row]:
        return 0
    return int(look(data, plan, work, request, row, np.inf) < np.inf)


@linked
def enter(data: Data, plan: Plan, work: Work, request: int, row: int) -> int:
    """Put a request into a route at its cheapest place and return 1; 0 when it does not fit."""
    if not data.allowed[request, row] or hindrances(data, plan, row, request, 0):
        return 0
    if best_place(data, plan, work, request, row, row, np.inf) == np.inf:
        return 0
    insert(data, plan, work, request, row, work.found[0], work.found[1])
    return 1


@inlined
def leave(data: Data, plan: Plan, work: Work, request: int) -> None:
    """Take a request out of its route."""
    row = plan.where[request]
    drop(data, plan, row, row, request)
    plan.where[request] = -1
    settle_row(data, plan, work, row, row)


@inlined
def undo(data: Data, plan: Plan, given: Plan, row: int) -> None:
    """Make a route what it was; what has come in is where it was, or waits."""
    if plan.version[row] == given.version[row]:
        return
    for i in range(1, plan.size[row] - 1):
        request = data.node_marks[plan.nodes[row, i], REQUEST]
        if plan.where[request] == row:
            plan.where[request] = given.where[request]
    copy_row(plan, row, given, row)
    for i in range(1, plan.size[row] - 1):
        plan.where[data.node_marks[plan.nodes[row, i], REQUEST]] = row


@inlined
def movable(data: Data, plan: Plan, row: int, into: Integers) -> int:
    """Write the requests of a row that may be moved; their number."""
    count = 0
    for i in range(1, plan.size[row] - 1):
        node = plan.nodes[row, i]
        request = data.node_marks[node, REQUEST]
        if data.node_marks[node, KIND] in (PICKUP, SINGLE) and not data.request_marks[request, LOCKED]:
            into[count] = request
            count += 1
    return count


@inlined
def keep(plan: Plan, given: Plan, best: Plan, work: Work) -> int:
    """Remember a complete plan when it is the cheapest so far; 1, or 0 for one that has no price."""
    price = 0.0
    for row in range(len(plan.size) - 1):
        if plan.version[row] != given.version[row]:
            price += plan.cost[row]
            if given.cost[row] < np.inf:
                price -= given.cost[row]
    if price == np.inf:
        return 0
    if price < work.result[PRICE_OF_BEST]:
        work.result[PRICE_OF_BEST] = price
        copy_changed(best, plan)
    return 1


@inlined
def cheapest_of(data: Data, plan: Plan, work: Work, request: int, rows: Integers) -> int:
    """The row among some where a request costs least, or -1."""
    chosen, least = -1, np.inf
    for row in rows:
        if data.allowed[request, row]:
            price = look(data, plan, work, request, row, least)
            if price < least:
                chosen, least = row, price
    return chosen


@inlined
def all_in(
    data: Data, plan: Plan, given: Plan, best: Plan, work: Work, waiting: Integers, count: int, rows: Integers
) -> int:
    """Put all that waits into the rows, in this order or backwards, and take it out again; 1 if it fits."""
    for turn in range(2 if count > 1 else 1):
        done, ways = 0, 0
        while done < count:
            request = waiting[done if turn == 0 else count - 1 - done]
            chosen = cheapest_of(data, plan, work, request, rows)
            if chosen < 0 or not enter(data, plan, work, request, chosen):
                break
            done += 1
        if done == count:
            ways = keep(plan, given, best, work)
        for step in range(done):
            leave(data, plan, work, waiting[step if turn == 0 else count - 1 - step])
        if ways:
            return 1
    return 0


@inlined
def taken_in(
    data: Data, plan: Plan, given: Plan, best: Plan, work: Work, out: Integers, size: int, rows: Integers
) -> int:
    """Ways in which what was thrown out goes straight into the spare row, or that and one more."""
    spare, row, ways = rows[0], rows[1], 0
    if spare != row:
        rows[2] = spare
        ways += all_in(data, plan, given, best, work, out, size, rows)
        undo(data, plan, given, spare)
    for other in range(len(plan.size) - 1):
        fine = other not in (row, spare)
        for e in range(size):
            if fine and not could(data, plan, work, out[e], other):
                fine = spare != row and could(data, plan, work, out[e], spare) > 0
        if fine:
            rows[2] = other
            ways += all_in(data, plan, given, best, work, out, size, rows)
            undo(data, plan, given, other)
            if spare != row:
                undo(data, plan, given, spare)
    return ways


@inlined
def passed_on(
    data: Data, plan: Plan, given: Plan, best: Plan, work: Work, out: Integers, size: int, rows: Integers
) -> int:
    """Ways in which one thrown out takes another's place, which goes to one of the first two rows."""
    spare, row, ways = rows[0], rows[1], 0
    waiting = work.few[3]
    for other in range(len(plan.where)):
        at = plan.where[other]
        if at < 0 or at in (row, spare) or data.request_marks[other, LOCKED]:
            continue
        if not could(data, plan, work, other, spare) and not could(data, plan, work, other, row):
            continue
        rows[2] = at
        for e in range(size):
            one = out[e]
            if not data.allowed[one, at] or hindrances(data, plan, at, one, 1) > apart(data, one, other):
                continue
            leave(data, plan, work, other)
            if enter(data, plan, work, one, at):
                copy(waiting, out, size)
                waiting[e] = other
                ways += all_in(data, plan, given, best, work, waiting, size, rows)
            undo(data, plan, given, at)
            if spare != row:
                undo(data, plan, given, spare)
            plan.where[one] = -1
    return ways


@inlined
def advance(choice: Integers, size: int, count: int) -> bool:
    """The next choice of ``size`` out of ``count`` in order; False after the last."""
    k = size - 1
    while k >= 0 and choice[k] == count - size + k:
        k -= 1
    if k < 0:
        return False
    choice[k] += 1
    for h in range(k + 1, size):
        choice[h] = choice[h - 1] + 1
    return True


@inlined
def covers(choice: Integers, size: int, known: Integers, count: int) -> bool:
    """Whether a choice holds all of one that is known to be enough (rows of up to three, -1 behind)."""
    for k in range(count):
        inside = True
        for h in range(3):
            held = known[k, h] < 0
            for e in range(size):
                held = held or choice[e] == known[k, h]
            inside = inside and held
        if inside:
            return True
    return False


@inlined
def unhindered(data: Data, request: int, own: Integers, count: int, choice: Integers, size: int) -> bool:
    """Whether without the chosen ones nothing in the row rules the request out."""
    for k in range(count):
        if apart(data, request, own[k]):
            held = False
            for e in range(size):
                held = held or choice[e] == k
            if not held:
                return False
    return True


@kernel
def make_room(
    data: Data, given: Plan, plan: Plan, best: Plan, work: Work, request: int, spare: int, row: int, most: int
) -> int:
    """Ways to serve a waiting request on ``row`` that change no routes but it, the spare row and one more.

    Up to ``most`` (at most three) requests are thrown out of the row. ``plan`` equals ``given`` before and
    after; the cheapest way since ``work.result[PRICE_OF_BEST]`` was set to infinity is in ``best``.
    """
    anchor_rows(work, given)
    own, known, out, choice, rows = work.own, work.known, work.few[0], work.few[1], work.few[2]
    count, ways, enough = movable(data, given, row, own), 0, 0
    if not data.allowed[request, row] or count > LONGEST:
        return 0
    rows[0], rows[1] = spare, row
    for size in range(1, min(most if count <= SHORT else 2, count) + 1):
        for k in range(size):
            choice[k] = k
        going = True
        while going:
            if unhindered(data, request, own, count, choice, size) and not covers(
                choice, size, known, enough
            ):
                for e in range(size):
                    out[e] = own[choice[e]]
                    leave(data, plan, work, out[e])
                if enter(data, plan, work, request, row):
                    known[enough] = -1
                    copy(known[enough], choice, size)
                    enough += 1
                    ways += taken_in(data, plan, given, best, work, out, size, rows)
                    if size < 3:
                        ways += passed_on(data, plan, given, best, work, out, size, rows)
                undo(data, plan, given, row)
                plan.where[request] = -1
            going = advance(choice, size, count)
    return ways
