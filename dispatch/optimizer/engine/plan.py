"""A plan as arrays: one row per vehicle, and what a worker needs beside it.

A row is the route's nodes from the vehicle's start to its end, with, for each position, the earliest and the
latest start of service that keep the whole route feasible, and the load on leaving. Each content of a row has
a version number of its own, so equal versions mean equal routes: copies and cached insertions rest on that.
The last row is scratch for trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.optimizer.engine.bundle import Bundle
from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.copying import copy, copy_wide
from dispatch.optimizer.engine.dice import seeded
from dispatch.optimizer.engine.instance import Floats, Instance, Integers
from dispatch.optimizer.engine.layout import EPSILON, Data
from dispatch.optimizer.engine.related import NEIGHBOURS


@dataclass(frozen=True, eq=False)
class Plan(Bundle):
    """Routes of all vehicles, plus one scratch row."""

    nodes: Integers  # (V + 1, W)
    size: Integers  # (V + 1,) nodes in the row, start and end included
    place: Integers  # (V + 1, W) location of each position
    early: Floats  # (V + 1, W)
    free: Floats  # (V + 1, W) earliest start and service: when a position can be left
    late: Floats  # (V + 1, W)
    load: Floats  # (V + 1, W, K)
    spare: Floats  # (V + 1, W) longest detour on leaving a position that rides and shift can still bear
    gap: Floats  # (V + 1, W) distance from a position to the next
    leg: Floats  # (V + 1, W) driving from a position to the next, before the clock's speed
    cost: Floats  # (V + 1,)
    version: Any  # (V + 1,) int64
    where: Integers  # (R,) vehicle or -1


@dataclass(frozen=True, eq=False)
class Work(Bundle):
    """What one worker writes while it searches: trial routes, cached insertions, ejection counts."""

    trial: Integers  # (W,) a sequence of nodes on trial
    node: Integers  # (W,) laid out route: node or -1 for a break
    place: Integers  # (W,) laid out route: location
    mate: Integers  # (W,) laid out route: position that starts the ride or shift limited here, or -1
    line: Floats  # (8, W) laid out route: see schedule
    detour: Floats  # (2, W) what a stop adds to the distance after a position; the least from there on
    spot: Integers  # (R,) position of a request's first stop
    clock: Floats  # (B + 1,) earliest time at which a position can be left, by breaks taken
    rested: Integers  # (W, B + 1) how a break was taken before a position, by breaks taken: see rests
    dirty: Integers  # (V + 1,)
    tried: Integers  # (V,) stamps by class of empty vehicles
    closed: Integers  # (V,) vehicles that may not be used now
    members: Integers  # (W,) requests of the stops under examination, a pair perhaps twice
    around: Integers  # (2M,) requests near the one under examination
    asked: Integers  # (2, 2M + 1) what is known of leaving out the requests in around: see ejection
    seen: Integers  # (max(R, V) + 1,) stamps of vehicles or requests already looked at
    rows: Integers  # (V,) vehicles worth trying for a request, nearest routes first
    foreign: Integers  # (V,) vehicles that another worker changes now
    barred: Integers  # (R,) requests that another worker moves now
    pool: Integers  # (R,) requests waiting for insertion
    order: Floats  # (R,)
    cached: Floats  # (R, V, 2, 4) two remembered insertions: version of the row, price, both positions
    anchor: Any  # (V,) int64 versions of the accepted plan's rows, which the first of the two is kept for
    count: Any  # (8,) int64 counters: versions, pool size, ...
    trouble: Floats  # (R,) how often a request could not be placed
    weight: Floats  # (2, 16) scores of the operators
    dice: Any  # (1,) uint64
    result: Floats  # (8,)
    found: Integers  # (2,) positions of the insertion found last
    kept: Integers  # (2, R) requests left out while rows are filled: at first, and now
    own: Integers  # (W,) requests of a row that makes room
    known: Integers  # (LONGEST ** 2, 3) those of them that are enough to be thrown out, -1 behind
    refused: Any  # (R,) int64 the turn at which no row of the accepted plan had a place for a request
    renewed: Any  # (V,) int64 the turn at which a row of the accepted plan changed last
    ruined: Integers  # (V,) rows that this turn's ruin changed
    few: Integers  # (4, 3) requests thrown out, which of the row's own they are, the rows, requests waiting


LONGEST = 60
"""Most requests of a route of which two are thrown out to make room."""
MANY = 60
"""More requests than this are too many for much regret, and far too many for removal anywhere."""


def weights(instance: Instance) -> Floats:
    """How often each way of removing (first row) and of inserting (second row) is chosen."""
    table = np.zeros((2, 16))
    many = max(1.0, instance.requests / MANY)
    table[0, :7] = 4.0, 1.5, 1.5, 0.5 / many, 0.7, 0.6, 1.0
    table[1, :6] = 1.0
    table[1, 6:8] = 3.0 / many**2  # regret costs more, and is worth it where little is left to chance
    return table


# Entries of Work.count
VERSIONS, WAITING, STAMP, USED, TRIALS, TURN, RUINED, SEED = range(8)
# Entries of Work.cached: for a known place both positions are set; otherwise nothing is below the price
FOR, PRICE, AT, ALSO_AT = range(4)


def width_of(instance: Instance, longest: int = 0) -> int:
    """Columns that a row may need: stops, start, end, breaks, and a request on trial.

    ``longest`` is the number of stops of the longest route given, which may be more than a shift can hold.
    """
    given = max(longest, int(np.diff(instance.prefix_index).max(initial=0)))
    return max(_most_stops(instance), given) + 2 + breaks_of(instance) + 2


def breaks_of(instance: Instance) -> int:
    """The most breaks that one vehicle owes."""
    return int(np.bincount(instance.break_vehicle).max()) if len(instance.break_vehicle) else 0


def _most_stops(instance: Instance) -> int:
    """How many stops a shift can hold at most: their service alone must fit into the longest one."""
    shifts = np.minimum(instance.shift_end - instance.shift_start, instance.max_duration)
    filled = np.cumsum(np.sort(instance.service))
    return int(np.searchsorted(filled, shifts.max(initial=0.0) * (1 + EPSILON) + EPSILON, "right"))


def empty_plan(instance: Instance, longest: int = 0) -> Plan:
    """A plan whose rows are still to be opened by :func:`routes.open_rows`."""
    rows, width, dims = instance.vehicles + 1, width_of(instance, longest), instance.load.shape[1]
    return Plan(
        nodes=np.zeros((rows, width), dtype=np.int32),
        size=np.zeros(rows, dtype=np.int32),
        place=np.zeros((rows, width), dtype=np.int32),
        early=np.zeros((rows, width)),
        free=np.zeros((rows, width)),
        late=np.zeros((rows, width)),
        load=np.zeros((rows, width, dims)),
        spare=np.full((rows, width), np.inf),
        gap=np.zeros((rows, width)),
        leg=np.zeros((rows, width)),
        cost=np.zeros(rows),
        version=np.zeros(rows, dtype=np.int64),
        where=np.full(instance.requests, -1, dtype=np.int32),
    )


def empty_work(instance: Instance, seed: int, worker: int, longest: int = 0) -> Work:
    """Fresh scratch memory for one worker."""
    width, requests, vehicles = width_of(instance, longest), instance.requests, instance.vehicles
    near = min(NEIGHBOURS, max(requests - 1, 0))
    return Work(
        trial=np.zeros(width, dtype=np.int32),
        node=np.zeros(width, dtype=np.int32),
        place=np.zeros(width, dtype=np.int32),
        mate=np.zeros(width, dtype=np.int32),
        line=np.zeros((8, width)),
        detour=np.zeros((2, width)),
        spot=np.zeros(requests, dtype=np.int32),
        clock=np.zeros(breaks_of(instance) + 1),
        rested=np.zeros((width, breaks_of(instance) + 1), dtype=np.int32),
        dirty=np.zeros(vehicles + 1, dtype=np.int32),
        tried=np.zeros(vehicles, dtype=np.int32),
        closed=np.zeros(vehicles, dtype=np.int32),
        members=np.zeros(width, dtype=np.int32),
        around=np.zeros(2 * near + 1, dtype=np.int32),
        asked=np.zeros((2, 2 * near + 1), dtype=np.int32),
        seen=np.zeros(max(requests, vehicles) + 1, dtype=np.int32),
        rows=np.zeros(vehicles, dtype=np.int32),
        foreign=np.zeros(vehicles, dtype=np.int32),
        barred=np.zeros(requests, dtype=np.int32),
        pool=np.zeros(requests + 1, dtype=np.int32),
        order=np.zeros(requests + 1),
        cached=_blank(requests, vehicles, 2, 4),
        anchor=np.zeros(vehicles, dtype=np.int64),
        count=np.array([1 + worker * 10**15, 0, 0, 0, 0, 1, 0, -1], dtype=np.int64),
        trouble=np.ones(requests),
        weight=weights(instance),
        dice=seeded(seed, worker),
        result=np.zeros(8),
        found=np.zeros(2, dtype=np.int32),
        kept=np.zeros((2, requests), dtype=np.int32),
        own=np.zeros(width, dtype=np.int32),
        known=np.zeros((LONGEST**2, 3), dtype=np.int32),
        refused=np.zeros(requests, dtype=np.int64),
        renewed=np.zeros(vehicles, dtype=np.int64),
        ruined=np.zeros(vehicles, dtype=np.int32),
        few=np.zeros((4, 3), dtype=np.int32),
    )


def _blank(*shape: int) -> Floats:
    """Zeros that begin where a line of the processor's cache does: eight numbers then fill one line."""
    count = int(np.prod(shape))
    room = np.zeros(count + 7)
    ahead = -room.ctypes.data // 8 % 8
    return room[ahead : ahead + count].reshape(shape)


