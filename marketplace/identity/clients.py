"""Other systems at the door: clients with a secret, and the bearer tokens of people and systems.

Scopes are roles: a token can do what its scopes and its holder's present roles have in common.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select, update
from sqlalchemy.orm import aliased

from marketplace.foundation import audit
from marketplace.foundation.access import NOBODY, Actor, ActorKind, system_actor
from marketplace.foundation.errors import Conflict, HomewardError, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity import fields
from marketplace.identity.acting import ADMINISTRATORS, facility_ids_of_user
from marketplace.identity.client_models import ApiClient, ApiToken
from marketplace.identity.models import Facility, Organization, User
from marketplace.identity.tokens import (
    BEARER_PREFIX,
    SECRET_PREFIX,
    Minted,
    client_in,
    digest_of,
    mint,
    organization_in,
    public_client_id,
)
from marketplace.identity.words import (
    CLIENT_TOKEN_LIFETIME,
    LONGEST_USER_TOKEN,
    OrganizationKind,
    OrganizationState,
    UserState,
)


class ClientRefused(HomewardError):
    """The client is unknown, revoked, or its secret is wrong (RFC 6749, section 5.2)."""

    status = 401
    code = "invalid_client"
    title = "The client could not be recognised"


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made, with the secret that is shown this once."""

    client: ApiClient
    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A bearer token just issued; `token` is shown this once."""

    id: UUID
    token: str
    scopes: list[str]
    expires_at: datetime
    lifetime_seconds: int


def create_client(session: WorkSession, *, name: str, roles: Iterable[str]) -> NewClient:
    """A client of the acting organization; its secret is in the answer and nowhere else."""
    session.actor.require(*ADMINISTRATORS)
    organization = session.get_one(Organization, session.actor.organization())
    minted = mint(organization.id, SECRET_PREFIX)
    created = ApiClient(
        id=new_id(),
        organization_id=organization.id,
        name=fields.line_of_text("name", name, 80),
        roles=fields.roles_for("roles", organization.kind, roles),
        secret_digest=minted.digest,
        created_by=session.actor.user_id,
    )
    taken = select(ApiClient.id).where(ApiClient.name == created.name)
    if session.scalar(taken):
        raise Conflict(f"There is a client named {created.name} already.", remedy="Give another name.")
    session.add(created)
    session.flush()
    audit.record(session, "clients:create", "api_clients", created.id, {"roles": created.roles})
    return NewClient(created, public_client_id(organization.id, created.id), minted.shown)


def clients(session: WorkSession) -> Sequence[ApiClient]:
    """The clients of the acting organization, revoked ones last."""
    session.actor.require(*ADMINISTRATORS)
    return session.scalars(
        select(ApiClient).order_by(ApiClient.revoked_at.is_not(None), ApiClient.name)
    ).all()


def revoke_client(session: WorkSession, client_id: UUID) -> ApiClient:
    """End a client: its secret and all its tokens are worthless from the next request on."""
    session.actor.require(*ADMINISTRATORS)
    chosen = select(ApiClient).where(ApiClient.id == client_id).with_for_update()
    revoked = session.scalars(chosen).one_or_none()
    if revoked is None:
        raise NotFound
    if revoked.revoked_at is not None:
        raise Conflict(f"{revoked.name} has been revoked already.")
    revoked.revoked_at = session.machine_now()
    _revoke(session, ApiToken.client_id == client_id)
    audit.record(session, "clients:revoke", "api_clients", client_id)
    return revoked


def client_credentials(
    session: WorkSession, client_id: str, secret: str, scopes: Iterable[str] = ()
) -> IssuedToken:
    """A token for a client that shows its secret (RFC 6749, section 4.4); lives an hour.

    No scope asks for all the client's roles. Raises ClientRefused, or InvalidInput for a scope it lacks.
    """
    named = client_in(client_id)
    session.act_as(system_actor(named[0]) if named else NOBODY)
    found = None
    if named is not None:
        found = session.execute(
            select(ApiClient, Organization)
            .join(Organization, Organization.id == ApiClient.organization_id)
            .where(ApiClient.id == named[1], ApiClient.revoked_at.is_(None))
            .where(Organization.state == OrganizationState.ACTIVE)
        ).one_or_none()
    kept = bytes(found[0].secret_digest) if found is not None else b"\x00" * 32
    if not hmac.compare_digest(kept, digest_of(secret)) or found is None:
        raise ClientRefused(remedy="Check the client id and secret, or ask for a new client.")
    client, organization = found
    session.act_as(
        _client_actor(client.name, (organization.id, organization.kind), client.roles, client.roles, ())
    )
    asked = list(scopes) or client.roles
    if foreign := sorted(set(asked) - set(client.roles)):
        raise InvalidInput("scope", f"{', '.join(foreign)}: this client has {' '.join(client.roles)}")
    client.last_used_at = session.machine_now()
    return _issue(session, asked, CLIENT_TOKEN_LIFETIME, "client credentials", client_id=client.id)


def issue_user_token(
    session: WorkSession, *, name: str, days: int = 30, scopes: Iterable[str] = ()
) -> IssuedToken:
    """A bearer token for the acting user's own programs, for 1 to 90 days."""
    actor = session.actor
    if actor.kind is not ActorKind.USER or actor.user_id is None:
        actor.require("user")
        raise NotFound
    if not 1 <= days <= LONGEST_USER_TOKEN.days:
        raise InvalidInput("days", f"write a number from 1 to {LONGEST_USER_TOKEN.days}")
    asked = sorted(scopes) or sorted(actor.roles)
    if foreign := sorted(set(asked) - actor.roles):
        raise InvalidInput("scopes", f"{', '.join(foreign)}: you do not hold that role")
    label = fields.line_of_text("name", name, 80)
    return _issue(session, asked, timedelta(days=days), label, user_id=actor.user_id)


