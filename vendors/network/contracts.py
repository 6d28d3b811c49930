"""Contracts between a vendor and a health system: the one in force on a day, and a new version of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from marketplace.foundation import audit
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind
from vendors.network.models import Contract, VendorProfile

READERS = ("planner", "org_admin", "vendor_admin", "biller", "dispatcher")
_TOP_CENTS = 100_000


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What a new version of a contract says; minutes and cents."""

    effective_from: date
    amendment_tolerance_minutes: int = 15
    response_minutes: int = 15
    late_cancellation_cents: int = 0
    no_show_cents: int = 0
    vendor_no_show_cents: int = 0
    notice_hours: int | None = None
    wait_minutes: int = 15


def contract_at(session: WorkSession, vendor_id: UUID, health_system_id: UUID, day: date) -> Contract | None:
    """The contract of the two in force on a day, or None."""
    return session.scalars(
        select(Contract).where(
            Contract.vendor_organization_id == vendor_id,
            Contract.organization_id == health_system_id,
            Contract.effective_from <= day,
            or_(Contract.effective_to.is_(None), Contract.effective_to > day),
        )
    ).one_or_none()


def contracts(session: WorkSession) -> Sequence[tuple[Contract, str]]:
    """The acting organization's contracts with the other side's name, the newest first."""
    session.actor.require(*READERS)
    mine = session.actor.organization()
    rows = session.execute(
        select(Contract, Organization.name)
        .join(Organization, Organization.id.in_([Contract.vendor_organization_id, Contract.organization_id]))
        .where(or_(Contract.vendor_organization_id == mine, Contract.organization_id == mine))
        .where(Organization.id != mine)
        .order_by(Contract.effective_from.desc(), Organization.name)
        .limit(500)
    )
    return [(row[0], row[1]) for row in rows]


def agree(session: WorkSession, vendor_id: UUID, terms: NewTerms) -> Contract:
    """A new version from a day on, made by the health system, which bears the fees it names.

    Ends the version before on that day, and keeps its share of work. Raises InvalidInput for a day in the
    past or before a version that begins later, for amounts beyond 1,000.00, and for an organization that is
    no vendor.
    """
    session.actor.require("org_admin")
    buyer = session.actor.organization()
    _check(session, vendor_id, terms)
    former = session.scalars(
        select(Contract)
        .where(Contract.vendor_organization_id == vendor_id, Contract.organization_id == buyer)
        .where(or_(Contract.effective_to.is_(None), Contract.effective_to > terms.effective_from))
        .with_for_update()
    )
    share = None
    for row in former:
        if row.effective_from >= terms.effective_from:
            raise InvalidInput(
                "effective_from", f"a contract begins on {row.effective_from}: choose a later day"
            )
        row.effective_to, share = terms.effective_from, row.share_percent
    session.flush()
    contract = Contract(
        vendor_organization_id=vendor_id,
        organization_id=buyer,
        amendment_tolerance_minutes=terms.amendment_tolerance_minutes,
        response_minutes=terms.response_minutes,
        late_cancellation_cents=terms.late_cancellation_cents,
        no_show_cents=terms.no_show_cents,
        vendor_no_show_cents=terms.vendor_no_show_cents,
        notice_hours=terms.notice_hours,
        wait_minutes=terms.wait_minutes,
        share_percent=share,
        effective_from=terms.effective_from,
    )
    session.add(contract)
    session.flush()
    audit.record(session, "vendor_contracts:agreed", "vendor_contracts", contract.id)
    return contract


def _check(session: WorkSession, vendor_id: UUID, terms: NewTerms) -> None:
    errors = []
    buyer = session.get(Organization, session.actor.organization())
    buys = buyer is not None and buyer.kind is OrganizationKind.HEALTH_SYSTEM
    if not buys or session.get(VendorProfile, vendor_id) is None:
        errors.append(FieldError("vendor_id", "a health system agrees with a vendor of the network"))
    if terms.effective_from < session.now().date():
        errors.append(FieldError("effective_from", "a contract cannot begin in the past"))
    errors += [
        FieldError(field, "write an amount from 0 to 1,000.00")
        for field in ("late_cancellation_cents", "no_show_cents", "vendor_no_show_cents")
        if not 0 <= getattr(terms, field) <= _TOP_CENTS
    ]
    if not 0 <= terms.amendment_tolerance_minutes <= 240:
        errors.append(FieldError("amendment_tolerance_minutes", "write 0 to 240 minutes"))
    if not 1 <= terms.response_minutes <= 2880:
        errors.append(FieldError("response_minutes", "write 1 to 2880 minutes"))
    if terms.notice_hours is not None and not 1 <= terms.notice_hours <= 168:
        errors.append(FieldError("notice_hours", "write 1 to 168 hours, or nothing"))
    if not 5 <= terms.wait_minutes <= 120:
        errors.append(FieldError("wait_minutes", "write 5 to 120 minutes"))
    if errors:
        raise InvalidInput(errors)
