"""When to stop searching: wall seconds, iterations, or because somebody asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

Tell = Callable[[int, int, int], None]
"""Told of the best cost in cents, the requests left out, and the iterations so far."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Limits of a search; the first that is reached ends it. A seed and `iterations` alone are repeatable.

    `seconds` is wall time from the creation of the clock (`started`), `cancelled` is asked now and then.
    """

    seconds: float | None = None
    iterations: int | None = None
    cancelled: Callable[[], bool] | None = None

    def started(self) -> "StopClock":
        """Start counting now."""
        return StopClock(self, perf_counter())


@dataclass(frozen=True, slots=True)
class StopClock:
    """A running clock on the limits of one search."""

    stop: Stop
    began: float = field(default_factory=perf_counter)

    @property
    def elapsed(self) -> float:
        """Wall seconds since the start."""
        return perf_counter() - self.began

    @property
    def remaining(self) -> float:
        """Wall seconds left; infinity when time is not limited."""
        return float("inf") if self.stop.seconds is None else self.stop.seconds - self.elapsed

    def reached(self, iterations: int) -> bool:
        """Whether the search must end now, after this many iterations."""
        if self.stop.iterations is not None and iterations >= self.stop.iterations:
            return True
        return self.over()

    def used(self, iterations: int) -> float:
        """The share of the limits that is used after this many iterations; 0 without limits."""
        shares = [0.0]
        if self.stop.seconds is not None:
            shares.append(self.elapsed / max(1e-9, self.stop.seconds))
        if self.stop.iterations is not None:
            shares.append(iterations / max(1, self.stop.iterations))
        return max(shares)

    def over(self) -> bool:
        """Whether the time is up or the search was cancelled, however many iterations are left."""
        return self.remaining <= 0 or (self.stop.cancelled is not None and self.stop.cancelled())
