"""Where a vehicle rests: between two stops with nobody on board, so that what follows begins soonest.

Every break may be taken in many gaps, and what is best for one stop is not for another: later is too late for
stops behind it, sooner delays those before. So a pass along the route keeps, for each number of breaks taken
so far, the earliest time at which a position can be left; of two ways that come out equal the later rest
stays, which delays fewer stops. A rest is taken before driving on, or at the next stop if it ends sooner so.
"""

from __future__ import annotations

import numpy as np

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.engine.laying import (
    BEGIN,
    HIGH,
    LEG,
    LOW,
    RIDE,
    STAY,
    limit_shift,
    put,
)
from dispatch.optimizer.engine.layout import (
    BREAK_DURATION,
    BREAK_EARLIEST,
    BREAK_LATEST,
    BREAKS,
    DELIVERY,
    EPSILON,
    FROZEN,
    KIND,
    PICKUP,
    PROFILE,
    Data,
)
from dispatch.optimizer.engine.plan import Work
from dispatch.optimizer.engine.travel import drive

# Values of Work.rested: how one break more than before was taken between a position and the one before it
BEFORE, ON_ARRIVAL, OFF_DUTY = 1, 2, 3


@inlined
def lay_with_breaks(data: Data, work: Work, n: int, vehicle: int) -> int:
    """Lay out the trial sequence of n nodes with its breaks; the number of positions, 0 without a way."""
    for k in range(n):
        put(data, work, k, work.trial[k], vehicle)
    taken = choose_rests(data, work, n, vehicle)
    if taken < 0:
        return 0
    m = part(data, work, n, taken, vehicle)
    limit_shift(data, work, m, vehicle)
    return m


@inlined
def choose_rests(data: Data, work: Work, n: int, vehicle: int) -> int:
    """How many breaks a laid out route of n positions takes, -1 without a way; ``work.rested`` says where.

    Breaks that are not due before the route ends are not owed, nor those that were over before it began;
    what is still owed comes after what has begun.
    """
    breaks, owed, line, clock = (
        data.breaks[vehicle],
        data.vehicle_marks[vehicle, BREAKS],
        work.line,
        work.clock,
    )
    profile, frozen, on_board = data.vehicle_marks[vehicle, PROFILE], data.vehicle_marks[vehicle, FROZEN], 0
    for taken in range(owed + 1):
        clock[taken] = np.inf
    clock[0] = line[LOW, 0] + line[STAY, 0]
    for k in range(1, n):
        for taken in range(1, owed + 1):
            work.rested[k, taken] = 0
        if on_board == 0 and k > frozen:
            rest_before(work, breaks, owed, k)
        for taken in range(owed + 1):
            if clock[taken] < np.inf:
                clock[taken] += drive(data, profile, work.place[k - 1], work.place[k], clock[taken])
        if on_board == 0 and k > max(frozen, 1):
            rest_on_arrival(work, breaks, owed, k)
        if not serve(work, breaks, owed, k):
            return -1
        kind = data.node_marks[work.node[k], KIND]
        on_board += 1 if kind == PICKUP else -1 if kind == DELIVERY else 0
    return soonest(work, breaks, owed, line[STAY, n - 1])


@inlined
def soonest(work: Work, breaks: Floats, owed: int, stay: float) -> int:
    """With how many breaks a route ends soonest, of those numbers after which none is owed; -1 for none."""
    least, best = np.inf, -1
    for taken in range(owed + 1):
        end = work.clock[taken] - stay
        if end < least and (taken == owed or end <= breaks[taken, BREAK_LATEST] + EPSILON):
            least, best = end, taken
    return best


@inlined
def rest_before(work: Work, breaks: Floats, owed: int, k: int) -> None:
    """Take breaks before driving to a position, where that is no later than to have taken them elsewhere."""
    clock = work.clock
    for taken in range(owed):
        if clock[taken] == np.inf:
            continue
        begin, how = max(clock[taken], breaks[taken, BREAK_EARLIEST]), BEFORE
        end = begin + breaks[taken, BREAK_DURATION]
        if k == 1 and clock[taken] >= breaks[taken, BREAK_EARLIEST] + breaks[taken, BREAK_DURATION]:
            end, how = clock[taken], OFF_DUTY
        elif begin > breaks[taken, BREAK_LATEST] + EPSILON:
            continue
        if end <= clock[taken + 1]:
            clock[taken + 1] = end
            work.rested[k, taken + 1] = how


@inlined
def rest_on_arrival(work: Work, breaks: Floats, owed: int, k: int) -> None:
    """Take breaks on arrival at a position, where service begins sooner so."""
    clock, low = work.clock, work.line[LOW, k]
    for taken in range(owed):
        begin = max(clock[taken], breaks[taken, BREAK_EARLIEST])
        end = begin + breaks[taken, BREAK_DURATION]
        if begin <= breaks[taken, BREAK_LATEST] + EPSILON and max(end, low) < clock[taken + 1]:
            clock[taken + 1] = end
            work.rested[k, taken + 1] = ON_ARRIVAL


@inlined
def serve(work: Work, breaks: Floats, owed: int, k: int) -> bool:
    """Turn arrivals into departures; False when every way is too late for the stop or for its next break."""
    clock, line, possible = work.clock, work.line, False
    for taken in range(owed + 1):
        begin = max(clock[taken], line[LOW, k])
        late = begin > line[HIGH, k] + EPSILON
        if late or (taken < owed and begin > breaks[taken, BREAK_LATEST] + EPSILON):
            clock[taken] = np.inf
        else:
            clock[taken] = begin + line[STAY, k]
            possible = True
    return possible


@inlined
def part(data: Data, work: Work, n: int, taken: int, vehicle: int) -> int:
    """Move a laid out route's positions apart for the breaks that it takes; the number of positions then."""
    rests, left = 0, taken
    for k in range(n - 1, 0, -1):
        while left > 0 and work.rested[k, left] > 0:
            rests += work.rested[k, left] != OFF_DUTY
            left -= 1
    m, line = n + rests, work.line
    for k in range(n - 1, 0, -1):
        if rests == 0:
            break
        move(work, k, k + rests)
        way, driven = line[LEG, k - 1], False
        while taken > 0 and work.rested[k, taken] > 0:
            how = work.rested[k, taken]
            taken -= 1
            if how == OFF_DUTY:
                continue
            rests -= 1
            put_break(work, k + rests, k if how == ON_ARRIVAL else k - 1, data.breaks[vehicle, taken])
            if how == BEFORE and not driven:
                line[LEG, k + rests], driven = way, True
        line[LEG, k - 1] = 0.0 if driven else way
    return m


@inlined
def move(work: Work, k: int, to: int) -> None:
    """Move a position; nobody is on board where others come in between, so a ride's both ends move alike."""
    line, mate = work.line, work.mate[k]
    work.node[to], work.place[to] = work.node[k], work.place[k]
    work.mate[to] = mate + to - k if mate >= 0 else mate
    for row in (LOW, HIGH, STAY, LEG, RIDE, BEGIN):
        line[row, to] = line[row, k]


@inlined
def put_break(work: Work, m: int, at: int, window: Floats) -> None:
    """Lay a rest at position m, where another position is."""
    line = work.line
    work.node[m], work.mate[m] = -1, -1
    work.place[m] = work.place[at]
    line[LOW, m] = line[BEGIN, m] = window[BREAK_EARLIEST]
    line[HIGH, m] = window[BREAK_LATEST]
    line[STAY, m] = window[BREAK_DURATION]
    line[LEG, m] = 0.0
