"""Postal codes offline and the embedded travel model."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.geography import GreatCircleTravel, Position, PostalCodes, place_of, places_in

PORTLAND = ZoneInfo("America/Los_Angeles")
RUSH, NIGHT = datetime(2026, 11, 24, 1, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)  # 17:00 and 02:00
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine with other work is no reason to fail."""
positions = st.builds(Position, st.floats(45.2, 45.8), st.floats(-123.0, -122.3))
travel = GreatCircleTravel(PORTLAND)


def test_a_postal_code_is_found_with_its_town_and_zone() -> None:
    found = place_of("97214-1234")
    assert (found.city, found.state, found.time_zone) == ("Portland", "OR", "America/Los_Angeles")
    location = PostalCodes().geocode("97214")
    assert (location.latitude, location.longitude) == (found.position.latitude, found.position.longitude)
    assert [place.postal_code for place in places_in("Gresham", "OR")] == ["97030", "97080"]


@pytest.mark.parametrize("text", ["", "9721", "00000", "abcde", "97214-12", "٩٧٢١٤"])
def test_what_is_no_postal_code_is_refused_by_field(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        place_of(text, "destination.postal_code")
    assert [error.field for error in caught.value.errors] == ["destination.postal_code"]
    assert PostalCodes().geocode(text) is None


@unhurried
@given(positions, positions)
def test_both_ways_are_as_long_and_never_shorter_than_the_great_circle(
    first: Position, second: Position
) -> None:
    there, back = travel.travel(first, second, NIGHT), travel.travel(second, first, NIGHT)
    assert there == back
    assert there.meters >= round(first.meters_to(second))


@unhurried
@given(positions, positions)
def test_rush_hour_is_never_faster_than_the_night(first: Position, second: Position) -> None:
    assert travel.travel(first, second, RUSH).seconds >= travel.travel(first, second, NIGHT).seconds


@unhurried
@given(st.lists(positions, min_size=1, max_size=5))
def test_the_matrix_holds_the_single_ways(points: list[Position]) -> None:
    seconds, meters = travel.matrix(points, RUSH)
    for row, first in enumerate(points):
        for column, second in enumerate(points):
            single = travel.travel(first, second, RUSH)
            assert (seconds[row][column], meters[row][column]) == (single.seconds, single.meters)
        assert seconds[row][row] == meters[row][row] == 0
