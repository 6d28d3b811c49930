"""Rosa's ride and oxygen, really booked, accepted and performed: what tests of claims stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from billing.claims.models import Claim
from billing.invariants import INVARIANTS
from dispatch.field import completing
from dispatch.field import service as field_service
from dispatch.field.rules import DeliverySigned, Signature
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import EquipmentOrder, ItemOrder, RideOrder
from marketplace.foundation.access import Actor, system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.identity.models import Organization
from tests.support.ground_stage import LEAVES, GroundStage
from tests.support.vendor_stage import VendorStage
from vendors.credentials.models import Credential
from vendors.fleet.models import CrewMember, Vehicle
from vendors.network.models import RateCard
from vendors.offers import service as offers

SIGNED = Signature(typed="Rosa Alvarez")
VENDOR_NPIS = ("1234567893", "1003000126")
RIDE_STEPS = (
    FieldStatus.EN_ROUTE_PICKUP,
    FieldStatus.ARRIVED_PICKUP,
    FieldStatus.ON_BOARD,
    FieldStatus.ARRIVED_DROPOFF,
)
DELIVERY_STEPS = (FieldStatus.LOADED, FieldStatus.EN_ROUTE, FieldStatus.ARRIVED, FieldStatus.SET_UP)


@dataclass
class BillingStage:
    """Two floors and the field: everything up to the moment a claim is born."""

    ground: GroundStage
    vehicles: dict[UUID, Vehicle] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        """The runtime everybody works in."""
        return self.ground.runtime

    @property
    def driver_vendor(self) -> UUID:
        """Drives."""
        return self.ground.vendors[0]

    @property
    def supplier(self) -> UUID:
        """Delivers."""
        return self.ground.vendors[1]

    def build(self) -> BillingStage:
        """Vendors with papers, prices, vehicles and NPIs."""
        self.ground.build()
        second = VendorStage(self.runtime, hospital=self.ground.hospital)
        with self.ground.owner() as session:
            for vendor, line, npi in zip(
                (self.driver_vendor, self.supplier), ("ride", "equipment"), VENDOR_NPIS, strict=True
            ):
                second._vendor(session, vendor, line, 100)
                session.execute(update(Organization).where(Organization.id == vendor).values(npi=npi))
            session.execute(update(RateCard).values(effective_from=LEAVES.date() - timedelta(days=90)))
        for vendor in (self.driver_vendor, self.supplier):
            vehicle, crew = second.fleet(vendor)
            self.vehicles[vendor] = vehicle
            with self.ground.owner() as session:
                session.execute(
                    update(CrewMember)
                    .where(CrewMember.id == crew[0].id)
                    .values(user_id=self.ground.people[vendor], name=f"Crew of {vendor}")
                )
        with self.ground.owner() as session:
            session.execute(update(Credential).values(expires_at=LEAVES + timedelta(days=200)))
        return self

    def accepted(self, order: RideOrder | EquipmentOrder, vendor: UUID) -> Booking:
        """Booked, offered to one vendor and accepted, and put on its vehicle."""
        booking = self.ground.book(order)
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            (offer,) = offers.propose(session, booking.id, [vendor], session.now() + timedelta(hours=1))
        with self.ground.acting(vendor, "vendor_admin") as session:
            award = offers.accept(session, offer.id)
        with self.ground.acting(vendor, "dispatcher") as session:
            field_service.assign(
                session,
                booking_id=booking.id,
                award_id=award.id,
                organization_id=self.ground.hospital,
                vendor_organization_id=vendor,
                kind=str(booking.kind),
                vehicle_id=self.vehicles[vendor].id,
                driver_user_id=self.ground.people[vendor],
                starts_at=award.promised_start,
                ends_at=award.promised_end,
            )
        return booking

    def ride_done(
        self, *, miles: float = 3.5, signature: Signature = SIGNED, order: RideOrder | None = None
    ) -> UUID:
        """Rosa is driven home; returns the booking's id."""
        booking = self.accepted(order or self.ground.ride(), self.driver_vendor)
        at = self._steps(booking, self.driver_vendor, RIDE_STEPS)
        reason = "" if signature.given else "The rider's hand is in a cast."
        log = completing.TripLog(1000.0, 1000.0 + miles, signature, reason)
        with self.ground.acting(self.driver_vendor, "driver") as session:
            step = Step(FieldStatus.COMPLETED, at, f"done-{booking.id}")
            completing.complete_ride(session, booking.id, step, log)
        return booking.id

    def oxygen_done(self, *, relationship: str = "child") -> UUID:
        """The concentrator is in Rosa's home; returns the booking's id."""
        order = self.ground.oxygen(items=(ItemOrder("E1390"),))
        booking = self.accepted(order, self.supplier)
        at = self._steps(booking, self.supplier, DELIVERY_STEPS)
        signed = DeliverySigned("Elena Alvarez", relationship, SIGNED, {"E1390": 1}, {"E1390": "OC-77"})
        with self.ground.acting(self.supplier, "technician") as session:
            step = Step(FieldStatus.ACCEPTED_BY_RECEIVER, at, f"signed-{booking.id}")
            completing.accept_delivery(session, booking.id, step, signed)
        with self.ground.acting(self.supplier, "technician") as session:
            step = Step(FieldStatus.COMPLETED, at, f"done-{booking.id}")
            completing.complete_delivery(session, booking.id, step)
        return booking.id

    def bill(self, rounds: int = 30) -> int:
        """Run billing's own jobs until none is left; returns how many ran. Fails on a failing job."""
        ran = 0
        for _ in range(rounds):
            with self.ground.owner() as session:
                handler = Job.arguments["handler"].astext
                ours = or_(Job.kind.like("settlement.%"), handler.like("billing.%"))
                query = select(Job.id).where(
                    Job.state == JobState.QUEUED, Job.run_after <= machine_now(), ours
                )
                due = list(session.scalars(query.order_by(Job.id)))
            if not due:
                return ran
            ran += sum(run_job(self.runtime, job_id) for job_id in due)
            with self.ground.owner() as session:
                errors = session.scalars(select(Job.error).where(Job.error != "", ours)).all()
            assert not errors, errors
        raise AssertionError("work keeps coming")

    def claims(self) -> list[Claim]:
        """All claims, oldest first."""
        with unit_of_work(self.runtime, system_actor(), "verifier") as session:
            found = list(session.scalars(select(Claim).order_by(Claim.id)))
            for claim in found:
                _ = claim.lines, claim.services, claim.evidence
            return found

    def biller(self, vendor: UUID) -> Actor:
        """Somebody in a vendor's billing."""
        return self.ground.actor(vendor, "biller")

    def reviewer(self) -> Actor:
        """Somebody who reviews claims for the payer."""
        return self.ground.actor(self.ground.payer, "reviewer", "org_admin")

    def breaches(self) -> list[str]:
        """What verify finds in billing."""
        with unit_of_work(self.runtime, system_actor(), "verifier") as session:
            return [
                f"{breach.invariant}: {breach.detail}"
                for each in INVARIANTS
                for breach in each.breaches(session)
            ]

    def _steps(self, booking: Booking, vendor: UUID, steps: tuple[FieldStatus, ...]) -> datetime:
        """The crew's reports, five minutes apart from the window's start; returns the moment of the last."""
        at = booking.requested_start
        for status in steps:
            at += timedelta(minutes=5)
            self.ground.at(at)
            with self.ground.acting(vendor, "driver", "technician") as session:
                field_service.record(session, booking.id, Step(status, at, f"{status}-{booking.id}"))
        return at