@inlined
def copy_row(target: Plan, to: int, source: Plan, row: int) -> None:
    """Copy one route with its version."""
    n = source.size[row]
    copy(target.nodes[to], source.nodes[row], n)
    copy(target.place[to], source.place[row], n)
    copy(target.early[to], source.early[row], n)
    copy(target.free[to], source.free[row], n)
    copy(target.late[to], source.late[row], n)
    copy_wide(target.load[to], source.load[row], n)
    copy(target.spare[to], source.spare[row], n)
    copy(target.gap[to], source.gap[row], n)
    copy(target.leg[to], source.leg[row], n)
    target.size[to] = n
    target.cost[to] = source.cost[row]
    target.version[to] = source.version[row]


@inlined
def copy_changed(target: Plan, source: Plan) -> None:
    """Make the target equal to the source; only rows of another version are copied."""
    for row in range(len(source.size) - 1):
        if target.version[row] != source.version[row]:
            copy_row(target, row, source, row)
    copy(target.where, source.where, len(source.where))


@inlined
def changes(plan: Plan, base: Plan) -> bool:
    """Whether a plan differs from another; its rows of equal nodes get the other's versions.

    Much of what a search takes out it puts back where it was, and all that is remembered of a row hangs on
    its version.
    """
    any_changed = False
    for row in range(len(plan.size) - 1):
        if plan.version[row] == base.version[row]:
            continue
        same = plan.size[row] == base.size[row]
        for i in range(plan.size[row]):
            if not same:
                break
            same = plan.nodes[row, i] == base.nodes[row, i]
        if same:
            copy_row(plan, row, base, row)
        else:
            any_changed = True
    return any_changed


@inlined
def anchor_rows(work: Work, plan: Plan) -> None:
    """Remember a plan's versions as those of the accepted plan."""
    for row in range(len(work.anchor)):
        if work.anchor[row] != plan.version[row]:
            work.anchor[row] = plan.version[row]
            work.renewed[row] = work.count[TURN]


@inlined
def total(data: Data, plan: Plan) -> float:
    """The price of a plan: its routes and what it leaves out."""
    value = 0.0
    for row in range(len(plan.size) - 1):
        value += plan.cost[row]
    for request in range(len(plan.where)):
        if plan.where[request] < 0:
            value += data.request_numbers[request, 1]
    return value


@inlined
def routes_in_use(plan: Plan) -> int:
    """Number of vehicles with work."""
    count = 0
    for row in range(len(plan.size) - 1):
        count += plan.size[row] > 2
    return count
