"""Who sees which table of a booking: the matrix of parties and tables, under the web database role."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Text, cast, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from marketplace.bookings import service as bookings
from marketplace.bookings.models import (
    Booking,
    BookingChange,
    BookingItem,
    BookingLink,
    BookingParty,
    BookingRider,
    BookingSubscriber,
    BookingWindowMove,
)
from marketplace.bookings.words import PartyStatus
from marketplace.careplans.models import CarePlan, CarePlanChange, CarePlanTask, TaskChange, TaskPrecedence
from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import unit_of_work
from marketplace.patients.coverage_models import Authorization, Coverage, UnitReservation
from marketplace.patients.encounters import move_discharge
from marketplace.patients.models import (
    DischargeTimeMove,
    Encounter,
    EncounterChange,
    HandlingNeeds,
    Patient,
    PatientIdentity,
)
from tests.support.ground_stage import LEAVES, GroundStage

SHARED = (Booking, BookingItem, BookingChange, BookingWindowMove, BookingLink, BookingParty)
RIDER, SUBSCRIBER = BookingRider, BookingSubscriber
OWN_ONLY = (
    Patient, PatientIdentity, HandlingNeeds, Encounter, EncounterChange, DischargeTimeMove,
    CarePlan, CarePlanChange, CarePlanTask, TaskChange, TaskPrecedence,
)  # fmt: skip
PAYER_TOO = (Coverage, Authorization, UnitReservation)
EVERYTHING = (*SHARED, RIDER, SUBSCRIBER, *OWN_ONLY, *PAYER_TOO)
SEES = {
    "requester": set(EVERYTHING),
    "awarded vendor": {*SHARED, RIDER, SUBSCRIBER},
    "candidate": set(SHARED),
    "losing vendor": {BookingParty},
    "payer": {*SHARED, SUBSCRIBER, *PAYER_TOO},
    "stranger": set(),
    "nobody": set(),
}


@pytest.fixture
def parties(stage: GroundStage) -> dict[str, UUID | None]:
    """A delivery awarded to the first vendor, lost by the second; a ride still offered to the third."""
    oxygen = stage.offered(stage.oxygen(), *stage.vendors[:2])
    ride = stage.offered(stage.ride(), stage.vendors[2])
    with stage.acting(stage.vendors[0], "vendor_admin") as session:
        start, end = oxygen.requested_start, oxygen.requested_end
        bookings.award(session, oxygen.id, stage.vendors[0], ride.id, start, end)
    with stage.planning() as session:
        move_discharge(session, stage.encounter, LEAVES.replace(hour=23, minute=30))
    stage.work_off()
    return {
        "requester": stage.hospital,
        "awarded vendor": stage.vendors[0],
        "losing vendor": stage.vendors[1],
        "candidate": stage.vendors[2],
        "payer": stage.payer,
        "stranger": stage.other_hospital,
        "nobody": None,
    }


def test_each_party_sees_exactly_its_tables(stage: GroundStage, parties: dict[str, UUID | None]) -> None:
    seen = {}
    for name, organization_id in parties.items():
        actor = stage.actor(organization_id, "planner") if organization_id else NOBODY
        with unit_of_work(stage.runtime, actor) as session:
            seen[name] = {table for table in EVERYTHING if session.execute(select(table).limit(1)).first()}

    # the candidate's own booking is the ride: it carries no items and no window of a vendor's concern
    expected = {name: set(tables) for name, tables in SEES.items()}
    expected["candidate"] -= {BookingItem}
    assert seen == expected


def test_a_losing_vendor_keeps_only_its_own_party_row(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    with stage.acting(stage.vendors[1], "vendor_admin") as session:
        rows = session.scalars(select(BookingParty)).all()
        assert [(row.organization_id, row.status) for row in rows] == [(stage.vendors[1], PartyStatus.LOST)]
        with pytest.raises(NotFound):
            bookings.booking(session, rows[0].booking_id)


def test_only_requester_and_awarded_vendor_open_the_rider(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    with stage.planning() as session:
        found = session.scalars(select(Booking).where(Booking.award_id.is_not(None))).one().id
    opened = set()
    for name, organization_id in parties.items():
        if organization_id is None:
            continue
        with stage.acting(organization_id, "planner") as session:
            try:
                opened.add((name, bookings.rider(session, found).name))
            except NotFound:
                continue
    assert opened == {("requester", "Rosa Alvarez"), ("awarded vendor", "Rosa Alvarez")}


def test_no_party_but_the_requester_changes_what_is_not_its_own(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    changed = {}
    for name in ("candidate", "losing vendor", "payer", "stranger"):
        with stage.acting(parties[name], "planner") as session:
            rows = session.execute(text("UPDATE booking_links SET min_lag_seconds = 1")).rowcount
            rows += session.execute(text("UPDATE booking_riders SET sealed = ''")).rowcount
            rows += session.execute(
                text("UPDATE bookings SET hold_reason = 'x' WHERE kind = 'equipment'")
            ).rowcount
            rows += session.execute(text("UPDATE booking_parties SET due_at = now()")).rowcount
            changed[name] = rows
            session.rollback()
    assert changed == {"candidate": 1, "losing vendor": 1, "payer": 2, "stranger": 0}  # their own party rows


def test_nobody_lets_themselves_into_a_foreign_booking(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    with stage.planning() as session:
        booking_id = session.scalars(select(Booking.id).limit(1)).one()
    columns = "booking_id, organization_id, requester_organization_id, role, status, due_at"
    values = ":booking, :who, :requester, 'vendor', 'active', now()"
    statement = text(f"INSERT INTO booking_parties ({columns}) VALUES ({values})")  # noqa: S608  our words
    for requester in (stage.other_hospital, stage.hospital):
        given = {"booking": booking_id, "who": stage.other_hospital, "requester": requester}
        with (
            pytest.raises(DBAPIError, match=r"violates (row-level security|foreign key)"),
            stage.acting(stage.other_hospital, "planner") as session,
        ):
            session.execute(statement, given)


def test_what_is_sealed_is_no_text_in_the_database(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    with stage.owner() as session:
        for table in EVERYTHING:
            name = table.__tablename__
            rows = session.scalars(text(f"SELECT {name}::text FROM {name}")).all()  # noqa: S608  our tables
            stored = "".join(rows).lower()
            hexed = stored.replace("\\x", "")
            for secret in ("rosa", "alvarez", "1948-05-17", "sb-104822", "5550142", "ev-88310442", "ash st"):
                assert secret not in stored, (name, secret)
                assert secret.encode().hex() not in hexed, (name, secret)


def test_history_and_discharge_moves_are_only_ever_added(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    for table in ("booking_changes", "booking_window_moves", "discharge_time_moves", "task_changes"):
        with pytest.raises(ProgrammingError, match="only ever added"), stage.owner() as session:
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  our tables


def test_the_planner_role_sees_bookings_and_no_identity(
    stage: GroundStage, parties: dict[str, UUID | None]
) -> None:
    from marketplace.foundation.access import system_actor

    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        assert len(session.scalars(select(cast(Booking.id, Text))).all()) == 2
    for table in (PatientIdentity, HandlingNeeds, RIDER, SUBSCRIBER, Coverage):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            unit_of_work(stage.runtime, system_actor(), "planner") as session,
        ):
            session.execute(select(table).limit(1)).first()
