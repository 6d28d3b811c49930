"""Travel between numbered locations: seconds and metres, slower or faster by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dispatch.optimizer.errors import ProblemError

Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Driving seconds and metres between every two locations, both of shape (n, n).

    With `speed_percent` travel depends on the clock: in bucket h (`bucket_seconds` long, counted from the
    day's start, the last one goes on for ever) driving advances at `speed_percent[h]` per cent of the
    matrix's speed. A leg that crosses a bucket's border continues at the next bucket's speed (Ichoua,
    Gendreau and Potvin 2003), so that leaving later never means arriving earlier.
    """

    seconds: Int32Array
    metres: Int32Array
    speed_percent: tuple[int, ...] = ()
    bucket_seconds: int = 3600

    @classmethod
    def of(
        cls, seconds: Any, metres: Any = None, speed_percent: Sequence[int] = (), bucket_seconds: int = 3600
    ) -> "TravelMatrix":
        """Build a matrix from nested lists or arrays; metres default to 10 for each second.

        Raises ProblemError naming `travel.seconds`, `travel.metres`, `travel.speed_percent` or
        `travel.bucket_seconds` for values that are missing, not finite, negative, or of the wrong shape.
        """
        times = _whole(seconds, "travel.seconds")
        if times.ndim != 2 or times.shape[0] != times.shape[1]:
            raise ProblemError("travel.seconds", f"must be square (n x n), has shape {times.shape}")
        lengths = times * 10 if metres is None else _whole(metres, "travel.metres")
        if lengths.shape != times.shape:
            raise ProblemError("travel.metres", f"must be {times.shape} like seconds, is {lengths.shape}")
        if any(not 1 <= speed <= 1000 for speed in speed_percent):
            raise ProblemError("travel.speed_percent", "must lie between 1 and 1000 per cent")
        if bucket_seconds <= 0:
            raise ProblemError("travel.bucket_seconds", "must be positive")
        return cls(times, lengths, tuple(int(speed) for speed in speed_percent), int(bucket_seconds))

    @property
    def size(self) -> int:
        """The number of locations."""
        return len(self.metres)

    @property
    def by_hour(self) -> bool:
        """Whether travel depends on the time of departure."""
        return any(speed != 100 for speed in self.speed_percent)

    def leg(self, origin: int, destination: int, departure: int) -> int:
        """Seconds of driving from one location to another when leaving at `departure`, rounded up."""
        whole = int(self.seconds[origin, destination])
        return self._through_buckets(whole, departure) if self.speed_percent else whole

    def shortest(self, origin: int, destination: int) -> int:
        """Seconds of driving at the fastest hour: a lower bound for any departure."""
        whole = int(self.seconds[origin, destination])
        return whole if not self.speed_percent else -(-whole * 100 // max(self.speed_percent))

    def _through_buckets(self, whole: int, departure: int) -> int:
        remaining, clock = whole * 100, departure
        last = len(self.speed_percent) - 1
        bucket = min(max(departure, 0) // self.bucket_seconds, last)
        while bucket < last:
            border = (bucket + 1) * self.bucket_seconds
            covered = (border - clock) * self.speed_percent[bucket]
            if covered >= remaining:
                break
            remaining, clock, bucket = remaining - covered, border, bucket + 1
        return clock - (-remaining // self.speed_percent[bucket]) - departure


def _whole(values: Any, key: str) -> Int32Array:
    if values is None:
        raise ProblemError(key, "is missing; give one row per location")
    try:
        table = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ProblemError(key, "must be a table of numbers with rows of equal length") from None
    if table.size == 0:
        raise ProblemError(key, "is empty; give one row per location")
    if not np.isfinite(table).all():
        raise ProblemError(key, "holds NaN or infinity; every entry must be a finite number")
    if (table < 0).any():
        raise ProblemError(key, "holds a negative entry; driving takes no less than 0")
    if (table > 2**26).any():
        raise ProblemError(key, "holds an entry above 2^26; is the unit right?")
    return np.ascontiguousarray(np.rint(table).astype(np.int32))
