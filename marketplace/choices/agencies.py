"""The directory of home-health agencies: who takes part in Medicare, where it serves, in whose network."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from marketplace.careplans.disciplines import DISCIPLINES, Discipline
from marketplace.choices.models import AgencyArea, AgencyNetwork, FinancialInterest, HomeHealthAgency
from marketplace.choices.rules import ccn_errors
from marketplace.choices.words import ListedAgency
from marketplace.foundation import audit
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.geography import place_of
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession

KEEPERS = ("platform_admin",)
_LONGEST_STATEMENT = 300


@dataclass(frozen=True, slots=True)
class NewAgency:
    """An agency as it asks to be listed."""

    ccn: str
    name: str
    phone: str
    address: str
    disciplines: frozenset[Discipline]
    participating_from: datetime
    postal_codes: frozenset[str]
    quality_stars: Decimal | None = None
    vendor_organization_id: UUID | None = None
    agency_id: UUID | None = None
    """Given where ids come from a seed."""


def list_agency(session: WorkSession, new: NewAgency) -> HomeHealthAgency:
    """Put an agency into the directory with the area it serves; refuses a number that is there already."""
    session.actor.require(*KEEPERS)
    errors = ccn_errors(new.ccn) + _text_errors(new)
    taken = session.scalars(select(HomeHealthAgency.id).where(HomeHealthAgency.ccn == new.ccn)).first()
    if taken is not None:
        errors.append(FieldError("ccn", "this agency is listed already", "taken"))
    if errors:
        raise InvalidInput(errors)
    row = HomeHealthAgency(
        id=new.agency_id or new_id(),
        ccn=new.ccn,
        name=new.name.strip(),
        phone=new.phone.strip(),
        address=new.address.strip(),
        disciplines=[kind.value for kind in DISCIPLINES if kind in new.disciplines],
        quality_stars=new.quality_stars,
        participating_from=new.participating_from,
        vendor_organization_id=new.vendor_organization_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, "home_health_agencies:listed", "home_health_agencies", row.id, {"ccn": row.ccn})
    _replace_area(session, row, new.postal_codes)
    return row


def serve_area(session: WorkSession, agency_id: UUID, postal_codes: Collection[str]) -> HomeHealthAgency:
    """Which postal codes the agency serves from now on; the area of before stays known for older lists."""
    session.actor.require(*KEEPERS, "vendor_admin")
    row = _agency(session, agency_id)
    _replace_area(session, row, frozenset(code.strip()[:5] for code in postal_codes))
    row.revision += 1
    return row


def agency_of_vendor(session: WorkSession, vendor_organization_id: UUID) -> HomeHealthAgency | None:
    """The directory's entry of a vendor; None when it is not listed."""
    mine = HomeHealthAgency.vendor_organization_id == vendor_organization_id
    return session.scalars(select(HomeHealthAgency).where(mine)).one_or_none()


def end_participation(session: WorkSession, agency_id: UUID) -> HomeHealthAgency:
    """The agency has left the Medicare program: no list shows it any more."""
    session.actor.require(*KEEPERS)
    row = _agency(session, agency_id)
    row.participating_to = session.now()
    row.revision += 1
    audit.record(session, "home_health_agencies:left", "home_health_agencies", row.id)
    return row


def join_network(session: WorkSession, agency_id: UUID, payer_organization_id: UUID) -> None:
    """The agency is in the payer's network from now on."""
    session.actor.require(*KEEPERS)
    _agency(session, agency_id)
    values = {"agency_id": agency_id, "payer_organization_id": payer_organization_id}
    session.add(AgencyNetwork(listed_from=session.now(), **values))
    details = {"payer": str(payer_organization_id)}
    audit.record(session, "home_health_agencies:in_network", "home_health_agencies", agency_id, details)


def disclose_interest(session: WorkSession, agency_id: UUID, statement: str) -> FinancialInterest:
    """What ties the acting health system to the agency; every list from now on says it."""
    session.actor.require("org_admin")
    _agency(session, agency_id)
    if not 1 <= len(statement.strip()) <= _LONGEST_STATEMENT:
        raise InvalidInput("statement", "write what ties you to the agency, at most 300 characters")
    row = FinancialInterest(
        organization_id=session.actor.organization(),
        agency_id=agency_id,
        statement=statement.strip(),
        disclosed_from=session.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, "financial_interests:disclosed", "home_health_agencies", agency_id)
    return row


