"""More vendors and patients for a running demo: clones of its own, with sign-ins made by the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, or_, select, text

from marketplace.foundation import state
from marketplace.foundation.access import system_actor
from marketplace.foundation.db.base import metadata
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work
from marketplace.identity import clients, organizations, tokens, users
from marketplace.identity.door_models import UserSecret
from marketplace.identity.words import OrganizationKind, UserState
from tests.simulation.population import multiply, prototypes
from tests.simulation.stand import Stand

VENDOR_TABLES = (
    "vendor_profiles",
    "service_areas",
    "vendor_contracts",
    "rate_cards",
    "rate_lines",
    "depots",
    "vehicles",
    "crew_members",
    "shifts",
    "shift_crews",
    "credentials",
)
"""Parents first. Capacities are left out: the clones take any number of bookings a day."""
PLAYED = "harbor-rides"
_ROLES = ("vendor_admin", "dispatcher", "org_admin")
_OPEN_TASKS = text(
    "SELECT t.id FROM care_plan_tasks t WHERE t.service_kind = 'ride' AND t.state = 'open'"
    " AND t.title = (SELECT title FROM care_plan_tasks WHERE id = :planted) AND t.id <> :planted"
    " AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.care_plan_task_id = t.id)"
    " ORDER BY t.id DESC LIMIT :count"
)


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor of the load runs and the token of its office."""

    id: UUID
    token: str


def add_vendors(stand: Stand, count: int, like: str = PLAYED) -> list[Vendor]:
    """Vendors with the fleet, shifts, papers and prices of one of the demo's, under names of their own."""
    model = UUID(stand.card["planted"][f"organization:{like}"])
    platform = UUID(stand.card["planted"]["organization:homeward"])
    made = []
    for _ in range(count):
        with unit_of_work(stand.runtime, system_actor(platform)) as session:
            vendor = _founded(session)
        with stand.runtime.databases.engine("owner").begin() as connection:
            _equip(connection, model, vendor.id)
        made.append(vendor)
    return made


def open_ride_tasks(stand: Stand, count: int) -> list[UUID]:
    """That many ride tasks of fresh patients who leave when Mrs. Alvarez does, none of them booked."""
    planted = stand.card["planted"]
    with stand.runtime.databases.engine("owner").connect() as connection:
        organization = connection.scalar(text("SELECT organization_id FROM patients LIMIT 1"))
    assert organization is not None
    patient = UUID(planted["alvarez_patient"])
    multiply(stand.runtime, prototypes(stand.runtime, [patient]), organization, count)
    values = {"planted": UUID(planted["alvarez_ride_task"]), "count": count}
    with stand.runtime.databases.engine("owner").connect() as connection:
        found = list(connection.scalars(_OPEN_TASKS, values))
    assert len(found) == count
    return found


def ride_order(task_id: UUID) -> dict[str, Any]:
    """The JSON order of a wheelchair ride that the hospital pays."""
    return {
        "kind": "ride",
        "task_id": str(task_id),
        "payer_kind": "health_system",
        "level_of_service": "wheelchair",
    }


def business_now(runtime: Runtime) -> datetime:
    """What the demo's clock says."""
    with unit_of_work(runtime, system_actor()) as session:
        return session.now()


def _founded(session: WorkSession) -> Vendor:
    organization_id = new_id()
    name = f"Load vendor {organization_id.hex[-8:]}"
    organizations.create_organization(
        session,
        kind=OrganizationKind.VENDOR,
        name=name,
        time_zone="America/Los_Angeles",
        organization_id=organization_id,
    )
    session.act_as(system_actor(organization_id))
    email = f"office@{organization_id.hex[-8:]}.example"
    person = users.add_user(session, email=email, name="Load Office", roles=_ROLES, demo_user=True)
    session.add(UserSecret(user_id=person.id, organization_id=organization_id, password_hash="unused"))
    state.move(session, person, UserState.ACTIVE)
    minted = tokens.mint(organization_id, tokens.BEARER_PREFIX)
    clients.keep_token(session, person, minted, timedelta(days=1), "Load")
    return Vendor(organization_id, minted.shown)


def _equip(connection: Connection, model: UUID, vendor_id: UUID) -> None:
    fresh = {model: vendor_id}
    for name in VENDOR_TABLES:
        table = metadata.tables[name]
        owners = [table.c[key] for key in ("vendor_organization_id", "organization_id") if key in table.c]
        query = select(table).where(or_(*(owner == model for owner in owners)))
        rows = [dict(row) for row in connection.execute(query).mappings()]
        fresh |= {row["id"]: new_id() for row in rows if "id" in row}
        copies = [
            {key: fresh.get(value, value) if isinstance(value, UUID) else value for key, value in row.items()}
            for row in rows
        ]
        for copy in copies:
            if "user_id" in copy:
                copy["user_id"] = None  # the model's drivers sign in for the model alone
        if copies:
            connection.execute(insert(table), copies)
