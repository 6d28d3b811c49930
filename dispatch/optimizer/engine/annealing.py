"""Large-neighbourhood search with annealing: ruin, recreate, accept."""

from __future__ import annotations

import math

from dispatch.optimizer.engine.asking import ask_again, forget_refusals, note_ruined
from dispatch.optimizer.engine.compile import inlined, kernel
from dispatch.optimizer.engine.copying import copy
from dispatch.optimizer.engine.dice import uniform
from dispatch.optimizer.engine.layout import FIXED, Data
from dispatch.optimizer.engine.plan import (
    SEED,
    TURN,
    WAITING,
    Plan,
    Work,
    anchor_rows,
    changes,
    copy_changed,
    total,
)
from dispatch.optimizer.engine.recreate import recreate
from dispatch.optimizer.engine.removal import RUINS, aim, gather, ruin

# Entries of Work.result
BASE_COST, BEST_COST = range(2)
RETRIED = 24
"""How many of the requests left out are tried again in each iteration at most: those near the ruin."""


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


@inlined
def judged(data: Data, plan: Plan, forbearance: float) -> float:
    """The price of a plan; with forbearance each request left out costs that, and vehicles nothing."""
    if forbearance <= 0.0:
        return total(data, plan)
    value = 0.0
    for row in range(len(plan.size) - 1):
        if plan.size[row] > 2:
            value += plan.cost[row] - data.vehicle_numbers[row, FIXED]
    for request in range(len(plan.where)):
        if plan.where[request] < 0:
            value += forbearance
    return value


@inlined
def close_unused(plan: Plan, work: Work) -> None:
    """Close the vehicles that a plan does not use."""
    for row in range(len(plan.size) - 1):
        if plan.size[row] == 2:
            work.closed[row] = 1


@kernel
def anneal(
    data: Data, plan: Plan, base: Plan, best: Plan, work: Work, iterations: int,
    hot: float, cold: float, smallest: int, largest: int, forbearance: float,
) -> int:  # fmt: skip
    """Run iterations from ``base`` while the temperature falls from hot to cold; number of improvements.

    With ``forbearance``, the price of a request left out meanwhile, the search passes through plans of the
    best plan's vehicles that leave out some; ``best`` is judged by the real prices as ever.
    """
    base_cost, best_cost, improved = judged(data, base, forbearance), total(data, best), 0
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    temperature = hot
    if forbearance > 0.0:
        close_unused(best, work)
    copy_changed(plan, base)
    anchor_rows(work, base)
    forget_refusals(work)
    for _ in range(iterations):
        work.count[TURN] += 1
        aim(data, plan, work, RETRIED)
        ask_again(data, plan, work)
        ruin(data, plan, work, choose(work, 0, RUINS), amount(work, smallest, largest))
        note_ruined(plan, work)
        recreate(data, plan, work, choose(work, 1, 8), 0.02)
        temperature *= cooling
        if not changes(plan, base):
            continue
        cost = judged(data, plan, forbearance)
        if cost < base_cost - temperature * math.log(uniform(work.dice) + 1e-300):
            copy_changed(base, plan)
            anchor_rows(work, base)
            base_cost = cost
            real = total(data, plan)
            if real < best_cost - 1e-9:
                copy_changed(best, plan)
                best_cost = real
                improved += 1
        else:
            copy_changed(plan, base)
    work.count[SEED] = -1
    work.count[TURN] += 1  # what was refused in the last turn is not in what follows
    work.result[BASE_COST], work.result[BEST_COST] = base_cost, best_cost
    if forbearance > 0.0:
        copy(work.closed, work.foreign, len(work.closed))
    return improved


@inlined
def absence(plan: Plan, work: Work) -> float:
    """Sum over the requests left out of how often each was left out before."""
    value = 0.0
    for request in range(len(plan.where)):
        if plan.where[request] < 0:
            value += work.trouble[request]
    return value


@kernel
def fill_up(
    data: Data, plan: Plan, base: Plan, work: Work, iterations: int, temperature: float,
    smallest: int, largest: int,
) -> int:  # fmt: skip
    """Ruin and recreate until nothing is left out; the number of requests that still are.

    A plan is accepted when those left out were left out less often before (Christiaens & Vanden
    Berghe 2020), or as often at an acceptable price. ``plan`` holds the result when it is complete.
    """
    base_cost = total(data, base)
    copy_changed(plan, base)
    anchor_rows(work, base)
    for _ in range(iterations):
        gather(plan, work, len(plan.where))
        ruin(data, plan, work, choose(work, 0, RUINS), amount(work, smallest, largest))
        recreate(data, plan, work, choose(work, 1, 8), 0.02)
        left = work.count[WAITING]
        if left == 0:
            return 0
        changes(plan, base)
        here, there = absence(plan, work), absence(base, work)
        cost = total(data, plan)
        if here < there or (
            here == there and cost < base_cost - temperature * math.log(uniform(work.dice) + 1e-300)
        ):
            copy_changed(base, plan)
            anchor_rows(work, base)
            base_cost = cost
        for k in range(left):
            work.trouble[work.pool[k]] += 1.0
        copy_changed(plan, base)
    return int(work.count[WAITING])
