"""Identity's part of the demo: organizations, facilities and a person for every role, all from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation import state
from marketplace.foundation.access import system_actor
from marketplace.foundation.errors import Forbidden
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.foundation.world import SignIn, World
from marketplace.identity import clients, fields, organizations, passwords, tokens, users
from marketplace.identity.demo_cast import (
    FAMILY_NAMES,
    GIVEN_NAMES,
    PASSWORD_WORDS,
    PLATFORM,
    Company,
    Place,
)
from marketplace.identity.demo_metro import BEDS, companies
from marketplace.identity.demo_models import DemoSignIn
from marketplace.identity.door_models import UserSecret
from marketplace.identity.models import Organization, User
from marketplace.identity.words import OrganizationKind, UserState

_TOKEN_LIFETIME = timedelta(days=365)


def demo(world: World) -> None:
    """Make the cast, and leave its ids in `things`.

    `organizations` {slug: id}, `facilities` {slug: id}, `hospitals` [(facility id, units, beds)] of the
    health system, `users` {slug: {role: [ids]}}. Everybody signs in with the one password of this seed; the
    first of each role is in `world.sign_ins`.
    """
    if world.runtime.settings.is_production:
        raise Forbidden("There are no demo users in production.")
    cast = _Cast(world)
    platform_id = world.id(f"organization:{PLATFORM.slug}")
    for company in (PLATFORM, *companies(world.size)):
        with unit_of_work(world.runtime, system_actor(platform_id)) as session:
            cast.found(session, company)
    world.things["organizations"] = cast.organization_ids
    world.things["facilities"] = cast.facility_ids
    world.things["hospitals"] = cast.hospitals
    world.things["users"] = cast.user_ids
    world.planted.update(
        {f"organization:{slug}": str(found) for slug, found in cast.organization_ids.items()}
    )


def demo_sign_ins(session: WorkSession) -> Sequence[DemoSignIn]:
    """The demo's people as the sign-in page lists them; nobody in production."""
    if session.runtime.settings.is_production:
        return []
    return session.scalars(select(DemoSignIn).order_by(DemoSignIn.position)).all()


def demo_password(world: World) -> str:
    """The password of everybody in this seed's demo."""
    dice = world.random("identity:password")
    return "-".join([*dice.sample(PASSWORD_WORDS, 3), str(dice.randrange(10, 100))])


class _Cast:
    """The people and places while they are being made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.password = demo_password(world)
        self.password_hash = passwords.hash_password(self.password)
        self.dice = world.random("identity:names")
        self.names = {name for company in (PLATFORM, *companies(world.size)) for _, name in company.people}
        self.organization_ids: dict[str, UUID] = {}
        self.facility_ids: dict[str, UUID] = {}
        self.hospitals: list[tuple[UUID, tuple[str, ...], int]] = []
        self.user_ids: dict[str, dict[str, list[UUID]]] = {}

    def found(self, session: WorkSession, company: Company) -> None:
        """Set up one organization with its facility and its people."""
        world, slug = self.world, company.slug
        organization = organizations.create_organization(
            session,
            kind=company.kind,
            name=company.name,
            time_zone=world.zone.key,
            npi=_npi(world.random(f"npi:{slug}")) if company.kind is not OrganizationKind.PLATFORM else "",
            slug=slug,
            organization_id=world.id(f"organization:{slug}"),
        )
        self.organization_ids[slug] = organization.id
        session.act_as(system_actor(organization.id))
        self.facility_ids[slug] = self._place(session, company.place, f"facility:{slug}")
        others = [
            self._place(session, place, f"facility:{slug}:{number}")
            for number, place in enumerate(company.more_places, start=1)
        ]
        if company.kind is OrganizationKind.HEALTH_SYSTEM:
            places = zip(
                [self.facility_ids[slug], *others], (company.place, *company.more_places), strict=True
            )
            self.hospitals += [
                (facility_id, place.units, beds)
                for (facility_id, place), beds in zip(places, BEDS, strict=False)
            ]
        for role, name in company.people:
            self._person(session, organization, role, name, shown=True)
        for role, count in company.extras:
            for _ in range(count):
                self._person(session, organization, role, self._another_name(), shown=False)

    def _place(self, session: WorkSession, place: Place, topic: str) -> UUID:
        return organizations.add_facility(
            session,
            name=place.name,
            address=place.address,
            postal_code=place.postal_code,
            latitude=place.latitude,
            longitude=place.longitude,
            time_zone=self.world.zone.key,
            unit_names=place.units,
            facility_id=self.world.id(topic),
        ).id

    def _person(
        self, session: WorkSession, organization: Organization, role: str, name: str, *, shown: bool
    ) -> None:
        email = f"{fields.slug('name', name).replace('-', '.')}@{organization.slug}.example"
        person = users.add_user(
            session,
            email=email,
            name=name,
            roles=[role],
            user_id=self.world.id(f"user:{email}"),
            demo_user=True,
        )
        session.add(
            UserSecret(user_id=person.id, organization_id=organization.id, password_hash=self.password_hash)
        )
        state.move(session, person, UserState.ACTIVE)
        self.user_ids.setdefault(organization.slug, {}).setdefault(role, []).append(person.id)
        if shown:
            self._show(session, organization, person, role)

    def _show(self, session: WorkSession, organization: Organization, person: User, role: str) -> None:
        bits = self.world.random(f"token:{person.email}").randbytes(32)
        minted = tokens.from_bits(organization.id, bits, tokens.BEARER_PREFIX)
        clients.keep_token(session, person, minted, _TOKEN_LIFETIME, "Demo")
        session.add(
            DemoSignIn(
                user_id=person.id,
                organization_id=organization.id,
                position=len(self.world.sign_ins) + (1000 if organization.slug == PLATFORM.slug else 0),
                name=person.name,
                role=role,
                organization_slug=organization.slug,
                organization_name=organization.name,
                email=person.email,
                password=self.password,
                token=minted.shown,
            )
        )
        self.world.sign_ins.append(SignIn(role, organization.slug, person.email, self.password, minted.shown))

    def _another_name(self) -> str:
        while True:
            name = f"{self.dice.choice(GIVEN_NAMES)} {self.dice.choice(FAMILY_NAMES)}"
            if name not in self.names:
                self.names.add(name)
                return name


def _npi(dice: Random) -> str:
    nine = "1" + "".join(str(dice.randrange(10)) for _ in range(8))
    return next(nine + str(check) for check in range(10) if fields.npi_fits(nine + str(check)))
