"""Which level fits which needs, which window makes sense, how late a cancellation is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.bookings.course import DELIVERY_COURSE, RIDE_COURSE, VISIT_COURSE, next_statuses
from marketplace.bookings.models import Booking
from marketplace.bookings.moving import shifted
from marketplace.bookings.rules import (
    boarding_seconds,
    cancellation_state,
    level_errors,
    suggested_level,
    window_errors,
)
from marketplace.bookings.words import (
    AWARDED,
    BOOKING_STATES,
    CALLED_OFF,
    FINAL,
    STATUS_ENDS,
    BookingKind,
    BookingState,
    LevelOfService,
    ServiceStatus,
)
from marketplace.patients.words import IsolationPrecaution, MobilityAid, Needs

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PORTLAND = ZoneInfo("America/Los_Angeles")
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine with other work is no reason to fail."""
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
minutes = st.integers(-5_000, 5_000)
needs = st.builds(
    Needs,
    stairs_count=st.integers(0, 200),
    weight_kg=st.none() | st.integers(1, 500),
    oxygen_lpm=st.decimals(0, 60, places=1),
    mobility_aid=st.sampled_from(MobilityAid),
    escort=st.booleans(),
    isolation_precaution=st.sampled_from(IsolationPrecaution),
)


@unhurried
@given(needs)
def test_there_is_a_level_of_service_for_everybody(found: Needs) -> None:
    level = suggested_level(found)
    assert level_errors(found, level) == []
    assert all(level_errors(found, lesser) for lesser in LevelOfService if _rank(lesser) < _rank(level))


@unhurried
@given(needs)
def test_needs_survive_the_copy_onto_a_booking(found: Needs) -> None:
    assert Needs.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("weight", "level", "errors"),
    [
        (136, LevelOfService.WHEELCHAIR, 0),
        (137, LevelOfService.WHEELCHAIR, 1),
        (137, LevelOfService.WHEELCHAIR_BARIATRIC, 0),
        (137, LevelOfService.STRETCHER, 0),
    ],
)
def test_a_standard_lift_carries_three_hundred_pounds(
    weight: int, level: LevelOfService, errors: int
) -> None:
    found = Needs(weight_kg=weight, mobility_aid=MobilityAid.WHEELCHAIR)
    assert len(level_errors(found, level)) == errors


def test_oxygen_up_to_six_litres_rides_in_a_van() -> None:
    assert level_errors(Needs(oxygen_lpm=Decimal(6)), LevelOfService.AMBULATORY_ASSIST) == []
    assert level_errors(Needs(oxygen_lpm=Decimal("6.1")), LevelOfService.AMBULATORY_ASSIST) != []


@unhurried
@given(moments, minutes, minutes, st.integers(-3_000, 3_000))
def test_a_window_keeps_its_distance_wherever_the_discharge_goes(
    leaves: datetime, first: int, length: int, slip: int
) -> None:
    booking = Booking(offset_start_minutes=first, offset_end_minutes=first + abs(length) + 1)
    start, end = shifted(booking, leaves)
    later_start, later_end = shifted(booking, leaves + timedelta(minutes=slip))
    assert later_start - start == later_end - end == timedelta(minutes=slip)
    assert end > start


@unhurried
@given(moments, moments)
def test_an_accepted_window_lies_ahead_and_has_room(start: datetime, end: datetime) -> None:
    if window_errors(start, end, NOW) == []:
        assert end >= NOW
        assert timedelta(minutes=15) <= end - start <= timedelta(hours=24)


@unhurried
@given(moments, st.integers(0, 14 * 24 * 60))
def test_a_cancellation_never_gets_earlier_as_time_goes_by(service: datetime, before: int) -> None:
    order = [BookingState.CANCELLED_ADVANCE, BookingState.CANCELLED_LATE, BookingState.CANCELLED_SAME_DAY]
    early = cancellation_state(service, service - timedelta(minutes=before + 60), PORTLAND, None)
    late = cancellation_state(service, service - timedelta(minutes=before), PORTLAND, None)
    assert order.index(early) <= order.index(late)


def test_a_vehicle_at_the_door_makes_it_a_cancellation_at_the_door() -> None:
    for status in (ServiceStatus.ARRIVED_PICKUP, ServiceStatus.ARRIVED):
        assert (
            cancellation_state(NOW, NOW - timedelta(days=9), PORTLAND, status)
            is BookingState.CANCELLED_AT_DOOR
        )


def test_every_end_of_a_course_is_an_end_of_the_booking_reached_from_under_way() -> None:
    ends = RIDE_COURSE.final | DELIVERY_COURSE.final | VISIT_COURSE.final
    assert ends == set(STATUS_ENDS)
    assert all(BOOKING_STATES.allows(BookingState.UNDER_WAY, end) for end in STATUS_ENDS.values())


def test_from_every_state_an_end_can_be_reached() -> None:
    for state in BookingState:
        seen, waiting = set(), [state]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += BOOKING_STATES.moves[here]
        assert seen & FINAL, state


def test_completed_work_stays_completed_and_is_not_called_off() -> None:
    assert BOOKING_STATES.moves[BookingState.COMPLETED] == frozenset()
    assert BookingState.COMPLETED in AWARDED
    assert BookingState.COMPLETED not in CALLED_OFF


def test_what_may_be_reported_next_is_told_in_order() -> None:
    assert next_statuses(BookingKind.RIDE, None) == [ServiceStatus.EN_ROUTE_PICKUP]
    assert next_statuses(BookingKind.RIDE, ServiceStatus.ARRIVED_PICKUP) == [
        ServiceStatus.ON_BOARD,
        ServiceStatus.REFUSED,
        ServiceStatus.RIDER_NO_SHOW,
    ]


def test_stairs_take_time_at_the_home() -> None:
    assert boarding_seconds(Needs(), LevelOfService.WHEELCHAIR) == (720, 600)
    assert boarding_seconds(Needs(stairs_count=10), LevelOfService.WHEELCHAIR) == (720, 680)


def _rank(level: LevelOfService) -> int:
    return list(LevelOfService).index(level)
