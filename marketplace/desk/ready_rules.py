"""Ready to leave: a patient is, only when evidence confirms everything, and what else blocks whom (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marketplace.bookings.words import AWARDED, BookingState, ServiceStatus
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory, TaskState

LEAVING_UNTIL_MINUTES = 60
"""What is to begin later than this after the discharge does not keep the patient in the hospital."""
PLANNED = frozenset({BookingState.SCHEDULED, BookingState.UNDER_WAY, BookingState.COMPLETED})
IN_THE_HOME = frozenset({ServiceStatus.ACCEPTED_BY_RECEIVER, ServiceStatus.COMPLETED})


class Cause(StrEnum):
    """Why a patient who could leave has not left; avoidable hours are counted by it."""

    CARE_TEAM = "care_team"
    """Nobody has said that the patient is medically ready."""
    RIDE = "ride"
    """No vehicle is planned."""
    VEHICLE = "vehicle"
    """Everything is ready and the vehicle has not taken the patient yet."""
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"
    CHOICE = "choice"
    """The list of agencies was not shown, or the choice not recorded (42 CFR 482.43(c))."""
    MEDICATION = "medication"
    TEACHING = "teaching"
    PAPERS = "papers"
    OTHER = "other"


CAUSE_LABELS = {
    Cause.CARE_TEAM: "Care team",
    Cause.RIDE: "Ride not planned",
    Cause.VEHICLE: "Waiting for the vehicle",
    Cause.EQUIPMENT: "Equipment",
    Cause.HOME_HEALTH: "Home health",
    Cause.CHOICE: "Patient's choice",
    Cause.MEDICATION: "Medication",
    Cause.TEACHING: "Teaching",
    Cause.PAPERS: "Papers",
    Cause.OTHER: "Other tasks",
}
_CAUSE_OF_CATEGORY = {
    TaskCategory.MEDICATION: Cause.MEDICATION,
    TaskCategory.TEACHING: Cause.TEACHING,
    TaskCategory.PAPERWORK: Cause.PAPERS,
    TaskCategory.TRANSPORT: Cause.RIDE,
}
_CAUSE_OF_KIND = {
    ServiceKind.RIDE: Cause.RIDE,
    ServiceKind.EQUIPMENT: Cause.EQUIPMENT,
    ServiceKind.HOME_HEALTH: Cause.HOME_HEALTH,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskEvidence:
    """What is known of one task of the plan; `met_at` is when its condition came true, if it has."""

    title: str
    category: TaskCategory
    kind: ServiceKind
    state: TaskState
    owner: str
    anchor: DueAnchor = DueAnchor.DISCHARGE
    offset_start_minutes: int = 0
    booking_state: BookingState | None = None
    service_status: ServiceStatus | None = None
    vendor: str = ""
    why: str = ""
    """What dispatch or the planner wrote: a hold's reason, why no vehicle has it."""
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StayEvidence:
    """What is known of one stay."""

    tasks: tuple[TaskEvidence, ...]
    medically_ready_at: datetime | None = None
    choice_at: datetime | None = None
    care_team: str = "Care team"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps the patient here: what, whose it is, and what would end it."""

    cause: Cause
    what: str
    owner: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Met:
    """A condition that evidence confirms."""

    cause: Cause
    what: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the patient is ready to leave: only with nothing in the way, and every condition confirmed."""

    blockers: tuple[Blocker, ...]
    met: tuple[Met, ...]

    @property
    def is_green(self) -> bool:
        """The predicate: no blocker at all."""
        return not self.blockers


def verdict(stay: StayEvidence) -> Verdict:
    """Judge a stay: what is not needed is no condition, and a tick without evidence meets none."""
    blockers: list[Blocker] = []
    met: list[Met] = []
    for found in _judged(stay):
        (met if isinstance(found, Met) else blockers).append(found)  # type: ignore[arg-type]
    return Verdict(tuple(blockers), tuple(met))


def keeps_here(task: TaskEvidence) -> bool:
    """Whether the patient cannot leave before this task's condition is met.

    The rides of a standing order come after it, day by day.
    """
    if task.state in (TaskState.NOT_NEEDED, TaskState.STANDING):
        return False
    if task.kind is ServiceKind.HOME_HEALTH:
        return True
    return task.anchor is not DueAnchor.FIXED and task.offset_start_minutes < LEAVING_UNTIL_MINUTES


