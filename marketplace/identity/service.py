"""The verbs of identity in one place, for the rooms above."""

from marketplace.identity.acting import ADMINISTRATORS, on_behalf
from marketplace.identity.clients import (
    actor_for_token,
    client_credentials,
    create_client,
    issue_user_token,
    revoke_client,
)
from marketplace.identity.mail import mails, send_mail
from marketplace.identity.organizations import (
    add_facility,
    create_organization,
    facilities,
    facility,
    organization,
    organization_by_slug,
    organizations,
    resume_organization,
    set_units,
    suspend_organization,
    units,
    update_facility,
    update_organization,
)
from marketplace.identity.sessions import actor_for_session
from marketplace.identity.signing_in import sign_in
from marketplace.identity.users import (
    change_user,
    deactivate,
    invite,
    invite_again,
    reactivate,
    user,
    users,
    users_with_role,
)

__all__ = [
    "ADMINISTRATORS",
    "actor_for_session",
    "actor_for_token",
    "add_facility",
    "change_user",
    "client_credentials",
    "create_client",
    "create_organization",
    "deactivate",
    "facilities",
    "facility",
    "invite",
    "invite_again",
    "issue_user_token",
    "mails",
    "on_behalf",
    "organization",
    "organization_by_slug",
    "organizations",
    "reactivate",
    "resume_organization",
    "revoke_client",
    "send_mail",
    "set_units",
    "sign_in",
    "suspend_organization",
    "units",
    "update_facility",
    "update_organization",
    "user",
    "users",
    "users_with_role",
]
