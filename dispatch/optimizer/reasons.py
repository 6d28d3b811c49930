"""Why a request is not in the plan, as a code and a sentence."""

from collections.abc import Iterable
from time import perf_counter

from dispatch.optimizer.draft import Draft
from dispatch.optimizer.eligibility import nearest_barrier
from dispatch.optimizer.insertion import placements
from dispatch.optimizer.requests import Request
from dispatch.optimizer.solution import Unserved, UnservedCode


def reasons_for(draft: Draft, requests: Iterable[Request], seconds: float = 0.5) -> list[Unserved]:
    """The reason for each request that the draft leaves out.

    After `seconds` requests that an empty vehicle could serve are no longer tried in the plan itself.
    """
    began = perf_counter()
    return [reason_for(draft, request, probe=perf_counter() - began < seconds) for request in requests]


def reason_for(draft: Draft, request: Request, *, probe: bool = True) -> Unserved:
    """The reason that holds for this request in this draft, the most permanent one first."""
    nearest = nearest_barrier(draft.problem, request)
    if nearest is not None:
        return Unserved(request.id, nearest.code, f"No vehicle can serve it: {nearest.reason}.")
    broken = _link_reason(draft, request)
    if broken is not None:
        return Unserved(request.id, UnservedCode.LINK, broken)
    found = placements(draft, request.id, most=1) if probe else []
    if found:
        cents, price = found[0].delta, request.left_out_cents
        if cents <= price:
            text = "It would fit, but the search ended before it was put in."
            return Unserved(request.id, UnservedCode.NO_ROOM, text)
        text = f"Serving it would cost {cents} cents, leaving it out {price}."
        return Unserved(request.id, UnservedCode.PRICE, text)
    text = f"It fits none of {len(draft.eligible(request.id))} able vehicles beside what they already do."
    return Unserved(request.id, UnservedCode.NO_ROOM, text)


def _link_reason(draft: Draft, request: Request) -> str | None:
    for lag in draft.lags.get(request.id, ()):
        if not lag.link.hard:
            continue
        other = lag.before[0] if lag.after[0] == request.id else lag.after[0]
        needed = lag.after[0] == request.id or lag.link.mutual
        if needed and other not in draft.vehicle_of:
            return f"Link {lag.link.id} needs {other}, which is not served."
    calls = draft.calls[request.id]
    for key, (lower, upper) in draft.windows(calls, soft=False).items():
        call = calls[key[1]]
        if max(lower, call.lower) > min(upper, call.upper):
            return f"Its links leave no time between {call.lower} and {call.upper} at point {key[1]}."
    return None
