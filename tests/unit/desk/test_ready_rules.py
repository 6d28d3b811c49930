"""Green only when evidence confirms everything; every blocker has an owner and a remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings.words import BookingState, ServiceStatus
from marketplace.careplans.words import DueAnchor, ServiceKind, TaskCategory, TaskState
from marketplace.desk.ready_delay import Condition, avoidable
from marketplace.desk.ready_rules import Cause, StayEvidence, TaskEvidence, verdict

NOON = datetime(2026, 11, 23, 20, tzinfo=UTC)
RIDE = TaskEvidence(
    title="Ride home", category=TaskCategory.TRANSPORT, kind=ServiceKind.RIDE, state=TaskState.BOOKED,
    owner="Dana", booking_state=BookingState.SCHEDULED, vendor="Harbor Rides",
)  # fmt: skip
OXYGEN = TaskEvidence(
    title="Oxygen", category=TaskCategory.EQUIPMENT, kind=ServiceKind.EQUIPMENT, state=TaskState.COMPLETED,
    owner="Dana", offset_start_minutes=-240, booking_state=BookingState.COMPLETED,
    service_status=ServiceStatus.COMPLETED, vendor="ClearAir",
)  # fmt: skip
NURSE = TaskEvidence(
    title="Nurse at home", category=TaskCategory.HOME_HEALTH, kind=ServiceKind.HOME_HEALTH,
    state=TaskState.BOOKED, owner="Lee", offset_start_minutes=600, booking_state=BookingState.ACCEPTED,
)  # fmt: skip
PAPERS = TaskEvidence(
    title="Summary signed", category=TaskCategory.PAPERWORK, kind=ServiceKind.OTHER,
    state=TaskState.COMPLETED, owner="Lee", offset_start_minutes=-60,
)  # fmt: skip
STAY = StayEvidence((RIDE, OXYGEN, NURSE, PAPERS), medically_ready_at=NOON, choice_at=NOON)


def _causes(stay: StayEvidence) -> list[Cause]:
    return [one.cause for one in verdict(stay).blockers]


def test_everything_confirmed_is_green_and_says_what_confirmed_it() -> None:
    found = verdict(STAY)
    assert found.is_green
    expected = [Cause.CARE_TEAM, Cause.CHOICE, Cause.RIDE, Cause.EQUIPMENT, Cause.HOME_HEALTH, Cause.PAPERS]
    assert [one.cause for one in found.met] == expected


def test_a_booked_ride_without_a_vehicle_is_not_green() -> None:
    stay = replace(STAY, tasks=(replace(RIDE, booking_state=BookingState.ACCEPTED), OXYGEN, NURSE, PAPERS))
    (blocker,) = verdict(stay).blockers
    assert (blocker.cause, blocker.owner) == (Cause.RIDE, "Harbor Rides")
    assert blocker.what == "Ride home: accepted, no vehicle planned yet"


def test_equipment_counts_only_once_it_is_signed_for() -> None:
    set_up = replace(OXYGEN, booking_state=BookingState.UNDER_WAY, service_status=ServiceStatus.SET_UP)
    assert _causes(replace(STAY, tasks=(RIDE, set_up))) == [Cause.EQUIPMENT]
    signed = replace(set_up, service_status=ServiceStatus.ACCEPTED_BY_RECEIVER)
    assert _causes(replace(STAY, tasks=(RIDE, signed))) == []


def test_a_task_completed_without_its_booking_is_a_tick_and_no_evidence() -> None:
    ticked = replace(OXYGEN, state=TaskState.COMPLETED, booking_state=None, service_status=None)
    assert _causes(replace(STAY, tasks=(RIDE, ticked))) == [Cause.EQUIPMENT]


def test_home_health_needs_an_agency_and_the_patients_choice() -> None:
    asked = replace(NURSE, booking_state=BookingState.OFFERED)
    assert _causes(replace(STAY, tasks=(RIDE, asked), choice_at=None)) == [Cause.CHOICE, Cause.HOME_HEALTH]
    assert _causes(replace(STAY, tasks=(RIDE,), choice_at=None)) == []


def test_nobody_leaves_who_is_not_medically_ready_or_has_no_way_home() -> None:
    assert _causes(StayEvidence(())) == [Cause.CARE_TEAM, Cause.RIDE]
    family = replace(RIDE, state=TaskState.NOT_NEEDED, booking_state=None)
    assert verdict(StayEvidence((family,), medically_ready_at=NOON)).is_green


def test_the_rides_of_a_standing_order_keep_nobody_here_and_are_no_way_home() -> None:
    dialysis = replace(
        RIDE,
        title="Ride to dialysis",
        category=TaskCategory.FOLLOW_UP,
        state=TaskState.STANDING,
        booking_state=None,
    )
    assert verdict(StayEvidence((RIDE, dialysis), medically_ready_at=NOON)).is_green
    assert _causes(StayEvidence((dialysis,), medically_ready_at=NOON)) == [Cause.RIDE]


def test_follow_up_rides_keep_nobody_here() -> None:
    later = replace(RIDE, title="Ride to the cardiologist", booking_state=None, offset_start_minutes=10_000)
    fixed = replace(later, anchor=DueAnchor.FIXED, offset_start_minutes=0)
    assert verdict(replace(STAY, tasks=(RIDE, later, fixed))).is_green


@pytest.mark.parametrize("state", [*BookingState, None])
def test_every_blocker_has_owner_and_remedy(state: BookingState | None) -> None:
    for task in (RIDE, OXYGEN, NURSE):
        found = verdict(StayEvidence((replace(task, booking_state=state, service_status=None),)))
        assert all(one.owner and one.remedy and one.what for one in found.blockers)


STATES = st.one_of(st.none(), st.sampled_from(BookingState))


@given(STATES, STATES, st.booleans(), st.booleans())
def test_green_exactly_when_each_condition_holds(
    ride: BookingState | None,
    gear: BookingState | None,
    ready: bool,  # noqa: FBT001
    signed: bool,  # noqa: FBT001
) -> None:
    tasks = (
        replace(RIDE, booking_state=ride),
        replace(OXYGEN, booking_state=gear, service_status=None),
        replace(PAPERS, state=TaskState.COMPLETED if signed else TaskState.OPEN),
    )
    planned = ride in {BookingState.SCHEDULED, BookingState.UNDER_WAY, BookingState.COMPLETED}
    expected = planned and gear is BookingState.COMPLETED and ready and signed
    assert verdict(StayEvidence(tasks, NOON if ready else None)).is_green is expected


def _at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def test_hours_go_to_whatever_was_still_open() -> None:
    conditions = [Condition(Cause.EQUIPMENT, _at(2)), Condition(Cause.PAPERS, _at(1))]
    assert avoidable(NOON, _at(3), conditions) == {
        Cause.EQUIPMENT: 1800 + 3600, Cause.PAPERS: 1800, Cause.VEHICLE: 3600,
    }  # fmt: skip


def test_what_never_came_to_be_counts_to_the_end_and_nothing_before_readiness() -> None:
    assert avoidable(NOON, _at(2), [Condition(Cause.TEACHING, None)]) == {Cause.TEACHING: 7200}
    assert avoidable(NOON, _at(-1), [Condition(Cause.TEACHING, None)]) == {}


@given(
    st.integers(0, 100_000),
    st.lists(st.tuples(st.sampled_from(Cause), st.one_of(st.none(), st.integers(-50_000, 150_000)))),
)
def test_the_causes_sum_to_the_whole_time(length: int, met: list[tuple[Cause, int | None]]) -> None:
    conditions = [Condition(cause, None if at is None else NOON + timedelta(seconds=at)) for cause, at in met]
    found = avoidable(NOON, NOON + timedelta(seconds=length), conditions)
    assert sum(found.values()) == length
    assert all(seconds > 0 for seconds in found.values())
