"""The first plan: open all rows, lay the start solution, insert the rest."""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.instance import Integers
from dispatch.optimizer.engine.layout import LOCKED, PENALTY, REQUEST, Data
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.engine.recreate import recreate
from dispatch.optimizer.engine.removal import gather
from dispatch.optimizer.engine.routes import driven_price, open_row, refresh, take_out
from dispatch.optimizer.engine.schedule import appraise


@kernel
def lay_start(data: Data, plan: Plan, work: Work, index: Integers, stops: Integers) -> None:
    """Open every row and lay ``stops[index[v]:index[v + 1]]`` into vehicle v's row, as far as they fit."""
    for vehicle in range(len(plan.size) - 1):
        open_row(data, plan, work, vehicle)
        count = index[vehicle + 1] - index[vehicle]
        if count == 0:
            continue
        end = plan.nodes[vehicle, 1]
        for k in range(count):
            node = stops[index[vehicle] + k]
            plan.nodes[vehicle, 1 + k] = node
            plan.where[data.node_marks[node, REQUEST]] = vehicle
        plan.nodes[vehicle, 1 + count] = end
        plan.size[vehicle] = count + 2
        refresh(data, plan, work, vehicle, vehicle)
        thin_out(data, plan, work, vehicle)


@inlined
def thin_out(data: Data, plan: Plan, work: Work, vehicle: int) -> None:
    """Take requests out of a row that cannot be driven as it is, until it can.

    No plan with such a row has a price, so a search that began with one would find nothing better. What is
    begun stays and is finished however late: a row of that alone costs what it drives.
    """
    while plan.cost[vehicle] == np.inf:
        victim = least_missed(data, plan, work, vehicle)
        if victim < 0:
            plan.cost[vehicle] = driven_price(data, plan, vehicle, vehicle)
            return
        take_out(data, plan, work, victim)


@inlined
def least_missed(data: Data, plan: Plan, work: Work, vehicle: int) -> int:
    """The request without which a row can be driven for least, else the last; -1 when none may go."""
    best, chosen = np.inf, -1
    for i in range(1, plan.size[vehicle] - 1):
        request = data.node_marks[plan.nodes[vehicle, i], REQUEST]
        if data.request_marks[request, LOCKED]:
            continue
        n = 0
        for k in range(plan.size[vehicle]):
            node = plan.nodes[vehicle, k]
            if data.node_marks[node, REQUEST] != request:
                work.trial[n] = node
                n += 1
        price = data.request_numbers[request, PENALTY]
        price += appraise(data, work, n, plan.early[vehicle], 0, vehicle)
        if price < best or best == np.inf:
            best, chosen = price, request
    return chosen


@kernel
def complete(data: Data, plan: Plan, work: Work, kind: int) -> None:
    """Insert everything that is left out, in the manner of :func:`recreate`."""
    gather(plan, work, len(plan.where))
    recreate(data, plan, work, kind, 0.0)
