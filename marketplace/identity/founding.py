"""Founding an installation: its own organization, and an invitation for the first administrator."""

from __future__ import annotations

from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Conflict
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.identity import mail, organizations, users
from marketplace.identity.words import OrganizationKind, UserState


def found_platform(
    runtime: Runtime, *, name: str, time_zone: str, admin_name: str, admin_email: str
) -> tuple[str, bool]:
    """Set up the organization that runs this installation, with its first administrator.

    Returns the invitation's link and whether it was mailed. Raises Conflict when there is one already.
    """
    platform_id = new_id()
    with unit_of_work(runtime, system_actor(platform_id)) as session:
        if organizations.organizations(session, OrganizationKind.PLATFORM):
            raise Conflict("The platform is set up already.", remedy="Invite users at /admin.")
        organizations.create_organization(
            session,
            kind=OrganizationKind.PLATFORM,
            name=name,
            time_zone=time_zone,
            organization_id=platform_id,
        )
        roles = ["platform_admin", "privacy_officer"]
        invited = users.invite(session, email=admin_email, name=admin_name, roles=roles)
        assert invited.state is UserState.INVITED
        sent = mail.mails(session, 1)[0]
        return mail.link_of(session, sent), sent.state != "kept"
