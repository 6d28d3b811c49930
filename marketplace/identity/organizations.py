"""Organizations, their facilities and units: set up by the platform, looked after by their administrators."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from marketplace.foundation import audit, state
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity import fields
from marketplace.identity.acting import ADMINISTRATORS, on_behalf
from marketplace.identity.models import Facility, Organization, Unit
from marketplace.identity.words import OrganizationKind, OrganizationState


def organization(session: WorkSession, organization_id: UUID) -> Organization:
    """One organization; the directory is open to everybody who is signed in."""
    return _found(session.get(Organization, organization_id))


def organization_by_slug(session: WorkSession, slug: str) -> Organization:
    """One organization by its short name."""
    return _found(session.scalars(select(Organization).where(Organization.slug == slug)).one_or_none())


def organizations(
    session: WorkSession, kind: OrganizationKind | None = None, *, after: str = "", limit: int = 200
) -> Sequence[Organization]:
    """The organizations by name, of one kind or all; `after` is the last name of the page before."""
    chosen = select(Organization).order_by(Organization.name).limit(limit)
    if kind is not None:
        chosen = chosen.where(Organization.kind == kind)
    if after:
        chosen = chosen.where(Organization.name > after)
    return session.scalars(chosen).all()


def create_organization(
    session: WorkSession,
    *,
    kind: OrganizationKind,
    name: str,
    time_zone: str,
    npi: str = "",
    slug: str = "",
    organization_id: UUID | None = None,
) -> Organization:
    """A new organization of the marketplace; only the platform's administrators set one up.

    Raises Conflict when the short name is taken.
    """
    session.actor.require("platform_admin")
    created = Organization(
        id=organization_id or new_id(),
        kind=kind,
        name=fields.line_of_text("name", name),
        slug=fields.slug("slug", slug or name),
        npi=fields.national_provider_identifier("npi", npi),
        time_zone=fields.time_zone("time_zone", time_zone),
    )
    if session.scalar(select(Organization.id).where(Organization.slug == created.slug)):
        raise Conflict(f"The short name {created.slug} is taken.", remedy="Give another short name.")
    session.add(created)
    session.flush()
    with on_behalf(session, created.id):
        state.begin(session, created)
    audit.record(session, "organizations:create", "organizations", created.id, {"kind": str(kind)})
    return created


def update_organization(
    session: WorkSession, organization_id: UUID, *, name: str, time_zone: str, npi: str, revision: int
) -> Organization:
    """Change what an organization is called and where it stands; its administrators or the platform's."""
    session.actor.require(*ADMINISTRATORS)
    changed = _locked_organization(session, organization_id)
    fields.require_revision(changed.revision, revision)
    changed.name = fields.line_of_text("name", name)
    changed.time_zone = fields.time_zone("time_zone", time_zone)
    changed.npi = fields.national_provider_identifier("npi", npi)
    changed.revision += 1
    audit.record(session, "organizations:update", "organizations", changed.id)
    return changed


def suspend_organization(session: WorkSession, organization_id: UUID, note: str) -> Organization:
    """Shut an organization out at once: no session and no token of it works from the next request on."""
    session.actor.require("platform_admin")
    if organization_id == session.actor.organization_id:
        raise Conflict("The platform cannot suspend itself.", remedy="Suspend another organization.")
    return _move(session, organization_id, OrganizationState.SUSPENDED, note)


def resume_organization(session: WorkSession, organization_id: UUID, note: str = "") -> Organization:
    """Let a suspended organization in again."""
    session.actor.require("platform_admin")
    return _move(session, organization_id, OrganizationState.ACTIVE, note)


def facility(session: WorkSession, facility_id: UUID) -> Facility:
    """One facility of the directory."""
    found = session.get(Facility, facility_id)
    if found is None:
        raise NotFound
    return found


def facilities(session: WorkSession, organization_id: UUID) -> Sequence[Facility]:
    """The facilities of an organization by name."""
    return session.scalars(
        select(Facility).where(Facility.organization_id == organization_id).order_by(Facility.name)
    ).all()


def units(session: WorkSession, facility_id: UUID) -> Sequence[Unit]:
    """The units of a facility by name."""
    return session.scalars(select(Unit).where(Unit.facility_id == facility_id).order_by(Unit.name)).all()


