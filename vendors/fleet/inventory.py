"""The verbs of the fleet: vehicles, crew members, depots and stock of the acting vendor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from marketplace.bookings.words import LevelOfService
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.events import publish
from marketplace.foundation.work import WorkSession
from vendors.fleet.events import FleetChanged
from vendors.fleet.models import CrewMember, Depot, StockItem, Vehicle
from vendors.fleet.words import Configuration, CrewKind, Skill, VehicleKind

PLANNED_AHEAD = timedelta(days=7)
"""How far ahead a change of the fleet makes days be planned anew."""
OFFICE = ("vendor_admin", "dispatcher")
"""Who may look at and change a fleet."""


@contextmanager
def refusing_doubles(session: WorkSession, sentence: str) -> Iterator[None]:
    """Run a change in a savepoint; what the database's constraints refuse becomes a Conflict saying why."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", "") in {"23505", "23P01"}:
            raise Conflict(sentence) from None
        raise


def depots(session: WorkSession) -> list[Depot]:
    """The acting vendor's depots by name."""
    session.actor.require(*OFFICE)
    own = Depot.vendor_organization_id == session.actor.organization()
    return list(session.scalars(select(Depot).where(own).order_by(Depot.name)))


def vehicles(session: WorkSession) -> list[Vehicle]:
    """The acting vendor's vehicles by name, with their depots; also those out of service."""
    session.actor.require(*OFFICE)
    own = Vehicle.vendor_organization_id == session.actor.organization()
    return list(
        session.scalars(select(Vehicle).where(own).options(joinedload(Vehicle.depot)).order_by(Vehicle.name))
    )


def crew_members(session: WorkSession) -> list[CrewMember]:
    """The acting vendor's drivers and technicians by name."""
    session.actor.require(*OFFICE)
    own = CrewMember.vendor_organization_id == session.actor.organization()
    return list(session.scalars(select(CrewMember).where(own).order_by(CrewMember.name)))


def stock(session: WorkSession) -> list[StockItem]:
    """The acting vendor's equipment by code."""
    session.actor.require(*OFFICE)
    own = StockItem.vendor_organization_id == session.actor.organization()
    return list(session.scalars(select(StockItem).where(own).order_by(StockItem.hcpcs_code, StockItem.id)))


def add_vehicle(
    session: WorkSession,
    name: str,
    plate: str,
    kind: VehicleKind,
    configurations: Sequence[Configuration],
    levels: Sequence[LevelOfService],
    depot_id: UUID,
    *,
    lift_capacity_kg: int | None = None,
    features: Sequence[str] = (),
) -> Vehicle:
    """A new vehicle of the acting vendor; its name must be new in the fleet (Conflict otherwise)."""
    session.actor.require("vendor_admin")
    vendor_id = session.actor.organization()
    if not configurations:
        raise InvalidInput("configurations", "give at least one way to load the vehicle")
    depot = own_depot(session, depot_id)
    vehicle = Vehicle(
        vendor_organization_id=vendor_id,
        name=name,
        plate=plate,
        kind=kind,
        configurations=[way.to_json() for way in configurations],
        levels=[str(level) for level in levels],
        features=list(features),
        lift_capacity_kg=lift_capacity_kg,
        depot_id=depot.id,
    )
    with refusing_doubles(session, f"There already is a vehicle named {name}."):
        session.add(vehicle)
    _changed(session, "vehicles", "create", vehicle.id)
    return vehicle


def set_in_service(session: WorkSession, vehicle_id: UUID, *, in_service: bool) -> Vehicle:
    """Take a vehicle out of service or back into it; planned work of it shows up with the dispatcher."""
    session.actor.require(*OFFICE)
    vehicle = own_vehicle(session, vehicle_id, lock=True)
    vehicle.in_service = in_service
    vehicle.revision += 1
    tell_planners(session, session.now(), session.now() + PLANNED_AHEAD)
    _changed(session, "vehicles", "in_service" if in_service else "out_of_service", vehicle.id)
    return vehicle


