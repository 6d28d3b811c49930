"""What the pages of administration share: their tabs, and the choices of roles and facilities."""

from __future__ import annotations

from typing import Any

from flask import url_for

from marketplace.identity import organizations
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.models import Organization
from marketplace.identity.oversight import AUDITORS
from marketplace.identity.words import ROLE_LABELS, ROLES_OF_KIND
from marketplace.web import current

_TABS = (
    ("Users", "admin.users", ADMINISTRATORS),
    ("Facilities", "admin.facilities", ADMINISTRATORS),
    ("Organizations", "admin.organizations", ("platform_admin",)),
    ("API clients", "admin.clients", ADMINISTRATORS),
    ("Audit trail", "admin.audit_trail", AUDITORS),
    ("Failed work", "admin.failed_work", ADMINISTRATORS),
    ("Outbox", "admin.outbox", ADMINISTRATORS),
)


def tabs() -> list[dict[str, Any]]:
    """The parts of administration that the actor may see."""
    actor = current.actor()
    return [
        {"label": label, "href": url_for(endpoint)} for label, endpoint, roles in _TABS if actor.has(*roles)
    ]


def own_organization() -> Organization:
    """The organization the actor administers."""
    return organizations.organization(current.session(), current.actor().organization())


def role_choices(organization: Organization) -> list[tuple[str, str]]:
    """(role, label) of every role that users of the organization can hold."""
    return [(role, ROLE_LABELS[role]) for role in ROLES_OF_KIND[organization.kind]]


def facility_choices(organization: Organization) -> list[tuple[str, str]]:
    """(id, name) of the organization's facilities."""
    found = organizations.facilities(current.session(), organization.id)
    return [(str(facility.id), facility.name) for facility in found]


def zone_choices() -> list[tuple[str, str]]:
    """The time zones of the United States and its territories."""
    return [(zone, zone.partition("/")[2].replace("_", " ")) for zone in _ZONES]


_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
)
