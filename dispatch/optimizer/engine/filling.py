"""Serve what a plan leaves out by changing a few of its routes only."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property

import numpy as np

from dispatch.optimizer.engine.annealing import anneal, fill_up
from dispatch.optimizer.engine.construct import lay_start
from dispatch.optimizer.engine.exchange import PRICE_OF_BEST, make_room
from dispatch.optimizer.engine.instance import Instance, Integers
from dispatch.optimizer.engine.layout import pack
from dispatch.optimizer.engine.parts import follow, own_all, take_over
from dispatch.optimizer.engine.plan import Plan, Work, empty_plan, empty_work
from dispatch.optimizer.engine.reshuffle import first_filled
from dispatch.optimizer.engine.search import load_kernels, start_arrays
from dispatch.optimizer.engine.smallest import SMALLEST

LARGEST = 8
"""Most requests taken out at once: there are only a few routes."""
HOT, COLD = 300.0, 10.0
"""Temperatures, in the instance's money, at which a complete plan is made cheaper."""
POLISHING = 1500
"""Iterations that make the price of a complete plan lower: there is only one, so they are few."""
HEAT, SMALL = 500.0, 5
"""Temperature and most requests taken out at once while what is left out is put in among many routes: a few
at a time, so that few routes change."""
FADING = 0.9
"""Share of what is known of how hard requests are to place that is carried over to the next set."""
THROWN_OUT = 3
"""Most requests that one of the routes throws out to make room."""

Routes = dict[int, list[int]]
"""Stops by row, of the rows that changed."""


