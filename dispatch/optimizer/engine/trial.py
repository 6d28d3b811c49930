"""A vehicle's route without some of its requests, laid into the scratch row to see whether another fits."""

from __future__ import annotations

from dispatch.optimizer.engine.compile import inlined, linked
from dispatch.optimizer.engine.layout import (
    EARLIEST,
    EXACT,
    KIND,
    PROFILE,
    REQUEST,
    SERVICE,
    SINGLE,
    Data,
)
from dispatch.optimizer.engine.plan import STAMP, Plan, Work
from dispatch.optimizer.engine.routes import fill_latest, settle_row
from dispatch.optimizer.engine.travel import lasting


@inlined
def leave_out_none(work: Work) -> None:
    """Begin anew: no request is left out of the next trial."""
    work.count[STAMP] += 1


@inlined
def leave_out(work: Work, request: int) -> None:
    """Leave one more request out of the next trial."""
    work.seen[request] = work.count[STAMP]


@inlined
def stays(data: Data, work: Work, node: int) -> bool:
    """Whether a node remains on trial; starts and ends always do."""
    request = data.node_marks[node, REQUEST]
    return bool(request < 0 or work.seen[request] != work.count[STAMP])


@inlined
def lay_on_trial(data: Data, plan: Plan, work: Work, vehicle: int) -> None:
    """Copy a vehicle's nodes and the ways between them into the scratch row, with the earliest starts."""
    scratch, profile = len(plan.size) - 1, data.vehicle_marks[vehicle, PROFILE]
    nodes, gap, leg = plan.nodes[vehicle], plan.gap[vehicle], plan.leg[vehicle]
    kept, gaps, legs, early = plan.nodes[scratch], plan.gap[scratch], plan.leg[scratch], plan.early[scratch]
    places, place, free = plan.place[vehicle], plan.place[scratch], plan.free[scratch]
    count, torn, ready, here = 0, False, 0.0, 0
    for i in range(plan.size[vehicle]):
        node = nodes[i]
        if not stays(data, work, node):
            torn = True
            continue
        there, at = places[i], count - 1
        if count > 0:
            gaps[at] = data.distance[profile, here, there] if torn else gap[i - 1]
            legs[at] = data.time[profile, here, there] if torn else leg[i - 1]
            ready += lasting(data, profile, legs[at], ready)
            ready = max(ready, data.node_numbers[node, EARLIEST])
        else:
            ready = data.node_numbers[node, EARLIEST]
        kept[count], place[count], early[count], here, torn = node, there, ready, there, False
        ready += data.node_numbers[node, SERVICE]
        free[count] = ready
        count += 1
    plan.size[scratch] = count


@inlined
def load_on_trial(data: Data, plan: Plan, work: Work, vehicle: int) -> None:
    """Loads of the scratch row on leaving each position."""
    scratch, nodes = len(plan.size) - 1, plan.nodes[vehicle]
    kept, loads = plan.nodes[scratch], plan.load[scratch]
    for k in range(data.node_loads.shape[1]):
        carried = plan.load[vehicle, 0, k]
        if carried > 0.0:  # on board from the start for single stops, some of which may be left out
            for i in range(1, plan.size[vehicle] - 1):
                if data.node_marks[nodes[i], KIND] == SINGLE and not stays(data, work, nodes[i]):
                    carried += min(data.node_loads[nodes[i], k], 0.0)
        loads[0, k] = carried
        for i in range(1, plan.size[scratch]):
            carried += data.node_loads[kept[i], k]
            loads[i, k] = carried


@linked
def settle_trial(data: Data, plan: Plan, work: Work, vehicle: int) -> None:
    """Lay a vehicle's route into the scratch row without what :func:`leave_out` named.

    Settled as far as a look for a place needs: the price only where a place is confirmed by it.
    """
    scratch = len(plan.size) - 1
    lay_on_trial(data, plan, work, vehicle)
    if data.flags[EXACT]:
        settle_row(data, plan, work, scratch, vehicle)
        return
    load_on_trial(data, plan, work, vehicle)
    fill_latest(data, plan, scratch, vehicle)
