"""A day with 120 vehicles and 1,000 legs: the board stays within its statements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, text

from dispatch.planning.models import Assignment
from marketplace.bookings.models import Booking, BookingParty
from marketplace.foundation.db.base import Base
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from tests.support.board_stage import BoardStage
from tests.support.vendor_pages import VendorPages
from vendors.fleet.models import Shift, Vehicle

VEHICLES, LEGS = 120, 1000
Changes = dict[str, Any]


def _copies(
    session: WorkSession, model: type[Base], like: ColumnElement[bool], changes: list[Changes]
) -> None:
    """One more row like the one there is for each of the changes."""
    table = model.__table__
    row = dict(session.execute(select(table).where(like)).mappings().one())
    session.execute(insert(table), [{**row, **change} for change in changes])


def _fill(stage: BoardStage) -> None:
    ride = stage.ride_at(7)
    stage.plan()
    planned = stage.assignment(ride)
    vans, rides = ([new_id() for _ in range(count - 1)] for count in (VEHICLES - 2, LEGS))
    shifts = {van: new_id() for van in vans}
    lanes = [*shifts, planned.vehicle_id]
    with stage.ground.owner() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DROP INDEX uq_bookings_live_task"))
        session.execute(text("ALTER TABLE assignments DROP CONSTRAINT ex_assignments_vehicle_in_two_places"))
        named = [{"id": van, "name": f"Fleet {number:03}"} for number, van in enumerate(vans)]
        _copies(session, Vehicle, Vehicle.id == planned.vehicle_id, named)
        out = [{"id": shifts[van], "vehicle_id": van} for van in vans]
        _copies(session, Shift, Shift.id == planned.shift_id, out)
        copies = [{"id": copy, "reference": f"R-{number:06}"} for number, copy in enumerate(rides)]
        _copies(session, Booking, Booking.id == ride.id, copies)
        mine = (BookingParty.booking_id == ride.id) & (BookingParty.organization_id == stage.driver_vendor)
        _copies(session, BookingParty, mine, [{"booking_id": copy} for copy in rides])
        places = [_place(number, copy, lanes, shifts, planned) for number, copy in enumerate(rides)]
        _copies(session, Assignment, Assignment.booking_id == ride.id, places)


def _place(
    number: int, booking_id: UUID, lanes: list[UUID], shifts: dict[UUID, UUID], like: Assignment
) -> Changes:
    van, hour = lanes[number % len(lanes)], timedelta(hours=number // len(lanes) % 9 - 6)
    return {
        "id": new_id(), "booking_id": booking_id,
        "vehicle_id": van, "shift_id": shifts.get(van, like.shift_id),
        "starts_at": like.starts_at + hour, "ends_at": like.ends_at + hour,
    }  # fmt: skip


def test_a_thousand_legs_take_no_more_statements_than_one(stage: BoardStage, pages: VendorPages) -> None:
    _fill(stage)
    for address in ("/dispatch/", "/dispatch/list", "/dispatch/map"):
        with pages.counting() as statements:
            answer = pages.get(stage.dispatcher, address)
        assert answer.status_code == 200
        assert len(statements) <= 12, address
    board = pages.get(stage.dispatcher, "/dispatch/").get_data(as_text=True)
    assert board.count('data-leg="') == LEGS
    assert board.count('class="lane"') == VEHICLES
    listed = pages.get(stage.dispatcher, "/dispatch/list?from=900").get_data(as_text=True)
    assert f"901 to {LEGS} of {LEGS}" in listed
