"""Authorizations with units: what one is good for, and setting units aside, spending and giving them back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation import audit
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.patients.coverage_models import Authorization, Coverage, UnitReservation
from marketplace.patients.words import ReservationState, ServiceLine

FIELD = "authorization_id"


def add_authorization(
    session: WorkSession,
    coverage_id: UUID,
    *,
    number: str,
    service_line: ServiceLine,
    units_approved: int,
    valid_from: date,
    valid_to: date,
    hcpcs_codes: Collection[str] = (),
    vendor_organization_id: UUID | None = None,
    authorization_id: UUID | None = None,
) -> Authorization:
    """The payer's permission as it was told to the health system, or entered by the payer itself."""
    session.actor.require("planner", "reviewer")
    coverage = session.get(Coverage, coverage_id)
    if coverage is None:
        raise NotFound
    errors = _entry_errors(number, units_approved, valid_from, valid_to)
    taken = session.scalars(
        select(Authorization.id).where(
            Authorization.payer_organization_id == coverage.payer_organization_id,
            Authorization.number == number.strip(),
        )
    ).first()
    if taken is not None:
        errors.append(FieldError("number", "this authorization is already here", "taken"))
    if errors:
        raise InvalidInput(errors)
    row = Authorization(
        id=authorization_id or new_id(),
        organization_id=coverage.organization_id,
        coverage_id=coverage.id,
        payer_organization_id=coverage.payer_organization_id,
        number=number.strip(),
        service_line=service_line,
        hcpcs_codes=sorted({code.strip().upper() for code in hcpcs_codes}),
        units_approved=units_approved,
        valid_from=valid_from,
        valid_to=valid_to,
        vendor_organization_id=vendor_organization_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, "authorizations:created", "authorizations", row.id, patient_id=coverage.patient_id)
    return row


def shortcomings(
    authorization: Authorization,
    *,
    coverage_id: UUID | None,
    service_line: ServiceLine,
    codes: Collection[str],
    units: int,
    first_day: date,
    last_day: date,
) -> list[FieldError]:
    """Why an authorization is not good for a service; empty when it is. Days are the facility's."""
    found: list[str] = []
    if authorization.coverage_id != coverage_id:
        found.append("it belongs to another coverage")
    if authorization.service_line is not service_line:
        found.append(f"it is for {authorization.service_line.replace('_', ' ')}")
    if not authorization.valid_from <= first_day <= last_day <= authorization.valid_to:
        found.append(f"it is valid from {authorization.valid_from} to {authorization.valid_to} only")
    uncovered = [
        code for code in codes if authorization.hcpcs_codes and code not in authorization.hcpcs_codes
    ]
    if uncovered:
        found.append(f"it does not cover {', '.join(uncovered)}")
    remaining = authorization.units_approved - authorization.units_used
    if units > remaining:
        found.append(
            f"it has {remaining} of {authorization.units_approved} units left and {units} are needed"
        )
    if not found:
        return []
    remedy = "choose another authorization, ask the payer for more, or choose another payer"
    return [FieldError(FIELD, f"{authorization.number} cannot be used: {'; '.join(found)}; {remedy}")]


def locked(session: WorkSession, authorization_id: UUID) -> Authorization:
    """The authorization as it is now, locked; one that is missing or not ours is InvalidInput."""
    if (known := session.held(Authorization, authorization_id)) is not None:
        return known
    query = select(Authorization).where(Authorization.id == authorization_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise InvalidInput(FIELD, "choose one of the patient's authorizations")
    session.hold(found)
    return found


def reserve(
    session: WorkSession, authorization_id: UUID, units: int, booking_id: UUID, *, field: str = FIELD
) -> UnitReservation:
    """Set units aside for a booking; more than are left are refused, and nobody can take them meanwhile."""
    found = locked(session, authorization_id)
    remaining = found.units_approved - found.units_used
    if units < 1 or units > remaining:
        raise InvalidInput(
            field,
            f"{found.number} has {remaining} units left and {units} are needed; ask the payer for more, "
            "or choose another payer",
        )
    found.units_used += units
    found.revision += 1
    row = UnitReservation(
        authorization_id=found.id,
        booking_id=booking_id,
        organization_id=found.organization_id,
        payer_organization_id=found.payer_organization_id,
        units=units,
        reserved_at=session.now(),
    )
    session.add(row)
    return row


def consume(session: WorkSession, booking_id: UUID) -> int:
    """The booking's service was done: its units are spent. Returns how many; 0 when none were set aside."""
    row = _live(session, booking_id)
    if row is None or row.state is ReservationState.CONSUMED:
        return 0
    row.state, row.settled_at = ReservationState.CONSUMED, session.now()
    return row.units


def release(session: WorkSession, booking_id: UUID, note: str = "") -> int:
    """Give the booking's units back (called off, or its claim voided). Returns how many; again gives 0."""
    row = _live(session, booking_id)
    if row is None:
        return 0
    found = locked(session, row.authorization_id)
    found.units_used -= row.units
    found.revision += 1
    row.state, row.settled_at, row.note = ReservationState.RELEASED, session.now(), note
    details = {"booking": str(booking_id), "units": row.units}
    audit.record(session, "authorizations:units_released", "authorizations", found.id, details)
    return row.units


def _live(session: WorkSession, booking_id: UUID) -> UnitReservation | None:
    query = select(UnitReservation).where(
        UnitReservation.booking_id == booking_id, UnitReservation.state != ReservationState.RELEASED
    )
    return session.scalars(query.with_for_update()).one_or_none()


def _entry_errors(number: str, units: int, valid_from: date, valid_to: date) -> list[FieldError]:
    errors = []
    if not 1 <= len(number.strip()) <= 60:
        errors.append(FieldError("number", "write the number as the payer printed it, at most 60 characters"))
    if not 1 <= units <= 10_000:
        errors.append(FieldError("units_approved", "write how many units were approved, 1 to 10,000"))
    if valid_to < valid_from:
        errors.append(FieldError("valid_to", "the last day must not come before the first"))
    return errors
