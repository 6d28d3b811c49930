"""Server-side sessions: idle, absolute, listed, ended; only a digest is kept."""

from __future__ import annotations

import hashlib

import pytest

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import NotFound
from marketplace.identity import sessions
from tests.integration.identity.neighbourhood import Neighbourhood

EMAIL = "robin@mercy.example"


@pytest.fixture
def robin(place: Neighbourhood) -> Neighbourhood:
    place.person("mercy", EMAIL, "planner")
    return place


def test_only_the_digest_of_a_cookie_is_stored(robin: Neighbourhood) -> None:
    cookie = robin.cookie(EMAIL)
    stored = robin.owner("SELECT digest FROM sign_in_sessions WHERE ended_at IS NULL")
    assert [bytes(row[0]) for row in stored] == [hashlib.sha256(cookie.encode()).digest()]
    assert len(cookie) == 64


@pytest.mark.parametrize(
    "change",
    [
        "seen_at = seen_at - interval '15 minutes 1 second'",
        "expires_at = now() - interval '1 second'",
        "ended_at = now()",
        "stage = 'second_factor'",
    ],
)
def test_a_session_that_is_idle_old_ended_or_half_open_is_nobody(robin: Neighbourhood, change: str) -> None:
    cookie = robin.cookie(EMAIL)
    assert robin.actor_behind(cookie) != NOBODY
    robin.owner(f"UPDATE sign_in_sessions SET {change}")  # noqa: S608
    assert robin.actor_behind(cookie) == NOBODY


def test_a_session_ends_twelve_hours_after_it_began_however_active(robin: Neighbourhood) -> None:
    robin.cookie(EMAIL)
    lifetimes = robin.owner("SELECT expires_at - created_at FROM sign_in_sessions WHERE ended_at IS NULL")
    assert [row[0].total_seconds() for row in lifetimes] == [12 * 3600]


def test_activity_keeps_a_session_awake_and_polling_does_not(robin: Neighbourhood) -> None:
    cookie = robin.cookie(EMAIL)
    robin.owner("UPDATE sign_in_sessions SET seen_at = now() - interval '10 minutes'")
    with robin.nobody() as session:
        sessions.actor_for_session(session, cookie, touch=False)
    idle = "SELECT now() - seen_at > interval '9 minutes' FROM sign_in_sessions WHERE ended_at IS NULL"
    assert robin.owner(idle)[0][0] is True
    robin.actor_behind(cookie)
    assert robin.owner(idle)[0][0] is False


@pytest.mark.parametrize("cookie", ["", "x", "A" * 64, "ä" * 64, "A" * 63 + "=", "A" * 10_000])
def test_a_made_up_cookie_is_nobody(place: Neighbourhood, cookie: str) -> None:
    assert place.actor_behind(cookie) == NOBODY


def test_a_cookie_that_names_another_organization_is_nobody(robin: Neighbourhood) -> None:
    from marketplace.identity import tokens

    forged = tokens.from_bits(robin.ids["swift-rides"], b"x" * 32)
    assert robin.actor_behind(forged.shown) == NOBODY


def test_every_sign_in_gets_a_value_of_its_own(robin: Neighbourhood) -> None:
    assert robin.cookie(EMAIL) != robin.cookie(EMAIL)


def test_users_list_and_end_their_own_sessions_only(robin: Neighbourhood) -> None:
    robin.person("mercy", "kim@mercy.example", "planner", name="Kim Vale")
    mine, other = robin.cookie(EMAIL), robin.cookie("kim@mercy.example")
    actor = robin.actor_behind(mine)
    with robin.acting("mercy", user_id=robin.actor_behind(other).user_id) as session:
        foreign = sessions.own_sessions(session)[0].id
    with robin.acting("mercy", user_id=actor.user_id) as session:
        listed = sessions.own_sessions(session)
        assert [row.device for row in listed] == ["Firefox on Linux"]
        with pytest.raises(NotFound):
            sessions.end_own_session(session, foreign)
        sessions.end_own_session(session, listed[0].id)
    assert robin.actor_behind(mine) == NOBODY
    assert robin.actor_behind(other) != NOBODY


def test_roles_taken_away_are_gone_at_the_next_request(robin: Neighbourhood) -> None:
    from marketplace.identity import users

    cookie = robin.cookie(EMAIL)
    actor = robin.actor_behind(cookie)
    assert actor.user_id is not None
    robin.person("mercy", "boss@mercy.example", "org_admin", name="Alex Boss")
    with robin.acting("mercy") as session:
        revision = users.user(session, actor.user_id).revision
        users.change_user(session, actor.user_id, name="Robin Field", roles=["org_admin"], revision=revision)
    assert robin.actor_behind(cookie).roles == {"org_admin"}
