"""Planning a day as a job: read, solve within a few seconds, check, certify, commit; again if facts moved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from dispatch.optimizer import Progress, Stop, solve
from dispatch.optimizer.certificate import certify
from dispatch.planning.building import build_problem, planned_works, split_waiting
from dispatch.planning.committing import FactsMoved, MadePlan, commit
from dispatch.planning.facts import DayFacts
from dispatch.planning.handlers import plan_later_legs
from dispatch.planning.reading import read_day, travel_of
from dispatch.planning.wanting import begin_planning
from marketplace.foundation.jobs.queue import JobContext
from marketplace.foundation.roads import sources_of
from marketplace.foundation.settings import Settings

log = structlog.get_logger(__name__)

TRIES = 5


def plan_day(context: JobContext) -> dict[str, Any]:
    """Plan the region's day named by `plan`; returns how many bookings were served and left out."""
    plan_id = UUID(context.arguments["plan"])
    reason = str(context.arguments.get("reason", "changed"))
    for _ in range(TRIES):
        with context.unit_of_work() as session:
            plan = begin_planning(session, plan_id)
            facts, zone = read_day(session, plan), ZoneInfo(plan.time_zone)
        made = make_plan(context.runtime.settings, facts, zone, reason, _reporting(context))
        try:
            with context.unit_of_work() as session:
                version = commit(session, plan_id, made, certificate_key(context.runtime.settings))
                plan_later_legs(session, [work.work.booking_id for work in made.planned], plan_id)
                return {"version": version.number, "served": version.served, "unserved": version.unserved}
        except FactsMoved:
            log.info("facts moved while planning", plan=str(plan_id))
    raise FactsMoved("The day keeps changing faster than it can be planned; it will be tried again.")


def make_plan(
    settings: Settings,
    facts: DayFacts,
    zone: ZoneInfo,
    reason: str,
    on_progress: Callable[[Progress], None] | None = None,
) -> MadePlan:
    """Solve and certify the day; raises SolutionError when the check finds anything wrong."""
    ready, waiting = split_waiting(facts)
    travel = travel_of(zone, settings)
    departure = max(facts.frozen_until, facts.day_start)
    problem = build_problem(facts, ready, lambda places: travel.matrix(places, departure))
    seconds = settings.number("PLANNING_SECONDS", 2)
    solution = solve(problem, Stop(seconds=seconds), seed=1, on_progress=on_progress)
    return MadePlan(
        facts=facts,
        problem=problem,
        solution=solution,
        certificate=certify(problem, solution, certificate_key(settings)),
        planned=planned_works(facts, ready, solution),
        waiting=waiting,
        reasons={UUID(left.request): (left.code.value, left.reason) for left in solution.unserved},
        reason=reason,
        roads=sources_of(travel),
    )


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
