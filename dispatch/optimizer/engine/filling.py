"""Serve what a plan leaves out by changing a few of its routes only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dispatch.optimizer.engine.annealing import anneal, fill_up
from dispatch.optimizer.engine.construct import lay_start
from dispatch.optimizer.engine.instance import Instance
from dispatch.optimizer.engine.layout import pack
from dispatch.optimizer.engine.parts import follow, take_over
from dispatch.optimizer.engine.plan import empty_plan, empty_work
from dispatch.optimizer.engine.search import load_kernels, start_arrays

LARGEST = 8
"""Most requests taken out at once: there are only a few routes."""
HOT, COLD = 300.0, 10.0
"""Temperatures, in the instance's money, at which a complete plan is made cheaper."""
POLISHING = 1500
"""Iterations that make the price of a complete plan lower: there is only one, so they are few."""


class Filling:
    """A plan packed once, of which any few routes can be planned anew with what is left out."""

    def __init__(self, instance: Instance, start: Sequence[Sequence[int]], seed: int = 0) -> None:
        load_kernels()
        self.data = pack(instance)
        self.given, self.plan, self.base, self.best = (empty_plan(instance) for _ in range(4))
        self.work = empty_work(instance, seed, 0)
        lay_start(self.data, self.given, self.work, *start_arrays(instance, start))

    def filled(self, vehicles: Sequence[int], iterations: int) -> dict[int, list[int]] | None:
        """These vehicles' routes once they serve all that is left out and lose nothing; None when not found.

        Once everything is served, the price is made lower.
        """
        owner = np.ones(len(self.given.size) - 1, dtype=np.int32)
        owner[list(vehicles)] = 0
        take_over(self.given, self.work, owner, 0, 0)
        self.work.barred[self.given.where < 0] = 0
        self.work.trouble[:] = 1.0
        follow(self.base, self.given)
        if fill_up(self.data, self.plan, self.base, self.work, iterations, HOT, 1, LARGEST):
            return None
        follow(self.base, self.plan)
        follow(self.best, self.plan)
        anneal(self.data, self.plan, self.base, self.best, self.work, POLISHING, HOT, COLD, 1, LARGEST)
        if (self.best.where < 0).any():
            return None
        return {v: self.best.nodes[v, 1 : self.best.size[v] - 1].tolist() for v in vehicles}
