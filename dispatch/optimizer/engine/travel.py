"""Travel times by the clock: the integral of a speed profile, so no later departure arrives earlier."""

from __future__ import annotations

from dispatch.optimizer.engine.compile import inlined
from dispatch.optimizer.engine.instance import Floats
from dispatch.optimizer.engine.layout import Data


@inlined
def drive(data: Data, profile: int, a: int, b: int, depart: float) -> float:
    """Time units from location a to b when leaving at ``depart``."""
    return lasting(data, profile, data.time[profile, a, b], depart)


@inlined
def lasting(data: Data, profile: int, base: float, depart: float) -> float:
    """Time units that a leg of ``base`` units of driving takes when leaving at ``depart``."""
    if data.speed.shape[1] == 0:
        return base
    return onward(data.speed[profile], data.bucket[0], base, depart)


@inlined
def drive_back(data: Data, profile: int, a: int, b: int, arrive: float) -> float:
    """Time units from location a to b when arriving at ``arrive``."""
    return lasting_back(data, profile, data.time[profile, a, b], arrive)


@inlined
def lasting_back(data: Data, profile: int, base: float, arrive: float) -> float:
    """Time units that a leg of ``base`` units of driving takes when arriving at ``arrive``."""
    if data.speed.shape[1] == 0 or arrive > 1e15:
        return base
    return backward(data.speed[profile], data.bucket[0], base, arrive)


@inlined
def _bucket(speed: Floats, length: float, clock: float) -> int:
    """The hour bucket of a clock time; before zero the first, after the end the last."""
    return min(max(int(clock // length), 0), len(speed) - 1)


@inlined
def onward(speed: Floats, length: float, base: float, depart: float) -> float:
    """Elapsed time to cover ``base`` units of work from ``depart`` on."""
    clock, left = depart, base
    index = _bucket(speed, length, clock)
    while index < len(speed) - 1:
        room = ((index + 1) * length - clock) * speed[index]
        if left <= room:
            break
        left -= room
        index += 1
        clock = index * length
    return float(clock + left / speed[index] - depart)


@inlined
def backward(speed: Floats, length: float, base: float, arrive: float) -> float:
    """Elapsed time to cover ``base`` units of work that end at ``arrive``."""
    clock, left = arrive, base
    index = _bucket(speed, length, clock)
    while index > 0:
        room = (clock - index * length) * speed[index]
        if left <= room:
            break
        left -= room
        clock = index * length
        index -= 1
    return float(arrive - (clock - left / speed[index]))
