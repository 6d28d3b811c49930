"""JSON routes of identity: who am I, the directory, users, invitations, API clients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.errors import NotSignedIn
from marketplace.identity import clients, organizations, users
from marketplace.identity.acting import ADMINISTRATORS
from marketplace.identity.client_models import ApiClient
from marketplace.identity.models import Facility, Organization, User
from marketplace.identity.schemas import (
    ClientSchema,
    ClientView,
    FacilitySchema,
    FacilityView,
    InvitationSchema,
    MeView,
    NewClientView,
    NoteForm,
    OrganizationFilter,
    OrganizationSchema,
    OrganizationView,
    UserChangeSchema,
    UserFilter,
    UserView,
)
from marketplace.identity.words import ROLE_LABELS
from marketplace.web import current
from marketplace.web.api import Api

api = Api("identity", __name__)
EVERY_ROLE = frozenset(ROLE_LABELS)


@api.get("/me", summary="Who the caller is", roles=EVERY_ROLE, response=MeView)
def me() -> Actor:
    """The actor behind the session or token."""
    if current.actor().kind is ActorKind.NOBODY:
        raise NotSignedIn
    return current.actor()


@api.get(
    "/organizations",
    summary="The directory of organizations",
    roles=EVERY_ROLE,
    query=OrganizationFilter,
    response=OrganizationView,
    many=True,
)
def list_organizations(query: dict[str, Any]) -> Sequence[Organization]:
    """By name; `after` continues behind a name."""
    return organizations.organizations(current.session(), query["kind"], after=query["after"])


@api.get(
    "/organizations/<uuid:organization_id>",
    summary="One organization",
    roles=EVERY_ROLE,
    response=OrganizationView,
)
def show_organization(organization_id: UUID) -> Organization:
    """One organization of the directory."""
    return organizations.organization(current.session(), organization_id)


@api.post(
    "/organizations",
    summary="Set up an organization",
    roles={"platform_admin"},
    body=OrganizationSchema,
    response=OrganizationView,
)
def create_organization(body: dict[str, Any]) -> Organization:
    """A new organization without users."""
    return organizations.create_organization(current.session(), **body)


@api.post(
    "/organizations/<uuid:organization_id>/suspend",
    summary="Shut an organization out",
    roles={"platform_admin"},
    body=NoteForm,
    response=OrganizationView,
    status=200,
)
def suspend_organization(organization_id: UUID, body: dict[str, Any]) -> Organization:
    """At once: its sessions and tokens stop working."""
    return organizations.suspend_organization(current.session(), organization_id, body["note"])


@api.get(
    "/organizations/<uuid:organization_id>/facilities",
    summary="An organization's facilities",
    roles=EVERY_ROLE,
    response=FacilityView,
    many=True,
)
def list_facilities(organization_id: UUID) -> Sequence[Facility]:
    """By name."""
    organizations.organization(current.session(), organization_id)
    return organizations.facilities(current.session(), organization_id)


@api.post(
    "/facilities",
    summary="Add a facility to one's own organization",
    roles=ADMINISTRATORS,
    body=FacilitySchema,
    response=FacilityView,
)
def create_facility(body: dict[str, Any]) -> Facility:
    """A new facility without units."""
    return organizations.add_facility(current.session(), **body)


@api.get(
    "/users",
    summary="Users of one's own organization",
    roles=ADMINISTRATORS,
    query=UserFilter,
    response=UserView,
    many=True,
)
def list_users(query: dict[str, Any]) -> Sequence[User]:
    """By name."""
    return users.users(current.session(), **query)


@api.get("/users/<uuid:user_id>", summary="One user", roles=ADMINISTRATORS, response=UserView)
def show_user(user_id: UUID) -> User:
    """A user of one's own organization."""
    return users.user(current.session(), user_id)


@api.put(
    "/users/<uuid:user_id>",
    summary="Change a user's name, roles and facilities",
    roles=ADMINISTRATORS,
    body=UserChangeSchema,
    response=UserView,
)
def change_user(user_id: UUID, body: dict[str, Any]) -> User:
    """Refused with 409 when somebody else changed the user meanwhile."""
    return users.change_user(current.session(), user_id, **body)


@api.post(
    "/users/<uuid:user_id>/deactivate",
    summary="Shut a user out at once",
    roles=ADMINISTRATORS,
    body=NoteForm,
    response=UserView,
    status=200,
)
def deactivate_user(user_id: UUID, body: dict[str, Any]) -> User:
    """Every session and token of the user dies with this request."""
    return users.deactivate(current.session(), user_id, body["note"])


@api.post(
    "/invitations",
    summary="Invite somebody into one's own organization",
    roles=ADMINISTRATORS,
    body=InvitationSchema,
    response=UserView,
)
def create_invitation(body: dict[str, Any]) -> User:
    """Sends the mail with the link; answers with the invited user."""
    return users.invite(current.session(), **body)


@api.get(
    "/api-clients",
    summary="Systems that act for one's own organization",
    roles=ADMINISTRATORS,
    response=ClientView,
    many=True,
)
def list_clients() -> Sequence[ApiClient]:
    """Revoked ones last."""
    return clients.clients(current.session())


@api.post(
    "/api-clients",
    summary="Give a system credentials; the answer alone holds the secret",
    roles=ADMINISTRATORS,
    body=ClientSchema,
    response=NewClientView,
)
def create_client(body: dict[str, Any]) -> clients.NewClient:
    """Exchange id and secret for bearer tokens at POST /oauth/token."""
    return clients.create_client(current.session(), **body)


@api.delete("/api-clients/<uuid:client_id>", summary="Revoke a client and its tokens", roles=ADMINISTRATORS)
def revoke_client(client_id: UUID) -> None:
    """At once."""
    clients.revoke_client(current.session(), client_id)
