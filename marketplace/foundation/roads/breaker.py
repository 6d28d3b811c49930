"""A circuit breaker: after some failures in a row nobody is asked for a while, then one try decides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Safe to share between threads; `clock` is monotonic seconds."""

    def __init__(
        self, failures: int = 3, rest_seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._rest, self._clock = failures, rest_seconds, clock
        self._failures, self._open_until, self._trying = 0, 0.0, False
        self._lock = threading.Lock()
        self.reason = ""
        """Why it is open, in words."""

    def allows(self) -> bool:
        """Whether somebody may ask now; while it is open only one, once the rest is over."""
        with self._lock:
            if self._failures < self._limit:
                return True
            if self._clock() < self._open_until or self._trying:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The answer came: all is well again."""
        with self._lock:
            self._failures, self._trying, self.reason = 0, False, ""

    def failed(self, reason: str) -> None:
        """No answer; after enough of them the breaker opens for its rest."""
        with self._lock:
            self._failures, self._trying, self.reason = self._failures + 1, False, reason
            if self._failures >= self._limit:
                self._open_until = self._clock() + self._rest
