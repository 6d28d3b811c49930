"""The last cents: every request is put where its own route is cheapest, by the exact rules.

The compiled search prices time in arrays and ends at a temperature above some cents; what two stops of a
route gain by changing places may be less than either tells.
"""

from collections.abc import Callable

from dispatch.optimizer.draft import Draft
from dispatch.optimizer.insertion import placements


def polished(draft: Draft, stopped: Callable[[], bool]) -> Draft:
    """The draft with each request taken out and put back on its vehicle wherever that lowers the cost.

    Every request is tried once, route by route; no request changes its vehicle. The draft given is not
    changed; the result is never dearer.
    """
    best, cost = draft, draft.cost().total
    for vehicle, route in draft.routes.items():
        for request in dict.fromkeys(call.request.id for call in route.calls):
            if stopped():
                return best
            trial = best.copy()
            if not trial.remove(request):
                continue
            found = placements(trial, request, [draft.problem.vehicle_by_id[vehicle]], most=1)
            if not found or found[0].route.calls == best.routes[vehicle].calls:
                continue
            trial.put(found[0].route)
            price = trial.cost().total
            if price < cost and not trial.broken_links():
                best, cost = trial, price
    return best
