"""Compiled timing and annealing of caregivers' rounds."""

from __future__ import annotations

import math

from dispatch.optimizer.caregivers.rounds import copy_rounds, round_length
from dispatch.optimizer.caregivers.visits import ALONE, FIRST, TOGETHER, Rounds, Scratch, Visits
from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.dice import below, uniform

# Values of Scratch.state
UNSEEN, WAITING, TIMED, LOOSE = range(4)
PASSES = 12
"""How often first visits are moved back towards their second ones before a plan counts as impossible."""
IMPOSSIBLE = math.inf
EPSILON = 1e-9


@inlined
def settle(visits: Visits, work: Scratch, who: int, visit: int, start: float) -> None:
    """A visit starts: its caregiver goes on afterwards, lateness is counted."""
    work.start[visit] = start
    work.state[visit] = TIMED
    work.head[who] += 1
    work.clock[who] = start + visits.stay[visit]
    work.at[who] = visits.place[visit]
    behind = start - visits.late[visit]
    if behind > 0.0:
        work.late[0] += behind
        work.late[1] = max(work.late[1], behind)


@inlined
def settle_pair(visits: Visits, rounds: Rounds, work: Scratch, visit: int, ready: float) -> None:
    """Both visits of a pair start, the caregiver of each being ready at known times."""
    mate = visits.mate[visit]
    other = work.start[mate]
    if visits.role[visit] == TOGETHER:
        mine = theirs = max(ready, other)
    elif visits.role[visit] == FIRST:
        theirs = max(other, ready + visits.least[visit])
        mine = max(ready, theirs - visits.most[visit])
    else:
        mine = max(ready, other + visits.least[visit])
        theirs = max(other, mine - visits.most[visit])
    settle(visits, work, rounds.caregiver[visit], visit, mine)
    settle(visits, work, rounds.caregiver[mate], mate, theirs)


@inlined
def advance(visits: Visits, rounds: Rounds, work: Scratch, who: int, depth: int) -> int:
    """Time a caregiver's visits until one must wait for its mate; the new depth of the stack."""
    while work.head[who] < rounds.size[who]:
        visit = rounds.order[who, work.head[who]]
        way = visits.distance[work.at[who], visits.place[visit]]
        ready = max(work.clock[who] + way, work.floor[visit])
        if visits.role[visit] == ALONE:
            settle(visits, work, who, visit, ready)
            continue
        mate = visits.mate[visit]
        if work.state[mate] == WAITING:
            settle_pair(visits, rounds, work, visit, ready)
            work.stack[depth] = rounds.caregiver[mate]
            depth += 1
        elif work.state[mate] == LOOSE:
            settle(visits, work, who, visit, max(ready, work.start[mate] + visits.least[visit]))
        else:
            work.start[visit] = ready
            work.state[visit] = WAITING
            break
    return depth


