"""A flexible ride is accepted for a long window and gets its vehicle once somebody says "I am ready"."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.bookings import service as bookings
from marketplace.bookings.orders import RequestedWindow
from marketplace.foundation.errors import Conflict, InvalidInput
from tests.integration.discharges.conftest import DeskStage
from tests.support.ground_stage import LEAVES

LONG = RequestedWindow(LEAVES, LEAVES + timedelta(hours=3))


def test_it_waits_for_the_word_and_is_then_fetched_within_the_hour(stage: DeskStage) -> None:
    ride = stage.accept(stage.ground.ride(window=LONG, flexible=True), stage.driver_vendor)
    stage.plan()
    assert stage.assignment(ride) is None
    assert stage.desk_breaches() == []

    ready = LEAVES + timedelta(minutes=50)
    stage.ground.at(ready)
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        said = bookings.say_ready(session, ride.id)
        assert bookings.say_ready(session, ride.id).revision == said.revision, "twice is once"
    stage.plan()

    planned = stage.assignment(ride)
    assert planned is not None
    assert ready <= planned.starts_at <= ready + timedelta(hours=1)
    assert (said.promised_start, said.promised_end) == (LONG.start, LONG.end), "the promise stays"
    assert stage.desk_breaches() == []


def test_only_a_flexible_ride_waits_and_only_while_its_window_lasts(stage: DeskStage) -> None:
    fixed = stage.ground.book(stage.ground.oxygen())
    flexible = stage.ground.book(stage.ground.ride(window=LONG, flexible=True))
    with stage.ground.planning() as session, pytest.raises(Conflict, match="fixed time"):  # type: ignore[attr-defined]
        bookings.say_ready(session, fixed.id)
    stage.ground.at(LONG.end + timedelta(minutes=1))
    with stage.ground.planning() as session, pytest.raises(Conflict, match="window of this ride is over"):  # type: ignore[attr-defined]
        bookings.say_ready(session, flexible.id)


def test_an_hour_leaves_nothing_to_be_flexible_about(stage: DeskStage) -> None:
    short = RequestedWindow(LEAVES, LEAVES + timedelta(hours=1))
    with pytest.raises(InvalidInput) as refused:
        stage.ground.book(stage.ground.ride(window=short, flexible=True))
    assert [error.field for error in refused.value.errors] == ["requested_end"]
