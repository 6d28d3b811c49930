"""A hospital with a patient to send home, a payer and three vendors: what tests of the ground stand on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import EquipmentOrder, ItemOrder, PayerChoice, RideOrder, VisitOrder
from marketplace.bookings.promises import INVARIANTS as BOOKINGS
from marketplace.bookings.words import VISIT_STATUSES, BookingKind, LevelOfService, PayerKind, ServiceStatus
from marketplace.careplans import service as careplans
from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.promises import INVARIANTS as CARE_PLANS
from marketplace.careplans.words import Hardness, ServiceKind, TaskCategory
from marketplace.choices.promises import INVARIANTS as CHOICES
from marketplace.foundation.access import Actor, ActorKind, system_actor
from marketplace.foundation.business_clock import set_business_clock
from marketplace.foundation.ids import new_id
from marketplace.foundation.invariants import Breach
from marketplace.foundation.jobs.models import Job
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.service import Registry, Service
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work
from marketplace.identity.models import Facility, Organization, User
from marketplace.identity.words import OrganizationKind, UserState
from marketplace.patients import authorizations, coverage, encounters
from marketplace.patients import service as patients
from marketplace.patients.promises import INVARIANTS as PATIENTS
from marketplace.patients.words import Identity, MobilityAid, Needs, Receiver, ServiceLine

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""Monday, 09:00 in Portland: the business moment at which every test begins."""
LEAVES = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
"""15:00 in Portland."""
ROSA = Identity(
    given_name="Rosa", family_name="Alvarez", birth_date="1948-05-17", mrn="SB-104822",
    phone="503 555 0142", address_line="2316 SE Ash St", city="Portland", state="OR", postal_code="97214",
)  # fmt: skip
ROSA_NEEDS = Needs(stairs_count=3, weight_kg=71, oxygen_lpm=Decimal(2), mobility_aid=MobilityAid.WHEELCHAIR)
DAUGHTER = Receiver("Elena Alvarez", "503 555 0177", "daughter")
RIDER_STATUSES = (
    ServiceStatus.EN_ROUTE_PICKUP,
    ServiceStatus.ARRIVED_PICKUP,
    ServiceStatus.ON_BOARD,
    ServiceStatus.ARRIVED_DROPOFF,
    ServiceStatus.COMPLETED,
)
DELIVERY_STATUSES = (
    ServiceStatus.EN_ROUTE,
    ServiceStatus.ARRIVED,
    ServiceStatus.SET_UP,
    ServiceStatus.ACCEPTED_BY_RECEIVER,
    ServiceStatus.COMPLETED,
)


