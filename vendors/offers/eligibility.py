"""May the acting vendor perform a booking at a time: its papers, a vehicle in order, a person in order."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession
from vendors.credentials.service import CredentialBook, credential_book
from vendors.credentials.words import Finding, SubjectKind
from vendors.fleet.models import CrewMember, Vehicle


def findings_for(session: WorkSession, booking: Booking, start: datetime, end: datetime) -> list[Finding]:
    """Why the acting vendor may not do the booking in [start, end]; empty when it may. Three queries."""
    vendor_id = session.actor.organization()
    book = credential_book(session, [vendor_id])
    line, level = _line_and_level(booking)
    own = book.findings(SubjectKind.VENDOR, vendor_id, line, level, start, end)
    return own or _fleet_findings(session, book, vendor_id, booking, start)


def require_eligible(session: WorkSession, booking: Booking, start: datetime, end: datetime) -> None:
    """Raise Conflict with the first finding when the acting vendor may not do the booking then."""
    findings = findings_for(session, booking, start, end)
    if findings:
        raise Conflict(
            findings[0].text,
            remedy="Put the renewed credential on file under Credentials; once it is verified, accept again.",
            code="not-eligible",
        )


def _line_and_level(booking: Booking) -> tuple[str, str | None]:
    """The service line, and what narrows it: the level of a ride, the discipline of a visit."""
    narrower = booking.level_of_service or booking.discipline
    return str(booking.kind), str(narrower) if narrower else None


def _fleet_findings(
    session: WorkSession, book: CredentialBook, vendor_id: UUID, booking: Booking, start: datetime
) -> list[Finding]:
    """The nearest vehicle's and the nearest person's findings, unless one of each is in order.

    A vendor that keeps no fleet here is not asked.
    """
    line, level = _line_and_level(booking)
    until = start + timedelta(seconds=booking.service_seconds)
    vehicles = session.scalars(
        select(Vehicle).where(Vehicle.vendor_organization_id == vendor_id, Vehicle.in_service)
    ).all()
    is_ride = booking.level_of_service is not None
    fit = [vehicle.id for vehicle in vehicles if not is_ride or level in vehicle.levels]
    if vehicles and not fit:
        return [Finding("no_vehicle", "", f"None of your vehicles serves {str(level).replace('_', ' ')}.")]
    crew = session.scalars(
        select(CrewMember.id).where(CrewMember.vendor_organization_id == vendor_id, CrewMember.in_service)
    ).all()
    for kind, subjects in ((SubjectKind.VEHICLE, fit), (SubjectKind.CREW_MEMBER, list(crew))):
        judged = [book.findings(kind, subject, line, level, start, until) for subject in subjects]
        if judged and all(judged):
            return min(judged, key=len)
    return []