def is_met(task: TaskEvidence) -> bool:
    """Whether evidence confirms what the task needs before the patient leaves.

    A ride must be planned on a vehicle, equipment signed for in the home, a home-health agency have
    accepted; anything else must have been closed by its owner.
    """
    if task.kind is ServiceKind.RIDE:
        return task.booking_state in PLANNED
    if task.kind is ServiceKind.EQUIPMENT:
        return task.booking_state is BookingState.COMPLETED or task.service_status in IN_THE_HOME
    if task.kind is ServiceKind.HOME_HEALTH:
        return task.booking_state in AWARDED
    return task.state is TaskState.COMPLETED


def cause_of(task: TaskEvidence) -> Cause:
    """What a wait for this task counts as."""
    return _CAUSE_OF_KIND.get(task.kind) or _CAUSE_OF_CATEGORY.get(task.category) or Cause.OTHER


def _judged(stay: StayEvidence) -> Iterator[Met | Blocker]:
    if stay.medically_ready_at is None:
        yield Blocker(
            Cause.CARE_TEAM, "Nobody has said that the patient is medically ready", stay.care_team,
            "Mark it when the care team says so.",
        )  # fmt: skip
    else:
        yield Met(Cause.CARE_TEAM, "Medically ready", stay.medically_ready_at)
    yield from _way_home(stay)
    yield from _choice(stay)
    for task in stay.tasks:
        if keeps_here(task):
            yield Met(cause_of(task), task.title, task.met_at) if is_met(task) else _blocker(task)


def _way_home(stay: StayEvidence) -> Iterator[Blocker]:
    """Somebody must have said how the patient gets home, if only that no ride is needed."""
    if not any(task.category is TaskCategory.TRANSPORT for task in stay.tasks):
        remedy = "Add the ride, or a transport task that says who takes the patient."
        yield Blocker(Cause.RIDE, "Nobody has said how the patient gets home", stay.care_team, remedy)


def _choice(stay: StayEvidence) -> Iterator[Met | Blocker]:
    wanted = [task for task in stay.tasks if task.kind is ServiceKind.HOME_HEALTH and keeps_here(task)]
    if not wanted:
        return
    if stay.choice_at is None:
        yield Blocker(
            Cause.CHOICE, "The patient's choice of an agency is not recorded", wanted[0].owner,
            "Show the list of agencies and record what the patient chose.",
        )  # fmt: skip
    else:
        yield Met(Cause.CHOICE, "Patient's choice recorded", stay.choice_at)


def _blocker(task: TaskEvidence) -> Blocker:
    what, remedy = _what(task)
    whose = task.vendor if task.booking_state in AWARDED and task.vendor else task.owner
    return Blocker(cause_of(task), f"{task.title}: {what}", whose, remedy)


def _what(task: TaskEvidence) -> tuple[str, str]:
    if task.kind is ServiceKind.OTHER:
        return "not done", "Do it, and close the task saying what was done."
    if task.booking_state is None:
        return "not booked", "Book it."
    if task.booking_state in _SAYINGS:
        what, remedy = _SAYINGS[task.booking_state]
        return (f"{what} ({task.why})" if task.why else what), remedy
    if task.kind is ServiceKind.EQUIPMENT:
        return "not yet signed for in the home", "The delivery is planned; call the vendor if it is late."
    return "ended without the service", "Book it again."


_SAYINGS = {
    BookingState.DRAFT: ("a draft only", "Finish and request it."),
    BookingState.REQUESTED: ("no vendor asked", "Offer it to vendors."),
    BookingState.OFFERED: ("no vendor has accepted yet", "Wait for the answers, or ask more vendors."),
    BookingState.ACCEPTED: ("accepted, no vehicle planned yet", "Call the vendor if it stays so."),
    BookingState.ON_HOLD: ("on hold", "Open it: the page says what would lift the hold."),
    BookingState.UNMET: ("no vendor would do it", "Ask other vendors, or change the time."),
}
