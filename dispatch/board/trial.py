"""Trying a change by hand on the vehicles concerned: a certified plan comes back, or the rule against it.

Pure: facts in, verdict out. Whatever else is on these vehicles keeps its order and is never served ahead
of the time that people were told, unless it cannot be helped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from dispatch.board.refusing import Refused, standing_refusal, timing_refusal
from dispatch.optimizer.calls import Call
from dispatch.optimizer.certificate import PlanCertificate, certify
from dispatch.optimizer.draft import Draft
from dispatch.optimizer.errors import SolutionError
from dispatch.optimizer.fleet import Vehicle
from dispatch.optimizer.insertion import placements
from dispatch.optimizer.passing import Fault
from dispatch.optimizer.problem import Problem
from dispatch.optimizer.solution import Solution
from dispatch.planning.building import Distances, PlannedWork, build_problem, planned_works, split_waiting
from dispatch.planning.facts import AwardedWork, DayFacts, Standing
from dispatch.planning.standing import stops_of


@dataclass(frozen=True, slots=True)
class Accepted:
    """The plan of the vehicles concerned after the change, and the certificate of its check."""

    problem: Problem
    solution: Solution
    certificate: PlanCertificate
    planned: tuple[PlannedWork, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a dispatcher wants: these services on these vehicle days, over the facts of those vehicles.

    `moves` is empty where nothing is to move and the plan as it stands is to be certified. `names` are
    what people call the vehicle days.
    """

    facts: DayFacts
    moves: Mapping[UUID, str]
    names: Mapping[str, str]


def tried(wish: Wish, distances: Distances, key: bytes) -> Accepted | Refused:
    """The verdict on a wish; a refusal names the rule, and says what would make it a yes."""
    stuck = {waiting.work.booking_id for waiting in split_waiting(wish.facts)[1]}
    for booking_id in wish.moves:
        if booking_id in stuck:
            return Refused("link", "What must be in the home first has no vendor yet, or did not get there.")
    if any(_cannot_finish(work) for work in wish.facts.works):
        return Refused("link", "Another vendor's service waits for one that cannot be done in time.")
    verdict = _tried(wish, distances, key)
    if not (isinstance(verdict, Refused) and verdict.rule == "window" and _tied(wish.facts)):
        return verdict
    if isinstance(_tried(replace(wish, facts=_untied(wish.facts)), distances, key), Refused):
        return verdict
    return Refused(
        "link", "There it would come before what has to be in the home first, or after who waits for it."
    )


def _tried(wish: Wish, distances: Distances, key: bytes) -> Accepted | Refused:
    works = [_placed(work, wish.moves) for work in wish.facts.works]
    problem = build_problem(wish.facts, works, distances)
    base = _standing_draft(wish, works, problem)
    if isinstance(base, Refused):
        return base
    refusals = []
    for order in _orders(list(wish.moves)):
        draft = base.copy()
        refusal = _put_all(wish, draft, order)
        if refusal is None:
            return _certified(wish, works, draft, key)
        refusals.append(refusal)
    return refusals[0]


def _placed(work: AwardedWork, moves: Mapping[UUID, str]) -> AwardedWork:
    """The work with where it is to be: what moves is bound to its new vehicle, the rest to its own."""
    target = moves.get(work.booking_id)
    if target is not None:
        moment = work.standing.starts_at if work.standing else work.earliest
        return replace(work, standing=Standing(target, moment, fixed=True))
    return replace(work, standing=replace(work.standing, fixed=True)) if work.standing else work


