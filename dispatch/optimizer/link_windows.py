"""Windows in which every request may move freely without breaking a link.

Links tie requests on different routes; a search that knows only windows can still keep them when each
link's slack is divided between its two ends (measured: 0.6 % for one-directional links with slack).
"""

from collections.abc import Iterable

from dispatch.optimizer.calls import Call, CallTable
from dispatch.optimizer.links import ALWAYS, NEVER, Key, Lag, Starts

Windows = dict[Key, tuple[int, int]]


def reachable_windows(calls: CallTable, lags: Iterable[Lag]) -> Windows:
    """Each linked point's window after what its links rule out for certain (arc consistency).

    A window may come out empty; then the request cannot be served together with its partners.
    """
    every = list(lags)
    windows = {key: _own(calls, key) for lag in every for key in (lag.before, lag.after)}
    for _ in range(len(every) + 1):
        moved = [_narrow(windows, lag) for lag in every]
        if True not in moved:
            break
    return windows


def _own(calls: CallTable, key: Key) -> tuple[int, int]:
    call: Call = calls[key[0]][key[1]]
    return call.lower, call.upper


def _narrow(windows: Windows, lag: Lag) -> bool:
    """Narrow both ends by the lag; True when something moved (empty windows are left alone)."""
    (low_b, up_b), (low_a, up_a) = windows[lag.before], windows[lag.after]
    if low_b > up_b or low_a > up_a:
        return False
    new_a = max(low_a, low_b + lag.minimum), min(up_a, up_b + lag.maximum)
    new_b = max(low_b, new_a[0] - lag.maximum), min(up_b, new_a[1] - lag.minimum)
    moved = (new_a, new_b) != ((low_a, up_a), (low_b, up_b))
    windows[lag.after], windows[lag.before] = new_a, new_b
    return moved


def free_windows(calls: CallTable, lags: Iterable[Lag], starts: Starts, share: float = 0.5) -> Windows:
    """Windows around a plan's starts in which any choice keeps every lag that the plan keeps.

    `share` is the part of each lag's slack that its `before` gets (0 to 1), its `after` the rest. Where one
    end is not planned it may use what the other's start leaves; where neither is, the narrower window is
    kept whole and the wider one is cut. Lags that the plan breaks are left as they are.
    """
    every = list(lags)
    windows = reachable_windows(calls, every)
    for lag in every:
        before, after = starts.get(lag.before), starts.get(lag.after)
        if before is not None and after is not None:
            _divide(windows, lag, before, after, share)
        elif before is not None:
            _cut(windows, lag.before, before, before)
            _cut(windows, lag.after, before + lag.minimum, before + lag.maximum)
        elif after is not None:
            _cut(windows, lag.after, after, after)
            _cut(windows, lag.before, after - lag.maximum, after - lag.minimum)
        else:
            _part(windows, lag)
    return windows


def _divide(windows: Windows, lag: Lag, before: int, after: int, share: float) -> None:
    over, under = after - before - lag.minimum, lag.maximum - (after - before)
    if over < 0 or under < 0:
        return
    if lag.minimum > NEVER // 2:
        early = int(over * share)
        _cut(windows, lag.before, NEVER, before + early)
        _cut(windows, lag.after, before + early + lag.minimum, ALWAYS)
    if lag.maximum < ALWAYS // 2:
        late = int(under * share)
        _cut(windows, lag.before, before - late, ALWAYS)
        _cut(windows, lag.after, NEVER, before - late + lag.maximum)


def _part(windows: Windows, lag: Lag) -> None:
    """Part the windows of two ends that are not planned, so that any two choices keep the lag."""
    (low_b, up_b), (low_a, up_a) = windows[lag.before], windows[lag.after]
    rest_a = max(low_a, up_b + lag.minimum), min(up_a, low_b + lag.maximum)
    rest_b = max(low_b, up_a - lag.maximum), min(up_b, low_a - lag.minimum)
    narrower = up_b - low_b <= up_a - low_a
    if rest_a[0] <= rest_a[1] and (narrower or rest_b[0] > rest_b[1]):
        windows[lag.after] = rest_a
    elif rest_b[0] <= rest_b[1]:
        windows[lag.before] = rest_b
    else:
        _meet(windows, lag)


def _meet(windows: Windows, lag: Lag) -> None:
    """Where neither window can be kept whole: both are cut at a pair of starts in the middle."""
    (low_b, up_b), (low_a, up_a) = windows[lag.before], windows[lag.after]
    first, last = max(low_b, low_a - lag.maximum), min(up_b, up_a - lag.minimum)
    if first <= last:
        before = (first + last) // 2
        after = min(max(before + lag.minimum, low_a), up_a, before + lag.maximum)
        _divide(windows, lag, before, after, 0.5)


def _cut(windows: Windows, key: Key, lower: int, upper: int) -> None:
    low, up = windows[key]
    windows[key] = max(low, lower), min(up, upper)
