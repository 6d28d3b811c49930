"""The first plan: open all rows, lay the start solution, insert the rest."""

from __future__ import annotations

from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.instance import Integers
from dispatch.optimizer.engine.layout import REQUEST, Data
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.engine.recreate import recreate
from dispatch.optimizer.engine.removal import gather
from dispatch.optimizer.engine.routes import open_row, refresh


@kernel
def lay_start(data: Data, plan: Plan, work: Work, index: Integers, stops: Integers) -> None:
    """Open every row and lay ``stops[index[v]:index[v + 1]]`` into the row of vehicle v, as they are."""
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


@kernel
def complete(data: Data, plan: Plan, work: Work, kind: int) -> None:
    """Insert everything that is left out, in the manner of :func:`recreate`."""
    gather(plan, work, len(plan.where))
    recreate(data, plan, work, kind, 0.0)
