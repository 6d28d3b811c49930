"""Keeping credentials and asking them whether a vendor, vehicle or crew member may serve at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.foundation.events import publish
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from vendors.credentials.catalogue import CREDENTIAL_TYPES, required_of
from vendors.credentials.events import EligibilityRevoked
from vendors.credentials.models import Credential
from vendors.credentials.rules import missing
from vendors.credentials.words import (
    Finding,
    HeldCredential,
    Requirement,
    ScreeningResult,
    Standing,
    SubjectKind,
)
from vendors.fleet.models import CrewMember, Vehicle

_NUMBER = "credentials.number"


class CredentialBook:
    """The credentials of some vendors, loaded once, to be asked many times without the database."""

    def __init__(self, rows: Iterable[Credential]) -> None:
        self._held: dict[tuple[SubjectKind, UUID], list[HeldCredential]] = defaultdict(list)
        for row in rows:
            self._held[row.subject_kind, row.subject_id].append(row.held())

    def held_by(self, subject_kind: SubjectKind, subject_id: UUID) -> list[HeldCredential]:
        """All credentials of one subject, also the expired ones."""
        return self._held.get((subject_kind, subject_id), [])

    def findings(
        self,
        subject_kind: SubjectKind,
        subject_id: UUID,
        service_line: str,
        level_of_service: str | None,
        at: datetime,
        until: datetime | None = None,
    ) -> list[Finding]:
        """Why the subject may not serve this line and level from `at` until `until`; empty when it may."""
        required = required_of(subject_kind, service_line, level_of_service, at.date())
        return missing(required, self.held_by(subject_kind, subject_id), at, until)


def credential_book(
    session: WorkSession, vendor_ids: Sequence[UUID], *, of_vendors_only: bool = False
) -> CredentialBook:
    """The book of some vendors with their vehicles and crews (as far as the actor may see), in one query."""
    query = select(Credential).where(Credential.vendor_organization_id.in_(vendor_ids))
    if of_vendors_only:
        query = query.where(Credential.subject_kind == SubjectKind.VENDOR)
    return CredentialBook(session.scalars(query))


def vendor_eligibility(
    session: WorkSession, vendor_id: UUID, requirements: Iterable[Requirement], at: datetime
) -> list[Finding]:
    """Why the vendor itself (not its vehicles or crews) may not serve at `at`; empty when it may."""
    book = credential_book(session, [vendor_id], of_vendors_only=True)
    return missing(requirements, book.held_by(SubjectKind.VENDOR, vendor_id), at)


def credentials_of(session: WorkSession) -> list[Credential]:
    """All credentials of the acting vendor, the one that ends first on top."""
    session.actor.require("vendor_admin", "dispatcher", "org_admin")
    return list(
        session.scalars(
            select(Credential)
            .where(Credential.vendor_organization_id == session.actor.organization())
            .order_by(Credential.expires_at.nulls_last(), Credential.id)
        )
    )


def add_credential(
    session: WorkSession,
    subject_kind: SubjectKind,
    subject_id: UUID,
    credential_type: str,
    valid_from: datetime,
    expires_at: datetime | None,
    *,
    number: str = "",
    screening: ScreeningResult | None = None,
) -> Credential:
    """Put a new credential (or the renewal of one) on file; it counts once it has been verified.

    Raises InvalidInput for an unknown type, one of another kind of subject, or dates the wrong way round;
    NotFound for a subject that is not the acting vendor's.
    """
    session.actor.require("vendor_admin")
    vendor_id = session.actor.organization()
    _check(subject_kind, credential_type, valid_from, expires_at, screening)
    _require_own(session, vendor_id, subject_kind, subject_id)
    credential = Credential(
        id=new_id(),
        vendor_organization_id=vendor_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        credential_type=credential_type,
        issued_on=valid_from.date(),
        valid_from=valid_from,
        expires_at=expires_at,
        screening=screening,
        standing=Standing.GOOD,
    )
    if number:
        credential.number_sealed = session.runtime.vault.seal(
            session, vendor_id, _NUMBER, credential.id, number
        )
    session.add(credential)
    session.flush()
    audit.record(session, "credentials:create", "credentials", credential.id, {"type": credential_type})
    announce(session, [vendor_id], "credential", credential.id)
    return credential


def verify_credential(session: WorkSession, credential_id: UUID, source: str) -> Credential:
    """Note that the credential was checked at its source, such as `state licence register`."""
    session.actor.require("platform_admin")
    if not source.strip():
        raise InvalidInput("source", "name where it was checked, such as the state licence register")
    credential = _locked(session, credential_id)
    credential.verified_at, credential.verification_source = session.now(), source.strip()
    credential.revision += 1
    audit.record(session, "credentials:verify", "credentials", credential.id, {"source": source.strip()})
    return credential


def set_standing(session: WorkSession, credential_id: UUID, standing: Standing, reason: str) -> Credential:
    """Note that a credential was stayed, revoked or restored; publishes EligibilityRevoked unless good."""
    session.actor.require("platform_admin")
    credential = _locked(session, credential_id)
    credential.standing = standing
    credential.revision += 1
    audit.record(session, f"credentials:{standing}", "credentials", credential.id, {"reason": reason[:200]})
    if standing is not Standing.GOOD:
        _publish_revoked(session, credential)
    announce(session, [credential.vendor_organization_id], "credential", credential.id, credential.revision)
    return credential


def decide_screening(session: WorkSession, credential_id: UUID, result: ScreeningResult) -> Credential:
    """Decide a possible match on an exclusion list: a false match, or excluded."""
    session.actor.require("platform_admin")
    credential = _locked(session, credential_id)
    if credential.screening is None:
        raise InvalidInput("credential_id", "this is no search of an exclusion list")
    credential.screening = result
    credential.revision += 1
    audit.record(session, "credentials:screening", "credentials", credential.id, {"result": result})
    if result is ScreeningResult.EXCLUDED:
        _publish_revoked(session, credential)
    return credential


def awaiting_decision(session: WorkSession, limit: int = 200) -> list[Credential]:
    """What the platform's staff must look at: unverified credentials and undecided possible matches."""
    session.actor.require("platform_admin")
    undecided = Credential.screening == ScreeningResult.POTENTIAL_MATCH
    return list(
        session.scalars(
            select(Credential)
            .where(or_(Credential.verified_at.is_(None), undecided))
            .order_by(Credential.id)
            .limit(limit)
        )
    )


