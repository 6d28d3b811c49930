"""How soon a plan follows what happened: from the commit of an event to that of a plan that knows of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from marketplace.demo.acting.figures import spread
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import Runtime, unit_of_work

_DELIVERIES = text(
    "SELECT d.finished_at, e.recorded_at FROM jobs d"
    " JOIN outbox_events e ON e.id = (d.arguments->>'event')::uuid"
    " WHERE d.kind = 'foundation.deliver' AND d.state = 'done' AND d.created_at >= :since"
    " AND d.arguments->>'handler' LIKE 'dispatch.planning.%' ORDER BY d.finished_at"
)
_PLANS = text(
    "SELECT j.created_at, v.recorded_at FROM jobs j"
    " JOIN plan_versions v ON v.plan_id = (j.arguments->>'plan')::uuid"
    " AND v.number = (j.result->>'version')::int"
    " WHERE j.kind = 'dispatch.plan_day' AND j.state = 'done' AND j.created_at >= :since"
)
SAME_TRANSACTION = timedelta(seconds=1)
"""The delivery that asked for a plan was marked done in the same transaction, a moment before."""


def event_to_plan(runtime: Runtime, since: datetime) -> dict[str, Any]:
    """Milliseconds of machine time from event to committed plan, over all plans asked for since then."""
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        deliveries = [(done, began) for done, began in session.execute(_DELIVERIES, {"since": since})]
        plans = [(asked, made) for asked, made in session.execute(_PLANS, {"since": since})]
    took = [(made - _cause(asked, deliveries)) / timedelta(milliseconds=1) for asked, made in plans]
    return {"count": len(took), **spread(took)}


def _cause(asked: datetime, deliveries: Sequence[tuple[datetime, datetime]]) -> datetime:
    """When the event happened for whose sake a plan was asked for; the asking itself where there is none."""
    last = bisect_right(deliveries, asked, key=lambda delivery: delivery[0]) - 1
    if last < 0 or asked - deliveries[last][0] > SAME_TRANSACTION:
        return asked
    return deliveries[last][1]
