"""The starts of service that a plan promises, for every node and break."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.optimizer.engine.compile import kernel
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.engine.laying import BEGIN, CEILING, lay
from dispatch.optimizer.engine.layout import BREAKS, PROMISED, Data
from dispatch.optimizer.engine.plan import Plan, Work
from dispatch.optimizer.engine.rests import lay_with_breaks
from dispatch.optimizer.engine.schedule import keep_promises, settle, soft_ceilings


class Timetable(NamedTuple):
    """Starts by node (NaN when not in the plan; depots: leaving and being back), and of breaks by vehicle."""

    start: Floats
    rest: Floats


def starts_of(data: Data, plan: Plan, work: Work) -> Timetable:
    """The timetable of a plan: each vehicle leaves as late as it can without being later where it counts."""
    start = np.full(len(data.node_marks), np.nan)
    rest = np.full((len(data.vehicle_marks), data.breaks.shape[1]), np.nan)
    write_starts(data, plan, work, start, rest)
    return Timetable(start, rest)


@kernel
def write_starts(data: Data, plan: Plan, work: Work, start: Floats, rest: Floats) -> None:
    """Write the starts of all used vehicles."""
    for vehicle in range(len(data.vehicle_marks)):
        n = plan.size[vehicle]
        if n == 2:
            continue
        copy(work.trial, plan.nodes[vehicle], n)
        if data.vehicle_marks[vehicle, BREAKS] > 0:
            m = lay_with_breaks(data, work, n, vehicle)
        else:
            m = lay(data, work, n, vehicle)
        settle(data, work, m, 0, vehicle)
        if data.flags[PROMISED]:
            keep_promises(data, work, m, vehicle)
        soft_ceilings(data, work, m, vehicle)
        work.line[BEGIN, 0] = max(work.line[BEGIN, 0], work.line[CEILING, 0])
        settle(data, work, m, 0, vehicle)
        rests = 0
        for k in range(m):
            if work.node[k] >= 0:
                start[work.node[k]] = work.line[BEGIN, k]
            else:
                rest[vehicle, rests] = work.line[BEGIN, k]
                rests += 1
