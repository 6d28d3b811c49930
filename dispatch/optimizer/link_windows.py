"""Windows in which every request may move freely without breaking a link: splits and fixed points.

Links tie requests on different routes; a search that knows only windows can still keep them when each
link's slack is divided between its two ends (measured: 0.6 % for one-directional links with slack).
"""

from collections.abc import Iterable

from dispatch.optimizer.calls import Call, CallTable
from dispatch.optimizer.links import ALWAYS, Key, Lag, Starts

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


def free_windows(calls: CallTable, lags: Iterable[Lag], starts: Starts) -> Windows:
    """Windows around a plan's starts in which any choice keeps every lag, its slack shared equally.

    Where an end is not planned the planned one's start stands for its whole window; where neither is, the
    overlap of both windows is cut in the middle. Lags that the plan breaks are left as they are.
    """
    every = list(lags)
    windows = reachable_windows(calls, every)
    for lag in every:
        before, after = starts.get(lag.before), starts.get(lag.after)
        if before is None and after is None:
            before, after = _middles(windows, lag)
        elif before is None or after is None:
            _hang(windows, lag, before, after)
            continue
        _share(windows, lag, before, after)
    return windows


def _share(windows: Windows, lag: Lag, before: int | None, after: int | None) -> None:
    if before is None or after is None:
        return
    over, under = after - before - lag.minimum, lag.maximum - (after - before)
    if over < 0 or under < 0:
        return
    early, late = over // 2, under // 2
    if lag.minimum > -ALWAYS // 2:
        _cut(windows, lag.before, None, before + early)
        _cut(windows, lag.after, after - (over - early), None)
    if lag.maximum < ALWAYS // 2:
        _cut(windows, lag.before, before - late, None)
        _cut(windows, lag.after, None, after + (under - late))


def _hang(windows: Windows, lag: Lag, before: int | None, after: int | None) -> None:
    if before is not None:
        _cut(windows, lag.before, before, before)
        _cut(windows, lag.after, before + lag.minimum, before + lag.maximum)
    elif after is not None:
        _cut(windows, lag.after, after, after)
        _cut(windows, lag.before, after - lag.maximum, after - lag.minimum)


def _middles(windows: Windows, lag: Lag) -> tuple[int | None, int | None]:
    """A pair of starts that keeps the lag and leaves both ends about as much room as the other."""
    (low_b, up_b), (low_a, up_a) = windows[lag.before], windows[lag.after]
    first, last = max(low_b, low_a - lag.maximum), min(up_b, up_a - lag.minimum)
    if first > last:
        return None, None
    before = (first + last) // 2
    after = min(max(before + lag.minimum, low_a), up_a, before + lag.maximum)
    return before, after


def _cut(windows: Windows, key: Key, lower: int | None, upper: int | None) -> None:
    low, up = windows[key]
    low = low if lower is None else max(low, lower)
    windows[key] = low, up if upper is None else min(up, upper)
