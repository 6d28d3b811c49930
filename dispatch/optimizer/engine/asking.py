"""Which vehicles a request asks for a place: those of near routes first, and no route twice in vain.

Of the requests left out, a few are tried again after every ruin. A route that had no place for one and has
not changed since has none now, so each remembers the turn at which the whole accepted plan refused it.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.insertion import look
from dispatch.optimizer.engine.layout import CLASS, Data
from dispatch.optimizer.engine.plan import RUINED, STAMP, TURN, WAITING, Plan, Work

SIGHT = 60
"""How many near requests, by either measure, tell which routes to try first: of a day with a hundred routes,
nearly all. Requests of one hospital are all near each other, whatever the hour."""


@inlined
def usable(data: Data, plan: Plan, work: Work, request: int, vehicle: int) -> bool:
    """Whether to try a vehicle: allowed, not closed, and of equal empty vehicles only the first."""
    if not data.allowed[request, vehicle] or work.closed[vehicle]:
        return False
    if plan.size[vehicle] == 2:
        mark = data.vehicle_marks[vehicle, CLASS]
        if work.tried[mark] == work.count[STAMP]:
            return False
        work.tried[mark] = work.count[STAMP]
    return True


@inlined
def nearby(data: Data, plan: Plan, work: Work, request: int) -> int:
    """Write the usable vehicles whose routes hold near requests into ``work.rows``; their number."""
    work.count[STAMP] += 1
    stamp, count = work.count[STAMP], 0
    for k in range(min(SIGHT, data.near.shape[2])):
        for measure in range(2):
            vehicle = plan.where[data.near[measure, request, k]]
            if vehicle >= 0 and work.seen[vehicle] != stamp:
                work.seen[vehicle] = stamp
                if usable(data, plan, work, request, vehicle):
                    work.rows[count] = vehicle
                    count += 1
    return count


@inlined
def others(data: Data, plan: Plan, work: Work, request: int, count: int, empty: int) -> int:
    """Add the usable vehicles not yet seen (``empty``: only empty ones) to ``work.rows``; their number."""
    stamp = work.count[STAMP]
    for vehicle in range(len(plan.size) - 1):
        if work.seen[vehicle] == stamp or (empty and plan.size[vehicle] > 2):
            continue
        if usable(data, plan, work, request, vehicle):
            work.seen[vehicle] = stamp
            work.rows[count] = vehicle
            count += 1
    return count


@inlined
def forget_refusals(work: Work) -> None:
    """Know of no request any more that the accepted plan has no place for it."""
    work.refused[:] = 0
    work.renewed[:] = work.count[TURN]


@inlined
def ask_again(data: Data, plan: Plan, work: Work) -> None:
    """For each request of the pool, ask the rows that changed since they last refused it for a place.

    To be called before the ruin: who is refused by the whole accepted plan need only ask the rows that the
    ruin changes, as long as nothing else is taken out of a row.
    """
    for k in range(work.count[WAITING]):
        request, found = work.pool[k], False
        work.count[STAMP] += 1
        for row in range(len(work.renewed)):
            if (
                work.renewed[row] >= work.refused[request]
                and usable(data, plan, work, request, row)
                and look(data, plan, work, request, row, np.inf) < np.inf
            ):
                found = True
                break
        if not found:
            work.refused[request] = work.count[TURN]


@inlined
def note_ruined(plan: Plan, work: Work) -> None:
    """Write the rows that a ruin changed into ``work.ruined``."""
    count = 0
    for row in range(len(work.anchor)):
        if plan.version[row] != work.anchor[row]:
            work.ruined[count] = row
            count += 1
    work.count[RUINED] = count


@inlined
def refused(work: Work, request: int) -> bool:
    """Whether no row that the ruin left alone has a place for a request."""
    return bool(work.refused[request] == work.count[TURN])


@inlined
def ruined(data: Data, plan: Plan, work: Work, request: int) -> int:
    """Write the usable vehicles whose rows the ruin changed into ``work.rows``; their number."""
    work.count[STAMP] += 1
    count = 0
    for k in range(work.count[RUINED]):
        if usable(data, plan, work, request, work.ruined[k]):
            work.rows[count] = work.ruined[k]
            count += 1
    return count


@inlined
def first_asked(data: Data, plan: Plan, work: Work, request: int) -> int:
    """Write the usable vehicles that a request asks first, or alone if it was refused; their number."""
    if refused(work, request):
        return ruined(data, plan, work, request)
    return nearby(data, plan, work, request)