@inlined
def loosen(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """Let one first visit start although its second one's time is not known; its caregiver, or -1."""
    for who in range(len(rounds.size)):
        if work.head[who] < rounds.size[who]:
            visit = rounds.order[who, work.head[who]]
            if visits.role[visit] == FIRST:
                settle(visits, work, who, visit, work.start[visit])
                work.state[visit] = LOOSE
                return who
    return -1


@inlined
def one_pass(visits: Visits, rounds: Rounds, work: Scratch, ceiling: float) -> int:
    """Earliest starts in the order of the rounds: 0, or -1 on a circle, or 1 when first visits were loose."""
    caregivers, loose = len(rounds.size), 0
    work.state[:] = UNSEEN
    work.head[:] = 0
    work.clock[:] = 0.0
    work.at[:] = 0
    work.late[:] = 0.0
    for who in range(caregivers):
        work.stack[who] = who
    depth = caregivers
    while True:
        while depth > 0:
            depth = advance(visits, rounds, work, work.stack[depth - 1], depth - 1)
            if work.late[0] + work.late[1] > ceiling:
                return -1
        unfinished = False
        for who in range(caregivers):
            unfinished = unfinished or work.head[who] < rounds.size[who]
        if not unfinished:
            return loose
        who = loosen(visits, rounds, work)
        if who < 0:
            return -1
        loose = 1
        work.stack[0] = who
        depth = 1


@kernel
def timetable(visits: Visits, rounds: Rounds, work: Scratch, length: float, ceiling: float) -> float:
    """Distance + lateness + greatest lateness at the earliest starts; infinite above the ceiling."""
    copy(work.floor, visits.early, len(visits.early))
    for _ in range(PASSES):
        loose = one_pass(visits, rounds, work, ceiling - length)
        if loose < 0:
            return IMPOSSIBLE
        moved = False
        if loose == 1:
            for visit in range(len(visits.role)):
                if visits.role[visit] == FIRST and rounds.caregiver[visit] >= 0:
                    latest = work.start[visits.mate[visit]] - visits.most[visit]
                    if latest > work.start[visit] + EPSILON:
                        work.floor[visit] = latest
                        moved = True
        if not moved:
            return float(length + work.late[0] + work.late[1])
    return IMPOSSIBLE


@inlined
def index(rounds: Rounds, who: int) -> None:
    """Note where each visit of a round is."""
    for k in range(rounds.size[who]):
        visit = rounds.order[who, k]
        rounds.caregiver[visit] = who
        rounds.spot[visit] = k


@inlined
def keep(rounds: Rounds, work: Scratch, row: int, who: int) -> None:
    """Remember a round as it is."""
    work.kept_who[row] = who
    work.kept_size[row] = rounds.size[who]
    work.kept_length[row] = rounds.length[who]
    for k in range(rounds.size[who]):
        work.kept[row, k] = rounds.order[who, k]


@inlined
def restore(rounds: Rounds, work: Scratch, rows: int) -> None:
    """Put the rounds back that were remembered."""
    for row in range(rows):
        who = work.kept_who[row]
        rounds.size[who] = work.kept_size[row]
        rounds.length[who] = work.kept_length[row]
        for k in range(rounds.size[who]):
            rounds.order[who, k] = work.kept[row, k]
        index(rounds, who)


@inlined
def take_out(rounds: Rounds, who: int, spot: int) -> None:
    """Remove one visit from a round, without new indices."""
    for k in range(spot, rounds.size[who] - 1):
        rounds.order[who, k] = rounds.order[who, k + 1]
    rounds.size[who] -= 1


@inlined
def put_in(rounds: Rounds, who: int, spot: int, visit: int) -> None:
    """Insert one visit into a round, without new indices."""
    for k in range(rounds.size[who], spot, -1):
        rounds.order[who, k] = rounds.order[who, k - 1]
    rounds.order[who, spot] = visit
    rounds.size[who] += 1


@inlined
def spot_by_time(rounds: Rounds, work: Scratch, who: int, time: float) -> int:
    """A place in a round near a moment, by the starts when the rounds were last timed."""
    spot, size = 0, rounds.size[who]
    while spot < size and rounds.start[rounds.order[who, spot]] < time:
        spot += 1
    point = uniform(work.dice)
    if point < 0.25 and spot > 0:
        return spot - 1
    if point > 0.75 and spot < size:
        return spot + 1
    return spot


@inlined
def move_visit(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """One visit goes to a random place of a random able caregiver; the number of rounds changed."""
    visit = below(work.dice, len(visits.role))
    who = visits.choice[visit, below(work.dice, visits.choices[visit])]
    mate, before = visits.mate[visit], rounds.caregiver[visit]
    if mate >= 0 and rounds.caregiver[mate] == who:
        return 0
    rows = 1 if who == before else 2
    keep(rounds, work, 0, before)
    if rows == 2:
        keep(rounds, work, 1, who)
    take_out(rounds, before, rounds.spot[visit])
    if uniform(work.dice) < 0.5:
        spot = spot_by_time(rounds, work, who, rounds.start[visit])
    else:
        spot = below(work.dice, rounds.size[who] + 1)
    put_in(rounds, who, spot, visit)
    return rows


@inlined
def swap_visits(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """Two visits change places; the number of rounds changed."""
    a, b = below(work.dice, len(visits.role)), below(work.dice, len(visits.role))
    who, other = rounds.caregiver[a], rounds.caregiver[b]
    if a == b or not (visits.able[a, other] and visits.able[b, who]):
        return 0
    if who != other and visits.mate[a] != b:
        if visits.mate[a] >= 0 and rounds.caregiver[visits.mate[a]] == other:
            return 0
        if visits.mate[b] >= 0 and rounds.caregiver[visits.mate[b]] == who:
            return 0
    keep(rounds, work, 0, who)
    if other != who:
        keep(rounds, work, 1, other)
    rounds.order[who, rounds.spot[a]] = b
    rounds.order[other, rounds.spot[b]] = a
    return 1 if who == other else 2


@inlined
def fits(visits: Visits, rounds: Rounds, begin: int, end: int, source: int, target: int, keeps: int) -> bool:
    """Whether a stretch of one round may go to a caregiver who keeps the first ``keeps`` visits."""
    for k in range(begin, end):
        visit = rounds.order[source, k]
        if not visits.able[visit, target]:
            return False
        mate = visits.mate[visit]
        if mate >= 0 and rounds.caregiver[mate] == target and rounds.spot[mate] < keeps:
            return False
    return True


@inlined
def swap_tails(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """Two caregivers change the rest of their rounds from some moment on; the number of rounds changed."""
    caregivers = len(rounds.size)
    who, other = below(work.dice, caregivers), below(work.dice, caregivers)
    if who == other:
        return 0
    cut = below(work.dice, rounds.size[who] + 1)
    time = rounds.start[rounds.order[who, cut]] if cut < rounds.size[who] else IMPOSSIBLE
    split = spot_by_time(rounds, work, other, time)
    if not fits(visits, rounds, cut, rounds.size[who], who, other, split):
        return 0
    if not fits(visits, rounds, split, rounds.size[other], other, who, cut):
        return 0
    keep(rounds, work, 0, who)
    keep(rounds, work, 1, other)
    rounds.size[who] = cut + work.kept_size[1] - split
    rounds.size[other] = split + work.kept_size[0] - cut
    for k in range(split, work.kept_size[1]):
        rounds.order[who, cut + k - split] = work.kept[1, k]
    for k in range(cut, work.kept_size[0]):
        rounds.order[other, split + k - cut] = work.kept[0, k]
    return 2


@inlined
def move_stretch(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """Two or three visits in a row go to another caregiver; the number of rounds changed."""
    caregivers = len(rounds.size)
    who, other = below(work.dice, caregivers), below(work.dice, caregivers)
    if who == other or rounds.size[who] < 2:
        return 0
    count = min(2 + below(work.dice, 2), rounds.size[who])
    begin = below(work.dice, rounds.size[who] - count + 1)
    if not fits(visits, rounds, begin, begin + count, who, other, rounds.size[other]):
        return 0
    keep(rounds, work, 0, who)
    keep(rounds, work, 1, other)
    spot = spot_by_time(rounds, work, other, rounds.start[rounds.order[who, begin]])
    for k in range(count):
        take_out(rounds, who, begin)
        put_in(rounds, other, spot + k, work.kept[0, begin + k])
    return 2


@inlined
def keep_once(rounds: Rounds, work: Scratch, rows: int, who: int) -> int:
    """Remember a round unless it is remembered; the number of rounds remembered."""
    for row in range(rows):
        if work.kept_who[row] == who:
            return rows
    keep(rounds, work, rows, who)
    return rows + 1


@inlined
def move_pair(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """Both visits of a pair go elsewhere, to about the same time; the number of rounds changed."""
    visit = below(work.dice, len(visits.role))
    mate = visits.mate[visit]
    if mate < 0:
        return 0
    who = visits.choice[visit, below(work.dice, visits.choices[visit])]
    other = visits.choice[mate, below(work.dice, visits.choices[mate])]
    if who == other:
        return 0
    before, beside = rounds.caregiver[visit], rounds.caregiver[mate]
    rows = keep_once(rounds, work, 0, before)
    rows = keep_once(rounds, work, rows, beside)
    rows = keep_once(rounds, work, rows, who)
    rows = keep_once(rounds, work, rows, other)
    take_out(rounds, before, rounds.spot[visit])
    take_out(rounds, beside, rounds.spot[mate])
    gap = rounds.start[mate] - rounds.start[visit]
    spot, time = below(work.dice, rounds.size[who] + 1), rounds.start[visit]
    if uniform(work.dice) < 0.5:
        spot = spot_by_time(rounds, work, who, time)
    elif spot > 0:
        time = rounds.start[rounds.order[who, spot - 1]]
    put_in(rounds, who, spot, visit)
    put_in(rounds, other, spot_by_time(rounds, work, other, time + gap), mate)
    return rows


@inlined
def propose(visits: Visits, rounds: Rounds, work: Scratch) -> int:
    """Change the rounds at random; how many were changed, and kept as they were."""
    kind = uniform(work.dice)
    if kind < 0.55:
        return move_visit(visits, rounds, work)
    if kind < 0.8:
        return swap_visits(visits, rounds, work)
    if kind < 0.88:
        return swap_tails(visits, rounds, work)
    if kind < 0.95:
        return move_pair(visits, rounds, work)
    return move_stretch(visits, rounds, work)


@kernel
def anneal(
    visits: Visits, rounds: Rounds, best: Rounds, work: Scratch, tries: int, hot: float, cold: float
) -> int:
    """Propose and accept by annealing while the temperature falls; the number of moves accepted."""
    cooling = (cold / hot) ** (1.0 / max(1, tries))
    temperature, accepted = hot, 0
    for _ in range(tries):
        temperature *= cooling
        rows = propose(visits, rounds, work)
        if rows == 0:
            continue
        ceiling = rounds.value[0] - temperature * math.log(uniform(work.dice) + 1e-300)
        for row in range(rows):
            who = work.kept_who[row]
            rounds.length[who] = round_length(visits, rounds, who)
        length = rounds.length.sum()
        value = IMPOSSIBLE
        if length <= ceiling:
            for row in range(rows):
                index(rounds, work.kept_who[row])
            value = timetable(visits, rounds, work, length, ceiling)
        if value > ceiling:
            restore(rounds, work, rows)
            continue
        accepted += 1
        copy(rounds.start, work.start, len(work.start))
        rounds.value[0] = value
        if value < best.value[0] - EPSILON:
            copy_rounds(rounds, best)
    return accepted
