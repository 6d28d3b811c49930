"""A first plan: visits in the order of their windows, each to whom it costs least at that moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.optimizer.caregivers.visits import SECOND, TOGETHER, Rounds, Visits, empty_rounds
from dispatch.optimizer.engine.instance import Floats


def first_rounds(visits: Visits) -> Rounds:
    """Rounds with every visit; lengths and places are noted, starts are not."""
    day = _Day(visits, empty_rounds(visits), np.zeros(visits.able.shape[1]))
    for visit in map(int, np.argsort(visits.early, kind="stable")):
        if visits.role[visit] != SECOND and day.rounds.caregiver[visit] < 0:
            day.place(visit)
    for who in range(len(day.free)):
        day.rounds.length[who] += visits.distance[day.at(who), 0]
    return day.rounds


@dataclass(slots=True)
class _Day:
    """The rounds so far and when each caregiver is free."""

    visits: Visits
    rounds: Rounds
    free: Floats

    def at(self, who: int) -> int:
        """Where a caregiver is after the visits so far."""
        size = int(self.rounds.size[who])
        return int(self.visits.place[self.rounds.order[who, size - 1]]) if size else 0

    def able(self, visit: int) -> list[int]:
        """Who can do a visit."""
        return [int(who) for who in self.visits.choice[visit, : self.visits.choices[visit]]]

    def ready(self, visit: int, who: int) -> float:
        """When a caregiver could start a visit."""
        way = self.visits.distance[self.at(who), self.visits.place[visit]]
        return max(float(self.free[who] + way), float(self.visits.early[visit]))

    def price(self, visit: int, who: int, start: float) -> float:
        """Way and lateness of a start."""
        way = self.visits.distance[self.at(who), self.visits.place[visit]]
        return float(way) + 2.0 * max(0.0, start - float(self.visits.late[visit]))

    def place(self, visit: int) -> None:
        """Give a visit, and its mate, to the cheapest."""
        mate = int(self.visits.mate[visit])
        if mate < 0:
            who = min(self.able(visit), key=lambda one: self.price(visit, one, self.ready(visit, one)))
            self.append(visit, who, self.ready(visit, who))
            return
        pairs = [(a, b) for a in self.able(visit) for b in self.able(mate) if a != b]
        who, other = min(pairs, key=lambda pair: self.pair_price(visit, mate, pair))
        start, second = self.pair_starts(visit, mate, (who, other))
        self.append(visit, who, start)
        self.append(mate, other, second)

    def pair_starts(self, visit: int, mate: int, pair: tuple[int, int]) -> tuple[float, float]:
        """When both visits of a pair start, the first one first."""
        ready, other = self.ready(visit, pair[0]), self.ready(mate, pair[1])
        if self.visits.role[visit] == TOGETHER:
            return max(ready, other), max(ready, other)
        second = max(other, ready + float(self.visits.least[visit]))
        return max(ready, second - float(self.visits.most[visit])), second

    def pair_price(self, visit: int, mate: int, pair: tuple[int, int]) -> float:
        """Way and lateness of both."""
        first, second = self.pair_starts(visit, mate, pair)
        return self.price(visit, pair[0], first) + self.price(mate, pair[1], second)

    def append(self, visit: int, who: int, start: float) -> None:
        """The caregiver does the visit next."""
        rounds, size = self.rounds, int(self.rounds.size[who])
        rounds.length[who] += self.visits.distance[self.at(who), self.visits.place[visit]]
        rounds.order[who, size], rounds.caregiver[visit], rounds.spot[visit] = visit, who, size
        rounds.size[who] += 1
        self.free[who] = start + float(self.visits.stay[visit])
