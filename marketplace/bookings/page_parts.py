"""Choices and names that the ground's pages show: facilities, payers, owners, levels, items."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.orders import PayerChoice
from marketplace.bookings.words import AIR_LEVELS, LEVEL_LABELS, PayerKind
from marketplace.careplans.equipment import CATALOG, COMPANIONS
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, Organization, User
from marketplace.identity.words import OrganizationKind, UserState
from marketplace.patients.coverage import coverages_of
from marketplace.patients.coverage_models import Authorization, Coverage
from marketplace.patients.words import ISOLATION_LABELS, MOBILITY_LABELS, ServiceLine

Choices = list[tuple[str, str]]
Covers = Sequence[tuple[Coverage, str, list[Authorization]]]
"""Coverages with their payers' names and their authorizations."""

MOBILITY_CHOICES: Choices = [(aid.value, label) for aid, label in MOBILITY_LABELS.items()]
ISOLATION_CHOICES: Choices = [(kind.value, label) for kind, label in ISOLATION_LABELS.items()]
ALL_LEVEL_CHOICES: Choices = [(level.value, label) for level, label in LEVEL_LABELS.items()]
LEVEL_CHOICES: Choices = [one for one in ALL_LEVEL_CHOICES if one[0] not in AIR_LEVELS]
"""On the ground; a flight is booked with its trip."""
EQUIPMENT_CHOICES: Choices = [(item.code, f"{item.name} ({item.code})") for item in CATALOG.values()]


def usual_items(code: str | None) -> Choices:
    """The item a task asks for, with what usually goes with it."""
    if code is None:
        return EQUIPMENT_CHOICES
    usual = {code, *COMPANIONS.get(code, ())}
    return [choice for choice in EQUIPMENT_CHOICES if choice[0] in usual]


def facility_choices(session: WorkSession) -> Choices:
    """The acting health system's facilities."""
    mine = Facility.organization_id == session.actor.organization()
    return [(str(row.id), row.name) for row in session.scalars(select(Facility).where(mine))]


def payer_choices(session: WorkSession) -> Choices:
    """All payers of the directory."""
    payers = Organization.kind == OrganizationKind.PAYER
    rows = session.scalars(select(Organization).where(payers).order_by(Organization.name))
    return [(str(row.id), row.name) for row in rows]


def owner_choices(session: WorkSession) -> Choices:
    """Who can own a task: the active people of the organization."""
    people = select(User).where(
        User.organization_id == session.actor.organization(), User.state == UserState.ACTIVE
    )
    return [(str(row.id), row.name) for row in session.scalars(people.order_by(User.name))]


def paying_choices(session: WorkSession, patient_id: UUID, line: ServiceLine) -> Choices:
    """Who can pay for a service of this patient: authorizations with units first, then coverages.

    The value is `coverage:<id>[:<authorization id>]`, `health_system` or `self_pay`.
    """
    return paying_choices_among(coverages_of(session, patient_id), line)


def paying_choices_among(coverages: Covers, line: ServiceLine) -> Choices:
    """The same of coverages that are at hand."""
    choices: Choices = []
    for row, payer, authorizations in coverages:
        for found in authorizations:
            left = found.units_approved - found.units_used
            if found.service_line is line and left > 0:
                label = f"{payer}, {row.plan_name}: authorization {found.number}, {left} units left"
                choices.append((f"coverage:{row.id}:{found.id}", label))
        choices.append((f"coverage:{row.id}", f"{payer}, {row.plan_name}: without authorization"))
    return [*choices, ("health_system", "The hospital pays"), ("self_pay", "The patient pays")]


def payer_of(text: str) -> PayerChoice:
    """The payer of a choice made by `paying_choices`; refuses any other text."""
    kind, *ids = text.split(":")
    try:
        return PayerChoice(PayerKind(kind), *(UUID(found) for found in ids[:2]))
    except ValueError:
        raise InvalidInput("payer", "choose who pays") from None
