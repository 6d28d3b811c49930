"""The vendor's credentials as its office looks at them: one line per subject and type, with what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation.work import WorkSession
from vendors.credentials.catalogue import CREDENTIAL_TYPES, REQUIREMENTS
from vendors.credentials.models import Credential
from vendors.credentials.rules import reminder_days
from vendors.credentials.service import credentials_of
from vendors.credentials.words import ScreeningResult, Standing, SubjectKind
from vendors.fleet.models import CrewMember, Vehicle
from vendors.network.models import VendorProfile

_ORDER = {"bad": 0, "warn": 1, "info": 2, "good": 3}


@dataclass(frozen=True, slots=True)
class Subject:
    """The vendor, a vehicle or a person."""

    kind: SubjectKind
    id: UUID
    name: str
    levels: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """As the form of a new credential names it."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Line:
    """One type of credential of one subject: the one that lasts longest, and what to make of it."""

    subject: str
    subject_key: str
    type_code: str
    type_name: str
    expires_at: datetime | None
    is_verified: bool
    says: str
    tone: str


def subjects_of(session: WorkSession) -> list[Subject]:
    """The acting vendor itself, its vehicles and its people."""
    vendor_id = session.actor.organization()
    profile = session.get(VendorProfile, vendor_id)
    levels = frozenset(profile.levels) if profile else frozenset()
    vehicles = session.scalars(
        select(Vehicle).where(Vehicle.vendor_organization_id == vendor_id).order_by(Vehicle.name)
    )
    crew = session.scalars(
        select(CrewMember).where(CrewMember.vendor_organization_id == vendor_id).order_by(CrewMember.name)
    )
    found = [Subject(SubjectKind.VENDOR, vendor_id, "The company", levels)]
    found += [Subject(SubjectKind.VEHICLE, row.id, row.name, frozenset(row.levels)) for row in vehicles]
    return found + [Subject(SubjectKind.CREW_MEMBER, row.id, row.name, levels) for row in crew]


def lines_of(session: WorkSession) -> list[Line]:
    """Everything required or on file of the acting vendor, the most urgent first."""
    held: dict[tuple[UUID, str], Credential] = {}
    for row in credentials_of(session):
        key = (row.subject_id, row.credential_type)
        if key not in held or _lasts(row) >= _lasts(held[key]):
            held[key] = row
    profile = session.get(VendorProfile, session.actor.organization())
    lines: list[Line] = []
    for subject in subjects_of(session):
        wanted = _required(subject, profile.service_lines if profile else [])
        on_file = {code for subject_id, code in held if subject_id == subject.id}
        codes = sorted(wanted | on_file)
        lines += [_line(subject, code, held.get((subject.id, code)), session.now()) for code in codes]
    return sorted(lines, key=lambda line: (_ORDER[line.tone], line.expires_at is None, line.expires_at))


def _lasts(row: Credential) -> float:
    return row.expires_at.timestamp() if row.expires_at else float("inf")


def _required(subject: Subject, service_lines: list[str]) -> set[str]:
    return {
        rule.credential_type
        for rule in REQUIREMENTS
        if rule.subject_kind is subject.kind
        and rule.service_line in service_lines
        and (not rule.levels or rule.levels & subject.levels)
    }


def _line(subject: Subject, code: str, row: Credential | None, now: datetime) -> Line:
    known = CREDENTIAL_TYPES.get(code)
    says, tone = _verdict(row, now)
    return Line(
        subject=subject.name,
        subject_key=subject.key,
        type_code=code,
        type_name=known.name if known else code,
        expires_at=row.expires_at if row else None,
        is_verified=row is not None and row.verified_at is not None,
        says=says,
        tone=tone,
    )


def _verdict(row: Credential | None, now: datetime) -> tuple[str, str]:
    if row is None:
        return "Not on file", "bad"
    checks = (
        (row.standing is not Standing.GOOD, str(row.standing).capitalize(), "bad"),
        (row.screening is ScreeningResult.EXCLUDED, "Excluded", "bad"),
        (row.expires_at is not None and row.expires_at <= now, "Expired", "bad"),
        (row.screening is ScreeningResult.POTENTIAL_MATCH, "Possible match, being decided", "warn"),
        (row.verified_at is None, "Waits for verification", "warn"),
        (_ends_soon(row, now), "Renew soon", "warn"),
    )
    return next(((says, tone) for wrong, says, tone in checks if wrong), ("In order", "good"))


def _ends_soon(row: Credential, now: datetime) -> bool:
    if row.expires_at is None:
        return False
    days = max(reminder_days(row.valid_from, row.expires_at), default=0)
    return row.expires_at <= now + timedelta(days=days)
