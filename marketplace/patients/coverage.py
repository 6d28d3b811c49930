"""Who pays for a patient: coverages and what is known of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation import audit
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind
from marketplace.patients.coverage_models import Authorization, Coverage
from marketplace.patients.models import Patient

PLACE = "coverages.member_id_sealed"


def add_coverage(
    session: WorkSession,
    patient_id: UUID,
    payer_organization_id: UUID,
    *,
    plan_name: str,
    member_id: str,
    effective_from: date,
    effective_to: date | None = None,
    coverage_id: UUID | None = None,
) -> Coverage:
    """A coverage of the patient by a payer; the member id is sealed at once."""
    session.actor.require("planner")
    found = session.get(Patient, patient_id)
    if found is None:
        raise NotFound
    errors = _text_errors(plan_name, member_id)
    payer = session.get(Organization, payer_organization_id)
    if payer is None or payer.kind is not OrganizationKind.PAYER:
        errors.append(FieldError("payer_organization_id", "choose one of the payers"))
    if effective_to is not None and effective_to < effective_from:
        errors.append(FieldError("effective_to", "the last day must not come before the first"))
    if errors:
        raise InvalidInput(errors)
    row = Coverage(
        id=coverage_id or new_id(),
        organization_id=found.organization_id,
        patient_id=patient_id,
        payer_organization_id=payer_organization_id,
        plan_name=plan_name.strip(),
        effective_from=effective_from,
        effective_to=effective_to,
    )
    vault = session.runtime.vault
    row.member_id_sealed = vault.seal(session, found.organization_id, PLACE, row.id, member_id.strip())
    session.add(row)
    session.flush()
    audit.record(session, "coverages:created", "coverages", row.id, patient_id=patient_id)
    return row


def coverages_of(session: WorkSession, patient_id: UUID) -> list[tuple[Coverage, str, list[Authorization]]]:
    """The patient's coverages, each with its payer's name and its authorizations."""
    query = (
        select(Coverage, Organization.name, Authorization)
        .join(Organization, Organization.id == Coverage.payer_organization_id)
        .outerjoin(Authorization, Authorization.coverage_id == Coverage.id)
        .where(Coverage.patient_id == patient_id)
        .order_by(Coverage.effective_from.desc(), Coverage.id, Authorization.valid_from, Authorization.id)
    )
    found: dict[UUID, tuple[Coverage, str, list[Authorization]]] = {}
    for row, payer, authorization in session.execute(query):
        _, _, authorizations = found.setdefault(row.id, (row, payer, []))
        if authorization is not None:
            authorizations.append(authorization)
    return list(found.values())


def in_force(coverage: Coverage, day: date) -> bool:
    """Whether the coverage is effective on a day."""
    return coverage.effective_from <= day and (coverage.effective_to is None or day <= coverage.effective_to)


def member_id(session: WorkSession, coverage: Coverage) -> str:
    """The member id, opened. Whoever calls it owes an audit row."""
    vault = session.runtime.vault
    return vault.open(session, coverage.organization_id, PLACE, coverage.id, coverage.member_id_sealed)


def _text_errors(plan_name: str, member_id: str) -> list[FieldError]:
    errors = []
    if not 1 <= len(plan_name.strip()) <= 120:
        errors.append(FieldError("plan_name", "write the plan's name, at most 120 characters"))
    if not 1 <= len(member_id.strip()) <= 80:
        errors.append(FieldError("member_id", "write the member id, at most 80 characters"))
    return errors
