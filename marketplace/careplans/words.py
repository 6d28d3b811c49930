"""The words of care plans: categories of tasks, their states, what they are due against, how they precede."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.foundation.transitions import StateTable


class TaskCategory(StrEnum):
    """What part of going home a task belongs to."""

    TRANSPORT = "transport"
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"
    MEDICATION = "medication"
    FOLLOW_UP = "follow_up"
    TEACHING = "teaching"
    SOCIAL = "social"
    PAPERWORK = "paperwork"


class ServiceKind(StrEnum):
    """What must be booked to close the task."""

    RIDE = "ride"
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"
    OTHER = "other"
    """Nothing is booked; its owner sees to it."""


class DueAnchor(StrEnum):
    """The moment a due window is counted from."""

    DISCHARGE = "discharge"
    ADMISSION = "admission"
    FIXED = "fixed"
    """The window's own start; nothing moves it."""


class Hardness(StrEnum):
    """How binding a precedence is."""

    HARD = "hard"
    """Never broken: the successor waits, or is put on hold."""
    SOFT = "soft"
    """Kept where it can be; breaking it is said."""


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    BOOKED = "booked"
    """A booking that has not finished works for it."""
    STANDING = "standing"
    """A standing order books its rides, day after day."""
    COMPLETED = "completed"
    NOT_NEEDED = "not_needed"


class CarePlanState(StrEnum):
    """Whether a plan is being worked on."""

    ACTIVE = "active"
    CLOSED = "closed"


TASK_STATES = StateTable(
    "task",
    {
        TaskState.OPEN: [
            TaskState.BOOKED,
            TaskState.STANDING,
            TaskState.COMPLETED,
            TaskState.NOT_NEEDED,
        ],
        TaskState.STANDING: [TaskState.OPEN, TaskState.COMPLETED],
        TaskState.BOOKED: [TaskState.OPEN, TaskState.COMPLETED],
        TaskState.COMPLETED: [TaskState.OPEN],
        TaskState.NOT_NEEDED: [TaskState.OPEN],
    },
)
CARE_PLAN_STATES = StateTable(
    "care plan",
    {CarePlanState.ACTIVE: [CarePlanState.CLOSED], CarePlanState.CLOSED: [CarePlanState.ACTIVE]},
)

STAYS_MINUTES = 60
"""Between the latest pickup of the way there and the earliest of the way back (our planning figure)."""
CALLED_WITHIN_MINUTES = 180
"""How long the window of the way back is: nobody knows when an appointment ends (our planning figure)."""
BOOKABLE = frozenset({ServiceKind.RIDE, ServiceKind.EQUIPMENT, ServiceKind.HOME_HEALTH})
"""Tasks of these kinds close on field evidence only."""

CATEGORY_LABELS = {
    TaskCategory.TRANSPORT: "Transport",
    TaskCategory.EQUIPMENT: "Equipment",
    TaskCategory.HOME_HEALTH: "Home health",
    TaskCategory.MEDICATION: "Medication",
    TaskCategory.FOLLOW_UP: "Follow-up",
    TaskCategory.TEACHING: "Teaching",
    TaskCategory.SOCIAL: "Social",
    TaskCategory.PAPERWORK: "Paperwork",
}
SERVICE_LABELS = {
    ServiceKind.RIDE: "Ride",
    ServiceKind.EQUIPMENT: "Equipment delivery",
    ServiceKind.HOME_HEALTH: "Home health",
    ServiceKind.OTHER: "Nothing to book",
}


@dataclass(frozen=True, slots=True)
class DueWindow:
    """From when until when a task is to be done."""

    start: datetime
    end: datetime


def due_window(anchor: datetime, start_minutes: int, end_minutes: int) -> DueWindow:
    """The window at these offsets from its anchor; negative minutes are before it."""
    return DueWindow(anchor + timedelta(minutes=start_minutes), anchor + timedelta(minutes=end_minutes))
