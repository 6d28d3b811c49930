"""Rosa's hospital and three vendors in a row: ambulance, aeroplane, ambulance behind the mountains."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from dispatch.field import completing
from dispatch.field import service as field_service
from dispatch.field.invariants import FIELD_INVARIANTS
from dispatch.field.service import Step
from dispatch.field.words import FieldStatus
from dispatch.planning.invariants import PLANNING_INVARIANTS
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import Address, PayerChoice
from marketplace.bookings.telling_models import Telling
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.trip_orders import TripOrder
from marketplace.bookings.trip_promises import TRIP_INVARIANTS
from marketplace.bookings.trip_words import AirNecessity
from marketplace.bookings.words import PayerKind, PlaceKind
from marketplace.desk.trips.booking import book_trip
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import unit_of_work
from marketplace.identity.models import Organization
from tests.integration.planning.conftest import PlanningStage
from tests.support.billing_stage import RIDE_STEPS, SIGNED, VENDOR_NPIS
from tests.support.ground_stage import LEAVES, NOW
from tests.support.vendor_stage import VendorStage
from vendors.credentials.models import Credential
from vendors.fleet import service as fleet
from vendors.fleet.models import CrewMember, Depot, Vehicle
from vendors.fleet.words import Configuration
from vendors.network.models import RateCard, RateLine, ServiceArea, VendorProfile
from vendors.network.words import RateUnit
from vendors.offers import service as offers
from vendors.offers.models import Offer
from vendors.offers.words import OfferState

TROUTDALE, REDMOND = (45.5494, -122.4013), (44.2660, -121.1790)
CLINIC = Address(
    PlaceKind.SKILLED_NURSING, "3025 SW Reservoir Dr", "Redmond", "OR", "97756", "High Desert Rehabilitation"
)
WHY = "Spinal fracture in a halo vest; four hours over the pass are not borne."
_GROUND = (("A0428", RateUnit.TRIP, 246_00), ("A0425", RateUnit.MILE, 9_15))
_AIR = (
    ("A0430", RateUnit.TRIP, 3_150_00),
    ("A0435", RateUnit.MILE, 11_40),
    ("A0431", RateUnit.TRIP, 3_640_00),
    ("A0436", RateUnit.MILE, 27_10),
)


@dataclass(frozen=True, slots=True)
class _Company:
    levels: tuple[str, ...]
    prices: tuple[tuple[str, RateUnit, int], ...]
    base: tuple[float, float]
    radius_km: int
    skills: tuple[tuple[str, ...], ...]


_COMPANIES = (
    _Company(("stretcher", "bls"), _GROUND, (45.5231, -122.6765), 40, ((), ())),
    _Company(("air_fixed", "air_rotor"), _AIR, TROUTDALE, 700, (("pilot",), ("flight_nurse",))),
    _Company(("stretcher", "bls"), _GROUND, REDMOND, 60, ((), ())),
)


@dataclass
class TripStage(PlanningStage):
    """What a planner, three vendors and their crews do with a trip."""

    task: UUID = field(init=False)

    @property
    def metro(self) -> UUID:
        """The ambulance at the hospital's end."""
        return self.ground.vendors[0]

    @property
    def air(self) -> UUID:
        """Flies."""
        return self.ground.vendors[1]

    @property
    def desert(self) -> UUID:
        """The ambulance at the other end."""
        return self.ground.vendors[2]

    def build(self) -> TripStage:
        """Vendors with papers, prices and crews at work from 08:00 to 18:00, and the task of the journey."""
        self.ground.build()
        second = VendorStage(self.runtime, hospital=self.ground.hospital)
        npis = (*VENDOR_NPIS, "1245319599")
        for vendor, company, npi in zip(self.ground.vendors, _COMPANIES, npis, strict=True):
            self._company(second, vendor, company, npi)
        with self.ground.owner() as session:
            session.execute(update(Credential).values(expires_at=LEAVES + timedelta(days=200)))
        self.task = self.ground.new_task()
        return self

    def order(self, **changes: object) -> TripOrder:
        """A good order for Rosa's trip from Troutdale to Redmond, with some parts changed."""
        usual = TripOrder(
            self.task,
            PayerChoice(PayerKind.COVERAGE, self.ground.coverage),
            takeoff="KTTD",
            landing="KRDM",
            necessity=AirNecessity.CONDITION,
            necessity_note=WHY,
            destination=CLINIC,
        )
        return replace(usual, **changes)  # type: ignore[arg-type]

    def book(self, **changes: object) -> tuple[Trip, list[Booking]]:
        """Booked as one act, vendors asked."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            return book_trip(session, self.order(**changes))

    def accept_asked(self, booking: Booking) -> None:
        """The vendor that was asked says yes."""
        with self.ground.owner() as session:
            mine = (Offer.booking_id == booking.id, Offer.state == OfferState.OPEN)
            offer = session.scalars(select(Offer).where(*mine)).one()
        with self.ground.acting(offer.vendor_organization_id, "vendor_admin") as session:
            offers.accept(session, offer.id)

    def standing(self, **changes: object) -> tuple[Trip, list[Booking]]:
        """Booked, accepted by every vendor and planned."""
        trip, made = self.book(**changes)
        for leg in made:
            self.accept_asked(leg)
        self.settle()
        return trip, [self.ground.fresh(leg) for leg in made]

    def settle(self) -> None:
        """Let events arrive and days be planned until nothing waits."""
        for _ in range(6):
            self.plan()
            if not self.ground.work_off():
                return

    def report(self, leg: Booking, status: FieldStatus, at: datetime) -> None:
        """A step of the crew at a moment, which is now."""
        self.ground.at(at)
        vendor = leg.vendor_organization_id
        assert vendor is not None
        step = Step(status, at, f"{status}-{leg.id}")
        with self.ground.acting(vendor, "dispatcher", "driver") as session:
            if status is FieldStatus.COMPLETED:
                log = completing.TripLog(1000.0, 1000.0 + self.miles(leg), SIGNED, "")
                completing.complete_ride(session, leg.id, step, log)
            else:
                field_service.record(session, leg.id, step)

    def perform(self, leg: Booking, start: datetime) -> datetime:
        """The whole leg, its steps ten minutes apart; returns when it was finished."""
        for number, status in enumerate((*RIDE_STEPS, FieldStatus.COMPLETED)):
            self.report(leg, status, start + timedelta(minutes=10 * number))
        return start + timedelta(minutes=40)

    @staticmethod
    def miles(leg: Booking) -> float:
        """What the crew reads off: the planned way."""
        return round(leg.distance_meters / 1609.344, 1)

    def told(self, leg: Booking) -> list[Telling]:
        """What was told of a leg and stands."""
        with self.ground.owner() as session:
            mine = select(Telling).where(Telling.booking_id == leg.id, Telling.superseded_at.is_(None))
            return list(session.scalars(mine.order_by(Telling.told_at, Telling.id)))

    def legs(self, trip: Trip) -> list[Booking]:
        """The booking that counts for each leg now."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            return bookings.legs_of(session, trip.id)

    def all_breaches(self) -> list[object]:
        """What `homeward verify` would say of the ground, of trips, of plan and field, and of billing."""
        promises = (*TRIP_INVARIANTS, *PLANNING_INVARIANTS, *FIELD_INVARIANTS)
        with unit_of_work(self.runtime, system_actor(), "verifier") as session:
            found = [breach for promise in promises for breach in promise.breaches(session)]
        return [*found, *self.ground.breaches(), *self.breaches()]

    def _company(self, second: VendorStage, vendor: UUID, company: _Company, npi: str) -> None:
        with self.ground.owner() as session:
            second._vendor(session, vendor, "ride", 100)
            where = {"base_latitude": company.base[0], "base_longitude": company.base[1]}
            mine = VendorProfile.organization_id == vendor
            session.execute(update(VendorProfile).where(mine).values(levels=list(company.levels), **where))
            place = {"latitude": company.base[0], "longitude": company.base[1]}
            area = ServiceArea.vendor_organization_id == vendor
            session.execute(
                update(ServiceArea).where(area).values(radius_meters=company.radius_km * 1000, **place)
            )
            session.execute(update(Depot).where(Depot.vendor_organization_id == vendor).values(**place))
            session.execute(update(Organization).where(Organization.id == vendor).values(npi=npi))
            card = session.scalars(select(RateCard).where(RateCard.vendor_organization_id == vendor)).one()
            card.effective_from = LEAVES.date() - timedelta(days=90)
            for code, unit, cents in company.prices:
                if not any(line.code == code for line in card.lines):
                    row = RateLine(code=code, description=code, unit=unit, cents=cents)
                    row.vendor_organization_id = vendor
                    card.lines.append(row)
        vehicle, crew = second.fleet(vendor, crew=2)
        self.vehicles[vendor] = vehicle
        self._at_work(vendor, vehicle, crew, company)

    def _at_work(self, vendor: UUID, vehicle: Vehicle, crew: list[CrewMember], company: _Company) -> None:
        with self.ground.owner() as session:
            room = [Configuration("1 stretcher, 1 seat", ambulatory=1, stretcher=1).to_json()]
            changes = {"levels": list(company.levels), "configurations": room, "features": ["stair_chair"]}
            session.execute(update(Vehicle).where(Vehicle.id == vehicle.id).values(**changes))
            for number, (member, skills) in enumerate(zip(crew, company.skills, strict=True)):
                user = self.ground.people[vendor] if number == 0 else None
                values = {"skills": list(skills), "user_id": user, "name": f"Crew {number} of {vendor}"}
                session.execute(update(CrewMember).where(CrewMember.id == member.id).values(**values))
        with self.ground.acting(vendor, "dispatcher", "vendor_admin") as session:
            starts = NOW - timedelta(hours=1)
            ids = [member.id for member in crew]
            fleet.add_shift(session, vehicle.id, ids, starts, starts + timedelta(hours=12))
