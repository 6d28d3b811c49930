"""One pass along a route: every call begun as early as it can be, breaks where they belong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dispatch.optimizer.calls import Call
from dispatch.optimizer.fleet import Break, Vehicle
from dispatch.optimizer.solution import PlannedBreak


@dataclass(frozen=True, slots=True)
class Fault:
    """The first rule that a sequence of calls breaks, and the request at which it shows."""

    rule: str
    request: str


@dataclass(eq=False)
class Course:
    """A sequence of calls on one vehicle and what bounds it; whole seconds.

    The first `fixed` calls are committed. `rests` are breaks and blocked time in the order in which they are
    due, `lower` and `upper` bound the start of each call. `leg` is the driving time from one location to
    another at a time. `fault` is what last went wrong; `delayed` says that a break put something off.
    """

    vehicle: Vehicle
    calls: Sequence[Call]
    frozen_until: int
    leg: Callable[[int, int, int], int]
    rests: list[Break]
    fixed: int = 0
    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    fault: Fault = Fault("window", "")
    delayed: bool = False


class Pass:
    """One pass along the calls, each begun as early as it can be."""

    def __init__(self, course: Course, placed: dict[int, int], departure: int) -> None:
        self.course, self.placed = course, placed
        self.departure = self.clock = departure
        self.place = course.vehicle.start_location
        self.starts: list[int] = []
        self.breaks: list[PlannedBreak] = []
        self.driving = self.end = self.aboard = 0
        self.pending = 0
        self._busy_until = 0

    def step(self, position: int, lower: int) -> bool:
        """Drive to the call and begin its service; False when a bound is passed."""
        course, call = self.course, self.course.calls[position]
        if position < course.fixed:
            return self._committed(position, call)
        if position == course.fixed and course.fixed:
            self.clock = max(self.clock, course.frozen_until)
        if self.pending < len(course.rests) and not self._rest(position, call, lower):
            course.fault = Fault("break", call.request.id)
            return False
        drive = course.leg(self.place, call.location, self.clock)
        start = max(self.clock + drive, lower, self._busy_until)
        self._busy_until = 0
        if start > course.upper[position]:
            course.fault = Fault("window", call.request.id)
            return False
        self._served(call, start, drive)
        return True

    def _committed(self, position: int, call: Call) -> bool:
        start = self.course.vehicle.committed[position].start
        drive = self.course.leg(self.place, call.location, self.clock)
        self._served(call, start, drive)
        left = start - drive if position == 0 else 0
        rests = self.course.rests
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
        rests = self.course.rests
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
        drive = self.course.leg(self.place, call.location, self.clock)
        start = max(self.clock + drive, lower)
        if start + call.service > rest.latest:
            return True
        free = max(self.clock, rest.earliest) + rest.seconds + drive <= start
        return free and self.aboard == 0

    def _take(self, gap: int, rest: Break, call: Call, lower: int) -> bool:
        if self.aboard:
            return False
        resting, course = self._busy_until, self.course
        begin = max(self.clock, resting, rest.earliest)
        if begin > rest.latest:
            return False
        arrival = self.clock + course.leg(self.place, call.location, self.clock)
        there = max(arrival, resting, rest.earliest)
        leaving = begin + rest.seconds
        away = leaving + course.leg(self.place, call.location, leaving)
        on_arrival = gap > 0 and there <= rest.latest and there + rest.seconds < away > lower
        if on_arrival or resting:
            begin = there
            self._busy_until = away = there + rest.seconds
        else:
            self.clock = leaving
        course.delayed |= max(away, lower) > max(arrival, lower)
        if gap == 0:
            self.departure = max(self.departure, self.clock)
        else:
            self.breaks.append(PlannedBreak(gap, begin, rest.seconds))
        self.placed[self.pending] = gap
        self.pending += 1
        return True

    def finish(self) -> bool:
        """Drive to the end; False when a break that is still owed cannot be taken any more."""
        course, home = self.course, self.course.vehicle.end_location
        while self.pending < len(course.rests):
            rest = course.rests[self.pending]
            drive = 0 if home is None else course.leg(self.place, home, self.clock)
            if self.clock + drive <= rest.latest and self.placed.get(self.pending) is None:
                self.pending += 1
                continue
            begin = max(self.clock, rest.earliest)
            if begin > rest.latest:
                course.fault = Fault("break", course.calls[-1].request.id)
                return False
            course.delayed = True
            self.breaks.append(PlannedBreak(len(self.starts), begin, rest.seconds))
            self.clock = begin + rest.seconds
            self.placed[self.pending] = len(self.starts)
            self.pending += 1
        drive = 0 if home is None else course.leg(self.place, home, self.clock)
        self.driving += drive
        self.end = self.clock + drive
        return True
