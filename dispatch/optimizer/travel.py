"""Travel between numbered locations: seconds and metres, by hour when the hours differ."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from dispatch.optimizer.errors import ProblemError

Int32Array = npt.NDArray[np.int32]
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Driving seconds and metres between every two locations.

    `seconds` has shape (n, n), or (buckets, n, n) when travel depends on the hour; `metres` has shape
    (n, n). `bucket_starts` are the seconds since the day's start at which each bucket begins, the first
    being 0. A leg that crosses a bucket's border continues at the next bucket's speed (Ichoua, Gendreau
    and Potvin 2003), so that leaving later never means arriving earlier.
    """

    seconds: Int32Array
    metres: Int32Array
    bucket_starts: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, seconds: Any, metres: Any = None, bucket_starts: Sequence[int] = (0,)) -> "TravelMatrix":
        """Build a matrix from nested lists or arrays; metres default to the first bucket's seconds x 10.

        Raises ProblemError naming `travel.seconds` or `travel.metres` for values that are missing, not
        finite, negative, or of the wrong shape.
        """
        times = _whole(seconds, "travel.seconds")
        times = times[np.newaxis] if times.ndim == 2 else times
        if times.ndim != 3 or times.shape[1] != times.shape[2]:
            raise ProblemError(
                "travel.seconds", f"must be square (n x n, or buckets x n x n), is {times.shape}"
            )
        lengths = times[0] * 10 if metres is None else _whole(metres, "travel.metres")
        if lengths.shape != times.shape[1:]:
            raise ProblemError("travel.metres", f"must be {times.shape[1:]} like seconds, is {lengths.shape}")
        starts = tuple(int(start) for start in bucket_starts)
        if len(starts) != times.shape[0] or starts[0] != 0 or list(starts) != sorted(set(starts)):
            raise ProblemError(
                "travel.bucket_starts", "must begin with 0, grow, and have one entry per bucket"
            )
        return cls(times, lengths.astype(np.int32), starts)

    @property
    def size(self) -> int:
        """The number of locations."""
        return int(self.metres.shape[0])

    @property
    def by_hour(self) -> bool:
        """Whether travel depends on the time of departure."""
        return len(self.bucket_starts) > 1

    def leg(self, origin: int, destination: int, departure: int) -> int:
        """Seconds of driving from one location to another when leaving at `departure`."""
        if not self.by_hour:
            return int(self.seconds[0, origin, destination])
        return self._crossing(origin, destination, departure)

    def shortest(self, origin: int, destination: int) -> int:
        """Seconds of driving at the best hour: a lower bound for any departure."""
        return int(self.seconds[:, origin, destination].min())

    def _crossing(self, origin: int, destination: int, departure: int) -> int:
        bucket = max(bisect_right(self.bucket_starts, departure) - 1, 0)
        remaining, clock = 1.0, float(departure)
        while bucket + 1 < len(self.bucket_starts):
            whole = float(self.seconds[bucket, origin, destination])
            border = self.bucket_starts[bucket + 1]
            if clock + remaining * whole <= border:
                break
            remaining -= (border - clock) / whole
            clock = float(border)
            bucket += 1
        clock += remaining * float(self.seconds[bucket, origin, destination])
        return ceil(clock - _ROUNDING) - departure


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
    if (table > 2**30).any():
        raise ProblemError(key, "holds an entry above 2^30; is the unit right?")
    return np.rint(table).astype(np.int32)