def add_crew_member(
    session: WorkSession,
    name: str,
    kind: CrewKind,
    skills: Sequence[Skill],
    *,
    user_id: UUID | None = None,
    phone: str = "",
) -> CrewMember:
    """A new driver or technician; `user_id` ties the person to a sign-in for the phone pages."""
    session.actor.require("vendor_admin")
    member = CrewMember(
        vendor_organization_id=session.actor.organization(),
        user_id=user_id,
        name=name,
        kind=kind,
        skills=[str(skill) for skill in skills],
        phone=phone,
    )
    with refusing_doubles(session, "That sign-in already belongs to another crew member."):
        session.add(member)
    _changed(session, "crew_members", "create", member.id)
    return member


def change_crew_member(
    session: WorkSession, member_id: UUID, skills: Sequence[Skill], phone: str, *, in_service: bool
) -> CrewMember:
    """Other skills or phone, off work or back; foreign and missing are NotFound. Plans are made anew."""
    session.actor.require("vendor_admin")
    member = own_crew_member(session, member_id, lock=True)
    member.skills, member.phone = [str(skill) for skill in skills], phone
    member.in_service = in_service
    member.revision += 1
    tell_planners(session, session.now(), session.now() + PLANNED_AHEAD)
    _changed(session, "crew_members", "change", member.id)
    return member


def own_crew_member(session: WorkSession, member_id: UUID, *, lock: bool = False) -> CrewMember:
    """A crew member of the acting vendor; foreign and missing are NotFound."""
    mine = CrewMember.vendor_organization_id == session.actor.organization()
    query = select(CrewMember).where(CrewMember.id == member_id, mine)
    member = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if member is None:
        raise NotFound
    return member


def tell_planners(session: WorkSession, starts_at: datetime, ends_at: datetime) -> None:
    """Let the floors above plan anew what lies in that time; long past and far off times tell nobody."""
    now = session.now()
    if ends_at > now and starts_at < now + PLANNED_AHEAD:
        publish(session, FleetChanged(session.actor.organization(), starts_at, ends_at))


def set_stock(
    session: WorkSession, depot_id: UUID, hcpcs_code: str, description: str, quantity: int
) -> StockItem:
    """How many pieces of a code now lie in a depot, as counted."""
    session.actor.require(*OFFICE)
    if not 0 <= quantity <= 100_000:
        raise InvalidInput("quantity", "write a number from 0 to 100,000")
    depot = own_depot(session, depot_id)
    item = session.scalars(
        select(StockItem)
        .where(StockItem.depot_id == depot.id, StockItem.hcpcs_code == hcpcs_code)
        .with_for_update()
    ).one_or_none()
    if item is None:
        item = StockItem(
            vendor_organization_id=depot.vendor_organization_id,
            depot_id=depot.id,
            hcpcs_code=hcpcs_code,
            description=description,
            quantity=quantity,
        )
        with refusing_doubles(session, "Somebody has just counted the same item; look again."):
            session.add(item)
    else:
        item.quantity, item.revision = quantity, item.revision + 1
    _changed(session, "stock_items", "count", item.id)
    return item


def take_stock(session: WorkSession, depot_id: UUID, hcpcs_code: str, quantity: int) -> None:
    """Pieces leave a depot; Conflict when fewer lie there. Locks the stock row."""
    item = session.scalars(
        select(StockItem)
        .where(StockItem.depot_id == depot_id, StockItem.hcpcs_code == hcpcs_code)
        .with_for_update()
    ).one_or_none()
    if item is None or item.quantity < quantity:
        raise Conflict(f"There are only {item.quantity if item else 0} pieces of {hcpcs_code} in this depot.")
    item.quantity, item.revision = item.quantity - quantity, item.revision + 1


def own_vehicle(session: WorkSession, vehicle_id: UUID, *, lock: bool = False) -> Vehicle:
    """A vehicle of the acting vendor; foreign and missing are NotFound."""
    query = select(Vehicle).where(
        Vehicle.id == vehicle_id, Vehicle.vendor_organization_id == session.actor.organization()
    )
    vehicle = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if vehicle is None:
        raise NotFound
    return vehicle


def own_depot(session: WorkSession, depot_id: UUID) -> Depot:
    """A depot of the acting vendor; foreign and missing are NotFound."""
    depot = session.get(Depot, depot_id)
    if depot is None or depot.vendor_organization_id != session.actor.organization():
        raise NotFound
    return depot


def _changed(session: WorkSession, kind: str, verb: str, object_id: UUID) -> None:
    audit.record(session, f"{kind}:{verb}", kind, object_id)
    announce(session, [session.actor.organization_id], "fleet", object_id)