def end_interest(session: WorkSession, interest_id: UUID) -> FinancialInterest:
    """The tie is gone; lists of before keep saying it."""
    session.actor.require("org_admin")
    row = session.get(FinancialInterest, interest_id)
    if row is None:
        raise NotFound
    row.disclosed_to = row.disclosed_to or session.now()
    audit.record(session, "financial_interests:ended", "home_health_agencies", row.agency_id)
    return row


def agencies_serving(
    session: WorkSession, postal_code: str, at: datetime, *, payer_organization_id: UUID | None = None
) -> list[ListedAgency]:
    """Every agency that takes part in Medicare and serves the postal code at `at`, in no order.

    None is left out for being out of network: the law wants the whole list, with what is known of the plan.
    """
    networks = _in_network(session, payer_organization_id, at) if payer_organization_id else None
    interests = _interests(session, at)
    query = (
        select(HomeHealthAgency)
        .join(AgencyArea, AgencyArea.agency_id == HomeHealthAgency.id)
        .where(
            AgencyArea.postal_code == postal_code[:5],
            AgencyArea.listed_from <= at,
            or_(AgencyArea.listed_to.is_(None), AgencyArea.listed_to > at),
            HomeHealthAgency.participating_from <= at,
            or_(HomeHealthAgency.participating_to.is_(None), HomeHealthAgency.participating_to > at),
        )
    )
    return [
        ListedAgency(
            agency_id=row.id,
            ccn=row.ccn,
            name=row.name,
            phone=row.phone,
            address=row.address,
            disciplines=tuple(row.disciplines),
            quality_stars=f"{row.quality_stars:.1f}" if row.quality_stars is not None else "",
            in_network=None if networks is None else row.id in networks,
            interest=interests.get(row.id, ""),
            vendor_organization_id=row.vendor_organization_id,
        )
        for row in session.scalars(query)
    ]


def directory(session: WorkSession) -> list[HomeHealthAgency]:
    """Every agency of the directory by name."""
    return list(session.scalars(select(HomeHealthAgency).order_by(HomeHealthAgency.name)))


def interests_of(session: WorkSession) -> list[FinancialInterest]:
    """What the acting health system discloses now."""
    query = select(FinancialInterest).where(FinancialInterest.disclosed_to.is_(None))
    return list(session.scalars(query.order_by(FinancialInterest.id)))


def _agency(session: WorkSession, agency_id: UUID) -> HomeHealthAgency:
    found = session.get(HomeHealthAgency, agency_id)
    if found is None:
        raise NotFound
    return found


def _replace_area(session: WorkSession, row: HomeHealthAgency, postal_codes: frozenset[str]) -> None:
    for code in postal_codes:
        place_of(code, "postal_codes")
    open_now = (AgencyArea.agency_id == row.id, AgencyArea.listed_to.is_(None))
    kept = {area.postal_code: area for area in session.scalars(select(AgencyArea).where(*open_now))}
    for code, area in kept.items():
        if code not in postal_codes:
            area.listed_to = session.now()
    session.flush()
    for code in sorted(postal_codes - set(kept)):
        session.add(AgencyArea(agency_id=row.id, postal_code=code, listed_from=session.now()))
    details = {"count": len(postal_codes)}
    audit.record(session, "home_health_agencies:area", "home_health_agencies", row.id, details)


def _in_network(session: WorkSession, payer_organization_id: UUID, at: datetime) -> set[UUID]:
    query = select(AgencyNetwork.agency_id).where(
        AgencyNetwork.payer_organization_id == payer_organization_id,
        AgencyNetwork.listed_from <= at,
        or_(AgencyNetwork.listed_to.is_(None), AgencyNetwork.listed_to > at),
    )
    return set(session.scalars(query))


def _interests(session: WorkSession, at: datetime) -> dict[UUID, str]:
    query = select(FinancialInterest).where(
        FinancialInterest.disclosed_from <= at,
        or_(FinancialInterest.disclosed_to.is_(None), FinancialInterest.disclosed_to > at),
    )
    found: dict[UUID, str] = {}
    for row in session.scalars(query.order_by(FinancialInterest.id)):
        found[row.agency_id] = f"{found.get(row.agency_id, '')} {row.statement}".strip()
    return found


def _text_errors(new: NewAgency) -> list[FieldError]:
    errors = []
    texts = (("name", new.name, 120), ("phone", new.phone, 40), ("address", new.address, 200))
    for name, text, longest in texts:
        if not 1 <= len(text.strip()) <= longest:
            errors.append(FieldError(name, f"write it, at most {longest} characters"))
    if not new.disciplines:
        errors.append(FieldError("disciplines", "choose at least one discipline"))
    if not new.postal_codes:
        errors.append(FieldError("postal_codes", "write the postal codes that the agency serves"))
    return errors
