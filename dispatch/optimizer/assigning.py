"""CP-SAT as the assigner: which routes of a pool make the best plan under everything that ties vendors."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from dispatch.optimizer.draft import TimedRoute
from dispatch.optimizer.limits import vendor_cap
from dispatch.optimizer.links import Lag, lag_of
from dispatch.optimizer.problem import Problem

_SHORTFALL_CENTS = 50_000
"""What each request that a vendor lacks of its least share weighs; less than leaving a request out."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A timed route of the pool and the requests that it serves."""

    route: TimedRoute
    requests: frozenset[str]


def choose(
    problem: Problem, pool: list[Column], incumbent: list[Column], seconds: float, seed: int
) -> list[Column]:
    """The columns of the cheapest plan that the pool allows; the incumbent's when nothing better is found.

    Each request is served once or left out at its price, each vehicle has one route, caps and largest
    shares bind, what lacks of least shares has a price, hard links hold between the times of the routes.
    """
    columns = list(_distinct([*incumbent, *pool]).values())
    if not columns:
        return []
    model = _Assignment(problem, columns)
    known = {_key(column) for column in incumbent}
    chosen = model.solve([_key(column) in known for column in columns], seconds, seed)
    return incumbent if chosen is None else [columns[index] for index in chosen]


def _key(column: Column) -> tuple[object, ...]:
    return column.route.vehicle.id, tuple(call.key for call in column.route.calls), column.route.timing.starts


def _distinct(columns: list[Column]) -> dict[tuple[object, ...], Column]:
    return {_key(column): column for column in reversed(columns)}


class _Assignment:
    """The set partitioning model over the columns."""

    def __init__(self, problem: Problem, columns: list[Column]) -> None:
        from ortools.sat.python import cp_model  # loaded by who proposes only: 0.3 s

        self.solver_of, self.statuses = cp_model.CpSolver, (cp_model.OPTIMAL, cp_model.FEASIBLE)
        self.problem, self.columns, self.model = problem, columns, cp_model.CpModel()
        self.take = [self.model.new_bool_var(f"column {index}") for index in range(len(columns))]
        self.serving: dict[str, list[Any]] = defaultdict(list)
        for column, take in zip(columns, self.take, strict=True):
            for request in column.requests:
                self.serving[request].append(take)
        self.cost: list[Any] = [c.route.cost.total * t for c, t in zip(columns, self.take, strict=True)]
        self._serve_once()
        self._one_route_each()
        self._share_out()
        for link in problem.links:
            if link.hard:
                self._link(lag_of(problem, link))
        self.model.minimize(sum(self.cost))

    def _serve_once(self) -> None:
        for request in self.problem.requests:
            left = self.model.new_bool_var(f"leave out {request.id}")
            self.model.add_exactly_one([*self.serving[request.id], left])
            self.cost.append(request.left_out_cents * left)

    def _one_route_each(self) -> None:
        by_vehicle: dict[str, list[Any]] = defaultdict(list)
        for column, take in zip(self.columns, self.take, strict=True):
            by_vehicle[column.route.vehicle.id].append(take)
        for vehicle, takes in by_vehicle.items():
            self.model.add_at_most_one(takes)
            if self.problem.vehicle_by_id[vehicle].committed:
                self.model.add(sum(takes) == 1)

    def _share_out(self) -> None:
        everything = len(self.problem.requests)
        for vendor in self.problem.vendor_by_id.values():
            served = sum(
                len(column.requests) * take
                for column, take in zip(self.columns, self.take, strict=True)
                if column.route.vehicle.vendor == vendor.id
            )
            cap = vendor_cap(self.problem, vendor)
            if cap is not None:
                self.model.add(served <= cap)
            if vendor.min_share_percent:
                least = -(-vendor.min_share_percent * everything // 100)
                short = self.model.new_int_var(0, least, f"short {vendor.id}")
                self.model.add(served + short >= least)
                self.cost.append(_SHORTFALL_CENTS * short)

    def _link(self, lag: Lag) -> None:
        """No two columns whose times break the lag, and no `after` without `before`."""
        before, after = self._times(lag.before), self._times(lag.after)
        self.model.add(sum(take for take, _ in after) <= sum(take for take, _ in before))
        if lag.link.mutual:
            self.model.add(sum(take for take, _ in before) <= sum(take for take, _ in after))
        for take, start in after:
            fitting = [other for other, begin in before if lag.minimum <= start - begin <= lag.maximum]
            self.model.add(sum(fitting) >= 1).only_enforce_if(take)

    def _times(self, key: tuple[str, int]) -> list[tuple[Any, int]]:
        found = []
        for column, take in zip(self.columns, self.take, strict=True):
            if key[0] in column.requests:
                found.append((take, column.route.starts()[key]))
        return found

    def solve(self, hint: list[bool], seconds: float, seed: int) -> list[int] | None:
        """The indices of the columns taken; None when nothing was found."""
        for take, taken in zip(self.take, hint, strict=True):
            self.model.add_hint(take, taken)
        solver = self.solver_of()
        solver.parameters.max_time_in_seconds = max(seconds, 0.2)
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        if solver.solve(self.model) not in self.statuses:
            return None
        return [index for index, take in enumerate(self.take) if solver.boolean_value(take)]