def number_of(session: WorkSession, credential: Credential) -> str:
    """The licence or policy number in clear; empty when none was given."""
    if credential.number_sealed is None:
        return ""
    return session.runtime.vault.open(
        session, credential.vendor_organization_id, _NUMBER, credential.id, credential.number_sealed
    )


def _publish_revoked(session: WorkSession, credential: Credential) -> None:
    publish(
        session,
        EligibilityRevoked(
            credential.vendor_organization_id,
            str(credential.subject_kind),
            credential.subject_id,
            credential.credential_type,
            credential.revision,
        ),
    )


def _locked(session: WorkSession, credential_id: UUID) -> Credential:
    credential = session.scalars(
        select(Credential).where(Credential.id == credential_id).with_for_update()
    ).one_or_none()
    if credential is None:
        raise NotFound
    return credential


def _require_own(session: WorkSession, vendor_id: UUID, subject_kind: SubjectKind, subject_id: UUID) -> None:
    if subject_kind is SubjectKind.VENDOR:
        known = subject_id == vendor_id
    else:
        row: Vehicle | CrewMember | None = (
            session.get(Vehicle, subject_id)
            if subject_kind is SubjectKind.VEHICLE
            else session.get(CrewMember, subject_id)
        )
        known = row is not None and row.vendor_organization_id == vendor_id
    if not known:
        raise NotFound


def _check(
    subject_kind: SubjectKind,
    credential_type: str,
    valid_from: datetime,
    expires_at: datetime | None,
    screening: ScreeningResult | None,
) -> None:
    known = CREDENTIAL_TYPES.get(credential_type)
    if known is None:
        raise InvalidInput("credential_type", "choose a type from the catalogue")
    if known.subject_kind is not subject_kind:
        wanted = known.subject_kind.replace("_", " ")
        raise InvalidInput("credential_type", f"{known.name} is a credential of a {wanted}")
    if expires_at is not None and expires_at <= valid_from:
        raise InvalidInput("expires_at", "it must end after it begins")
    if known.is_screening != (screening is not None):
        raise InvalidInput("screening", "give the result of a search of an exclusion list, and only of one")
