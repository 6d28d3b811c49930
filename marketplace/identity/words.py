"""The words of identity: kinds of organizations, roles, states, and the limits of sign-in."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class OrganizationKind(StrEnum):
    """What an organization is in the marketplace; it decides which roles its users can hold."""

    HEALTH_SYSTEM = "health_system"
    """Hospitals that discharge patients and book for them."""
    VENDOR = "vendor"
    """A company that drives, delivers or visits."""
    PAYER = "payer"
    """A health plan or programme that pays claims."""
    PLATFORM = "platform"
    """Whoever runs this installation."""


class OrganizationState(StrEnum):
    """Whether an organization takes part."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Nobody of it can sign in and no token of it works; its records stay."""


class UserState(StrEnum):
    """Where a user stands."""

    INVITED = "invited"
    """The invitation is out and no password is set."""
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    """No sign-in, no session, no token, from the moment of the deactivation."""


class SessionStage(StrEnum):
    """How far somebody has come through the door; only `signed_in` sees anything."""

    SECOND_FACTOR = "second_factor"
    """The password was right; the code of the authenticator app is still due."""
    ENROLMENT = "enrolment"
    """The password was right; a second factor must be set up before anything else."""
    SIGNED_IN = "signed_in"


class TokenPurpose(StrEnum):
    """What a mailed single-use link is for."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105  a purpose, not a password


class MailState(StrEnum):
    """What became of a mail."""

    QUEUED = "queued"
    SENT = "sent"
    KEPT = "kept"
    """No mail server is configured: the mail stays in the outbox page."""


ROLES_OF_KIND: dict[OrganizationKind, tuple[str, ...]] = {
    OrganizationKind.HEALTH_SYSTEM: ("planner", "reviewer", "org_admin"),
    OrganizationKind.VENDOR: (
        "vendor_admin",
        "dispatcher",
        "driver",
        "technician",
        "clinician",
        "biller",
        "org_admin",
    ),
    OrganizationKind.PAYER: ("reviewer", "org_admin"),
    OrganizationKind.PLATFORM: ("platform_admin", "privacy_officer"),
}
"""Which roles a user or client of an organization can hold."""

ROLE_LABELS = {
    "planner": "Discharge planner",
    "org_admin": "Administrator",
    "vendor_admin": "Vendor office",
    "dispatcher": "Dispatcher",
    "driver": "Driver",
    "technician": "Technician",
    "clinician": "Home-health clinician",
    "biller": "Biller",
    "reviewer": "Claims reviewer",
    "platform_admin": "Platform administrator",
    "privacy_officer": "Privacy officer",
}

KIND_LABELS = {
    OrganizationKind.HEALTH_SYSTEM: "Health system",
    OrganizationKind.VENDOR: "Vendor",
    OrganizationKind.PAYER: "Payer",
    OrganizationKind.PLATFORM: "Platform",
}

IDLE_LOCK = timedelta(minutes=15)
"""A session without activity for this long has ended (OWASP ASVS 5.0, 7.3)."""
ABSOLUTE_LIFETIME = timedelta(hours=12)
"""No session outlives this, however active."""
STAGE_LIFETIME = timedelta(minutes=10)
"""How long somebody may stand between the password and the second factor."""
INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(minutes=30)
CLIENT_TOKEN_LIFETIME = timedelta(hours=1)
LONGEST_USER_TOKEN = timedelta(days=90)