def _standing_draft(wish: Wish, works: Sequence[AwardedWork], problem: Problem) -> Draft | Refused:
    """The plan as it stands, without what is to move."""
    draft = Draft.empty(problem)
    staying = [work for work in works if work.booking_id not in wish.moves and work.standing]
    draft.floors = {
        (stop.request, stop.point): stop.start for work in staying for stop in stops_of(wish.facts, work)
    }
    for vehicle in problem.vehicles:
        own = [work for work in staying if work.standing and work.standing.vehicle_day_id == vehicle.id]
        calls = _in_order(own, wish.facts, draft)
        timed = draft.timed(vehicle, calls) if calls else None
        if isinstance(timed, Fault):
            for call in calls:
                draft.floors.pop(call.key, None)
            timed = draft.timed(vehicle, calls)
        if isinstance(timed, Fault):
            return timing_refusal(timed, works, wish.names[vehicle.id], as_it_stands=True)
        if timed is not None:
            draft.put(timed)
    return draft


def _in_order(works: Sequence[AwardedWork], facts: DayFacts, draft: Draft) -> list[Call]:
    found = [(stop.start, stop.point, stop.request) for work in works for stop in stops_of(facts, work)]
    return [draft.calls[name][point] for _, point, name in sorted(found)]


def _orders(names: list[UUID]) -> list[list[UUID]]:
    return [names, names[::-1]] if len(names) > 1 else [names]


def _put_all(wish: Wish, draft: Draft, order: Sequence[UUID]) -> Refused | None:
    for booking_id in order:
        vehicle = draft.problem.vehicle_by_id[wish.moves[booking_id]]
        request = draft.problem.request_by_id[str(booking_id)]
        name = wish.names[vehicle.id]
        standing = standing_refusal(draft.problem, vehicle, request, name)
        if standing is not None:
            return standing
        found = placements(draft, request.id, [vehicle], most=1, tries=200)
        if not found:
            return _why_no_place(wish, draft, vehicle, request.id)
        draft.put(found[0].route)
    return None


def _why_no_place(wish: Wish, draft: Draft, vehicle: Vehicle, request: str) -> Refused:
    """The fault that most places on the vehicle run into."""
    route = draft.routes.get(vehicle.id)
    calls = list(route.calls) if route else []
    faults = Counter(fault for fault in _faults(draft, vehicle, calls, draft.calls[request]))
    if not faults:
        return Refused("no_room", f"It fits nowhere into the day of {wish.names[vehicle.id]}.")
    return timing_refusal(faults.most_common(1)[0][0], wish.facts.works, wish.names[vehicle.id])


def _faults(draft: Draft, vehicle: Vehicle, calls: list[Call], added: tuple[Call, ...]) -> Iterator[Fault]:
    for first in range(len(calls) + 1):
        begun = [*calls[:first], added[0]]
        for last in range(first, len(calls) + 1) if len(added) > 1 else (len(calls),):
            tail = [added[1], *calls[last:]] if len(added) > 1 else []
            between = calls[first:last]
            timed = draft.timed(vehicle, [*begun, *between, *tail])
            if isinstance(timed, Fault):
                yield timed


def _certified(wish: Wish, works: Sequence[AwardedWork], draft: Draft, key: bytes) -> Accepted | Refused:
    solution = draft.solution((), engine="hand")
    try:
        certificate = certify(draft.problem, solution, key)
    except SolutionError as error:
        return Refused(error.key.removeprefix("solution."), error.message)
    planned = planned_works(wish.facts, works, solution)
    return Accepted(draft.problem, solution, certificate, tuple(planned))


def _tied(facts: DayFacts) -> bool:
    return any(work.start_not_before or work.arrive_not_before or work.finish_by for work in facts.works)


def _cannot_finish(work: AwardedWork) -> bool:
    """Whether even the earliest service would end after somebody else has to have it."""
    if work.finish_by is None:
        return False
    begins = max(
        work.earliest, work.arrive_not_before or work.earliest, work.start_not_before or work.earliest
    )
    lasting = work.first_seconds if work.destination is None else work.last_seconds
    return begins + timedelta(seconds=lasting) > work.finish_by


def _untied(facts: DayFacts) -> DayFacts:
    free = tuple(
        replace(work, start_not_before=None, arrive_not_before=None, finish_by=None) for work in facts.works
    )
    return replace(facts, works=free)
