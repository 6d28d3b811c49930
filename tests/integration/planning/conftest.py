"""Rosa's hospital with two vendors on shift: what tests of planning a real day stand on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, or_, select, update

from dispatch.field.models import FieldService
from dispatch.planning.models import Assignment, LeftOut
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import EquipmentOrder, ItemOrder, RideOrder
from marketplace.foundation.clock import machine_now
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime
from tests.support.billing_stage import BillingStage
from tests.support.ground_stage import NOW, GroundStage
from vendors.fleet import service as fleet
from vendors.fleet.models import CrewMember, ShiftCrew, StockItem, Vehicle
from vendors.fleet.words import Configuration
from vendors.offers import service as offers


class PlanningStage(BillingStage):
    """Vehicles with shifts on Rosa's day: a chair van that mounts oxygen, a cargo van with concentrators."""

    def build(self) -> PlanningStage:
        """Shifts from 08:00 to 18:00 local for both vendors, and the supplier's stock."""
        super().build()
        for vendor, vehicle in self.vehicles.items():
            with self.ground.owner() as session:
                cargo = [Configuration("cargo", cargo_liters=4000).to_json()]
                features = {"features": ["lift", "oxygen_mount", "stair_chair"]}
                changes = {"configurations": cargo} if vendor == self.supplier else features
                session.execute(update(Vehicle).where(Vehicle.id == vehicle.id).values(**changes))
                of_vendor = CrewMember.vendor_organization_id == vendor
                session.execute(update(CrewMember).where(of_vendor).values(skills=["oxygen_setup"]))
                crew = session.scalars(select(CrewMember.id).where(of_vendor)).all()
                session.execute(delete(StockItem).where(StockItem.vendor_organization_id == vendor))
                session.add(
                    StockItem(
                        vendor_organization_id=vendor,
                        depot_id=vehicle.depot_id,
                        hcpcs_code="E1390",
                        description="Oxygen concentrator",
                        quantity=3,
                    )
                )
                session.execute(
                    ShiftCrew.__table__.delete().where(ShiftCrew.vendor_organization_id == vendor)
                )
            with self.ground.acting(vendor, "dispatcher", "vendor_admin") as session:
                starts = NOW - timedelta(hours=1)
                fleet.add_shift(session, vehicle.id, crew[:1], starts, starts + timedelta(hours=11))
        return self

    def accept(self, order: RideOrder | EquipmentOrder, vendor: UUID) -> Booking:
        """Booked, offered to one vendor and accepted; not yet planned."""
        booking = self.ground.book(order)
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            (offer,) = offers.propose(session, booking.id, [vendor], session.now() + timedelta(hours=1))
        with self.ground.acting(vendor, "vendor_admin") as session:
            offers.accept(session, offer.id)
        return booking

    def oxygen_order(self) -> EquipmentOrder:
        """One concentrator."""
        return self.ground.oxygen(items=(ItemOrder("E1390"),))

    def plan(self) -> None:
        """Let dispatch do its jobs until none is left; fails on a failing one."""
        for _ in range(20):
            with self.ground.owner() as session:
                mine = or_(
                    Job.kind == "dispatch.plan_day", Job.arguments["handler"].astext.like("dispatch.%")
                )
                due = list(session.scalars(select(Job.id).where(Job.state == JobState.QUEUED, mine)))
            if not due:
                return
            for job_id in due:
                run_job(self.runtime, job_id)
            with self.ground.owner() as session:
                errors = session.scalars(select(Job.error).where(Job.error != "", mine)).all()
                assert not errors, errors
                session.execute(
                    update(Job).where(Job.state == JobState.QUEUED).values(run_after=machine_now())
                )
        raise AssertionError("planning never ends")

    def assignment(self, booking: Booking) -> Assignment | None:
        """The booking's place in the plan."""
        with self.ground.owner() as session:
            return session.scalars(
                select(Assignment).where(Assignment.booking_id == booking.id)
            ).one_or_none()

    def left_out(self, booking: Booking) -> LeftOut | None:
        """Why the plan does without it."""
        with self.ground.owner() as session:
            return session.scalars(select(LeftOut).where(LeftOut.booking_id == booking.id)).one_or_none()

    def running(self, booking: Booking) -> FieldService:
        """The crew's record, the newest."""
        with self.ground.owner() as session:
            query = select(FieldService).where(FieldService.booking_id == booking.id)
            return session.scalars(query.order_by(FieldService.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def stage(runtime: Runtime) -> PlanningStage:
    return PlanningStage(GroundStage(runtime)).build()