class Filling:
    """A plan packed once, of which any few routes can be planned anew with what is left out."""

    def __init__(self, instance: Instance, start: Sequence[Sequence[int]], seed: int = 0) -> None:
        self.instance, self.seed = instance, seed
        self.data = pack(instance)
        self.longest = max(map(len, start), default=0)
        self.given, self.plan, self.base, self.best = (empty_plan(instance, self.longest) for _ in range(4))
        self.work = empty_work(instance, seed, 0, self.longest)
        lay_start(self.data, self.given, self.work, *start_arrays(instance, start))

    def exchanged(self, request: int, spare: int, rows: Sequence[int]) -> Routes | None:
        """The cheapest way to serve a request on one of the rows, with the spare row and one more.

        Every way of a few exchanges is looked at; None when there is none.
        """
        self._begin()
        self.work.result[PRICE_OF_BEST] = np.inf
        for row in rows:
            make_room(self.data, self.given, self.plan, self.best, self.work, request, spare, row, THROWN_OUT)
        if not np.isfinite(self.work.result[PRICE_OF_BEST]):
            return None
        return self._cheaper([*self._changed(self.best), spare], self.best)

    def filled(self, sets: Sequence[Sequence[int]], turns: int) -> tuple[int, Routes] | None:
        """The first set of rows, all of one length, that serves all that is left out and loses nothing.

        Each set is given so many turns; None when none of them does it. Returns the number of sets that
        were tried and the routes, their price made lower.
        """
        self._begin()
        table = np.array(sets, dtype=np.int32)
        if len(sets) == 1:
            number = self._first(self.plan, self.base, self.work, table, turns)
            return None if number < 0 else (1, self._cheaper(sets[0], self.plan))
        thread, plan, base, work = self._other_hand
        follow(plan, self.given)
        follow(base, self.given)
        other = thread.submit(self._first, plan, base, work, table[1::2].copy(), turns)
        mine = 2 * self._first(self.plan, self.base, self.work, table[::2].copy(), turns)
        theirs = 2 * other.result() + 1
        if mine < 0 and theirs < 0:
            return None
        best, complete = min((n, made) for n, made in ((mine, 0), (theirs, 1)) if n >= 0)
        return best + 1, self._cheaper(sets[best], (self.plan, plan)[complete])

    def anew(self, sets: Sequence[Sequence[int]], turns: int) -> Routes | None:
        """All that is left out, served by ruining and recreating sets of rows (an empty one: all rows).

        Each set is begun from the plan given and has so many turns: a search that goes on for longer has
        changed nearly every row by the time it is done. Every other set is tried by a second thread; of what
        both find first, the way that changes fewer rows is returned; None when neither finds one.
        """
        thread, plan, base, work = self._other_hand
        other = thread.submit(self._first_anew, plan, base, work, sets[1::2], turns)
        mine = self._first_anew(self.plan, self.base, self.work, sets[::2], turns)
        found = [done for done in (mine, other.result()) if done is not None]
        return min(found, key=len, default=None)

    def _first_anew(
        self, plan: Plan, base: Plan, work: Work, sets: Sequence[Sequence[int]], turns: int
    ) -> Routes | None:
        """The rows that the first set changes which takes in all that is left out."""
        for rows in sets:
            own_all(work)
            follow(base, self.given)
            work.trouble[:] = FADING * work.trouble + (1 - FADING)
            if rows:
                owner = np.ones(len(self.given.size) - 1, dtype=np.int32)
                owner[list(rows)] = 0
                take_over(base, work, owner, np.zeros(len(self.given.where), dtype=np.int32), 0)
            if fill_up(self.data, plan, base, work, turns, HEAT, 1, SMALL) == 0:
                made = {row: _stops(plan, row) for row in self._changed(plan)}
                own_all(work)
                return {row: stops for row, stops in made.items() if stops != _stops(self.given, row)}
        return None

    def cheaper(self, routes: Routes) -> Routes:
        """Routes that serve all after a short search for a lower price."""
        index = [routes.get(row, _stops(self.given, row)) for row in range(len(self.given.size) - 1)]
        self._begin()
        lay_start(self.data, self.plan, self.work, *start_arrays(self.instance, index))
        return self._cheaper(list(routes), self.plan)

    def _first(self, plan: Plan, base: Plan, work: Work, table: Integers, turns: int) -> int:
        """The first row of a table of sets that takes in all that is left out, made in ``plan``; or -1."""
        return int(first_filled(self.data, self.given, plan, base, work, table, turns))

    @cached_property
    def _other_hand(self) -> tuple[ThreadPoolExecutor, Plan, Plan, Work]:
        """A second thread, which tries every other set, and what it works with: versions and dice of its own.

        It ends with this object. One for the whole process would not be there any more after a fork.
        """
        plan, base = (empty_plan(self.instance, self.longest) for _ in range(2))
        work = empty_work(self.instance, self.seed, 1, self.longest)
        return ThreadPoolExecutor(1, "filling"), plan, base, work

    def _begin(self) -> None:
        """All plans are as given, and nothing is foreign."""
        own_all(self.work)
        follow(self.plan, self.given)
        follow(self.base, self.given)

    def _changed(self, plan: Plan) -> list[int]:
        """The rows that a plan has otherwise than the one given."""
        return [int(row) for row in np.flatnonzero(plan.version[:-1] != self.given.version[:-1])]

    def _cheaper(self, rows: Sequence[int], complete: Plan) -> Routes:
        """These rows of a complete plan after a short search for a lower price."""
        owner = np.ones(len(self.given.size) - 1, dtype=np.int32)
        owner[list(rows)] = 0
        follow(self.base, complete)
        follow(self.best, complete)
        take_over(self.base, self.work, owner, np.zeros(len(complete.where), dtype=np.int32), 0)
        anneal(self.data, self.plan, self.base, self.best, self.work, POLISHING, HOT, COLD, 1, LARGEST, 0.0)
        best = complete if (self.best.where < 0).any() else self.best
        return {row: _stops(best, row) for row in rows}


def _stops(plan: Plan, row: int) -> list[int]:
    """The stops of a row, without the depots."""
    stops: list[int] = plan.nodes[row, 1 : plan.size[row] - 1].tolist()
    return stops


@cache
def load_filling() -> None:
    """Load or compile the kernels of this module, once in a process and off any search's clock."""
    load_kernels()
    smallest = Filling(SMALLEST, [[]])
    smallest.exchanged(0, 0, [0])
    smallest.filled([[0]], 1)
    smallest.filled([[0], [0]], 1)
