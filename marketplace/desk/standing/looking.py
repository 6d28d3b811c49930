"""The clock of standing orders: who has a day that comes near and is not booked yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from marketplace.desk.standing.filling import fill, locked_order
from marketplace.desk.standing.models import StandingOrder
from marketplace.desk.standing.words import HORIZON_DAYS, StandingState
from marketplace.foundation.jobs import JobKind, Schedule, enqueue_each
from marketplace.foundation.work import WorkSession

LOOK, FILL = "standing.look", "standing.fill"
EVERY = timedelta(minutes=5)
_BATCH = 500


def look(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Enqueue the filling of orders once for each business day (UTC: close enough for two weeks)."""
    today = session.now().date()
    due = session.execute(
        select(StandingOrder.id, StandingOrder.organization_id)
        .where(
            StandingOrder.state != StandingState.ENDED,
            or_(
                StandingOrder.filled_until.is_(None),
                StandingOrder.filled_until < today + timedelta(days=HORIZON_DAYS),
                StandingOrder.trouble != "",
            ),
        )
        .order_by(StandingOrder.filled_until, StandingOrder.id)
        .limit(_BATCH)
    )
    return {"orders": enqueue_each(session, FILL, "order", due, str(today))}


def fill_one(session: WorkSession, arguments: dict[str, Any]) -> dict[str, Any]:
    """Book what is missing of one order."""
    order = locked_order(session, UUID(arguments["order"]))
    return {"booked": fill(session, order)}


JOB_KINDS = (JobKind(LOOK, look, role="janitor"), JobKind(FILL, fill_one))
SCHEDULES = (Schedule(LOOK, LOOK, EVERY),)
