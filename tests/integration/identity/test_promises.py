"""Each promise of identity: kept in a lived-in neighbourhood, and named when somebody breaks it."""

from __future__ import annotations

import pytest

from marketplace.foundation.access import system_actor
from marketplace.foundation.work import unit_of_work
from marketplace.identity import clients, users
from marketplace.identity.oversight import sweep
from marketplace.identity.promises import INVARIANTS
from tests.integration.identity.neighbourhood import Neighbourhood


@pytest.fixture
def lived_in(place: Neighbourhood) -> Neighbourhood:
    """Two people of the hospital with sessions and tokens, one of them deactivated; a revoked client."""
    place.person("mercy", "boss@mercy.example", "org_admin", name="Alex Boss")
    gone = place.person("mercy", "robin@mercy.example", "planner")
    for email in ("boss@mercy.example", "robin@mercy.example"):
        place.cookie(email)
    with place.acting("mercy", "planner", user_id=gone) as session:
        clients.issue_user_token(session, name="report")
    with place.acting("mercy") as session:
        users.deactivate(session, gone)
        made = clients.create_client(session, name="System", roles=["planner"])
    with place.nobody() as session:
        clients.client_credentials(session, made.client_id, made.secret)
    with place.acting("mercy") as session:
        clients.revoke_client(session, made.client.id)
    return place


def broken(place: Neighbourhood) -> set[str]:
    with unit_of_work(place.runtime, system_actor(), "verifier") as session:
        return {promise.name for promise in INVARIANTS if promise.breaches(session)}


def test_nothing_is_broken_by_ordinary_life(lived_in: Neighbourhood) -> None:
    assert broken(lived_in) == set()


@pytest.mark.parametrize(
    ("breach", "name"),
    [
        ("UPDATE sign_in_sessions SET ended_at = NULL", "deactivated-shut-out"),
        ("UPDATE api_tokens SET revoked_at = NULL WHERE user_id IS NOT NULL", "deactivated-shut-out"),
        ("UPDATE one_time_tokens SET used_at = NULL", "deactivated-shut-out"),
        ("UPDATE api_tokens SET revoked_at = NULL WHERE client_id IS NOT NULL", "revoked-client-shut-out"),
        ("DELETE FROM sign_in_names", "user-findable"),
        ("UPDATE users SET demo_user = false", "two-factors"),
        (
            "UPDATE user_secrets SET organization_id = (SELECT min(id::text)::uuid FROM organizations)",
            "door-keeps-to-tenant",
        ),
        ("UPDATE users SET roles = '[\"planner\"]'", "administered"),
        ('UPDATE users SET roles = \'["driver", "org_admin"]\'', "roles-fit"),
        ("UPDATE users SET roles = '[]'", "roles-fit"),
    ],
)
def test_a_breach_is_named(lived_in: Neighbourhood, breach: str, name: str) -> None:
    lived_in.owner(breach)
    assert name in broken(lived_in)


def test_the_sweep_forgets_what_has_long_expired_and_nothing_else(lived_in: Neighbourhood) -> None:
    lived_in.sign_in("nobody@mercy.example")
    before = lived_in.owner("SELECT count(*) FROM sign_in_sessions")[0][0]
    with unit_of_work(lived_in.runtime, system_actor(), "janitor") as session:
        assert set(sweep(session, {}).values()) == {0}
    lived_in.owner("UPDATE sign_in_sessions SET expires_at = expires_at - interval '31 days'")
    lived_in.owner("UPDATE sign_in_throttles SET changed_at = changed_at - interval '2 days'")
    with unit_of_work(lived_in.runtime, system_actor(), "janitor") as session:
        swept = sweep(session, {})
    assert swept["sessions"] == before
    assert swept["throttles"] >= 1
    assert swept["tokens"] == 0
