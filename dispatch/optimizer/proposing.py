"""Before the award: one proposal over all vendors, under contract shares and caps.

Searches with different favours fill a pool of routes; CP-SAT, hinted with the best plan, chooses among
them so that every vendor gets at least its share where the routes allow it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dispatch.optimizer.assigning import Column, choose
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft, TimedRoute, draft_of, thin_out
from dispatch.optimizer.limits import trim
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.reasons import reasons_for
from dispatch.optimizer.solution import Solution
from dispatch.optimizer.solving import Engine, solve
from dispatch.optimizer.stop import Stop

_FAVOURS = (0, 1000, 4000, 16000)
"""Cents taken off a vendor's prices, search by search, while it is below its least share."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of all requests a vendor gets in a proposal, and how many it lacks of its least share."""

    vendor: str
    requests: int
    percent: float
    shortfall: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that says which vendor should be offered what; `awards` is vendor by request.

    `price_of_shares` is what the shares cost in cents against the cheapest plan found without them.
    """

    plan: Solution
    awards: Mapping[str, str]
    shares: tuple[Share, ...]
    price_of_shares: int
    pool: int


def propose(
    problem: Problem, stop: Stop, seed: int = 0, start: Solution | None = None, *, engine: Engine = "auto"
) -> Proposal:
    """One proposal over all vendors: caps and largest shares bind, least shares are met where possible.

    Takes about the time of `stop`, shared by several searches and the choice among their routes. A least
    share that cannot be met is reported as a shortfall, never by leaving a request out.
    """
    searches = len(_FAVOURS) if any(vendor.min_share_percent for vendor in problem.vendors) else 2
    part = _part(stop, searches)
    plans: list[Solution] = []
    for number in range(searches):
        below = _below(problem, plans[-1]) if plans else {}
        if number > 1 and not below:
            break
        favoured = _favouring(problem, below, _FAVOURS[number])
        latest = plans[-1] if plans else start
        plans.append(solve(favoured, part, seed + number, latest, engine=engine))
    cheapest, drafts = _priced(problem, plans)
    chosen = choose(problem, _columns(drafts), _columns([cheapest]), part.seconds or 5.0, seed)
    best = _assembled(problem, cheapest, chosen)
    if _score(problem, best) > min(_score(problem, draft) for draft in drafts):
        best = min(drafts, key=lambda draft: _score(problem, draft))
    return _proposal(problem, best, cheapest, sum(len(draft.routes) for draft in drafts), seed)


def _part(stop: Stop, searches: int) -> Stop:
    seconds = None if stop.seconds is None else stop.seconds / (searches + 1)
    iterations = None if stop.iterations is None else max(stop.iterations // searches, 1)
    return Stop(seconds, iterations, stop.cancelled)


def _served_by(problem: Problem, plan: Solution) -> Counter[str]:
    vehicles = problem.vehicle_by_id
    return Counter(vehicles[route.vehicle].vendor for route in plan.routes for _ in route.requests)


def _least(problem: Problem, vendor: str) -> int:
    """The least whole number of requests that is the vendor's least share of all."""
    share = problem.vendor_by_id[vendor].min_share_percent
    return -(-share * len(problem.requests) // 100)


def _below(problem: Problem, plan: Solution) -> dict[str, int]:
    work = _served_by(problem, plan)
    missing = {vendor.id: _least(problem, vendor.id) - work[vendor.id] for vendor in problem.vendors}
    return {vendor: count for vendor, count in missing.items() if count > 0}


def _favouring(problem: Problem, below: Mapping[str, int], cents: int) -> Problem:
    """The problem in which everybody but the vendors below their share is dearer by some cents."""
    if not below or not cents:
        return problem
    vendors = tuple(
        v if v.id in below else replace(v, base_cents=v.base_cents + cents)
        for v in problem.vendor_by_id.values()
    )
    requests = tuple(
        replace(
            request,
            vendor_cents={v: c + (0 if v in below else cents) for v, c in request.vendor_cents.items()},
            unserved_cents=request.unserved_cents + cents,
        )
        for request in problem.requests
    )
    return replace(problem, vendors=vendors, requests=requests)


def _priced(problem: Problem, plans: list[Solution]) -> tuple[Draft, list[Draft]]:
    """The plans as drafts at true prices, and the cheapest of them."""
    drafts = [draft_of(problem, plan)[0] for plan in plans]
    return min(drafts, key=lambda draft: draft.cost().total), drafts


def _columns(drafts: list[Draft]) -> list[Column]:
    return [
        Column(route, frozenset(c.request.id for c in route.calls))
        for d in drafts
        for route in d.routes.values()
    ]


def _assembled(problem: Problem, base: Draft, chosen: list[Column]) -> Draft:
    draft = Draft(problem, base.calls, base.lags, eligible_by_request=base.eligible_by_request)
    for column in chosen:
        draft.put(column.route)
    for route in list(draft.routes.values()):
        timed = draft.timed(route.vehicle, route.calls)
        if isinstance(timed, TimedRoute):
            draft.put(timed)
        else:
            draft.drop_route(route.vehicle.id)
            thin_out(draft, route.vehicle, list(route.calls))
    for vehicle in problem.vehicles:
        if vehicle.committed and vehicle.id not in draft.routes:
            draft.commit(vehicle)
    trim(draft)
    insert_all(draft, [request.id for request in draft.left_out()])
    return draft


def _score(problem: Problem, draft: Draft) -> tuple[int, int]:
    """Requests lacking of least shares first, then cost."""
    vehicles = problem.vehicle_by_id
    work = Counter(vehicles[vehicle].vendor for vehicle in draft.vehicle_of.values())
    lacking = sum(max(_least(problem, vendor.id) - work[vendor.id], 0) for vendor in problem.vendors)
    unserved = sum(request.left_out_cents for request in draft.left_out())
    return unserved // 1000 + lacking, draft.cost().total


def _proposal(problem: Problem, draft: Draft, cheapest: Draft, pool: int, seed: int) -> Proposal:
    vehicles = problem.vehicle_by_id
    awards = {request: vehicles[vehicle].vendor for request, vehicle in sorted(draft.vehicle_of.items())}
    work, everything = Counter(awards.values()), max(len(problem.requests), 1)
    shares = tuple(
        Share(
            vendor,
            work[vendor],
            100 * work[vendor] / everything,
            max(_least(problem, vendor) - work[vendor], 0),
        )
        for vendor in sorted(problem.vendor_by_id)
    )
    plan = draft.solution(reasons_for(draft, draft.left_out()), seed=seed, engine="proposal")
    price = draft.cost().total - cheapest.cost().total
    return Proposal(plan, awards, shares, price, pool)