def keep_token(session: WorkSession, person: User, minted: Minted, lifetime: timedelta, name: str) -> None:
    """Store a token that was made elsewhere (the demo's, which follow from its seed); never in production."""
    assert not session.runtime.settings.is_production
    session.add(
        ApiToken(
            digest=minted.digest,
            organization_id=person.organization_id,
            user_id=person.id,
            name=name,
            scopes=list(person.roles),
            expires_at=session.machine_now() + lifetime,
        )
    )


def own_tokens(session: WorkSession) -> Sequence[ApiToken]:
    """The acting user's live tokens, newest first."""
    chosen = select(ApiToken).where(
        ApiToken.user_id == session.actor.user_id,
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > session.machine_now(),
    )
    return session.scalars(chosen.order_by(ApiToken.id.desc())).all()


def revoke_own_token(session: WorkSession, token_id: UUID) -> None:
    """End one of the acting user's tokens."""
    if not _revoke(session, (ApiToken.id == token_id) & (ApiToken.user_id == session.actor.user_id)):
        raise NotFound
    audit.record(session, "tokens:revoke", "api_tokens", token_id)


def revoke_tokens_of_user(session: WorkSession, user_id: UUID) -> int:
    """End all tokens of a user; the caller has checked the right. Returns how many."""
    return _revoke(session, ApiToken.user_id == user_id)


def actor_for_token(session: WorkSession, token: str) -> Actor:
    """Who stands behind a bearer token; NOBODY unless token, holder and organization are all alive.

    Leaves the unit of work acting as that actor.
    """
    organization_id = organization_in(token, BEARER_PREFIX)
    if organization_id is None:
        session.act_as(NOBODY)
        return NOBODY
    session.act_as(system_actor(organization_id))
    asked = {"digest": digest_of(token), "now": session.machine_now()}
    found = session.execute(_BEHIND_TOKEN, asked).one_or_none()
    actor = NOBODY if found is None else _actor_behind(session, organization_id, found)
    session.act_as(actor)
    return actor


def _token_query() -> Select[*tuple[Any, ...]]:
    # columns and no objects, and built once: every request with a token asks this first
    named = aliased(Organization)
    return (
        select(
            named.kind.label("organization_kind"),
            ApiToken.scopes,
            ApiToken.user_id,
            User.name.label("user_name"),
            User.roles.label("user_roles"),
            ApiClient.name.label("client_name"),
            ApiClient.roles.label("client_roles"),
            facility_ids_of_user().label("facility_ids"),
        )
        .join(named, named.id == ApiToken.organization_id)
        .outerjoin(User, (User.id == ApiToken.user_id) & (User.state == UserState.ACTIVE))
        .outerjoin(ApiClient, (ApiClient.id == ApiToken.client_id) & ApiClient.revoked_at.is_(None))
        .where(ApiToken.digest == bindparam("digest"), ApiToken.revoked_at.is_(None))
        .where(ApiToken.expires_at > bindparam("now"), named.state == OrganizationState.ACTIVE)
    )


_BEHIND_TOKEN = _token_query()


def _actor_behind(session: WorkSession, organization_id: UUID, found: Row[Any]) -> Actor:
    if found.user_roles is None and found.client_roles is None:
        return NOBODY
    if found.user_roles is not None:
        return Actor(
            ActorKind.USER,
            user_id=found.user_id,
            organization_id=organization_id,
            organization_kind=str(found.organization_kind),
            roles=frozenset(found.user_roles) & frozenset(found.scopes),
            name=found.user_name,
            facility_ids=frozenset(found.facility_ids or ()),
        )
    own = session.scalars(select(Facility.id).where(Facility.organization_id == organization_id))
    return _client_actor(
        found.client_name, (organization_id, found.organization_kind), found.client_roles, found.scopes, own
    )


def _client_actor(
    name: str,
    organization: tuple[UUID, OrganizationKind],
    held: Sequence[str],
    scopes: Sequence[str],
    facility_ids: Iterable[UUID],
) -> Actor:
    return Actor(
        ActorKind.CLIENT,
        organization_id=organization[0],
        organization_kind=str(organization[1]),
        roles=frozenset(held) & frozenset(scopes),
        name=name,
        facility_ids=frozenset(facility_ids),
    )


def _issue(
    session: WorkSession,
    scopes: list[str],
    lifetime: timedelta,
    name: str,
    *,
    user_id: UUID | None = None,
    client_id: UUID | None = None,
) -> IssuedToken:
    organization_id = session.actor.organization()
    minted, now = mint(organization_id, BEARER_PREFIX), session.machine_now()
    row = ApiToken(
        id=new_id(),
        digest=minted.digest,
        organization_id=organization_id,
        user_id=user_id,
        client_id=client_id,
        name=name,
        scopes=scopes,
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(row)
    session.flush()
    audit.record(session, "tokens:issue", "api_tokens", row.id, {"scopes": scopes})
    return IssuedToken(row.id, minted.shown, scopes, row.expires_at, int(lifetime.total_seconds()))


def _revoke(session: WorkSession, which: object) -> int:
    ended = session.execute(
        update(ApiToken)
        .where(which, ApiToken.revoked_at.is_(None))  # type: ignore[arg-type]
        .values(revoked_at=session.machine_now())
        .returning(ApiToken.id)
    ).all()
    return len(ended)
