"""A hospital, a payer and vendors with papers and prices: what tests of the second floor stand on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.models import BookingItem
from marketplace.bookings.words import (
    BookingKind,
    LevelOfService,
)
from marketplace.careplans.models import CarePlan
from marketplace.foundation.access import Actor, ActorKind, system_actor
from marketplace.foundation.business_clock import set_business_clock
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs import Job
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.service import Registry, Service, load_services
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work
from marketplace.identity.models import Facility, Organization, User
from marketplace.identity.words import OrganizationKind, UserState
from marketplace.patients.models import Encounter, Patient
from tests.support.vendor_bookings import requested_booking
from vendors.credentials.catalogue import REQUIREMENTS
from vendors.credentials.models import Credential
from vendors.credentials.words import ScreeningResult, SubjectKind
from vendors.fleet.models import CrewMember, Depot, StockItem, Vehicle
from vendors.fleet.words import Configuration, CrewKind, VehicleKind
from vendors.network.models import RateCard, RateLine, ServiceArea, VendorProfile
from vendors.network.words import AreaKind, RateUnit

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Monday, 09:00 in Portland: the business moment at which every test begins."""
PICKUP = NOW + timedelta(hours=6)
_HOME = (45.5231, -122.6765)
RIDE_PRICES = (("A0130", RateUnit.TRIP, 4200), ("S0209", RateUnit.MILE, 285), ("A0422", RateUnit.TRIP, 1000))
ITEM_PRICES = (("E1390", RateUnit.MONTH, 14200), ("A9901", RateUnit.TRIP, 2500))


def second_floor(runtime: Runtime) -> Runtime:
    """The same process with the ground and the vendors alone: no floor above takes part."""
    return Runtime(runtime.settings, runtime.databases, runtime.vault, load_services(["ground", "vendors"]))


