"""Large-neighbourhood search with annealing: ruin, recreate, accept."""

from __future__ import annotations

import math

from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.dice import uniform
from dispatch.optimizer.engine.layout import Data
from dispatch.optimizer.engine.plan import Plan, Work, copy_changed, total
from dispatch.optimizer.engine.recreate import recreate
from dispatch.optimizer.engine.removal import gather, ruin

# Entries of Work.result
BASE_COST, BEST_COST = range(2)


@inlined
def choose(work: Work, row: int, count: int) -> int:
    """An operator, with a probability proportional to its weight."""
    weights, sum_ = work.weight[row], 0.0
    for k in range(count):
        sum_ += weights[k]
    point = uniform(work.dice) * sum_
    for k in range(count - 1):
        point -= weights[k]
        if point < 0:
            return k
    return count - 1


@inlined
def amount(work: Work, smallest: int, largest: int) -> int:
    """How many requests to remove: small numbers more often."""
    share = uniform(work.dice)
    return smallest + int((largest - smallest + 1) * share * share)


@kernel
def anneal(
    data: Data, plan: Plan, base: Plan, best: Plan, work: Work, iterations: int,
    hot: float, cold: float, smallest: int, largest: int,
) -> int:  # fmt: skip
    """Run iterations from ``base`` while the temperature falls from hot to cold; number of improvements."""
    base_cost, best_cost, improved = total(data, base), total(data, best), 0
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    temperature = hot
    copy_changed(plan, base)
    for _ in range(iterations):
        gather(plan, work)
        ruin(data, plan, work, choose(work, 0, 6), amount(work, smallest, largest))
        recreate(data, plan, work, choose(work, 1, 8), 0.02)
        cost = total(data, plan)
        if cost < base_cost - temperature * math.log(uniform(work.dice) + 1e-300):
            copy_changed(base, plan)
            base_cost = cost
            if cost < best_cost - 1e-9:
                copy_changed(best, plan)
                best_cost = cost
                improved += 1
        else:
            copy_changed(plan, base)
        temperature *= cooling
    work.result[BASE_COST], work.result[BEST_COST] = base_cost, best_cost
    return improved
