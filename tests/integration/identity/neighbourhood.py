"""Two organizations and the platform, with people who can sign in: what identity's tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import text

from marketplace.foundation.access import NOBODY, Actor, ActorKind, system_actor
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work
from marketplace.identity import links, organizations, second_factor, sessions, signing_in, users
from marketplace.identity.mail import link_of, mails
from marketplace.identity.models import Organization, User
from marketplace.identity.sessions import Device
from marketplace.identity.signing_in import SignedIn
from marketplace.identity.words import OrganizationKind

PASSWORD = "seven quiet lanterns"
HERE = Device("Firefox on Linux", "203.0.113.7")


@dataclass
class Neighbourhood:
    """The organizations by slug, and verbs that put people into them."""

    runtime: Runtime
    ids: dict[str, UUID] = field(default_factory=dict)

    def build(self) -> None:
        """The platform, a hospital and a vendor, each with an administrator."""
        platform = new_id()
        with unit_of_work(self.runtime, system_actor(platform)) as session:
            for slug, kind in (
                ("homeward", OrganizationKind.PLATFORM),
                ("mercy", OrganizationKind.HEALTH_SYSTEM),
                ("swift-rides", OrganizationKind.VENDOR),
            ):
                made = organizations.create_organization(
                    session,
                    kind=kind,
                    name=slug.title(),
                    slug=slug,
                    time_zone="America/Chicago",
                    organization_id=platform if slug == "homeward" else None,
                )
                self.ids[slug] = made.id

    @contextmanager
    def acting(self, slug: str, *roles: str, user_id: UUID | None = None) -> Iterator[WorkSession]:
        """A unit of work as somebody of the organization."""
        with unit_of_work(self.runtime, self.actor(slug, *roles, user_id=user_id)) as session:
            yield session

    def actor(self, slug: str, *roles: str, user_id: UUID | None = None) -> Actor:
        """Somebody of the organization."""
        return Actor(
            ActorKind.USER,
            user_id=user_id,
            organization_id=self.ids[slug],
            roles=frozenset(roles or ("org_admin",)),
            name="Test Administrator",
        )

    @contextmanager
    def nobody(self) -> Iterator[WorkSession]:
        """A unit of work before sign-in."""
        with unit_of_work(self.runtime, NOBODY) as session:
            yield session

    def person(
        self, slug: str, email: str, *roles: str, name: str = "Robin Field", second_factor: bool = False
    ) -> UUID:
        """An active user with PASSWORD; without a second factor unless asked for."""
        with self.acting(slug) as session:
            made = users.add_user(session, email=email, name=name, roles=roles, demo_user=not second_factor)
            links.send(session, made, links.TokenPurpose.INVITATION)
        token = self.last_link(slug).rpartition("/")[2]
        with self.nobody() as session:
            links.accept_invitation(session, token, PASSWORD, HERE)
        with self.acting(slug) as session:
            sessions.end_sessions(session, made.id, "a fresh start")
        return made.id

    def last_link(self, slug: str) -> str:
        """The link of the latest mail in an organization's outbox."""
        with self.acting(slug) as session:
            return link_of(session, mails(session)[0])

    def sign_in(self, email: str, password: str = PASSWORD, device: Device = HERE) -> SignedIn:
        """What the door answers."""
        with self.nobody() as session:
            return signing_in.sign_in(session, email, password, device)

    def cookie(self, email: str) -> str:
        """The cookie of a user who needs no second factor."""
        return self.sign_in(email).cookie

    def actor_behind(self, cookie: str) -> Actor:
        """Who stands behind a cookie."""
        with self.nobody() as session:
            return sessions.actor_for_session(session, cookie)

    def enrol(self, cookie: str) -> tuple[pyotp.TOTP, list[str]]:
        """Set up the authenticator of a half-open session; returns the app and the recovery codes."""
        with self.nobody() as session:
            live = sessions.live_session(session, cookie)
            assert live is not None
            session.act_as(live.actor)
            app = pyotp.TOTP(second_factor.begin_enrolment(session, live.actor).secret)
            codes = second_factor.confirm_enrolment(session, live.actor, app.now())
            assert codes is not None
        return app, codes

    def owner(self, statement: str, **values: Any) -> list[Any]:
        """A statement as the database's owner: tests turn back machine time with it."""
        with self.runtime.databases.engine("owner").begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def user(self, slug: str, user_id: UUID) -> User:
        """A user as the organization's administrator sees it."""
        with self.acting(slug) as session:
            return users.user(session, user_id)

    def organization(self, slug: str) -> Organization:
        """An organization of the directory."""
        with self.acting(slug) as session:
            return organizations.organization(session, self.ids[slug])