@dataclass
class VendorStage:
    """One small metro in the database, and actors for everybody in it."""

    runtime: Runtime
    hospital: UUID = field(default_factory=new_id)
    payer: UUID = field(default_factory=new_id)
    vendors: list[UUID] = field(default_factory=list)
    supplier: UUID = field(default_factory=new_id)
    task_count: int = 0

    def build(self, vendors: int = 2) -> VendorStage:
        """Organizations, people, the patient's stay, and `vendors` transport companies with one supplier."""
        self.vendors = [new_id() for _ in range(vendors)]
        with self.owner() as session:
            set_business_clock(session, self.runtime.settings, NOW, 0)
            self._organizations(session)
            self._stay(session)
            for number, vendor_id in enumerate(self.vendors):
                self._vendor(session, vendor_id, "ride", 100 + number)
            self._vendor(session, self.supplier, "equipment", 100)
        return self

    def services(self) -> tuple[Service, ...]:
        """The services of the runtime."""
        registry = self.runtime.registry
        assert isinstance(registry, Registry)
        return registry.services

    @contextmanager
    def owner(self) -> Iterator[WorkSession]:
        """A unit of work that no policy binds."""
        with unit_of_work(self.runtime, system_actor(), "owner") as session:
            yield session

    @contextmanager
    def as_planner(self) -> Iterator[WorkSession]:
        """A unit of work of the hospital's planner."""
        with unit_of_work(self.runtime, self.planner) as session:
            yield session

    @contextmanager
    def as_vendor(self, vendor_id: UUID, *roles: str) -> Iterator[WorkSession]:
        """A unit of work of a vendor's office."""
        with unit_of_work(self.runtime, self.office(vendor_id, *roles)) as session:
            yield session

    @property
    def planner(self) -> Actor:
        """The planner of the hospital."""
        return Actor(
            ActorKind.USER, self.planner_id, self.hospital, "health_system", frozenset({"planner"}), "Dana"
        )

    def office(self, vendor_id: UUID, *roles: str) -> Actor:
        """Somebody in a vendor's office."""
        held = frozenset(roles or ("vendor_admin",))
        return Actor(ActorKind.USER, self.person_of[vendor_id], vendor_id, "vendor", held, "Office")

    def platform(self) -> Actor:
        """Somebody of the platform's staff, whose organization is made when first asked for."""
        with self.owner() as session:
            found = session.scalars(
                select(Organization.id).where(Organization.kind == OrganizationKind.PLATFORM)
            ).first()
            if found is None:
                found = new_id()
                session.add(
                    Organization(
                        id=found,
                        kind=OrganizationKind.PLATFORM,
                        name="Homeward",
                        slug="homeward",
                        time_zone="America/Los_Angeles",
                    )
                )
        return Actor(ActorKind.USER, None, found, "platform", frozenset({"platform_admin"}), "Noor")

    def at(self, moment: datetime) -> None:
        """Set business time."""
        with self.owner() as session:
            set_business_clock(session, self.runtime.settings, moment, 0)

    def work_off(self) -> int:
        """Run every waiting job until there is none; returns how many ran. Fails on a failing job."""
        ran = 0
        while True:
            with self.owner() as session:
                waiting = session.scalars(select(Job.id).where(Job.state == "queued").order_by(Job.id)).all()
            if not waiting:
                return ran
            for job_id in waiting:
                run_job(self.runtime, job_id)
                ran += 1
            with self.owner() as session:
                errors = session.scalars(select(Job.error).where(Job.error != "")).all()
            assert not errors, errors

    def ride(
        self,
        *,
        start: datetime = PICKUP,
        level: LevelOfService = LevelOfService.WHEELCHAIR,
        needs: dict[str, object] | None = None,
    ) -> UUID:
        """A requested ride of ten miles within the city; its window is half an hour."""
        return self.rides(1, start=start, level=level, needs=needs)[0]

    def rides(
        self,
        count: int,
        *,
        start: datetime = PICKUP,
        level: LevelOfService = LevelOfService.WHEELCHAIR,
        needs: dict[str, object] | None = None,
    ) -> list[UUID]:
        """Several requested rides."""
        with self.owner() as session:
            made = [
                requested_booking(session, self, BookingKind.RIDE, start, level, needs) for _ in range(count)
            ]
            return [booking.id for booking in made]

    def delivery(self, *, start: datetime = PICKUP, code: str = "E1390") -> UUID:
        """A requested delivery of one item."""
        with self.owner() as session:
            booking = requested_booking(session, self, BookingKind.EQUIPMENT, start, None, None)
            session.add(
                BookingItem(
                    booking_id=booking.id, hcpcs_code=code, description="Item", quantity=1, modifier="RR"
                )
            )
            return booking.id

    def fleet(self, vendor_id: UUID, *, crew: int = 1) -> tuple[Vehicle, list[CrewMember]]:
        """A wheelchair van and its crew, with all their papers."""
        with self.owner() as session:
            depot = session.scalars(select(Depot).where(Depot.vendor_organization_id == vendor_id)).one()
            vehicle = Vehicle(
                id=new_id(),
                vendor_organization_id=vendor_id,
                name=f"Van {new_id()}",
                plate="123 ABC",
                kind=VehicleKind.WHEELCHAIR_VAN,
                configurations=[Configuration("2 chairs", ambulatory=2, wheelchair=2).to_json()],
                levels=["ambulatory", "wheelchair"],
                features=["lift"],
                depot_id=depot.id,
            )
            members = [
                CrewMember(
                    id=new_id(),
                    vendor_organization_id=vendor_id,
                    name=f"Driver {n}",
                    kind=CrewKind.DRIVER,
                    skills=[],
                )
                for n in range(crew)
            ]
            session.add_all([vehicle, *members])
            session.flush()
            self.papers(session, vendor_id, SubjectKind.VEHICLE, vehicle.id, "ride")
            for member in members:
                self.papers(session, vendor_id, SubjectKind.CREW_MEMBER, member.id, "ride")
            return vehicle, members

    def papers(
        self, session: WorkSession, vendor_id: UUID, kind: SubjectKind, subject_id: UUID, line: str
    ) -> None:
        """Everything the rules demand of a subject, valid for a year, verified."""
        codes = {
            rule.credential_type: rule
            for rule in REQUIREMENTS
            if rule.subject_kind is kind and rule.service_line == line
        }
        for code in sorted(codes):
            screening = ScreeningResult.CLEAR if "screening" in code else None
            session.add(
                Credential(
                    vendor_organization_id=vendor_id,
                    subject_kind=kind,
                    subject_id=subject_id,
                    credential_type=code,
                    issued_on=NOW.date(),
                    valid_from=NOW - timedelta(days=100),
                    expires_at=NOW + timedelta(days=265),
                    verified_at=NOW - timedelta(days=99),
                    verification_source="issuer",
                    screening=screening,
                )
            )

    def expire(self, vendor_id: UUID, code: str, at: datetime, subject_id: UUID | None = None) -> None:
        """Let a credential of a vendor (or of one subject) end at a moment."""
        with self.owner() as session:
            for row in session.scalars(
                select(Credential).where(
                    Credential.subject_id == (subject_id or vendor_id), Credential.credential_type == code
                )
            ):
                row.expires_at = at

    def _organizations(self, session: WorkSession) -> None:
        names = [(self.hospital, OrganizationKind.HEALTH_SYSTEM), (self.payer, OrganizationKind.PAYER)]
        names += [(vendor_id, OrganizationKind.VENDOR) for vendor_id in [*self.vendors, self.supplier]]
        self.person_of: dict[UUID, UUID] = {}
        for number, (organization_id, kind) in enumerate(names):
            session.add(
                Organization(
                    id=organization_id,
                    kind=kind,
                    name=f"{kind.value} {number}",
                    slug=f"{kind.value}-{number}",
                    time_zone="America/Los_Angeles",
                )
            )
            session.flush()
            person = User(
                id=new_id(),
                organization_id=organization_id,
                email=f"office@{number}.example",
                name=f"Person {number}",
                roles=["planner" if number == 0 else "vendor_admin"],
                state=UserState.ACTIVE,
            )
            session.add(person)
            self.person_of[organization_id] = person.id
        session.flush()
        self.planner_id = self.person_of[self.hospital]

    def _stay(self, session: WorkSession) -> None:
        facility = Facility(
            id=new_id(),
            organization_id=self.hospital,
            name="Hospital",
            address="1 Main St, Portland, OR",
            postal_code="97227",
            latitude=45.5440,
            longitude=-122.6703,
            time_zone="America/Los_Angeles",
        )
        patient = Patient(id=new_id(), organization_id=self.hospital, reference="P-TEST")
        session.add_all([facility, patient])
        session.flush()
        self.stay = Encounter(
            id=new_id(),
            organization_id=self.hospital,
            patient_id=patient.id,
            facility_id=facility.id,
            admitted_at=NOW - timedelta(days=3),
            expected_discharge_at=PICKUP,
        )
        session.add(self.stay)
        session.flush()
        self.plan = CarePlan(
            id=new_id(), organization_id=self.hospital, patient_id=patient.id, encounter_id=self.stay.id
        )
        session.add(self.plan)
        session.flush()

    def _vendor(self, session: WorkSession, vendor_id: UUID, line: str, percent: int) -> None:
        session.add(
            VendorProfile(
                organization_id=vendor_id,
                service_lines=[line],
                levels=["ambulatory", "wheelchair"] if line == "ride" else [],
                equipment_codes=["E1390"] if line == "equipment" else [],
                regions=["portland"],
                time_zone="America/Los_Angeles",
                base_latitude=_HOME[0],
                base_longitude=_HOME[1],
                offer_email=f"offers@{vendor_id}.example",
            )
        )
        session.add(
            ServiceArea(
                vendor_organization_id=vendor_id,
                kind=AreaKind.RADIUS,
                latitude=_HOME[0],
                longitude=_HOME[1],
                radius_meters=40_000,
            )
        )
        prices = RIDE_PRICES if line == "ride" else ITEM_PRICES
        card = RateCard(vendor_organization_id=vendor_id, effective_from=NOW.date() - timedelta(days=90))
        for code, unit, cents in prices:
            card.lines.append(
                RateLine(
                    vendor_organization_id=vendor_id,
                    code=code,
                    description=code,
                    unit=unit,
                    cents=cents * percent // 100,
                    modifier="RR" if unit is RateUnit.MONTH else None,
                )
            )
        depot = Depot(
            id=new_id(),
            vendor_organization_id=vendor_id,
            name="Depot",
            address_line="2 Main St",
            postal_code="97227",
            latitude=_HOME[0],
            longitude=_HOME[1],
        )
        session.add_all([card, depot])
        session.flush()
        if line == "equipment":
            session.add(
                StockItem(
                    vendor_organization_id=vendor_id,
                    depot_id=depot.id,
                    hcpcs_code="E1390",
                    description="Concentrator",
                    quantity=5,
                )
            )
        self.papers(session, vendor_id, SubjectKind.VENDOR, vendor_id, line)
