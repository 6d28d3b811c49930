"""Planning a day as jobs: read, solve, check, certify, commit; at once first, then thought about for longer.

What has happened is in the plan within a second or two: the search goes on from the plan as it stands, and
gets no more than `AT_ONCE_SECONDS` unless somebody who had a place would lose it, or a newcomer gets none.
Once nothing has changed for a while the day is thought about for the whole `HOMEWARD_PLANNING_SECONDS`, and
people are told of another plan only where it is worth it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import text

from dispatch.optimizer import Problem, Progress, Solution, Stop, solve
from dispatch.optimizer.certificate import certify
from dispatch.optimizer.steadying import steadied
from dispatch.planning.building import CHANGE_CENTS, Waiting, build_problem, planned_works, split_waiting
from dispatch.planning.committing import FactsMoved, MadePlan, commit
from dispatch.planning.facts import AwardedWork, DayFacts
from dispatch.planning.handlers import plan_later_legs
from dispatch.planning.models import Plan, PlanState
from dispatch.planning.reading import read_day, travel_of
from dispatch.planning.standing import standing_plan
from dispatch.planning.wanting import begin_planning, want_improvement
from marketplace.foundation.jobs.queue import JobContext
from marketplace.foundation.roads import sources_of
from marketplace.foundation.settings import Settings

log = structlog.get_logger(__name__)

TRIES = 5
AT_ONCE_SECONDS = 0.3
"""What the search gets before people are told."""
WORTH_CENTS = CHANGE_CENTS
"""What another plan must save, the price of its changes paid, before people are told of it."""
STEADY_CENTS = 500
"""What a vehicle's route may cost more so that people keep the times they were told: some minutes' work."""
YIELD_SECONDS = 0.15
"""How long other work may wait for a worker that only improves a plan."""

_OTHERS_WAIT = text(
    "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'queued'"
    " AND run_after < now() - make_interval(secs => :seconds))"
)


def plan_day(context: JobContext) -> dict[str, Any]:
    """Plan the region's day named by `plan`; returns how many bookings were served and left out."""
    plan_id = UUID(context.arguments["plan"])
    reason = str(context.arguments.get("reason", "changed"))
    settings = context.runtime.settings
    for _ in range(TRIES):
        with context.unit_of_work() as session:
            plan = begin_planning(session, plan_id)
            facts, zone = read_day(session, plan), ZoneInfo(plan.time_zone)
        made = make_plan(settings, facts, zone, reason, _reporting(context))
        try:
            with context.unit_of_work() as session:
                version = commit(session, plan_id, made, certificate_key(settings))
                plan_later_legs(session, [work.work.booking_id for work in made.planned], plan_id)
                if thinking_seconds(settings) > AT_ONCE_SECONDS:
                    want_improvement(session, plan_id, version.number)
                return {"version": version.number, "served": version.served, "unserved": version.unserved}
        except FactsMoved:
            log.info("facts moved while planning", plan=str(plan_id))
    raise FactsMoved("The day keeps changing faster than it can be planned; it will be tried again.")


def improve_day(context: JobContext) -> dict[str, Any]:
    """Think longer about version `version` of `plan`, while it is current and no other work waits.

    Commits only what saves at least `WORTH_CENTS`, or finds a place for more. Returns what came of it.
    """
    plan_id, number = UUID(context.arguments["plan"]), int(context.arguments["version"])
    settings, stands = context.runtime.settings, _Stands(context, plan_id, number)
    with context.unit_of_work() as session:
        plan = session.get_one(Plan, plan_id)
        if (plan.current_version, plan.state) != (number, PlanState.CURRENT):
            return {"outcome": "overtaken"}
        facts, zone = read_day(session, plan), ZoneInfo(plan.time_zone)
    day = _read(settings, facts, zone)
    before = solve(day.problem, Stop(iterations=0), seed=1, start=day.start)
    stop = Stop(seconds=thinking_seconds(settings), cancelled=stands.overtaken)
    better = solve(day.problem, stop, seed=number, start=before, on_progress=_reporting(context))
    if not _worth_telling(day, before, better):
        _try_again(context, stands)
        return {"outcome": "kept"}
    try:
        with context.unit_of_work() as session:
            made = day.made(settings, better, "improved")
            version = commit(session, plan_id, made, certificate_key(settings), over=number)
            plan_later_legs(session, [work.work.booking_id for work in made.planned], plan_id)
            return {"outcome": "improved", "version": version.number}
    except FactsMoved:
        return {"outcome": "overtaken"}


