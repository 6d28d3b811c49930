"""For every state of a task and its booking the board has one sentence and the right urgency."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marketplace.bookings.words import BookingState, ServiceStatus
from marketplace.careplans.words import ServiceKind, TaskState
from marketplace.desk.advice import TaskFacts, Urgency, advise, most_urgent

NOON = datetime(2026, 3, 4, 20, tzinfo=UTC)


def facts(**changes: object) -> TaskFacts:
    values = {"title": "Ride home", "kind": ServiceKind.RIDE, "task_state": TaskState.OPEN}
    return TaskFacts(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", list(BookingState))
def test_every_state_of_a_booking_says_something(state: BookingState) -> None:
    found = advise(facts(booking_state=state, vendor_name="Harbor Rides"))
    assert found.text


@pytest.mark.parametrize(
    ("changes", "urgency", "action"),
    [
        ({}, Urgency.ACT, "Book"),
        ({"booking_state": BookingState.REQUESTED}, Urgency.ACT, "Offer"),
        ({"booking_state": BookingState.OFFERED, "open_offers": 2, "answer_by": NOON}, Urgency.WAITING, ""),
        ({"booking_state": BookingState.OFFERED}, Urgency.TROUBLE, "Offer"),
        ({"booking_state": BookingState.ACCEPTED}, Urgency.WAITING, ""),
        ({"booking_state": BookingState.ACCEPTED, "left_out_reason": "No van."}, Urgency.TROUBLE, "Open"),
        ({"booking_state": BookingState.ACCEPTED, "waits_for_word": True}, Urgency.WAITING, "Ready"),
        ({"booking_state": BookingState.SCHEDULED, "planned_at": NOON}, Urgency.RUNNING, ""),
        ({"booking_state": BookingState.ON_HOLD, "hold_reason": "No oxygen"}, Urgency.TROUBLE, "Open"),
        ({"booking_state": BookingState.UNMET}, Urgency.TROUBLE, "Book again"),
        ({"booking_state": BookingState.CANCELLED_LATE}, Urgency.ACT, "Book again"),
        ({"booking_state": BookingState.COMPLETED}, Urgency.DONE, ""),
        ({"task_state": TaskState.NOT_NEEDED}, Urgency.DONE, ""),
        ({"task_state": TaskState.STANDING, "booking_state": None}, Urgency.DONE, ""),
        ({"kind": ServiceKind.OTHER}, Urgency.WAITING, ""),
    ],
)
def test_urgency_and_verb_fit_the_state(changes: dict[str, object], urgency: Urgency, action: str) -> None:
    found = advise(facts(**changes))
    assert (found.urgency, found.action) == (urgency, action)


def test_on_the_way_the_crew_speaks() -> None:
    found = advise(facts(booking_state=BookingState.UNDER_WAY, service_status=ServiceStatus.ON_BOARD))
    assert found.text == "On the way home"


def test_the_row_takes_the_colour_of_its_worst_task() -> None:
    advices = [advise(facts()), advise(facts(booking_state=BookingState.COMPLETED))]
    assert most_urgent(advices) is Urgency.ACT
    assert most_urgent([]) is Urgency.DONE


def test_a_drafted_visit_waits_for_the_patients_choice() -> None:
    facts = TaskFacts("Nurse", ServiceKind.HOME_HEALTH, TaskState.BOOKED, booking_state=BookingState.DRAFT)

    assert (advise(facts).text, advise(facts).action) == ("Draft: waits for the patient's choice", "Open")
