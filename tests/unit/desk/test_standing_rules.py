"""On which days and in which windows a standing order has rides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings.words import WayBackWish, WindowAnchor
from marketplace.desk.standing.rules import (
    Pause,
    Terms,
    days_of,
    terms_errors,
    way_back_on,
    window_on,
)

PORTLAND = ZoneInfo("America/Los_Angeles")
MONDAY = date(2026, 11, 23)
DIALYSIS = Terms(
    weekdays=(0, 2, 4),
    pickup_at=time(6),
    starts_on=MONDAY,
    back_at=time(10, 30),
    ends_on=date(2026, 12, 6),
)


def test_it_has_rides_on_its_weekdays_up_to_its_last_day() -> None:
    assert [day.isoformat() for day in days_of(DIALYSIS)] == [
        "2026-11-23", "2026-11-25", "2026-11-27", "2026-11-30", "2026-12-02", "2026-12-04",
    ]  # fmt: skip


def test_skipped_and_paused_days_have_none_and_count_for_no_trip() -> None:
    thanksgiving = replace(DIALYSIS, ends_on=None, trips=4, skipped=(date(2026, 11, 27),))
    pause = Pause(date(2026, 11, 30), date(2026, 12, 1))

    assert [day.day for day in days_of(thanksgiving, pause)] == [23, 25, 2, 4]
    assert list(days_of(thanksgiving, Pause(MONDAY))) == []


@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    trips=st.integers(1, 40),
    skipped=st.sets(st.dates(MONDAY, MONDAY + timedelta(days=40)), max_size=5),
)
def test_as_many_trips_as_were_asked_none_twice_none_on_another_weekday(
    weekdays: set[int], trips: int, skipped: set[date]
) -> None:
    terms = replace(
        DIALYSIS, weekdays=tuple(sorted(weekdays)), ends_on=None, trips=trips, skipped=tuple(skipped)
    )
    days = list(days_of(terms))

    assert len(days) == trips
    assert days == sorted(set(days))
    assert all(day.weekday() in weekdays and day not in skipped for day in days)


def test_local_times_stay_what_they_are_when_the_clocks_change() -> None:
    before, after = window_on(DIALYSIS, date(2026, 10, 30), PORTLAND), window_on(DIALYSIS, MONDAY, PORTLAND)

    assert before.start.utcoffset() != after.start.utcoffset()
    assert {one.start.astimezone(PORTLAND).time() for one in (before, after)} == {time(6)}
    assert after.end - after.start == timedelta(minutes=30)
    assert after.anchor is WindowAnchor.FIXED


def test_a_way_back_is_at_a_time_or_called_within_three_hours() -> None:
    at_time = way_back_on(DIALYSIS, MONDAY, PORTLAND)
    called = way_back_on(replace(DIALYSIS, way_back=WayBackWish.WILL_CALL), MONDAY, PORTLAND)
    half_past_ten = datetime(2026, 11, 23, 10, 30, tzinfo=PORTLAND)

    assert at_time is not None
    assert called is not None
    assert (at_time.window.start, at_time.flexible) == (half_past_ten, False)
    assert at_time.window.end - half_past_ten == timedelta(minutes=30)
    assert (called.flexible, called.window.end - half_past_ten) == (True, timedelta(hours=3))
    assert way_back_on(replace(DIALYSIS, way_back=WayBackWish.NONE), MONDAY, PORTLAND) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"starts_on": MONDAY - timedelta(days=1)}, "starts_on"),
        ({"starts_on": MONDAY + timedelta(days=400), "ends_on": None, "trips": 3}, "starts_on"),
        ({"trips": 3}, "ends_on"),
        ({"ends_on": None}, "ends_on"),
        ({"ends_on": MONDAY - timedelta(days=1)}, "ends_on"),
        ({"ends_on": MONDAY + timedelta(days=367)}, "ends_on"),
        ({"ends_on": None, "trips": 0}, "trips"),
        ({"window_minutes": 10}, "window_minutes"),
        ({"back_at": None}, "back_at"),
        ({"back_at": time(6, 15)}, "back_at"),
        ({"weekdays": (1,), "ends_on": MONDAY}, "weekdays"),
    ],
)
def test_wrong_terms_are_named_by_their_field(changes: dict[str, object], field: str) -> None:
    found = terms_errors(replace(DIALYSIS, **changes), MONDAY)  # type: ignore[arg-type]

    assert [error.field for error in found] == [field]
    assert terms_errors(DIALYSIS, MONDAY) == []
