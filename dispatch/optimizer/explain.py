"""Say why: for a served request what bound it and who came second, for one left out what would help."""

from dataclasses import dataclass
from itertools import combinations, islice

from dispatch.optimizer.binding import Binding, bindings
from dispatch.optimizer.check import check
from dispatch.optimizer.construct import insert_all
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.ejecting import by_ejection
from dispatch.optimizer.eligibility import barrier
from dispatch.optimizer.errors import ProblemError
from dispatch.optimizer.insertion import placements
from dispatch.optimizer.live import LivePlan, rebased
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.reasons import reason_for
from dispatch.optimizer.relaxing import Relaxation, ladders
from dispatch.optimizer.solution import Solution, UnservedCode

_MOST_SETS = 200
"""How many sets of two or three relaxations are tried before giving up."""


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """Another vendor: its best vehicle and what the plan would cost more (`gap_cents`), or why it cannot.

    `rule` is the first hard rule against the vehicle that comes nearest, None when only cost speaks
    against it.
    """

    vendor: str
    vehicle: str
    gap_cents: int | None
    rule: UnservedCode | None
    reason: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """Why a served request is where it is: the rules that leave it no room, and the other vendors."""

    request: str
    vehicle: str
    vendor: str
    bindings: tuple[Binding, ...]
    runners_up: tuple[RunnerUp, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """A minimal set of relaxations, with the checked plan in which the request is served under them."""

    relaxations: tuple[Relaxation, ...]
    problem: Problem
    plan: Solution

    @property
    def text(self) -> str:
        """The set as a sentence for people."""
        return " and ".join(relaxation.text for relaxation in self.relaxations)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a request is not served, and what would make it a yes, smallest sets first, each solved.

    `remedies` may hold one with no relaxation at all: the plan can be repaired to serve it as it is.
    """

    request: str
    code: UnservedCode
    reason: str
    remedies: tuple[Remedy, ...]


def explain(live: LivePlan, request: str, most: int = 3, deepest: int = 3) -> Assigned | LeftOut:
    """Why the request is served as it is, or left out. Raises ProblemError for one that is unknown.

    `deepest` is how many relaxations are tried together at most: every one more takes much longer.
    """
    if request not in live.problem.request_by_id:
        raise ProblemError("request", f"{request!r} is not a request of this problem")
    if request in live.draft.vehicle_of:
        return _assigned(live, request)
    return _left_out(live, request, most, deepest)


def _assigned(live: LivePlan, request: str) -> Assigned:
    draft = live.draft
    vehicle = draft.problem.vehicle_by_id[draft.vehicle_of[request]]
    base, _ = rebased(draft, draft.problem, {request})
    own = draft.cost().total - base.cost().total
    others = sorted({v.vendor for v in draft.problem.vehicles} - {vehicle.vendor})
    rivals = (_runner_up(base, request, vendor, own) for vendor in others)
    ranked = sorted(rivals, key=lambda r: (r.gap_cents is None, r.gap_cents or 0, r.vendor))
    return Assigned(request, vehicle.id, vehicle.vendor, bindings(draft, request), tuple(ranked))


def _runner_up(base: Draft, request: str, vendor: str, own: int) -> RunnerUp:
    fleet = [vehicle for vehicle in base.problem.vehicles if vehicle.vendor == vendor]
    found = placements(base, request, fleet, most=1)
    if found:
        left_out = base.calls[request][0].request.left_out_cents
        gap = found[0].delta - left_out - own
        return RunnerUp(vendor, found[0].vehicle, gap, None, f"{gap} cents dearer with {found[0].vehicle}")
    wanted = base.calls[request][0].request
    for vehicle in fleet:
        against = barrier(base.problem, vehicle, wanted)
        if against is None:
            text = f"{vehicle.id} has no room beside what it already does"
            return RunnerUp(vendor, vehicle.id, None, UnservedCode.NO_ROOM, text)
    against = barrier(base.problem, fleet[0], wanted)
    assert against is not None
    return RunnerUp(vendor, fleet[0].id, None, against.code, against.reason)


def _left_out(live: LivePlan, request: str, most: int, deepest: int) -> LeftOut:
    reason = reason_for(live.draft, live.problem.request_by_id[request])
    as_it_is = _served_under(live, request, ())
    if as_it_is is not None:
        return LeftOut(request, reason.code, reason.reason, (as_it_is,))
    steps = list(ladders(live.problem, live.problem.request_by_id[request]))
    remedies = [remedy for ladder in steps if (remedy := _lowest(live, request, ladder)) is not None]
    for size in range(2, deepest + 1):
        remedies = remedies or _sets(live, request, steps, size, most)
    remedies.sort(key=lambda remedy: (len(remedy.relaxations), remedy.plan.cost.total))
    return LeftOut(request, reason.code, reason.reason, tuple(remedies[:most]))


def _lowest(live: LivePlan, request: str, ladder: tuple[Relaxation, ...]) -> Remedy | None:
    """The smallest step of a ladder that is enough; nothing when even the largest is not."""
    enough = _served_under(live, request, ladder[-1:])
    low, high = 0, len(ladder) - 1
    while enough is not None and low < high:
        middle = (low + high) // 2
        found = _served_under(live, request, (ladder[middle],))
        if found is None:
            low = middle + 1
        else:
            enough, high = found, middle
    return enough


def _sets(
    live: LivePlan, request: str, steps: list[tuple[Relaxation, ...]], size: int, most: int
) -> list[Remedy]:
    """Sets of relaxations, each at its largest step and then lowered while it is still enough.

    As no smaller set is enough even at the largest steps, none of their elements can be spared.
    """
    found: list[Remedy] = []
    for ladders_taken in islice(combinations(steps, size), _MOST_SETS):
        remedy = _served_under(live, request, tuple(ladder[-1] for ladder in ladders_taken))
        if remedy is not None:
            found.append(_lowered(live, request, ladders_taken, remedy))
        if len(found) >= most:
            break
    return found


def _lowered(
    live: LivePlan, request: str, ladders_taken: tuple[tuple[Relaxation, ...], ...], remedy: Remedy
) -> Remedy:
    for at, ladder in enumerate(ladders_taken):
        for step in ladder[:-1]:
            trial = list(remedy.relaxations)
            trial[at] = step
            lower = _served_under(live, request, tuple(trial))
            if lower is not None:
                remedy = lower
                break
    return remedy


def _served_under(live: LivePlan, request: str, relaxations: tuple[Relaxation, ...]) -> Remedy | None:
    """The plan that serves the request and everybody served before under the relaxations, if one is found."""
    problem = live.problem
    for relaxation in relaxations:
        problem = relaxation.apply(problem)
    draft, lost = rebased(live.draft, problem, ())
    if lost:
        return None
    wanted = [request, *_partners(draft, request)]
    candidate = draft.copy()
    insert_all(candidate, wanted)
    if request not in candidate.vehicle_of:
        found = by_ejection(draft, [request])
        if not found:
            return None
        candidate = found[0][1]
    plan = candidate.solution([reason_for(candidate, r, probe=False) for r in candidate.left_out()])
    return Remedy(relaxations, problem, plan) if check(problem, plan).ok else None


def _partners(draft: Draft, request: str) -> list[str]:
    """Requests left out with this one because a hard link ties them."""
    ends = {
        end for lag in draft.lags.get(request, ()) if lag.link.hard for end in (lag.before[0], lag.after[0])
    }
    return sorted(name for name in ends if name != request and name not in draft.vehicle_of)
