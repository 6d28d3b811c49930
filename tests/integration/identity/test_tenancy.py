"""Row security over identity's tables: what the web role sees as one organization, and as nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from marketplace.foundation.access import NOBODY, system_actor
from marketplace.foundation.errors import Conflict
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.identity import clients, founding, organizations, users
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind
from tests.integration.identity.neighbourhood import Neighbourhood

PRIVATE = (
    "users", "user_changes", "user_facilities", "user_secrets", "recovery_codes", "sign_in_sessions",
    "one_time_tokens", "api_clients", "api_tokens", "mails",
)  # fmt: skip

CHANGEABLE = tuple(table for table in PRIVATE if table not in {"user_changes", "user_facilities"})


@pytest.fixture
def inhabited(place: Neighbourhood) -> Neighbourhood:
    """Both organizations with a user, session, client, token, mail and codes each."""
    for slug, role in (("mercy", "planner"), ("swift-rides", "driver")):
        user_id = place.person(slug, f"robin@{slug}.example", role, second_factor=True)
        place.enrol(place.sign_in(f"robin@{slug}.example").cookie)
        with place.acting(slug) as session:
            facility = organizations.add_facility(
                session, name="Main", address="1 Main St, Springfield, IL", postal_code="62701",
                latitude=39.8, longitude=-89.6, time_zone="America/Chicago",
            )  # fmt: skip
            users.set_facilities(session, users.user(session, user_id), [facility.id])
            made = clients.create_client(session, name="System", roles=["org_admin"])
        with place.nobody() as session:
            clients.client_credentials(session, made.client_id, made.secret)
    return place


def count(place: Neighbourhood, slug: str | None, table: str) -> int:
    actor = system_actor(place.ids[slug]) if slug else NOBODY
    with unit_of_work(place.runtime, actor) as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  our own names


@pytest.mark.parametrize("table", PRIVATE)
def test_private_rows_are_seen_by_their_own_organization_alone(inhabited: Neighbourhood, table: str) -> None:
    everything = inhabited.owner(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
    mercy, swift = count(inhabited, "mercy", table), count(inhabited, "swift-rides", table)
    assert mercy > 0
    assert swift > 0
    assert mercy + swift == everything
    assert count(inhabited, "homeward", table) == 0
    assert count(inhabited, None, table) == 0


@pytest.mark.parametrize("table", ["organizations", "facilities"])
def test_the_directory_is_open_to_everybody_who_is_signed_in(inhabited: Neighbourhood, table: str) -> None:
    assert count(inhabited, "mercy", table) == count(inhabited, "swift-rides", table) > 1
    assert count(inhabited, None, table) == 0


@pytest.mark.parametrize("table", ["facilities", *CHANGEABLE])
def test_no_organization_changes_rows_of_another(inhabited: Neighbourhood, table: str) -> None:
    change = f"UPDATE {table} SET organization_id = organization_id WHERE organization_id = :other"  # noqa: S608
    with unit_of_work(inhabited.runtime, system_actor(inhabited.ids["mercy"])) as session:
        changed = session.execute(text(change), {"other": inhabited.ids["swift-rides"]})
        assert changed.rowcount == 0  # type: ignore[attr-defined]


def test_only_the_platform_sets_up_organizations(place: Neighbourhood) -> None:
    row = {"kind": OrganizationKind.VENDOR, "name": "Fake", "slug": "fake", "time_zone": "UTC"}
    with pytest.raises(ProgrammingError, match="row-level security"), place.acting("mercy") as session:
        session.add(Organization(**row))
    second = new_id()
    as_second = unit_of_work(place.runtime, system_actor(second))
    with pytest.raises(ProgrammingError, match="row-level security"), as_second as session:
        session.add(Organization(id=second, **(row | {"kind": OrganizationKind.PLATFORM})))


def test_an_organization_cannot_suspend_or_rename_another(place: Neighbourhood) -> None:
    with place.acting("mercy") as session:
        other = session.scalars(select(Organization).where(Organization.slug == "swift-rides")).one()
        renamed = session.execute(
            text("UPDATE organizations SET name = 'x' WHERE id = :id"), {"id": other.id}
        )
        assert renamed.rowcount == 0  # type: ignore[attr-defined]


def test_a_fresh_installation_is_founded_once(runtime: Runtime) -> None:
    given = {"name": "Metro Exchange", "time_zone": "America/Denver", "admin_name": "Ada Stone"}
    link, mailed = founding.found_platform(runtime, admin_email="ada@exchange.example", **given)
    assert "/invitation/" in link
    assert not mailed
    with pytest.raises(Conflict, match="set up already"):
        founding.found_platform(runtime, admin_email="eve@exchange.example", **given)
