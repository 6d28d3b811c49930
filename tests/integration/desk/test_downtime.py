"""The downtime sheet: made ahead, complete on its own, for its own hospital only, in nobody else's hands."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from marketplace.desk.downtime import as_file, sheet_of, write_sheets
from marketplace.foundation.access import Actor, ActorKind, system_actor
from marketplace.foundation.errors import Forbidden
from marketplace.foundation.work import unit_of_work
from tests.support.lived_in import LivedIn

ZONE = ZoneInfo("America/Los_Angeles")


def ride_day(world: LivedIn) -> date:
    start = world.one(
        "SELECT requested_start FROM bookings WHERE id = :ride", ride=world.things["ride_booking"]
    )
    day: date = start.astimezone(ZONE).date()
    return day


def test_the_sheet_holds_who_what_when_and_whom_to_call(lived_in_world: LivedIn) -> None:
    hospital = lived_in_world.world.things["organizations"]["st-brigid"]
    with unit_of_work(lived_in_world.runtime, system_actor(hospital)) as session:
        sheet = sheet_of(session, ride_day(lived_in_world), ZONE)
        row = next(one for one in sheet.rows if one.booking.id == lived_in_world.things["ride_booking"])
        assert row.rider is not None
        assert (row.rider.name, row.what, row.vendor) == ("Rosa Alvarez", "Ride, wheelchair", "Harbor Rides")
        assert row.phone.startswith("+1 503 555")
        assert [one.begins for one in sheet.rows] == sorted(one.begins for one in sheet.rows)
        page = as_file(sheet)
    assert "Rosa Alvarez" in page
    assert row.booking.reference in page
    assert "http" not in page
    assert "<script" not in page


def test_it_is_written_ahead_for_two_days_and_readable_by_its_owner_alone(
    lived_in_world: LivedIn, tmp_path: Path
) -> None:
    hospital = lived_in_world.world.things["organizations"]["st-brigid"]
    with unit_of_work(lived_in_world.runtime, system_actor(hospital)) as session:
        written = write_sheets(session, tmp_path / "sheets")
    assert [path.name[:10] for path in written] == ["st-brigid-", "st-brigid-"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert sorted((tmp_path / "sheets").iterdir()) == sorted(written)


def test_another_hospital_has_none_of_it_and_a_vendor_no_sheet(lived_in_world: LivedIn) -> None:
    stranger = lived_in_world.one("SELECT id FROM organizations WHERE slug = 'other-health'")
    with unit_of_work(lived_in_world.runtime, system_actor(stranger)) as session:
        assert sheet_of(session, ride_day(lived_in_world), ZONE).rows == ()
    vendor = lived_in_world.world.things["organizations"]["harbor-rides"]
    office = Actor(ActorKind.USER, None, vendor, "vendor", frozenset({"vendor_admin"}))
    with pytest.raises(Forbidden), unit_of_work(lived_in_world.runtime, office) as session:
        sheet_of(session, ride_day(lived_in_world), ZONE)
