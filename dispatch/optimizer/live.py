"""A live plan: prepared once, then changed event by event without starting over."""

from collections.abc import Iterable

from dispatch.optimizer.calls import Call, request_calls
from dispatch.optimizer.draft import Draft, TimedRoute, draft_of, thin_out
from dispatch.optimizer.events import Change, Event, after
from dispatch.optimizer.insertion import prepare
from dispatch.optimizer.links import lags_of
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Solution


class LivePlan:
    """A problem with the plan that is being carried out, ready for repairs and questions.

    `problem` and `plan` are values; a live plan is never changed, `repair` and `what_if` work on copies.
    Starts of the plan are what people were told: repairs never move anyone ahead of them where that can
    be helped.
    """

    def __init__(self, problem: Problem, plan: Solution) -> None:
        self.problem, self.plan = problem, plan
        self.draft, self.lost = draft_of(problem, plan, told=True)
        for request in self.draft.vehicle_of:
            self.draft.eligible(request)
        prepare(self.draft)
        self.draft.solution(plan.unserved)

    def after(self, event: Event) -> tuple[Change, Draft, list[str]]:
        """The problem after the event, the draft that remains of the plan, and the requests to be placed."""
        change = after(self.problem, event)
        draft, lost = rebased(self.draft, change.problem, change.to_place)
        wanted = dict.fromkeys([*change.to_place, *lost, *self.lost])
        missing = [name for name in wanted if name not in draft.vehicle_of and name in draft.calls]
        return change, draft, missing


def rebased(draft: Draft, problem: Problem, out: Iterable[str]) -> tuple[Draft, list[str]]:
    """The draft on a changed problem, without the requests `out`; also what could not stay.

    Requests and vehicles that are the same objects in both problems keep what was prepared for them, and
    routes without a change keep their timing.
    """
    out = set(out)
    calls = _calls_on(draft, problem)
    lags = draft.lags if problem.links == draft.problem.links and not _retimed_service(draft, calls) else None
    same_fleet = problem.vehicles == draft.problem.vehicles
    eligible = {
        name: able
        for name, able in draft.eligible_by_request.items()
        if calls.get(name) is draft.calls.get(name)
    }
    floors = {key: start for key, start in draft.floors.items() if key[0] not in out}
    fresh = Draft(
        problem,
        calls,
        lags_of(problem) if lags is None else lags,
        eligible_by_request=eligible if same_fleet else {},
        floors=floors,
    )
    return fresh, _carry_routes(draft, fresh, out)


def _calls_on(draft: Draft, problem: Problem) -> dict[str, tuple[Call, ...]]:
    table: dict[str, tuple[Call, ...]] = {}
    for request in problem.requests:
        old = draft.calls.get(request.id)
        same = old is not None and old[0].request is request
        table[request.id] = old if same and old is not None else request_calls(problem, request)
    return table


def _retimed_service(draft: Draft, calls: dict[str, tuple[Call, ...]]) -> bool:
    """Whether a linked request changed, so that lags must be worked out again."""
    return any(calls.get(name) is not draft.calls.get(name) for name in draft.lags)


def _carry_routes(draft: Draft, fresh: Draft, out: set[str]) -> list[str]:
    """Put the old routes into the fresh draft; returns the requests that lost their place."""
    lost: list[str] = []
    changed: list[tuple[TimedRoute, list[Call]]] = []
    for name, route in draft.routes.items():
        vehicle = fresh.problem.vehicle_by_id.get(name)
        fixed = {stop.request for stop in vehicle.committed} if vehicle is not None else set()
        calls = [
            fresh.calls[call.request.id][call.index]
            for call in route.calls
            if call.index < len(fresh.calls.get(call.request.id, ()))
            and (call.request.id not in out or call.request.id in fixed)
        ]
        if vehicle is None:
            lost += dict.fromkeys(call.request.id for call in calls)
        elif vehicle is route.vehicle and calls == list(route.calls):
            fresh.put(route)
            if name in draft.outlines:
                fresh.outlines[name] = draft.outlines[name]
            if name in draft.made:
                fresh.made[name] = draft.made[name]
        elif calls:
            changed.append((route, calls))
    for route, calls in changed:
        lost += _lay_again(fresh, route.vehicle.id, calls)
    return lost


def _lay_again(fresh: Draft, vehicle_id: str, calls: list[Call]) -> list[str]:
    """Time a changed sequence, ahead of what people were told only where it must be; returns what is lost."""
    vehicle = fresh.problem.vehicle_by_id[vehicle_id]
    timed = fresh.timed_as_told(vehicle, calls) or fresh.timed(vehicle, calls)
    if isinstance(timed, Fault):
        for call in calls:
            fresh.floors.pop(call.key, None)
        timed = fresh.timed(vehicle, calls)
    if isinstance(timed, Fault):
        return thin_out(fresh, vehicle, calls)
    fresh.put(timed)
    return []
