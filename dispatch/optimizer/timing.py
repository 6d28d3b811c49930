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
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import PlannedBreak

_FAR = 2**31


@dataclass(frozen=True, slots=True)
class Fault:
    """The first rule that a sequence of calls breaks, and the request at which it shows."""

    rule: str
    request: str


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


class _Clockwork:
    """The bounds of one sequence of calls on one vehicle."""

    def __init__(
        self,
        problem: Problem,
        vehicle: Vehicle,
        calls: Sequence[Call],
        bounds: Bounds,
        told: Mapping[tuple[str, int], int],
    ) -> None:
        self.problem, self.vehicle, self.calls, self.told = problem, vehicle, calls, told
        self.leg = problem.travel.leg
        self.fixed = len(vehicle.committed)
        blocked = [Break(b.start, b.start, b.end - b.start) for b in vehicle.blocked]
        self.rests = sorted((*vehicle.breaks, *blocked), key=lambda rest: (rest.earliest, rest.latest))
        self.lower: list[int] = []
        self.upper: list[int] = []
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
        self.fault = Fault("window", "")

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
        """The schedule for these lower bounds; tries other places for a break when the first one fails."""
        timing = self._schedule_with(lower, {})
        if isinstance(timing, Timing) or not self.rests:
            return timing
        starts = self._starts_without_rests(lower)
        for number, rest in enumerate(self.rests) if starts is not None else ():
            for gap in self._gaps_for(rest, starts or []):
                other = self._schedule_with(lower, {number: gap})
                if isinstance(other, Timing):
                    return other
        return timing

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
    ) -> tuple[list[int], int, "_Pass"] | None:
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

    def _forward(self, lower: list[int], placed: dict[int, int], departure: int) -> "_Pass | None":
        run = _Pass(self, placed, departure)
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

    def _finished(self, passed: tuple[list[int], int, "_Pass"]) -> Timing | Fault:
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


class _Pass:
    """One pass along the calls, each begun as early as it can be."""

    def __init__(self, work: _Clockwork, placed: dict[int, int], departure: int) -> None:
        self.work, self.placed = work, placed
        self.departure = self.clock = departure
        self.place = work.vehicle.start_location
        self.starts: list[int] = []
        self.breaks: list[PlannedBreak] = []
        self.driving = self.end = self.aboard = 0
        self.pending = 0
        self._busy_until = 0

    def step(self, position: int, lower: int) -> bool:
        """Drive to the call and begin its service; False when a bound is passed."""
        work, call = self.work, self.work.calls[position]
        if position < work.fixed:
            return self._committed(position, call)
        if position == work.fixed and work.fixed:
            self.clock = max(self.clock, work.problem.frozen_until)
        if self.pending < len(work.rests) and not self._rest(position, call, lower):
            work.fault = Fault("break", call.request.id)
            return False
        drive = work.leg(self.place, call.location, self.clock)
        start = max(self.clock + drive, lower, self._busy_until)
        self._busy_until = 0
        if start > work.upper[position]:
            work.fault = Fault("window", call.request.id)
            return False
        self._served(call, start, drive)
        return True

    def _committed(self, position: int, call: Call) -> bool:
        start = self.work.vehicle.committed[position].start
        drive = self.work.leg(self.place, call.location, self.clock)
        self._served(call, start, drive)
        left = start - drive if position == 0 else 0
        rests = self.work.rests
        while self.pending < len(rests):
            rest = rests[self.pending]
            if rest.latest >= self.clock and left < rest.earliest + rest.seconds:
                break
            self.pending += 1
        return True

    def _served(self, call: Call, start: int, drive: int) -> None:
        self.starts.append(start)
        self.driving += drive
        self.clock = start + call.service
        self.place = call.location
        self.aboard += call.boards

    def _rest(self, gap: int, call: Call, lower: int) -> bool:
        """Take the breaks that belong in this gap; False when one can no longer be taken."""
        rests = self.work.rests
        while self.pending < len(rests):
            rest, place = rests[self.pending], self.placed.get(self.pending)
            if gap == 0 and self.clock >= rest.earliest + rest.seconds:
                self.pending += 1
                continue
            if place is None:
                place = gap if self._now(rest, call, lower) else gap + 1
            if place != gap:
                return True
            if not self._take(gap, rest, call, lower):
                return False
        return True

    def _now(self, rest: Break, call: Call, lower: int) -> bool:
        """Whether the break costs nothing here, or will be too late after the next call."""
        drive = self.work.leg(self.place, call.location, self.clock)
        start = max(self.clock + drive, lower)
        if start + call.service > rest.latest:
            return True
        free = max(self.clock, rest.earliest) + rest.seconds + drive <= start
        return free and self.aboard == 0

    def _take(self, gap: int, rest: Break, call: Call, lower: int) -> bool:
        if self.aboard:
            return False
        begin = max(self.clock, rest.earliest)
        if begin > rest.latest:
            return False
        arrival = self.clock + self.work.leg(self.place, call.location, self.clock)
        there = max(arrival, rest.earliest)
        leaving = begin + rest.seconds
        away = leaving + self.work.leg(self.place, call.location, leaving)
        on_arrival = gap > 0 and there <= rest.latest and there + rest.seconds < away > lower
        if on_arrival:
            begin = there
            self._busy_until = there + rest.seconds
        else:
            self.clock = leaving
        if gap == 0:
            self.departure = max(self.departure, self.clock)
        else:
            self.breaks.append(PlannedBreak(gap, begin, rest.seconds))
        self.placed[self.pending] = gap
        self.pending += 1
        return True

    def finish(self) -> bool:
        """Drive to the end; False when a break that is still owed cannot be taken any more."""
        work, home = self.work, self.work.vehicle.end_location
        while self.pending < len(work.rests):
            rest = work.rests[self.pending]
            drive = 0 if home is None else work.leg(self.place, home, self.clock)
            if self.clock + drive <= rest.latest and self.placed.get(self.pending) is None:
                self.pending += 1
                continue
            begin = max(self.clock, rest.earliest)
            if begin > rest.latest:
                work.fault = Fault("break", work.calls[-1].request.id)
                return False
            self.breaks.append(PlannedBreak(len(self.starts), begin, rest.seconds))
            self.clock = begin + rest.seconds
            self.placed[self.pending] = len(self.starts)
            self.pending += 1
        drive = 0 if home is None else work.leg(self.place, home, self.clock)
        self.driving += drive
        self.end = self.clock + drive
        return True