@dataclass
class GroundStage:
    """One small metro in the database, and units of work for everybody in it."""

    runtime: Runtime
    hospital: UUID = field(default_factory=new_id)
    other_hospital: UUID = field(default_factory=new_id)
    payer: UUID = field(default_factory=new_id)
    vendors: tuple[UUID, ...] = field(default_factory=lambda: (new_id(), new_id(), new_id()))
    facility: UUID = field(default_factory=new_id)
    people: dict[UUID, UUID] = field(default_factory=dict)
    """A person of each organization."""
    patient: UUID = field(init=False)
    encounter: UUID = field(init=False)
    plan: UUID = field(init=False)
    coverage: UUID = field(init=False)
    ride_task: UUID = field(init=False)
    oxygen_task: UUID = field(init=False)
    ride_authorization: UUID = field(init=False)

    def build(self) -> GroundStage:
        """The organizations, Rosa with her stay, coverage, and a plan: oxygen at home before the ride."""
        with self.owner() as session:
            set_business_clock(session, self.runtime.settings, NOW, 0)
            self._directory(session)
        with self.planning() as session:
            self._rosa(session)
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
    def acting(self, organization_id: UUID, *roles: str) -> Iterator[WorkSession]:
        """A unit of work of somebody of an organization with some roles."""
        with unit_of_work(self.runtime, self.actor(organization_id, *roles)) as session:
            yield session

    def planning(self) -> object:
        """A unit of work of the hospital's planner."""
        return self.acting(self.hospital, "planner")

    def actor(self, organization_id: UUID, *roles: str) -> Actor:
        """Somebody of an organization."""
        person = self.people[organization_id]
        return Actor(ActorKind.USER, person, organization_id, "", frozenset(roles), "Somebody")

    def at(self, moment: datetime) -> None:
        """Set business time."""
        with self.owner() as session:
            set_business_clock(session, self.runtime.settings, moment, 0)

    def ride(self, **changes: object) -> RideOrder:
        """A good order for Rosa's ride, with some parts changed."""
        order = {
            "task_id": self.ride_task,
            "level_of_service": LevelOfService.WHEELCHAIR,
            "payer": PayerChoice(PayerKind.COVERAGE, self.coverage, self.ride_authorization),
        }
        return RideOrder(**{**order, **changes})

    def oxygen(self, **changes: object) -> EquipmentOrder:
        """A good order for Rosa's oxygen, with some parts changed."""
        order = {
            "task_id": self.oxygen_task,
            "items": (ItemOrder("E1390"), ItemOrder("E0431")),
            "payer": PayerChoice(PayerKind.COVERAGE, self.coverage),
        }
        return EquipmentOrder(**{**order, **changes})

    def book(self, order: RideOrder | EquipmentOrder | VisitOrder) -> Booking:
        """Request it as the planner."""
        with self.planning() as session:
            if isinstance(order, RideOrder):
                return bookings.request_ride(session, order)
            if isinstance(order, VisitOrder):
                return bookings.request_visit(session, order)
            return bookings.request_equipment(session, order)

    def offered(self, order: RideOrder | EquipmentOrder | VisitOrder, *vendors: UUID) -> Booking:
        """Requested and offered to some vendors (all of them unless named)."""
        booking = self.book(order)
        with self.planning() as session:
            due = NOW + timedelta(hours=1)
            return bookings.mark_offered(session, booking.id, vendors or self.vendors, due)

    def awarded(
        self,
        order: RideOrder | EquipmentOrder | VisitOrder,
        vendor: UUID | None = None,
        *,
        offered_to: tuple[UUID, ...] = (),
    ) -> Booking:
        """Offered to all (or to some), and accepted by one (the first unless named)."""
        booking = self.offered(order, *offered_to)
        winner = vendor or self.vendors[0]
        with self.acting(winner, "vendor_admin") as session:
            start = booking.requested_start
            return bookings.award(session, booking.id, winner, new_id(), start, start + timedelta(minutes=30))

    def perform(self, booking: Booking, start: datetime | None = None, last: int | None = None) -> Booking:
        """Let the vendor report its course, five minutes apart; up to `last` reports."""
        course = {BookingKind.RIDE: RIDER_STATUSES, BookingKind.HOME_HEALTH: VISIT_STATUSES}.get(
            booking.kind, DELIVERY_STATUSES
        )
        moment = start or booking.promised_start or booking.requested_start
        for number, status in enumerate(course[:last]):
            with self.acting(booking.vendor_organization_id, "driver", "technician", "clinician") as session:
                at = moment + timedelta(minutes=5 * number)
                booking = bookings.record_service_status(session, booking.id, status, at)
        return booking

    def fresh(self, booking: Booking) -> Booking:
        """The booking as it is stored now."""
        with self.owner() as session:
            return session.scalars(select(Booking).where(Booking.id == booking.id)).one()

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
                assert session.scalars(select(Job.error).where(Job.error != "")).all() == []

    def breaches(self) -> list[Breach]:
        """What `homeward verify` would say of the ground."""
        promises = (*PATIENTS, *CARE_PLANS, *CHOICES, *BOOKINGS)
        with unit_of_work(self.runtime, system_actor(), "verifier") as session:
            return [breach for promise in promises for breach in promise.breaches(session)]

    def new_task(
        self,
        kind: ServiceKind = ServiceKind.RIDE,
        code: str | None = None,
        discipline: Discipline | None = None,
    ) -> UUID:
        """One more task of Rosa's plan."""
        with self.planning() as session:
            category = {
                ServiceKind.RIDE: TaskCategory.TRANSPORT,
                ServiceKind.EQUIPMENT: TaskCategory.EQUIPMENT,
                ServiceKind.HOME_HEALTH: TaskCategory.HOME_HEALTH,
            }.get(kind, TaskCategory.TEACHING)
            new = careplans.NewTask(
                category=category,
                title="One more",
                owner_user_id=self.people[self.hospital],
                service_kind=kind,
                equipment_code=code,
                discipline=discipline,
                due_offset_start_minutes=0,
                due_offset_end_minutes=60,
            )
            return careplans.add_task(session, self.plan, new).id

    def _directory(self, session: WorkSession) -> None:
        kinds = {self.hospital: OrganizationKind.HEALTH_SYSTEM, self.payer: OrganizationKind.PAYER}
        kinds[self.other_hospital] = OrganizationKind.HEALTH_SYSTEM
        kinds |= dict.fromkeys(self.vendors, OrganizationKind.VENDOR)
        for number, (organization_id, kind) in enumerate(kinds.items()):
            name = f"{kind}-{number}".replace("_", "-")
            session.add(
                Organization(
                    id=organization_id, kind=kind, name=name, slug=name, time_zone="America/Los_Angeles"
                )
            )
        session.flush()
        for number, organization_id in enumerate(kinds):
            self.people[organization_id] = new_id()
            session.add(
                User(
                    id=self.people[organization_id],
                    organization_id=organization_id,
                    email=f"person-{number}@example.com",
                    name=f"Person {number}",
                    roles=["planner"],
                    state=UserState.ACTIVE,
                )
            )
        session.add(
            Facility(
                id=self.facility,
                organization_id=self.hospital,
                name="St. Brigid Medical Center",
                address="2801 N Gantenbein Ave, Portland, OR",
                postal_code="97227",
                latitude=45.5440,
                longitude=-122.6703,
                time_zone="America/Los_Angeles",
            )
        )

    def _rosa(self, session: WorkSession) -> None:
        self.patient = patients.create_patient(session, ROSA, ROSA_NEEDS, receiver=DAUGHTER).id
        self.encounter = encounters.admit(
            session,
            self.patient,
            self.facility,
            admitted_at=NOW - timedelta(days=4),
            expected_discharge_at=LEAVES,
            unit="4 West",
        ).id
        self.plan = careplans.open_plan(session, self.encounter).id
        self.coverage = coverage.add_coverage(
            session,
            self.patient,
            self.payer,
            plan_name="Evergreen Advantage",
            member_id="EV-88310442",
            effective_from=date(2026, 1, 1),
        ).id
        self.ride_authorization = authorizations.add_authorization(
            session,
            self.coverage,
            number="PA-1001",
            service_line=ServiceLine.RIDE,
            units_approved=2,
            valid_from=date(2026, 11, 1),
            valid_to=date(2026, 12, 31),
        ).id
        self.ride_task = self._task(session, TaskCategory.TRANSPORT, ServiceKind.RIDE, 0, 60, None)
        self.oxygen_task = self._task(
            session, TaskCategory.EQUIPMENT, ServiceKind.EQUIPMENT, -240, -30, "E1390"
        )
        careplans.add_precedence(session, self.oxygen_task, self.ride_task, Hardness.HARD)

    def _task(
        self,
        session: WorkSession,
        category: TaskCategory,
        kind: ServiceKind,
        start: int,
        end: int,
        code: str | None,
    ) -> UUID:
        new = careplans.NewTask(
            category=category,
            title=f"{kind.value.capitalize()} home",
            owner_user_id=self.people[self.hospital],
            service_kind=kind,
            equipment_code=code,
            due_offset_start_minutes=start,
            due_offset_end_minutes=end,
        )
        return careplans.add_task(session, self.plan, new).id
