"""When a route's stops are served: the earliest schedule that leaves as late as it can.

Windows, ride limits, breaks, blocked time, shifts and committed beginnings are all lower and upper bounds
on starts that only ever push later, so the earliest schedule is a least fixed point: it exists or some
start passes its upper bound. Leaving later without ending later then removes idle time. A rider who is
already on board (committed pick-up) is set down however late that has become.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dispatch.optimizer.calls import Bounds, Call, credential_bounds
from dispatch.optimizer.fleet import Break, Vehicle
from dispatch.optimizer.passing import Course, Fault, Pass
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.resting import soonest_gaps
from dispatch.optimizer.solution import PlannedBreak

_FAR = 2**31


@dataclass(frozen=True, slots=True)
class Timing:
    """Start of each call, departure and end of the route, and its breaks; whole seconds."""

    departure: int
    starts: tuple[int, ...]
    end: int
    breaks: tuple[PlannedBreak, ...]
    driving: int


def time_route(
    problem: Problem,
    vehicle: Vehicle,
    calls: Sequence[Call],
    bounds: Bounds | None = None,
    told: Mapping[tuple[str, int], int] | None = None,
) -> Timing | Fault:
    """The earliest schedule of the calls in this order that leaves as late as it can, or the first fault.

    `bounds` narrow the start of single calls, by (request, point). Promises that may be broken at a price
    are waited for when that is possible. Starts that people were `told` are neither advanced nor, to save
    waiting, put off.
    """
    clockwork = _Clockwork(problem, vehicle, calls, bounds or {}, told or {})
    waiting = clockwork.softly_bounded()
    if waiting is not None:
        patient = clockwork.schedule(waiting)
        if isinstance(patient, Timing):
            return patient
    timing = clockwork.schedule(list(clockwork.lower))
    if isinstance(timing, Fault) and clockwork.forgive_riders_on_board():
        return clockwork.schedule(list(clockwork.lower))
    return timing


class _Clockwork(Course):
    """The bounds of one sequence of calls on one vehicle, and the schedules inside them."""

    def __init__(
        self,
        problem: Problem,
        vehicle: Vehicle,
        calls: Sequence[Call],
        bounds: Bounds,
        told: Mapping[tuple[str, int], int],
    ) -> None:
        blocked = [Break(b.start, b.start, b.end - b.start) for b in vehicle.blocked]
        rests = sorted((*vehicle.breaks, *blocked), key=lambda rest: (rest.earliest, rest.latest))
        super().__init__(
            vehicle, calls, problem.frozen_until, problem.travel.leg, rests, len(vehicle.committed)
        )
        self.problem, self.told = problem, told
        for position, call in enumerate(calls):
            lower, upper = self._bound(call, bounds)
            if position < self.fixed:
                lower = upper = vehicle.committed[position].start
            self.lower.append(lower)
            self.upper.append(upper)
        where = {call.key: position for position, call in enumerate(calls)}
        self.rides = [
            (where[call.request.id, 0], position, call.ride_limit)
            for position, call in enumerate(calls)
            if call.ride_limit is not None and call.index == 1 and (call.request.id, 0) in where
        ]

    def _bound(self, call: Call, bounds: Bounds) -> tuple[int, int]:
        lower, upper = call.lower, call.upper
        if call.request.credentials:
            valid = self._valid(call)
            lower, upper = max(lower, valid[0]), min(upper, valid[1] - call.service)
        if self.told:
            lower = max(lower, self.told.get(call.key, lower))
        narrowed = bounds.get(call.key) if bounds else None
        if narrowed is not None:
            lower, upper = max(lower, narrowed[0]), min(upper, narrowed[1])
        return lower, upper

    def _valid(self, call: Call) -> tuple[int, int]:
        memory, pair = self.problem.validity, (self.vehicle.id, call.request.id)
        if pair not in memory:
            memory[pair] = credential_bounds(self.vehicle, call.request) or (_FAR, 0)
        return memory[pair]

    def softly_bounded(self) -> list[int] | None:
        """Lower bounds that also wait for promises with a price; None when there are none to wait for."""
        waiting = list(self.lower)
        for position, call in enumerate(self.calls):
            promise = call.point.promised
            if promise is not None and promise.break_cents is not None and position >= self.fixed:
                waiting[position] = max(waiting[position], min(promise.earliest, self.upper[position]))
        return None if waiting == self.lower else waiting

    def forgive_riders_on_board(self) -> bool:
        """Lift the last bound and ride limit of riders whose pick-up is committed; False without any."""
        aboard = {call.request.id for call in self.calls[: self.fixed] if call.boards == 1}
        for position, call in enumerate(self.calls):
            if position >= self.fixed and call.index == 1 and call.request.id in aboard:
                self.upper[position] = _FAR
        before = len(self.rides)
        self.rides = [ride for ride in self.rides if ride[0] >= self.fixed]
        return bool(aboard) and (before > len(self.rides) or _FAR in self.upper)

    def schedule(self, lower: list[int]) -> Timing | Fault:
        """The schedule for these lower bounds, with breaks where the route takes the least time.

        A break that delays nothing where it is due first is left there; else the gaps in which the route ends
        soonest are tried, and in the end every gap.
        """
        self.delayed = False
        timing = self._schedule_with(lower, {})
        if not self.rests or (isinstance(timing, Timing) and not self.delayed):
            return timing
        other = self._with_soonest_rests(lower)
        if isinstance(other, Timing) and (isinstance(timing, Fault) or _shorter(other, timing)):
            return other
        return timing if isinstance(timing, Timing) else self._with_any_gap(lower) or timing

    def _with_soonest_rests(self, lower: list[int]) -> Timing | Fault | None:
        """The schedule with the breaks in the gaps after which the route ends soonest."""
        run = Pass(self, {}, self._first_departure())
        for position in range(self.fixed):
            run.step(position, lower[position])
        placed = soonest_gaps(self, lower, run)
        return None if placed is None else self._schedule_with(lower, placed)

    def _with_any_gap(self, lower: list[int]) -> Timing | None:
        """The first schedule that one break in another gap makes possible."""
        starts, fault = self._starts_without_rests(lower), self.fault
        for number, rest in enumerate(self.rests) if starts is not None else ():
            for gap in self._gaps_for(rest, starts or []):
                other = self._schedule_with(lower, {number: gap})
                if isinstance(other, Timing):
                    return other
        self.fault = fault
        return None

    def _starts_without_rests(self, lower: list[int]) -> list[int] | None:
        """The earliest starts if no break were owed; None when even then there are none."""
        rests, self.rests, fault = self.rests, [], self.fault
        passed = self._settle(list(lower), {}, self._first_departure())
        self.rests, self.fault = rests, fault
        return None if passed is None else passed[0]

    def _gaps_for(self, rest: Break, starts: list[int]) -> Iterator[int]:
        """Where a break may be: nobody is on board, and it is not over before the vehicle can be there."""
        aboard = 0
        for gap in range(len(self.calls) + 1):
            if gap:
                aboard += self.calls[gap - 1].boards
                if starts[gap - 1] + self.calls[gap - 1].service > rest.latest:
                    return
            if gap >= self.fixed and aboard == 0:
                yield gap

    def _schedule_with(self, lower: list[int], forced: dict[int, int]) -> Timing | Fault:
        placed = dict(forced)
        lower = list(lower)
        passed = self._settle(lower, placed, self._first_departure())
        if passed is None:
            return self.fault
        starts, end, _ = passed
        if self.fixed == 0:
            latest = self._latest_departure(starts, end, placed)
            if latest > self._first_departure():
                again = self._settle(lower, dict(placed), latest)
                if again is not None and again[1] <= end:
                    starts, end, _ = passed = again
        return self._finished(passed)

    def _first_departure(self) -> int:
        if self.fixed:
            return max(self.vehicle.shift.start, 0)
        return max(self.vehicle.shift.start, self.problem.frozen_until)

    def _settle(
        self, lower: list[int], placed: dict[int, int], departure: int
    ) -> tuple[list[int], int, Pass] | None:
        """Repeat the forward pass, raising pick-ups for ride limits, until nothing moves."""
        excess_before: dict[int, int] = {}
        while True:
            done = self._forward(lower, placed, departure)
            if done is None:
                return None
            moved = False
            for pickup, delivery, limit in self.rides:
                ready = done.starts[pickup] + self.calls[pickup].service
                excess = done.starts[delivery] - ready - limit
                if excess <= 0:
                    continue
                if pickup < self.fixed or excess >= excess_before.get(pickup, _FAR):
                    self.fault = Fault("ride_limit", self.calls[pickup].request.id)
                    return None
                excess_before[pickup] = excess
                lower[pickup] = max(lower[pickup], done.starts[pickup] + excess)
                moved = True
            if not moved:
                return done.starts, done.end, done

    def _forward(self, lower: list[int], placed: dict[int, int], departure: int) -> Pass | None:
        run = Pass(self, placed, departure)
        for position in range(len(self.calls)):
            if not run.step(position, lower[position]):
                return None
        return run if run.finish() else None

    def _latest_departure(self, starts: list[int], end: int, placed: dict[int, int]) -> int:
        """How late the route may leave without ending later or beginning any service out of bounds."""
        upper = self._patient_upper(starts)
        calls, count = self.calls, len(self.calls)
        target = upper[count - 1] = starts[count - 1]
        by_gap: dict[int, list[Break]] = {}
        for number, gap in placed.items():
            by_gap.setdefault(gap, []).append(self.rests[number])
        for position in range(count - 1, -1, -1):
            origin = calls[position - 1].location if position else self.vehicle.start_location
            target = min(target, upper[position])
            target = self._leave_by(origin, calls[position].location, target)
            for rest in reversed(by_gap.get(position, [])):
                if position == 0 and target >= rest.earliest + rest.seconds:
                    continue  # over before the vehicle leaves
                target = min(target - rest.seconds, rest.latest)
            if position:
                target -= calls[position - 1].service
        return target

    def _patient_upper(self, starts: list[int]) -> list[int]:
        upper = []
        for position, call in enumerate(self.calls):
            limit, point = self.upper[position], call.point
            if point.due is not None and point.late_cents_per_minute:
                limit = min(limit, max(point.due, starts[position]))
            if point.promised is not None:
                limit = min(limit, max(point.promised.latest, starts[position]))
            told = self.told.get(call.key)
            if told is not None:
                limit = min(limit, max(told, starts[position]))
            upper.append(limit)
        for pickup, delivery, limit in self.rides:
            room = starts[pickup] + self.calls[pickup].service + limit
            upper[delivery] = min(upper[delivery], max(room, starts[delivery]))
        return upper

    def _leave_by(self, origin: int, destination: int, arrival: int) -> int:
        leaving = arrival - self.problem.travel.shortest(origin, destination)
        while (late := leaving + self.leg(origin, destination, max(leaving, 0)) - arrival) > 0:
            leaving -= late
        return leaving

    def _finished(self, passed: tuple[list[int], int, Pass]) -> Timing | Fault:
        starts, end, run = passed
        vehicle, last = self.vehicle, self.calls[-1].request.id
        if end > vehicle.shift.latest_end:
            return Fault("shift", last)
        departure = run.departure
        if self.fixed:
            leg = self.leg(vehicle.start_location, self.calls[0].location, max(starts[0], 0))
            departure = max(starts[0] - leg, 0)
        elif vehicle.max_route_seconds is not None and end - departure > vehicle.max_route_seconds:
            return Fault("route_duration", last)
        rests = tuple(rest for rest in run.breaks if rest.start >= departure)
        return Timing(departure, tuple(starts), end, rests, run.driving)


def _shorter(timing: Timing, other: Timing) -> bool:
    """Whether a schedule takes less time from leaving to the end."""
    return timing.end - timing.departure < other.end - other.departure
