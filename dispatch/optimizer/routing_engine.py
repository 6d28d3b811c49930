"""OR-Tools' routing solver on a whole problem, with matrices only: a fallback and a yardstick."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.optimizer.calls import Call
from dispatch.optimizer.compile import Compiled, compile_problem
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.limits import out_of_stock
from dispatch.optimizer.link_windows import free_windows
from dispatch.optimizer.rebuilding import rebuilt
from dispatch.optimizer.stop import StopClock, Tell

_DAY = 200_000


def search_routing(draft: Draft, clock: StopClock, tell: Tell) -> tuple[Draft, int]:
    """The better of the draft and what OR-Tools makes of it; never worse than the draft.

    Each vehicle is one configuration (the roomiest by sum); ride limits, breaks, windows, lateness and
    skills are modelled, links enter as windows. `clock` limits seconds, or solutions by its iterations.
    """
    every = {lag.link.id: lag for lags in draft.lags.values() for lag in lags}
    windows = free_windows(draft.calls, every.values(), draft.starts)
    compiled = compile_problem(draft.problem, draft.calls, windows, out_of_stock(draft))
    if compiled is None or clock.reached(0):
        return draft, 0
    found = _Model(compiled).solve(draft, clock)
    if found is None:
        return draft, 0
    trial = rebuilt(draft, compiled, found.routes, windows)
    insert_all(trial, [request.id for request in trial.left_out()], lambda: clock.remaining <= 0)
    best = trial if trial.cost().total < draft.cost().total else draft
    tell(best.cost().total, len(best.calls) - len(best.vehicle_of), found.solutions)
    return best, found.solutions


@dataclass(frozen=True, slots=True)
class _Found:
    routes: list[list[int]]
    solutions: int


class _Model:
    """An OR-Tools model of an instance: node k is stop k, then one start and one end per vehicle."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.instance = compiled, compiled.instance
        instance, stops, vehicles = self.instance, self.instance.stops, self.instance.vehicles
        starts = [stops + index for index in range(vehicles)]
        ends = [stops + vehicles + index for index in range(vehicles)]
        self.places = [
            *(int(place) for place in instance.stop_location),
            *(int(place) for place in instance.start_location),
            *(int(place) for place in instance.end_location),
        ]
        self.manager = pywrapcp.RoutingIndexManager(len(self.places), vehicles, starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._add_time()
        self._add_costs()
        self._add_loads()
        self._add_requests()
        self._add_breaks()

    def _index(self, stop: int) -> int:
        return int(self.manager.NodeToIndex(int(stop)))

    def _add_time(self) -> None:
        instance, size = self.instance, len(self.places)
        seconds = instance.travel_time[0]
        service = [int(value) for value in instance.service] + [0] * (size - instance.stops)
        rows = [[int(seconds[a, b]) + service[i] for b in self.places] for i, a in enumerate(self.places)]
        transit = self.routing.RegisterTransitMatrix(rows)
        self.routing.AddDimension(transit, _DAY, 2 * _DAY, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for stop in range(instance.stops):
            index = self._index(stop)
            low, high = int(instance.window_start[stop]), int(instance.window_end[stop])
            self.time.CumulVar(index).SetRange(low, high)
            if instance.due[stop] < high and instance.lateness_price[stop] > 0:
                price = max(round(float(instance.lateness_price[stop])), 1)
                self.time.SetCumulVarSoftUpperBound(index, int(instance.due[stop]), price)
        for vehicle in range(instance.vehicles):
            self._bound_shift(vehicle)

    def _bound_shift(self, vehicle: int) -> None:
        instance, routing = self.instance, self.routing
        begin, end = int(instance.shift_start[vehicle]), int(instance.shift_end[vehicle])
        self.time.CumulVar(routing.Start(vehicle)).SetRange(begin, end)
        self.time.CumulVar(routing.End(vehicle)).SetRange(begin, end)
        if instance.max_duration[vehicle] < _DAY:
            self.time.SetSpanUpperBoundForVehicle(int(instance.max_duration[vehicle]), vehicle)
        price = round(float(instance.time_price[vehicle]))
        if price:
            self.time.SetSpanCostCoefficientForVehicle(price, vehicle)
        routing.AddVariableMinimizedByFinalizer(self.time.CumulVar(routing.End(vehicle)))

    def _add_costs(self) -> None:
        instance = self.instance
        seconds, metres = instance.travel_time[0], instance.distance[0]
        known: dict[tuple[float, float], int] = {}
        for vehicle in range(instance.vehicles):
            rate = float(instance.distance_price[vehicle]), float(instance.time_price[vehicle])
            if rate not in known:
                table = metres * rate[0] + seconds * rate[1]
                rows = [[int(table[a, b]) for b in self.places] for a in self.places]
                known[rate] = self.routing.RegisterTransitMatrix(rows)
            self.routing.SetArcCostEvaluatorOfVehicle(known[rate], vehicle)
            self.routing.SetFixedCostOfVehicle(int(instance.fixed_cost[vehicle]), vehicle)

    def _add_loads(self) -> None:
        instance = self.instance
        roomiest = instance.capacity.sum(axis=2).argmax(axis=1)
        for dimension in range(instance.load.shape[1]):
            changes = [int(value) for value in instance.load[:, dimension]] + [0] * (2 * instance.vehicles)
            if not any(changes):
                continue
            transit = self.routing.RegisterUnaryTransitVector(changes)
            room = [
                max(int(instance.capacity[v, roomiest[v], dimension]), 0) for v in range(instance.vehicles)
            ]
            self.routing.AddDimensionWithVehicleCapacity(transit, 0, room, False, f"load {dimension}")

    def _add_requests(self) -> None:
        instance, solver = self.instance, self.routing.solver()
        for request in range(instance.requests):
            pickup, delivery = int(instance.pickup[request]), int(instance.delivery[request])
            indices = [self._index(stop) for stop in (pickup, delivery) if stop >= 0]
            self.routing.AddDisjunction(indices, int(instance.penalty[request]), len(indices))
            able = [-1, *(int(v) for v in instance.allowed[request].nonzero()[0])]
            for index in indices:
                self.routing.VehicleVar(index).SetValues(able)
            if delivery < 0:
                continue
            first, last = indices
            self.routing.AddPickupAndDelivery(first, last)
            solver.Add(self.routing.VehicleVar(first) == self.routing.VehicleVar(last))
            solver.Add(self.time.CumulVar(first) <= self.time.CumulVar(last))
            if instance.max_ride[request] < _DAY:
                limit = int(instance.max_ride[request] + instance.service[pickup])
                solver.Add(self.time.CumulVar(last) - self.time.CumulVar(first) <= limit)

    def _add_breaks(self) -> None:
        instance, solver = self.instance, self.routing.solver()
        service = [int(value) for value in instance.service] + [0] * (2 * instance.vehicles)
        by_vehicle: dict[int, list[Any]] = {}
        for rest, vehicle in enumerate(int(v) for v in instance.break_vehicle):
            low, high = int(instance.break_earliest[rest]), int(instance.break_latest[rest])
            length, name = int(instance.break_duration[rest]), f"break {rest}"
            interval = solver.FixedDurationIntervalVar(low, high, length, True, name)
            by_vehicle.setdefault(vehicle, []).append(interval)
        for vehicle, intervals in by_vehicle.items():
            self.time.SetBreakIntervalsOfVehicle(intervals, vehicle, service)

    def solve(self, draft: Draft, clock: StopClock) -> _Found | None:
        """Search from the draft's routes, or from scratch where the model refuses them."""
        settings = pywrapcp.DefaultRoutingSearchParameters()
        settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
        settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        if clock.stop.seconds is not None:
            settings.time_limit.FromMilliseconds(max(int(clock.remaining * 900), 50))
        if clock.stop.iterations is not None:
            settings.solution_limit = max(clock.stop.iterations, 1)
        self.routing.CloseModelWithParameters(settings)
        start = self._start(draft)
        if start is None:
            found = self.routing.SolveWithParameters(settings)
        else:
            found = self.routing.SolveFromAssignmentWithParameters(start, settings)
        if found is None:
            return None
        routes = [self._route(found, vehicle) for vehicle in range(self.instance.vehicles)]
        return _Found(routes, int(self.routing.solver().Solutions()))

    def _start(self, draft: Draft) -> Any:
        sequences: dict[str, Sequence[Call]] = {v: route.calls for v, route in draft.routes.items()}
        if not sequences:
            return None
        routes = [[self._index(stop) for stop in route] for route in self.compiled.routes(sequences)]
        return self.routing.ReadAssignmentFromRoutes(routes, True)

    def _route(self, found: Any, vehicle: int) -> list[int]:
        stops: list[int] = []
        index = self.routing.Start(vehicle)
        while not self.routing.IsEnd(index):
            node = int(self.manager.IndexToNode(index))
            if node < self.instance.stops:
                stops.append(node)
            index = found.Value(self.routing.NextVar(index))
        return stops
