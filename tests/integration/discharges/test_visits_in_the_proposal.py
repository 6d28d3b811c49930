"""The joint proposal places a visit with the patient's own agency, after the ride home, today or tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from dispatch.planning.facts import Order
from dispatch.planning.proposing import propose_works
from dispatch.planning.wishes import Basis, ProposedWork, Wish
from marketplace.bookings.words import LevelOfService
from marketplace.careplans.disciplines import Discipline
from marketplace.foundation.access import system_actor
from marketplace.foundation.geography import place_of
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import unit_of_work
from marketplace.patients.words import Needs
from tests.integration.discharges.conftest import DeskStage
from tests.support.ground_stage import LEAVES, NOW
from tests.support.vendor_stage import VendorStage
from vendors.credentials.models import Credential
from vendors.credentials.words import SubjectKind
from vendors.fleet import service as fleet
from vendors.fleet.models import CrewMember

ZONE = ZoneInfo("America/Los_Angeles")
HOME, HOSPITAL = place_of("97214", "home").position, place_of("97210", "hospital").position
NEEDS = Needs.from_json({})


@pytest.fixture
def agency(stage: DeskStage) -> UUID:
    """The first vendor has a nurse as well, at work today and tomorrow from 07:00 to 18:00."""
    agency = stage.driver_vendor
    vendors = VendorStage(stage.runtime, hospital=stage.ground.hospital)
    car, (nurse, *_) = vendors.fleet(agency)
    with stage.ground.owner() as session:
        chosen = CrewMember.id == nurse.id
        session.execute(update(CrewMember).where(chosen).values(skills=[Discipline.SKILLED_NURSING]))
        known = {
            "vendor_organization_id": agency, "subject_kind": SubjectKind.CREW_MEMBER, "subject_id": nurse.id,
            "issued_on": NOW.date(), "valid_from": NOW - timedelta(days=9), "verified_at": NOW,
            "expires_at": NOW + timedelta(days=99), "verification_source": "issuer",
        }  # fmt: skip
        session.add(Credential(credential_type="rn_license", **known))
        session.execute(update(Credential).values(expires_at=NOW + timedelta(days=99)))
    with stage.ground.acting(agency, "dispatcher", "vendor_admin") as session:
        for day in (0, 1):
            starts = NOW + timedelta(days=day, hours=-1)
            fleet.add_shift(session, car.id, [nurse.id], starts, starts + timedelta(hours=11))
    return agency


def a_visit(
    earliest: datetime, latest: datetime, *agencies: UUID, cents: Sequence[int] = (90_00, 10_00)
) -> Wish:
    """A nurse's first visit at Rosa's home; the agencies in the patient's order, the first the dearest."""
    quotes = dict(zip(agencies, cents, strict=False))
    return Wish(
        id=new_id(), kind="home_health", origin=HOME, destination=None, earliest=earliest, latest=latest,
        first_seconds=3600, last_seconds=0, needs=NEEDS, discipline=Discipline.SKILLED_NURSING, quotes=quotes,
    )  # fmt: skip


def the_ride(stage: DeskStage) -> Wish:
    """The ride home at the discharge."""
    return Wish(
        id=new_id(), kind="ride", origin=HOSPITAL, destination=HOME, earliest=LEAVES,
        latest=LEAVES + timedelta(minutes=30), first_seconds=300, last_seconds=300, needs=NEEDS,
        level=LevelOfService.WHEELCHAIR, quotes={stage.driver_vendor: 50_00},
    )  # fmt: skip


def proposed(
    stage: DeskStage, wishes: Sequence[Wish], orders: Sequence[Order] = ()
) -> dict[UUID, ProposedWork]:
    """What the worker would store, by wish; each wish first travels as JSON, as it does to the worker."""
    sent = [Wish.from_json(wish.to_json()) for wish in wishes]
    assert sent == list(wishes)
    with unit_of_work(stage.runtime, system_actor(), "planner") as session:
        return {one.wish_id: one for one in propose_works(session, sent, orders, ZONE)}


def test_the_nurse_comes_after_the_ride_home_from_the_agency_the_patient_chose(
    stage: DeskStage, agency: UUID
) -> None:
    ride, visit = the_ride(stage), a_visit(LEAVES, LEAVES + timedelta(hours=3), agency, stage.supplier)

    found = proposed(stage, [visit, ride], [Order(ride.id, visit.id, True, 0, None)])

    nurse, van = found[visit.id], found[ride.id]
    assert (nurse.basis, van.basis) == (Basis.PLANNED, Basis.PLANNED)
    assert nurse.vendor_id == agency, "the cheaper agency is not the one that was chosen"
    assert nurse.because[0] == "The patient chose this agency."
    assert nurse.starts_at is not None
    assert van.ends_at is not None
    assert nurse.starts_at >= van.ends_at


def test_a_visit_without_room_today_is_placed_tomorrow_within_its_window(
    stage: DeskStage, agency: UUID
) -> None:
    over = NOW + timedelta(hours=10)  # the nurse's day ends
    visit = a_visit(over + timedelta(hours=1), over + timedelta(hours=24), agency)

    (told,) = proposed(stage, [visit]).values()

    assert told.basis is Basis.PLANNED
    assert told.starts_at is not None
    assert told.starts_at.astimezone(ZONE).date() == NOW.astimezone(ZONE).date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (1, "Its clinicians' shifts show no room; it names the hour if it accepts."),
        (72, "It names the hour when it accepts."),
    ],
)
def test_without_a_clinician_free_the_agency_is_asked_all_the_same(
    stage: DeskStage, agency: UUID, hours: int, words: str
) -> None:
    late = NOW + timedelta(hours=10 + hours)  # after the shift of today, or on a day without any
    visit = a_visit(late, late + timedelta(minutes=90), agency, stage.supplier)

    (told,) = proposed(stage, [visit]).values()

    assert (told.basis, told.vendor_id, told.starts_at) == (Basis.PRICED, agency, None)
    assert told.because == ("The patient chose this agency.", words)
