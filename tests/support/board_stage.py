"""A vendor with three vans and rides on them: what tests of the dispatcher's board stand on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from dispatch.board import hand
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import PayerChoice, RequestedWindow
from marketplace.bookings.words import PayerKind, WindowAnchor
from marketplace.foundation.access import Actor
from marketplace.foundation.service import Registry, Service
from marketplace.foundation.work import Runtime
from tests.integration.planning.conftest import PlanningStage
from tests.support.ground_stage import LEAVES, NOW, GroundStage
from tests.support.vendor_stage import VendorStage
from vendors.credentials.models import Credential
from vendors.fleet import service as fleet
from vendors.fleet.models import CrewMember, Shift, Vehicle

LIFTED = ["lift", "oxygen_mount", "stair_chair"]


class BoardStage(PlanningStage):
    """Van 1 and Van 2 can carry oxygen, Van 3 cannot; all are out from 08:00 to 18:00."""

    def build(self) -> BoardStage:
        """Two more vans with their crews and papers."""
        super().build()
        vendor = self.driver_vendor
        self.vans: dict[str, UUID] = {"Van 1": self.vehicles[vendor].id}
        second = VendorStage(self.runtime, hospital=self.ground.hospital)
        for name, features in (("Van 2", LIFTED), ("Van 3", ["lift"])):
            vehicle, crew = second.fleet(vendor)
            self.vans[name] = vehicle.id
            self._renamed(vehicle.id, name, features)
            with self.ground.acting(vendor, "dispatcher", "vendor_admin") as session:
                starts = NOW - timedelta(hours=1)
                fleet.add_shift(session, vehicle.id, [crew[0].id], starts, starts + timedelta(hours=11))
        self._renamed(self.vans["Van 1"], "Van 1", LIFTED)
        with self.ground.owner() as session:
            later = {"expires_at": LEAVES + timedelta(days=200), "valid_from": NOW - timedelta(days=400)}
            session.execute(update(Credential).values(**later))
            people = session.scalars(select(CrewMember).where(CrewMember.vendor_organization_id == vendor))
            for number, member in enumerate(people):
                member.name = f"Driver {number}"
        return self

    def _renamed(self, vehicle_id: UUID, name: str, features: list[str]) -> None:
        with self.ground.owner() as session:
            changes = {"name": name, "features": features}
            session.execute(update(Vehicle).where(Vehicle.id == vehicle_id).values(**changes))

    @property
    def dispatcher(self) -> Actor:
        """Somebody at the board."""
        return self.ground.actor(self.driver_vendor, "dispatcher")

    def services(self) -> tuple[Service, ...]:
        """The services of the runtime."""
        registry = self.runtime.registry
        assert isinstance(registry, Registry)
        return registry.services

    def ride_at(self, hours: float, minutes: int = 30) -> Booking:
        """A ride of Rosa's kind, promised from some hours after nine on, accepted by the driving vendor."""
        start = NOW + timedelta(hours=hours)
        order = self.ground.ride(
            task_id=self.ground.new_task(),
            payer=PayerChoice(PayerKind.HEALTH_SYSTEM),
            window=RequestedWindow(start, start + timedelta(minutes=minutes), WindowAnchor.FIXED),
        )
        return self.accept(order, self.driver_vendor)

    def shift_of(self, name: str) -> UUID:
        """The shift of a van."""
        with self.ground.owner() as session:
            query = select(Shift.id).where(Shift.vehicle_id == self.vans[name], Shift.cancelled_at.is_(None))
            return session.scalars(query).one()

    def van_of(self, booking: Booking) -> str:
        """The van that a booking is on."""
        row = self.assignment(booking)
        assert row is not None
        return next(name for name, vehicle in self.vans.items() if vehicle == row.vehicle_id)

    def put(self, booking: Booking, name: str) -> None:
        """Assign by hand, unless it is there already."""
        if self.van_of(booking) != name:
            with self.at_the_board() as session:
                hand.assign(session, booking.id, self.shift_of(name))

    def put_all(self, bookings: list[Booking], name: str) -> None:
        """Assign one after the other by hand."""
        for booking in bookings:
            self.put(booking, name)

    def without_oxygen(self, booking: Booking) -> None:
        """The rider needs none after all."""
        with self.ground.owner() as session:
            row = session.get(Booking, booking.id)
            assert row is not None
            row.needs = {**row.needs, "oxygen_lpm": "0"}

    def at_the_board(self) -> object:
        """A unit of work of the dispatcher."""
        return self.ground.acting(self.driver_vendor, "dispatcher")


def board_stage(runtime: Runtime) -> BoardStage:
    """Three vans in the morning; plans are small, so a second is enough for each."""
    values = {**runtime.settings.values, "HOMEWARD_PLANNING_SECONDS": "1"}
    settings = replace(runtime.settings, values=values)
    quick = Runtime(settings, runtime.databases, runtime.vault, runtime.registry)
    return BoardStage(GroundStage(quick)).build()