def make_plan(
    settings: Settings,
    facts: DayFacts,
    zone: ZoneInfo,
    reason: str,
    on_progress: Callable[[Progress], None] | None = None,
) -> MadePlan:
    """Solve and certify the day from the plan as it stands; raises SolutionError when the check objects."""
    day, most = _read(settings, facts, zone), thinking_seconds(settings)
    at_once = min(most, AT_ONCE_SECONDS)
    solution = solve(day.problem, Stop(seconds=at_once), seed=1, start=day.start, on_progress=on_progress)
    if most > at_once and _newly_left_out(facts, solution):
        stop = Stop(seconds=most - at_once)
        solution = solve(day.problem, stop, seed=1, start=solution, on_progress=on_progress)
    return day.made(settings, solution, reason)


def thinking_seconds(settings: Settings) -> float:
    """How long the optimizer may think about a day."""
    return float(settings.number("PLANNING_SECONDS", 2))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Day:
    """A day as it was read: the problem, the plan that stands, and what is not to be planned yet."""

    facts: DayFacts
    ready: Sequence[AwardedWork]
    waiting: Sequence[Waiting]
    problem: Problem
    start: Solution | None
    roads: str

    def made(self, settings: Settings, solution: Solution, reason: str) -> MadePlan:
        """The solution with its certificate; raises SolutionError when the check finds anything wrong."""
        if self.start is not None:
            solution = steadied(self.problem, solution, self.start, STEADY_CENTS)
        return MadePlan(
            facts=self.facts,
            problem=self.problem,
            solution=solution,
            certificate=certify(self.problem, solution, certificate_key(settings)),
            planned=planned_works(self.facts, self.ready, solution),
            waiting=self.waiting,
            reasons={UUID(left.request): (left.code.value, left.reason) for left in solution.unserved},
            reason=reason,
            roads=self.roads,
        )


def _read(settings: Settings, facts: DayFacts, zone: ZoneInfo) -> _Day:
    ready, waiting = split_waiting(facts)
    travel = travel_of(zone, settings)
    departure = max(facts.frozen_until, facts.day_start)
    return _Day(
        facts=facts,
        ready=ready,
        waiting=waiting,
        problem=build_problem(facts, ready, lambda places: travel.matrix(places, departure)),
        start=standing_plan(facts, ready),
        roads=sources_of(travel),
    )


def _newly_left_out(facts: DayFacts, solution: Solution) -> bool:
    """Whether somebody has no place whom the plan before did not do without."""
    return any(UUID(left.request) not in facts.left_out for left in solution.unserved)


def _worth_telling(day: _Day, before: Solution, better: Solution) -> bool:
    """Whether it takes nobody's place, and serves more than the plan that stands or saves enough.

    `before` is the plan that stands, timed anew.
    """
    if _newly_left_out(day.facts, better):
        return False
    without = sum(work.booking_id in day.facts.left_out for work in day.ready)
    return len(better.unserved) < without or better.cost.total <= before.cost.total - WORTH_CENTS


class _Stands:
    """Whether a plan that is being improved is still current, and no other work waits for the worker."""

    def __init__(self, context: JobContext, plan_id: UUID, number: int) -> None:
        self.context, self.plan_id, self.number = context, plan_id, number
        self.over = False
        self._asked = monotonic()

    def overtaken(self) -> bool:
        """Asked all the time, answered from the database a few times a second."""
        if not self.over and monotonic() - self._asked >= YIELD_SECONDS:
            with self.context.unit_of_work() as session:
                plan = session.get_one(Plan, self.plan_id)
                current = (plan.current_version, plan.state) == (self.number, PlanState.CURRENT)
                self.over = not current or bool(session.scalar(_OTHERS_WAIT, {"seconds": YIELD_SECONDS}))
            self._asked = monotonic()
        return self.over


def _try_again(context: JobContext, stands: _Stands) -> None:
    """Where the search was cut short and found nothing worth telling, there is another try later."""
    tries = int(context.arguments.get("tries", 0)) + 1
    if stands.over and tries < TRIES:
        with context.unit_of_work() as session:
            want_improvement(session, stands.plan_id, stands.number, tries)


def certificate_key(settings: Settings) -> bytes:
    """The key under which this installation seals plan certificates."""
    return hashlib.sha256(b"plan certificate:" + settings.secret_key.encode()).digest()


def _reporting(context: JobContext) -> Callable[[Progress], None]:
    """Progress onto the job's row, at most once a second; raises JobCancelled when somebody cancelled it."""
    last = [monotonic()]

    def told(progress: Progress) -> None:
        if monotonic() - last[0] >= 1:
            last[0] = monotonic()
            context.report(cost_cents=progress.cost, unserved=progress.unserved)

    return told
