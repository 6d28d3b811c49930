"""What the board's news sets going."""

from __future__ import annotations

from dispatch.board.events import PlanLoosened
from dispatch.planning.handlers import plan_for_booking
from marketplace.foundation.work import WorkSession


def on_plan_loosened(session: WorkSession, event: PlanLoosened) -> None:
    """Plan the day again, now that the vehicle may be chosen freely."""
    plan_for_booking(session, event.booking_id, "let go by hand")