def units_by_facility(session: WorkSession, organization_id: UUID) -> dict[UUID, list[Unit]]:
    """All units of an organization, by their facility."""
    found: dict[UUID, list[Unit]] = {}
    chosen = select(Unit).where(Unit.organization_id == organization_id).order_by(Unit.name)
    for unit in session.scalars(chosen):
        found.setdefault(unit.facility_id, []).append(unit)
    return found


def add_facility(
    session: WorkSession,
    *,
    name: str,
    address: str,
    postal_code: str,
    latitude: float,
    longitude: float,
    time_zone: str,
    unit_names: Sequence[str] = (),
    facility_id: UUID | None = None,
) -> Facility:
    """A new facility of the acting organization, with its units."""
    session.actor.require(*ADMINISTRATORS)
    created = Facility(id=facility_id or new_id(), organization_id=session.actor.organization())
    _fill(created, name, address, postal_code, latitude, longitude, time_zone)
    taken = select(Facility.id).where(
        Facility.organization_id == created.organization_id, Facility.name == created.name
    )
    if session.scalar(taken):
        raise Conflict(f"There is a facility named {created.name} already.", remedy="Give it another name.")
    session.add(created)
    session.flush()
    set_units(session, created.id, unit_names)
    audit.record(session, "facilities:create", "facilities", created.id)
    return created


def update_facility(
    session: WorkSession,
    facility_id: UUID,
    *,
    name: str,
    address: str,
    postal_code: str,
    latitude: float,
    longitude: float,
    time_zone: str,
    revision: int,
) -> Facility:
    """Change a facility of the acting organization."""
    session.actor.require(*ADMINISTRATORS)
    changed = _own_facility(session, facility_id)
    fields.require_revision(changed.revision, revision)
    _fill(changed, name, address, postal_code, latitude, longitude, time_zone)
    changed.revision += 1
    audit.record(session, "facilities:update", "facilities", changed.id)
    return changed


def set_units(session: WorkSession, facility_id: UUID, names: Sequence[str]) -> list[Unit]:
    """Make these the units of a facility of the acting organization; those that stay keep their identity."""
    session.actor.require(*ADMINISTRATORS)
    owner = _own_facility(session, facility_id)
    wanted = list(dict.fromkeys(fields.line_of_text("units", name, 60) for name in names))
    kept = {unit.name: unit for unit in units(session, facility_id)}
    if gone := [unit.id for name, unit in kept.items() if name not in wanted]:
        session.execute(delete(Unit).where(Unit.id.in_(gone)))
    for name in wanted:
        if name not in kept:
            kept[name] = Unit(facility_id=owner.id, organization_id=owner.organization_id, name=name)
            session.add(kept[name])
    session.flush()
    audit.record(session, "facilities:units", "facilities", owner.id, {"units": len(wanted)})
    return [kept[name] for name in wanted]


def _fill(
    row: Facility,
    name: str,
    address: str,
    postal_code: str,
    latitude: float,
    longitude: float,
    time_zone: str,
) -> None:
    row.name = fields.line_of_text("name", name)
    row.address = fields.line_of_text("address", address, 200)
    row.postal_code = fields.postal_code("postal_code", postal_code)
    row.latitude = fields.degrees("latitude", latitude, 90)
    row.longitude = fields.degrees("longitude", longitude, 180)
    row.time_zone = fields.time_zone("time_zone", time_zone)


def _move(session: WorkSession, organization_id: UUID, target: OrganizationState, note: str) -> Organization:
    moved = _locked_organization(session, organization_id)
    state.move(session, moved, target, note=fields.note("note", note))
    session.flush()
    return moved


def _locked_organization(session: WorkSession, organization_id: UUID) -> Organization:
    if not session.actor.has("platform_admin") and organization_id != session.actor.organization_id:
        raise NotFound
    chosen = select(Organization).where(Organization.id == organization_id).with_for_update()
    return _found(session.scalars(chosen).one_or_none())


def _own_facility(session: WorkSession, facility_id: UUID) -> Facility:
    chosen = select(Facility).where(
        Facility.id == facility_id, Facility.organization_id == session.actor.organization()
    )
    found = session.scalars(chosen.with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found


def _found(row: Organization | None) -> Organization:
    if row is None:
        raise NotFound
    return row
