"""Which rules leave a served request no room: those that its time, load or choice touches."""

from dataclasses import dataclass

from dispatch.optimizer.calls import Call
from dispatch.optimizer.draft import Draft, TimedRoute
from dispatch.optimizer.load_rules import load_fault
from dispatch.optimizer.requests import RequestKind

_NEAR = 60
"""Seconds from a bound at which it is said to bind."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule by its name in reports, and how it binds the request."""

    rule: str
    text: str


def bindings(draft: Draft, request: str) -> tuple[Binding, ...]:
    """The rules that hold the request where it is, in the order window, ride, load, choice, link."""
    route = draft.routes[draft.vehicle_of[request]]
    calls = draft.calls[request]
    found = [binding for call in calls for binding in _times(call, draft.starts[call.key])]
    return (
        *found,
        *_ride(draft, calls),
        *_load(draft, route, calls),
        *_choice(draft, calls),
        *_links(draft, calls),
    )


def _times(call: Call, start: int) -> list[Binding]:
    found: list[Binding] = []
    where = "at the last point" if call.index else "at the first point"
    if start - call.lower <= _NEAR:
        found.append(Binding("window", f"it begins as early as it may {where}"))
    if call.upper - start <= _NEAR:
        found.append(Binding("window", f"it begins as late as it may {where}"))
    told = call.point.promised
    if told is not None and (start - told.earliest <= _NEAR or told.latest - start <= _NEAR):
        found.append(Binding("promise", f"its promised window {where} leaves no more room"))
    return found


def _ride(draft: Draft, calls: tuple[Call, ...]) -> list[Binding]:
    limit = calls[0].ride_limit
    if limit is None:
        return []
    aboard = draft.starts[calls[1].key] - draft.starts[calls[0].key] - calls[0].service
    return [Binding("ride_limit", f"{aboard} of {limit} s on board")] if limit - aboard <= _NEAR else []


def _load(draft: Draft, route: TimedRoute, calls: tuple[Call, ...]) -> list[Binding]:
    """Capacity binds when a second rider or load like this one would not fit beside it."""
    if calls[0].request.kind is RequestKind.VISIT:
        return []
    doubled = [
        call for call in route.calls for _ in range(2 if call.request.id == calls[0].request.id else 1)
    ]
    if load_fault(draft.problem, route.vehicle, doubled) is None:
        return []
    return [Binding("capacity", f"{route.vehicle.id} has no room for another like it at that time")]


def _choice(draft: Draft, calls: tuple[Call, ...]) -> list[Binding]:
    request, found = calls[0].request, []
    if request.pin is not None:
        found.append(Binding("pin", f"it is pinned to {request.pin.vehicle}"))
    if request.vendors is not None and len(request.vendors) == 1:
        found.append(Binding("vendor", f"only {request.vendors[0]} may serve it"))
    able = draft.eligible(request.id)
    if len(able) == 1:
        found.append(Binding("skill", f"only {able[0].id} has what it needs"))
    return found


def _links(draft: Draft, calls: tuple[Call, ...]) -> list[Binding]:
    found: list[Binding] = []
    for lag in draft.lags.get(calls[0].request.id, ()):
        before, after = draft.starts.get(lag.before), draft.starts.get(lag.after)
        if before is None or after is None:
            continue
        apart = after - before
        if apart - lag.minimum <= _NEAR or lag.maximum - apart <= _NEAR:
            other = lag.before[0] if lag.after[0] == calls[0].request.id else lag.after[0]
            found.append(Binding("link", f"{lag.link.id} ties it to {other}"))
    return found
