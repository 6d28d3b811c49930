"""When who does what: actions by business time, run by a few threads, on a clock that may run fast."""

from __future__ import annotations

import heapq
import itertools
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from marketplace.demo.acting.line import Record

Action = Callable[[], None]
HANDS = 6
"""How many actions are under way at once."""


class PlayedClock:
    """Business time as this process knows it: the same arithmetic as the shared row's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self.start, self.speed = start, speed
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        """Business time at this moment."""
        return self.start + (datetime.now(UTC) - self._began) * self.speed

    def seconds_until(self, moment: datetime) -> float:
        """Machine seconds until a business moment; negative when it has passed."""
        return (moment - self.now()).total_seconds() / self.speed


class Agenda:
    """A heap of what is to be done; whoever acts may add to it at any time."""

    def __init__(self, clock: PlayedClock, record: Record) -> None:
        self.clock, self._record = clock, record
        self._heap: list[tuple[datetime, int, Action]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self.latest = 0.0
        """The longest, in machine seconds, that an action had to wait for a free hand."""

    def at(self, moment: datetime, action: Action) -> None:
        """Do something at a business moment."""
        with self._changed:
            heapq.heappush(self._heap, (moment, next(self._count), action))
            self._changed.notify()

    def after(self, minutes: float, action: Action) -> None:
        """Do something that many business minutes from now."""
        self.at(self.clock.now() + timedelta(minutes=minutes), action)

    def every(self, minutes: float, action: Action, first: float = 0.0) -> None:
        """Do something again and again; the next turn counts from the end of the last."""

        def turn() -> None:
            try:
                action()
            finally:
                self.after(minutes, turn)

        self.after(first, turn)

    def run(self, until: datetime, stop: threading.Event | None = None) -> None:
        """Do everything due until a business moment, or until told to stop."""
        with ThreadPoolExecutor(HANDS, thread_name_prefix="actor") as hands:
            free = threading.Semaphore(HANDS * 2)
            while self.clock.now() < until and not (stop is not None and stop.is_set()):
                due = self._next(until)
                if due is None:
                    continue
                moment, action = due
                free.acquire()
                self.latest = max(self.latest, -self.clock.seconds_until(moment))
                hands.submit(self._do, action, free)

    def _next(self, until: datetime) -> tuple[datetime, Action] | None:
        with self._changed:
            moment = self._heap[0][0] if self._heap else until
            wait = self.clock.seconds_until(min(moment, until))
            if wait > 0:
                self._changed.wait(min(wait, 0.5))
                return None
            if not self._heap or self._heap[0][0] > self.clock.now():
                return None
            moment, _, action = heapq.heappop(self._heap)
            return moment, action

    def _do(self, action: Action, free: threading.Semaphore) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001  one actor's mishap is trouble in the report, not the end of the day
            self._record.troubles.append(traceback.format_exc(limit=3))
        finally:
            free.release()
