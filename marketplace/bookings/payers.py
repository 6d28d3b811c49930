"""Who pays for an order: the choice checked against coverage in force and units that are left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.bookings.orders import PayerChoice
from marketplace.bookings.words import PayerKind
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.work import WorkSession
from marketplace.patients.authorizations import locked, shortcomings
from marketplace.patients.coverage import in_force
from marketplace.patients.coverage_models import Authorization, Coverage
from marketplace.patients.words import ServiceLine


@dataclass(frozen=True, slots=True)
class Payer:
    """The payer found for an order; coverage and authorization are None unless it is a coverage."""

    kind: PayerKind
    organization_id: UUID
    coverage: Coverage | None = None
    authorization: Authorization | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be paid for: the line, its codes, how many units, and when it will be done."""

    service_line: ServiceLine
    codes: Collection[str]
    units: int
    start: datetime
    end: datetime


def find_payer(
    session: WorkSession,
    choice: PayerChoice,
    *,
    patient_id: UUID,
    health_system_id: UUID,
    demand: Demand,
    zone: ZoneInfo,
) -> Payer:
    """The payer of an order; raises InvalidInput naming what is wrong with the choice and the remedy.

    An authorization is locked here until the transaction ends, so that its units cannot be taken twice.
    """
    if choice.kind is not PayerKind.COVERAGE:
        if choice.coverage_id or choice.authorization_id:
            raise InvalidInput("coverage_id", "leave it empty, or choose the coverage as the payer")
        return Payer(choice.kind, health_system_id)
    coverage = _coverage(session, choice.coverage_id, patient_id)
    first, last = demand.start.astimezone(zone).date(), demand.end.astimezone(zone).date()
    if not (in_force(coverage, first) and in_force(coverage, last)):
        raise InvalidInput(
            "coverage_id", f"{coverage.plan_name} is not in force on {first}; choose another payer"
        )
    if choice.authorization_id is None:
        return Payer(choice.kind, coverage.payer_organization_id, coverage)
    authorization = locked(session, choice.authorization_id)
    errors: list[FieldError] = shortcomings(
        authorization,
        coverage_id=coverage.id,
        service_line=demand.service_line,
        codes=demand.codes,
        units=demand.units,
        first_day=first,
        last_day=last,
    )
    if errors:
        raise InvalidInput(errors)
    return Payer(choice.kind, coverage.payer_organization_id, coverage, authorization)


def _coverage(session: WorkSession, coverage_id: UUID | None, patient_id: UUID) -> Coverage:
    if coverage_id is None:
        raise InvalidInput("coverage_id", "choose the coverage that pays")
    found = session.get(Coverage, coverage_id)
    if found is None or found.patient_id != patient_id:
        raise InvalidInput("coverage_id", "choose one of the patient's coverages")
    return found
