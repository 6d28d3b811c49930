"""Who was there in the months before: hospitals, planners, vendors with vehicles and prices, payers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.bookings.models import BOOKING_NUMBERS
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.geography import Position
from marketplace.foundation.ids import spoken_reference
from marketplace.foundation.work import WorkSession
from marketplace.foundation.world import World
from marketplace.identity.models import Facility, Organization, User
from marketplace.patients.models import PATIENT_NUMBERS
from vendors.demo.cast import HOSPITAL, Cast
from vendors.demo.metro_cast import casts
from vendors.fleet.models import CrewMember, Vehicle
from vendors.network.service import rate_lines_at
from vendors.network.words import RateLineValue

LATE_VENDOR = "gresham-care-cab"
"""Comes a quarter of an hour late on average; the others now and then."""
SLOW_TO_ANSWER = "tualatin-valley-rides"


@dataclass(frozen=True, slots=True)
class Hospital:
    """Where people left from: their planner's facility and how often its times were kept."""

    facility_id: UUID
    name: str
    address: str
    postal_code: str
    position: Position
    units: tuple[str, ...]
    beds: int


@dataclass(frozen=True, slots=True)
class Crewed:
    """A vehicle with who usually drove it."""

    vehicle_id: UUID
    plate: str
    levels: frozenset[str]
    user_id: UUID
    name: str


@dataclass(frozen=True)
class PastVendor:
    """A vendor as history needs it."""

    cast: Cast
    organization_id: UUID
    name: str
    base: Position
    office: tuple[UUID, str]
    """Who accepts: id and name."""
    vehicles: tuple[Crewed, ...]
    minutes_late: float
    """On average, against the middle of its promise."""

    def vehicle_for(self, level: str | None, dice: Random) -> Crewed:
        """One of the vehicles that may do work of this level."""
        able = [one for one in self.vehicles if level is None or level in one.levels]
        return dice.choice(able or list(self.vehicles))


@dataclass
class Stage:
    """Everybody of the past, and the numbers that are handed out next."""

    health_system_id: UUID
    health_system: str
    hospitals: tuple[Hospital, ...]
    planners: tuple[tuple[UUID, str], ...]
    reviewers: dict[UUID, tuple[UUID, str]]
    rides: tuple[PastVendor, ...]
    supplies: tuple[PastVendor, ...]
    patient_numbers: list[int] = field(default_factory=list)
    booking_numbers: list[int] = field(default_factory=list)
    audited: list[AuditEvent] = field(default_factory=list)
    _prices: dict[tuple[UUID, UUID, bool], list[RateLineValue]] = field(default_factory=dict)

    def prices(
        self, session: WorkSession, world: World, vendor: PastVendor, payer_id: UUID, at: datetime
    ) -> list[RateLineValue]:
        """The lines of the rate card in force then; cards changed once, ninety days ago."""
        key = (vendor.organization_id, payer_id, (world.at(0) - at).days >= 90)
        if key not in self._prices:
            self._prices[key] = rate_lines_at(session, vendor.organization_id, payer_id, at)
        return self._prices[key]

    def patient_reference(self, session: Session) -> str:
        """The next patient's reference."""
        if not self.patient_numbers:
            self.patient_numbers = _numbers(session, "patient_numbers")
        return spoken_reference("P", self.patient_numbers.pop(0))

    def booking_reference(self, session: Session) -> str:
        """The next booking's reference."""
        if not self.booking_numbers:
            self.booking_numbers = _numbers(session, "booking_numbers")
        return spoken_reference("R", self.booking_numbers.pop(0))


def read_stage(session: WorkSession, world: World) -> Stage:
    """Everybody, read under the verifier's role."""
    organizations = {row.slug: row for row in session.scalars(select(Organization))}
    people = {row.id: row.name for row in session.scalars(select(User))}
    users = world.things["users"]
    facilities = {row.id: row for row in session.scalars(select(Facility))}
    vendors = [
        _vendor(session, cast, organizations[cast.slug], people, users[cast.slug])
        for cast in casts(world.size)
    ]
    health_system = organizations[HOSPITAL]
    payers = {slug: row for slug, row in organizations.items() if "reviewer" in users.get(slug, {})}
    return Stage(
        health_system_id=health_system.id,
        health_system=health_system.name,
        hospitals=tuple(
            _hospital(facilities[facility_id], units, beds)
            for facility_id, units, beds in world.things["hospitals"]
        ),
        planners=tuple((one, people[one]) for one in users[HOSPITAL]["planner"]),
        reviewers={row.id: _first(users[slug]["reviewer"], people) for slug, row in payers.items()},
        rides=tuple(one for one in vendors if one.cast.line == "ride"),
        supplies=tuple(one for one in vendors if one.cast.line == "equipment"),
    )


def _first(ids: list[UUID], people: dict[UUID, str]) -> tuple[UUID, str]:
    return ids[0], people[ids[0]]


def _hospital(row: Facility, units: tuple[str, ...], beds: int) -> Hospital:
    position = Position(row.latitude, row.longitude)
    return Hospital(row.id, row.name, row.address, row.postal_code, position, units, beds)


def _vendor(
    session: WorkSession,
    cast: Cast,
    row: Organization,
    people: dict[UUID, str],
    users: dict[str, list[UUID]],
) -> PastVendor:
    crew = session.scalars(
        select(CrewMember).where(CrewMember.vendor_organization_id == row.id).order_by(CrewMember.id)
    ).all()
    working = [(one.user_id, one.name) for one in crew if one.user_id is not None]
    vehicles = session.scalars(
        select(Vehicle).where(Vehicle.vendor_organization_id == row.id).order_by(Vehicle.name)
    ).all()
    home = session.scalars(select(Facility).where(Facility.organization_id == row.id)).first()
    office = users["vendor_admin"][0]
    return PastVendor(
        cast=cast,
        organization_id=row.id,
        name=row.name,
        base=Position(home.latitude, home.longitude) if home else Position(45.52, -122.67),
        office=(office, people[office]),
        vehicles=tuple(
            Crewed(one.id, one.plate, frozenset(one.levels), *working[number % len(working)])
            for number, one in enumerate(vehicles)
        ),
        minutes_late=15.0 if cast.slug == LATE_VENDOR else 0.0,
    )


def _numbers(session: Session, sequence: str) -> list[int]:
    """Five hundred numbers at once."""
    one = (BOOKING_NUMBERS if sequence == "booking_numbers" else PATIENT_NUMBERS).next_value()
    return list(session.scalars(select(one).select_from(func.generate_series(1, 500).table_valued())))
