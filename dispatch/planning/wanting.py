"""Asking for a day to be planned: many changes at once make one job, and no change is ever missed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from dispatch.planning.models import Plan, PlanState
from marketplace.foundation.clock import machine_now
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.work import WorkSession

PLAN_DAY = "dispatch.plan_day"
PLAN_STALE_DAYS = "dispatch.plan_stale_days"
IMPROVE_DAY = "dispatch.improve_day"
PAUSE = timedelta(seconds=3)
"""How long a plan is left alone before it is thought about again: changes come in groups."""

_FORGOTTEN = text(
    "SELECT p.id FROM plans p WHERE p.state <> 'current' AND NOT EXISTS (SELECT 1 FROM jobs j"
    " WHERE j.kind = :kind AND j.state IN ('queued', 'running') AND j.arguments->>'plan' = p.id::text)"
)


def want_plan(session: WorkSession, region: str, day: date, time_zone: str, reason: str) -> None:
    """Mark the region's day stale, and enqueue its planning unless a job that has not begun waits already."""
    values = {"id": new_id(), "region": region, "day": day, "time_zone": time_zone, "current_version": 0}
    fresh = values | {"state": PlanState.CURRENT, "revision": 1}
    session.execute(insert(Plan).values(**fresh).on_conflict_do_nothing())
    mine = select(Plan).where(Plan.region == region, Plan.day == day).with_for_update()
    plan = session.scalars(mine.execution_options(populate_existing=True)).one()
    if plan.state is not PlanState.STALE:
        plan.state = PlanState.STALE
        enqueue(session, PLAN_DAY, {"plan": str(plan.id), "reason": reason})


def begin_planning(session: WorkSession, plan_id: UUID) -> Plan:
    """Take the plan for solving: what changes from here on makes it stale again."""
    plan = session.scalars(select(Plan).where(Plan.id == plan_id).with_for_update()).one()
    plan.state = PlanState.PLANNING
    session.flush()
    return plan


def want_improvement(session: WorkSession, plan_id: UUID, version: int, tries: int = 0) -> None:
    """Ask for this version to be thought about for longer, once nothing has changed it for a while."""
    arguments = {"plan": str(plan_id), "version": version, "tries": tries}
    key = f"{IMPROVE_DAY}:{plan_id}:{version}:{tries}"
    enqueue(session, IMPROVE_DAY, arguments, dedupe_key=key, run_after=machine_now() + PAUSE)


def plan_stale_days(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Enqueue planning again for days that are not current and that no job cares for (its job died)."""
    forgotten = session.scalars(_FORGOTTEN, {"kind": PLAN_DAY}).all()
    for plan_id in forgotten:
        enqueue(session, PLAN_DAY, {"plan": str(plan_id), "reason": "again"})
    return {"plans": len(forgotten)}
