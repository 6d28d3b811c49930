"""What a planner must do now about one task, in a sentence with its remedy (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from marketplace.bookings.words import BookingState, ServiceStatus
from marketplace.careplans.words import BOOKABLE, ServiceKind, TaskState


class Urgency(IntEnum):
    """How much a task wants of the planner; the highest colours the row."""

    DONE = 0
    RUNNING = 1
    """Somebody else is on it; nothing to do."""
    WAITING = 2
    """Somebody owes an answer; look again."""
    ACT = 3
    """The planner must do something."""
    TROUBLE = 4
    """Something went wrong; the planner must do something else than planned."""


TONES = {
    Urgency.DONE: "good",
    Urgency.RUNNING: "info",
    Urgency.WAITING: "calm",
    Urgency.ACT: "warn",
    Urgency.TROUBLE: "bad",
}
"""The tone of each urgency; the words always say it too."""


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the board knows of a task and its newest booking; times aware."""

    title: str
    kind: ServiceKind
    task_state: TaskState
    booking_state: BookingState | None = None
    service_status: ServiceStatus | None = None
    vendor_name: str = ""
    open_offers: int = 0
    answer_by: datetime | None = None
    planned_at: datetime | None = None
    left_out_reason: str = ""
    hold_reason: str = ""
    waits_for_word: bool = False
    """A flexible ride for which nobody has said yet that the patient is ready."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Where a task stands, in words, and the verb to press (empty when there is none)."""

    urgency: Urgency
    text: str
    action: str = ""
    moment: datetime | None = None
    """The time that belongs to the text: planned, or answer due."""

    @property
    def tone(self) -> str:
        """The tone for a pill."""
        return TONES[self.urgency]


_STATUS_WORDS = {
    ServiceStatus.EN_ROUTE_PICKUP: "Driver on the way",
    ServiceStatus.ARRIVED_PICKUP: "Driver is here",
    ServiceStatus.ON_BOARD: "On the way home",
    ServiceStatus.ARRIVED_DROPOFF: "Arrived",
    ServiceStatus.PICKED: "Picked",
    ServiceStatus.LOADED: "Loaded in the van",
    ServiceStatus.EN_ROUTE: "On the way to the home",
    ServiceStatus.ARRIVED: "At the door",
    ServiceStatus.SET_UP: "Set up",
    ServiceStatus.ACCEPTED_BY_RECEIVER: "In the home, signed for",
    ServiceStatus.STARTED: "With the patient",
    ServiceStatus.ENDED: "Visit over, being written down",
}

_ENDED_BADLY = {
    BookingState.RIDER_NO_SHOW: "Nobody was there",
    BookingState.VENDOR_NO_SHOW: "The vendor did not do it",
    BookingState.TURNED_DOWN: "Refused at the door",
    BookingState.CANCELLED_AT_DOOR: "Cancelled at the door",
    BookingState.UNMET: "No vendor would do it",
}


def advise(facts: TaskFacts) -> Advice:
    """The one sentence for a task."""
    if facts.task_state is TaskState.COMPLETED or facts.booking_state is BookingState.COMPLETED:
        return Advice(Urgency.DONE, "Done")
    if facts.task_state is TaskState.NOT_NEEDED:
        return Advice(Urgency.DONE, "Not needed")
    if facts.task_state is TaskState.STANDING:
        return Advice(Urgency.DONE, "Standing order")
    if facts.kind not in BOOKABLE:
        return Advice(Urgency.WAITING, "To be done")
    return _advise_booking(facts)


def _advise_booking(facts: TaskFacts) -> Advice:
    if facts.booking_state is None:
        return Advice(Urgency.ACT, "Not booked", "Book")
    speak = _BY_STATE.get(facts.booking_state)
    if speak is not None:
        return speak(facts)
    ended = _ENDED_BADLY.get(facts.booking_state)
    return Advice(Urgency.TROUBLE if ended else Urgency.ACT, ended or "Cancelled", "Book again")


def _draft(_facts: TaskFacts) -> Advice:
    return Advice(Urgency.ACT, "Draft: waits for the patient's choice", "Open")


def _requested(_facts: TaskFacts) -> Advice:
    return Advice(Urgency.ACT, "Booked, no vendor asked", "Offer")


def _scheduled(facts: TaskFacts) -> Advice:
    return Advice(Urgency.RUNNING, facts.vendor_name, moment=facts.planned_at)


def _under_way(facts: TaskFacts) -> Advice:
    words = _STATUS_WORDS.get(facts.service_status) if facts.service_status else None
    return Advice(Urgency.RUNNING, words or "Under way", moment=facts.planned_at)


def _on_hold(facts: TaskFacts) -> Advice:
    return Advice(Urgency.TROUBLE, f"On hold: {facts.hold_reason or 'no reason given'}", "Open")


def _offered(facts: TaskFacts) -> Advice:
    if not facts.open_offers:
        return Advice(Urgency.TROUBLE, "Nobody took it", "Offer")
    asked = "1 vendor asked" if facts.open_offers == 1 else f"{facts.open_offers} vendors asked"
    return Advice(Urgency.WAITING, f"{asked}, answer due", moment=facts.answer_by)


def _accepted(facts: TaskFacts) -> Advice:
    if facts.waits_for_word:
        return Advice(Urgency.WAITING, f'{facts.vendor_name}: waits for "I am ready"', "Ready")
    if facts.left_out_reason:
        return Advice(Urgency.TROUBLE, f"{facts.vendor_name}: not planned. {facts.left_out_reason}", "Open")
    return Advice(Urgency.WAITING, f"{facts.vendor_name} accepted, vehicle being planned")


_BY_STATE: dict[BookingState, Callable[[TaskFacts], Advice]] = {
    BookingState.DRAFT: _draft,
    BookingState.REQUESTED: _requested,
    BookingState.OFFERED: _offered,
    BookingState.ACCEPTED: _accepted,
    BookingState.SCHEDULED: _scheduled,
    BookingState.UNDER_WAY: _under_way,
    BookingState.ON_HOLD: _on_hold,
}


def most_urgent(found: Sequence[Advice]) -> Urgency:
    """The row's colour."""
    return max((advice.urgency for advice in found), default=Urgency.DONE)
