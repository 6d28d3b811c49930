"""The downtime sheet: the day's bookings on paper, made ahead, for the hours in which no screen works."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, select_autoescape
from sqlalchemy import select

from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.sealed import Rider
from marketplace.bookings.service import items_of, riders
from marketplace.bookings.words import CALLED_OFF, LEVEL_LABELS, PartyRole, PartyStatus
from marketplace.foundation.jobs import JobKind, Schedule, enqueue
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind
from marketplace.patients.models import Encounter
from vendors.network.models import VendorProfile

FOLDER_SETTING = "DOWNTIME_DIR"
"""HOMEWARD_DOWNTIME_DIR: where sheets are written ahead. They hold names and addresses: guard the folder."""
EVERY = timedelta(minutes=15)
LOOK, WRITE = "desk.downtime", "desk.write_downtime"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One booking as paper needs it."""

    booking: Booking
    what: str
    rider: Rider | None
    unit: str
    vendor: str
    phone: str

    @property
    def begins(self) -> datetime:
        """When the service is planned, else promised, else wanted to begin."""
        return self.booking.planned_start or self.booking.promised_start or self.booking.requested_start


@dataclass(frozen=True, slots=True)
class Sheet:
    """A day's bookings of one health system in the order of their times."""

    organization: str
    day: date
    zone: ZoneInfo
    made_at: datetime
    rows: tuple[SheetRow, ...]
    phones: tuple[tuple[str, str], ...]
    """Every vendor of the network with its office's phone."""


def sheet_of(session: WorkSession, day: date, zone: ZoneInfo) -> Sheet:
    """The acting health system's sheet of a local day: seven queries; the look at the names is audited."""
    session.actor.require("planner")
    start = datetime.combine(day, time(), zone)
    bookings = _bookings(session, start, start + timedelta(days=1))
    ids = [booking.id for booking in bookings]
    people = riders(session, ids)
    items = items_of(session, ids)
    vendors = _vendors(session)
    units = _units(session, {booking.encounter_id for booking in bookings})
    rows = [
        SheetRow(
            booking,
            _what(booking, [f"{item.quantity} {item.description}" for item in items[booking.id]]),
            people.get(booking.id),
            units.get(booking.encounter_id, ""),
            *vendors.get(booking.vendor_organization_id or UUID(int=0), ("nobody yet", "")),
        )
        for booking in bookings
    ]
    own = session.get_one(Organization, session.actor.organization())
    ordered = tuple(sorted(rows, key=lambda row: (row.begins, row.booking.reference)))
    return Sheet(own.name, day, zone, session.now(), ordered, tuple(sorted(vendors.values())))


def as_file(sheet: Sheet) -> str:
    """The sheet as one HTML file that needs nothing else: no network, no script, no sign-in."""
    pages = Environment(
        loader=PackageLoader("marketplace", "templates"), autoescape=select_autoescape(), trim_blocks=True
    )
    return pages.get_template("desk/downtime_file.html").render(sheet=sheet)


def write_sheets(session: WorkSession, folder: Path) -> list[Path]:
    """Write the acting health system's sheets of today and tomorrow, readable by their owner only."""
    own = session.get_one(Organization, session.actor.organization())
    zone = ZoneInfo(own.time_zone)
    today = session.now().astimezone(zone).date()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for day in (today, today + timedelta(days=1)):
        target = folder / f"{own.slug}-{day}.html"
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(as_file(sheet_of(session, day, zone)))
        draft.replace(target)
        written.append(target)
    return written


def look(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Have every health system's sheets written, where a folder for them is set."""
    if not session.runtime.settings.text(FOLDER_SETTING):
        return {"organizations": 0}
    own = select(Organization.id).where(Organization.kind == OrganizationKind.HEALTH_SYSTEM)
    found = session.scalars(own).all()
    for organization_id in found:
        enqueue(session, WRITE, {}, organization_id=organization_id)
    return {"organizations": len(found)}


def write(session: WorkSession, _arguments: dict[str, Any]) -> None:
    """Write one health system's sheets."""
    write_sheets(session, Path(session.runtime.settings.text(FOLDER_SETTING)))


JOB_KINDS = (JobKind(LOOK, look, role="janitor"), JobKind(WRITE, write))
SCHEDULES = (Schedule(LOOK, LOOK, EVERY),)


def _bookings(session: WorkSession, start: datetime, end: datetime) -> Sequence[Booking]:
    inside = BookingParty.due_at.between(start, end - timedelta(microseconds=1))
    return session.scalars(
        select(Booking)
        .join(BookingParty, BookingParty.booking_id == Booking.id)
        .where(
            BookingParty.organization_id == session.actor.organization(),
            BookingParty.role == PartyRole.REQUESTER,
            BookingParty.status.in_((PartyStatus.ACTIVE, PartyStatus.CLOSED)),
            inside,
            Booking.state.not_in(CALLED_OFF),
        )
    ).all()


def _vendors(session: WorkSession) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        select(Organization.id, Organization.name, VendorProfile.office_phone).join(
            VendorProfile, VendorProfile.organization_id == Organization.id
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _units(session: WorkSession, encounter_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Encounter.id, Encounter.unit).where(Encounter.id.in_(encounter_ids)))
    return {row[0]: row[1] for row in rows}


def _what(booking: Booking, items: list[str]) -> str:
    if booking.level_of_service:
        return f"Ride, {LEVEL_LABELS[booking.level_of_service].lower()}"
    return ", ".join(items) or str(booking.kind).replace("_", " ").capitalize()
