"""A lock that a transaction has is not asked for again, and never taken for had when it is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from marketplace.bookings import service as bookings
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.foundation.errors import Conflict
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from tests.support.counting import statements_of
from tests.support.ground_stage import LEAVES, GroundStage


def may_lock_at_once(stage: GroundStage, booking: Booking) -> bool:
    """Whether nobody holds the booking's row now."""
    with stage.owner() as session:
        try:
            session.get(Booking, booking.id, with_for_update={"nowait": True})
        except DBAPIError:
            session.rollback()
            return False
    return True


def asked_to_lock(stage: GroundStage, session: WorkSession, booking: Booking) -> int:
    """How many statements locking it takes now."""
    with statements_of(stage.runtime, session.role) as statements:
        assert locked_booking(session, booking.id).id == booking.id
    return len(statements)


def test_a_lock_is_asked_for_once_in_a_transaction(stage: GroundStage) -> None:
    ride = stage.book(stage.ride())
    with stage.planning() as session:
        found = locked_booking(session, ride.id)
        assert asked_to_lock(stage, session, found) == 0
        assert not may_lock_at_once(stage, ride)
        session.commit()
        assert may_lock_at_once(stage, ride)
        assert asked_to_lock(stage, session, ride) > 0  # a new transaction has no lock yet
        assert not may_lock_at_once(stage, ride)


def test_a_booking_just_made_is_its_makers(stage: GroundStage) -> None:
    with stage.planning() as session:
        made = bookings.request_ride(session, stage.ride())
        assert asked_to_lock(stage, session, made) == 0


def test_a_lock_taken_in_a_savepoint_goes_with_it(stage: GroundStage) -> None:
    ride = stage.book(stage.ride())
    with stage.planning() as session:
        savepoint = session.begin_nested()
        found = locked_booking(session, ride.id)
        savepoint.rollback()
        assert may_lock_at_once(stage, ride)
        assert asked_to_lock(stage, session, found) > 0
        assert not may_lock_at_once(stage, ride)


def test_a_candidate_that_lost_the_work_is_told_in_its_own_transaction_too(stage: GroundStage) -> None:
    ride = stage.awarded(stage.ride())
    vendor = stage.vendors[0]
    with stage.acting(vendor, "vendor_admin") as session:
        held = locked_booking(session, ride.id)
        bookings.release_award(session, ride.id, "vehicle_broken")
        with pytest.raises(Conflict, match="given this work back"):
            bookings.award(session, held.id, vendor, new_id(), LEAVES, LEAVES + timedelta(minutes=30))
