"""API clients and bearer tokens: issued once, scoped to roles, revoked at once."""

from __future__ import annotations

from uuid import UUID

import pytest

from marketplace.foundation.access import NOBODY, Actor, ActorKind
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.identity import clients, tokens
from marketplace.identity.clients import ClientRefused, NewClient
from tests.integration.identity.neighbourhood import Neighbourhood


@pytest.fixture
def record_system(place: Neighbourhood) -> NewClient:
    with place.acting("mercy") as session:
        return clients.create_client(session, name="Record system", roles=["planner", "org_admin"])


def token_for(place: Neighbourhood, made: NewClient, *scopes: str) -> str:
    with place.nobody() as session:
        return clients.client_credentials(session, made.client_id, made.secret, scopes).token


def actor(place: Neighbourhood, token: str) -> Actor:
    with place.nobody() as session:
        return clients.actor_for_token(session, token)


def test_a_client_gets_a_token_of_an_hour_for_its_roles(
    place: Neighbourhood, record_system: NewClient
) -> None:
    with place.nobody() as session:
        issued = clients.client_credentials(session, record_system.client_id, record_system.secret)
    found = actor(place, issued.token)
    assert issued.lifetime_seconds == 3600
    assert (found.kind, found.name, found.user_id) == (ActorKind.CLIENT, "Record system", None)
    assert found.roles == {"planner", "org_admin"}
    assert found.organization_id == place.ids["mercy"]


def test_scopes_narrow_a_token_and_never_widen_it(place: Neighbourhood, record_system: NewClient) -> None:
    assert actor(place, token_for(place, record_system, "planner")).roles == {"planner"}
    with pytest.raises(InvalidInput):
        token_for(place, record_system, "platform_admin")


def test_neither_secret_nor_token_is_in_the_database(place: Neighbourhood, record_system: NewClient) -> None:
    token = token_for(place, record_system)
    dump = str(place.owner("SELECT t.*, c.* FROM api_tokens t JOIN api_clients c ON c.id = t.client_id"))
    assert token not in dump
    assert record_system.secret not in dump


def test_a_revoked_client_and_its_tokens_are_nobody(place: Neighbourhood, record_system: NewClient) -> None:
    token = token_for(place, record_system)
    with place.acting("mercy") as session:
        clients.revoke_client(session, record_system.client.id)
    assert actor(place, token) == NOBODY
    with pytest.raises(ClientRefused):
        token_for(place, record_system)


def test_another_organization_cannot_revoke_a_client(place: Neighbourhood, record_system: NewClient) -> None:
    with place.acting("swift-rides") as session, pytest.raises(NotFound):
        clients.revoke_client(session, record_system.client.id)
    with place.acting("swift-rides") as session:
        assert clients.clients(session) == []


@pytest.mark.parametrize("client_id", ["", "hwc_", "hwc_" + "A" * 43, "x" * 47])
def test_a_made_up_client_is_refused(place: Neighbourhood, record_system: NewClient, client_id: str) -> None:
    with place.nobody() as session, pytest.raises(ClientRefused):
        clients.client_credentials(session, client_id, record_system.secret)


def test_a_wrong_secret_is_refused(place: Neighbourhood, record_system: NewClient) -> None:
    with place.nobody() as session, pytest.raises(ClientRefused):
        clients.client_credentials(session, record_system.client_id, record_system.secret[:-1] + "!")


def test_an_expired_token_is_nobody(place: Neighbourhood, record_system: NewClient) -> None:
    token = token_for(place, record_system)
    place.owner("UPDATE api_tokens SET expires_at = now()")
    assert actor(place, token) == NOBODY


def test_a_user_token_has_at_most_the_users_roles_of_today(place: Neighbourhood) -> None:
    user_id = place.person("mercy", "robin@mercy.example", "planner", "org_admin")
    with place.acting("mercy", "planner", "org_admin", user_id=user_id) as session:
        issued = clients.issue_user_token(session, name="report", days=7)
    assert actor(place, issued.token).roles == {"planner", "org_admin"}
    place.owner("UPDATE users SET roles = '[\"planner\"]' WHERE id = :id", id=user_id)
    assert actor(place, issued.token).roles == {"planner"}
    assert actor(place, issued.token).user_id == user_id


@pytest.mark.parametrize("days", [0, 91, -1])
def test_a_user_token_lives_one_to_ninety_days(place: Neighbourhood, days: int) -> None:
    with place.acting("mercy", user_id=UUID(int=1)) as session, pytest.raises(InvalidInput):
        clients.issue_user_token(session, name="report", days=days)


@pytest.mark.parametrize("token", ["", "hwt_", "hwt_" + "A" * 64, "hws_" + "A" * 64, "A" * 68])
def test_a_made_up_token_is_nobody(place: Neighbourhood, token: str) -> None:
    assert actor(place, token) == NOBODY


def test_shown_values_lead_to_their_organization_and_nothing_else_does() -> None:
    minted = tokens.mint(UUID(int=5), "hwt_")
    assert tokens.organization_in(minted.shown, "hwt_") == UUID(int=5)
    assert tokens.organization_in(minted.shown, "hws_") is None
    assert tokens.organization_in(minted.shown[:-1], "hwt_") is None
    assert tokens.client_in(tokens.public_client_id(UUID(int=5), UUID(int=6))) == (UUID(int=5), UUID(int=6))
