"""How a task follows the booking made for it; called by bookings in their transactions, for the requester."""

from __future__ import annotations

from uuid import UUID

from marketplace.careplans.models import CarePlanTask
from marketplace.careplans.service import locked_task
from marketplace.careplans.words import TaskState
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.work import WorkSession


def booked(session: WorkSession, task_row: CarePlanTask, reference: str) -> None:
    """A booking works for the task now."""
    state.move(session, task_row, TaskState.BOOKED, note=reference)
    _tell(session, task_row)


def done(session: WorkSession, task_id: UUID, booking_id: UUID, reference: str) -> None:
    """The booking was completed in the field: the evidence that closes the task."""
    row = locked_task(session, task_id)
    row.evidence_booking_id, row.completed_at = booking_id, session.now()
    state.move(session, row, TaskState.COMPLETED, note=reference)
    _tell(session, row)


def opened_again(session: WorkSession, task_id: UUID, reason_code: str, reference: str) -> None:
    """The booking ended without the service: somebody must see to the task again."""
    row = locked_task(session, task_id)
    if row.state is TaskState.BOOKED:
        state.move(session, row, TaskState.OPEN, reason_code=reason_code, note=reference)
        _tell(session, row)


def _tell(session: WorkSession, row: CarePlanTask) -> None:
    announce(session, [row.organization_id], "task", row.id, row.revision)
