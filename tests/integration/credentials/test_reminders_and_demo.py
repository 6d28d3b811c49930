"""Reminders before credentials end, and the demo's eight vendors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.foundation.access import system_actor
from marketplace.foundation.business_clock import set_business_clock
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.foundation.world import World
from marketplace.identity.demo import demo as identity_demo
from marketplace.identity.mail import Mail
from tests.support.vendor_stage import NOW, VendorStage, second_floor
from vendors.credentials.models import Credential, CredentialReminder
from vendors.credentials.reminders import remind
from vendors.credentials.service import credential_book
from vendors.credentials.words import SubjectKind
from vendors.demo import demo
from vendors.fleet.models import CrewMember, Shift, Vehicle
from vendors.network.models import VendorProfile
from vendors.offers.invariants import INVARIANTS

DAY = timedelta(days=1)


def remind_at(stage: VendorStage, moment: datetime) -> None:
    stage.at(moment)
    with unit_of_work(stage.runtime, system_actor(), "janitor") as session:
        remind(session, {})
    stage.work_off()


def test_a_vendor_is_reminded_once_at_sixty_thirty_and_seven_days(runtime: Runtime) -> None:
    stage = VendorStage(second_floor(runtime)).build(vendors=1)
    ends = NOW + 200 * DAY
    stage.expire(stage.vendors[0], "auto_liability", ends)
    for days in (61, 60, 59, 30, 29, 7, 6, -1):
        remind_at(stage, ends - days * DAY)
    with stage.owner() as session:
        papers = select(Credential.id).where(
            Credential.credential_type == "auto_liability",
            Credential.vendor_organization_id == stage.vendors[0],
        )
        mine = CredentialReminder.credential_id.in_(papers)
        sent = select(CredentialReminder.days_before).where(mine).order_by(CredentialReminder.sent_at)
        assert session.scalars(sent).all() == [60, 30, 7]
        mails = session.scalars(select(Mail).where(Mail.organization_id == stage.vendors[0])).all()
    assert mails
    assert all("insurance" not in mail.subject + mail.text for mail in mails)


def test_the_demo_makes_eight_vendors_who_can_work_that_day(runtime: Runtime) -> None:
    house = second_floor(runtime)
    zone = ZoneInfo("America/Los_Angeles")
    world = World(house, 7, date(2026, 3, 2), zone)
    with unit_of_work(house, system_actor(), "owner") as session:
        set_business_clock(session, house.settings, datetime(2026, 3, 2, 17, tzinfo=UTC), 0)
    identity_demo(world)
    demo(world)
    with unit_of_work(house, system_actor(), "owner") as session:
        vendors = session.scalars(select(VendorProfile)).all()
        assert len(vendors) == 8
        book = credential_book(session, [vendor.organization_id for vendor in vendors])
        for vendor in vendors:
            line, level = vendor.service_lines[0], (vendor.levels or [None])[0]
            at = world.at(15)
            assert book.findings(SubjectKind.VENDOR, vendor.organization_id, line, level, at) == []
            own = Shift.vendor_organization_id == vendor.organization_id
            shifts = session.scalars(select(Shift).where(own)).all()
            vehicles = session.scalars(
                select(Vehicle).where(Vehicle.vendor_organization_id == vendor.organization_id)
            ).all()
            days = 3 if line == "home_health" else 1  # first visits are often of the day after
            assert min(3, len(vehicles)) <= len(shifts) <= days * len(vehicles)
        card = session.get_one(CrewMember, UUID(world.planted["cpr_card_until_noon_driver"]))
        for hour, count in ((10, 0), (13, 1)):
            found = book.findings(SubjectKind.CREW_MEMBER, card.id, "ride", "wheelchair", world.at(hour))
            assert len(found) == count
        assert [breach for promise in INVARIANTS for breach in promise.breaches(session)] == []
