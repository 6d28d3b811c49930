"""Two changes of one trip at once: each takes all legs by id, so that none waits for the other for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from dispatch.field import service as field_service
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from marketplace.bookings import service as bookings
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.trip_delays import shift_later_legs
from marketplace.bookings.words import BookingState, CancelReason
from marketplace.desk.trips.booking import book_again
from marketplace.patients import encounters
from tests.support.ground_stage import LEAVES
from tests.support.trip_stage import TripStage

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def _new_first_leg(stage: TripStage) -> list[Booking]:
    """A trip whose first leg was booked again: the first by its number, the last by its id."""
    trip, made = stage.standing()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, made[0].id, CancelReason.WRONG_DETAILS)
    stage.settle()
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        again = book_again(session, trip.id, 1)
    stage.accept_asked(again)
    stage.settle()
    legs = stage.legs(trip)
    assert [leg.state for leg in legs] == [BookingState.SCHEDULED] * 3
    assert legs[0].id > legs[1].id
    return legs


def _cancel(stage: TripStage, flight: Booking) -> None:
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        bookings.cancel(session, flight.id, CancelReason.WRONG_DETAILS)


def _set_off(stage: TripStage, flight: Booking) -> None:
    with stage.ground.acting(stage.air, "dispatcher", "driver") as session:
        step = Step(FieldStatus.EN_ROUTE_PICKUP, session.now(), f"sets-off-{flight.id}")
        field_service.record(session, flight.id, step)


def _leave_later(stage: TripStage, _flight: Booking) -> None:
    with stage.ground.planning() as session:  # type: ignore[attr-defined]
        encounters.move_discharge(session, stage.ground.encounter, LEAVES + timedelta(hours=1))
    stage.ground.work_off()


@pytest.mark.parametrize("change", [_cancel, _set_off, _leave_later])
def test_what_moves_later_legs_and_what_changes_one_of_them_do_not_block_each_other(
    stage: TripStage, change: Callable[[TripStage, Booking], None]
) -> None:
    first, flight, last = _new_first_leg(stage)
    with ThreadPoolExecutor(1) as somebody:
        with stage.ground.planning() as session:  # type: ignore[attr-defined]
            leg = locked_booking(session, first.id)
            beside = somebody.submit(change, stage, flight)
            _until_it_waits(stage)
            shift_later_legs(session, leg, timedelta(minutes=5))
        beside.result(30)
    assert stage.ground.fresh(last).requested_start >= last.requested_start + timedelta(minutes=5)


def _until_it_waits(stage: TripStage) -> None:
    deadline = time.monotonic() + 20
    with stage.runtime.databases.engine("owner").connect() as connection:
        while time.monotonic() < deadline:
            if connection.scalar(_WAITING):
                return
            connection.rollback()
            time.sleep(0.05)
    raise AssertionError("the other change was over before the first one was")
