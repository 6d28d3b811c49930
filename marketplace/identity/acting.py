"""Acting for an organization: the actor of a user, and standing in for another organization for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select

from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, Organization, User, UserFacility

ADMINISTRATORS = ("org_admin", "platform_admin")
"""Who looks after the users and clients of an organization."""


@contextmanager
def on_behalf(session: WorkSession, organization_id: UUID) -> Iterator[None]:
    """Do the enclosed as the same actor acting for another organization (the platform setting one up).

    What is written inside, its audit rows too, belongs to that organization. The caller checked the right.
    """
    before = session.actor
    session.flush()
    session.act_as(replace(before, organization_id=organization_id))
    try:
        yield
        session.flush()
    except BaseException:
        session.actor = before  # the transaction is lost; asking the database for anything would fail
        raise
    session.act_as(before)


def actor_of(
    user: User, organization: Organization, facility_ids: list[UUID] | None, roles: list[str] | None = None
) -> Actor:
    """The actor of a user; `roles` narrows what the user holds (a token's scopes)."""
    held = set(user.roles)
    return Actor(
        ActorKind.USER,
        user_id=user.id,
        organization_id=user.organization_id,
        organization_kind=str(organization.kind),
        roles=frozenset(held if roles is None else held & set(roles)),
        name=user.name,
        facility_ids=frozenset(facility_ids or ()),
    )


def facility_ids_of_user() -> ScalarSelect[Any]:
    """A column for queries over User: where the user works; every facility if none is named."""
    named = (
        select(func.array_agg(UserFacility.facility_id))
        .where(UserFacility.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    every = (
        select(func.array_agg(Facility.id))
        .where(Facility.organization_id == User.organization_id)
        .correlate(User)
        .scalar_subquery()
    )
    return select(func.coalesce(named, every)).correlate(User).scalar_subquery()
