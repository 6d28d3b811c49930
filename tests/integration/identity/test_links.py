"""Invitations and password resets: mailed links that work once and not for long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import HomewardError, InvalidInput, NotFound
from marketplace.identity import links, users
from marketplace.identity.signing_in import Outcome
from marketplace.identity.words import TokenPurpose
from tests.integration.identity.neighbourhood import HERE, PASSWORD, Neighbourhood

EMAIL = "robin@mercy.example"
FRESH = "three patient herons"


def invite(place: Neighbourhood, email: str = EMAIL) -> tuple[UUID, str]:
    with place.acting("mercy") as session:
        invited = users.invite(session, email=email, name="Robin Field", roles=["planner"])
    return invited.id, place.last_link("mercy").rpartition("/")[2]


def accept(place: Neighbourhood, token: str, password: str = PASSWORD) -> Outcome:
    with place.nobody() as session:
        return links.accept_invitation(session, token, password, HERE).outcome


def reset_token(place: Neighbourhood, email: str = EMAIL) -> str:
    with place.nobody() as session:
        links.request_reset(session, email, HERE)
    return place.last_link("mercy").rpartition("/")[2]


def reset(place: Neighbourhood, token: str, password: str = FRESH) -> Outcome:
    with place.nobody() as session:
        return links.reset_password(session, token, password, HERE).outcome


def test_an_invitation_leads_to_enrolment(place: Neighbourhood) -> None:
    user_id, token = invite(place)
    assert place.sign_in(EMAIL).outcome is Outcome.REFUSED
    assert accept(place, token) is Outcome.ENROLMENT
    assert str(place.user("mercy", user_id).state) == "active"


def test_an_invitation_works_once(place: Neighbourhood) -> None:
    _, token = invite(place)
    accept(place, token)
    with pytest.raises(NotFound):
        accept(place, token, FRESH)
    assert place.sign_in(EMAIL, FRESH).outcome is Outcome.REFUSED


def test_a_new_invitation_voids_the_old_link(place: Neighbourhood) -> None:
    user_id, old = invite(place)
    with place.acting("mercy") as session:
        users.invite_again(session, user_id)
    with pytest.raises(NotFound):
        accept(place, old)
    assert accept(place, place.last_link("mercy").rpartition("/")[2]) is Outcome.ENROLMENT


def test_an_expired_link_is_not_found(place: Neighbourhood) -> None:
    _, token = invite(place)
    place.owner("UPDATE one_time_tokens SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotFound):
        accept(place, token)


def test_an_invitation_does_not_reset_a_password(place: Neighbourhood) -> None:
    _, token = invite(place)
    with pytest.raises(NotFound):
        reset(place, token)


@pytest.mark.parametrize("bad", ["short", "robin field at work", "password1234", "aaaaaaaaaaaa"])
def test_a_weak_password_is_refused_by_field_and_spends_nothing(place: Neighbourhood, bad: str) -> None:
    _, token = invite(place)
    with pytest.raises(InvalidInput) as refused:
        accept(place, token, bad)
    assert [error.field for error in refused.value.errors] == ["password"]
    assert accept(place, token) is Outcome.ENROLMENT


def test_a_reset_changes_the_password_and_ends_every_session(place: Neighbourhood) -> None:
    place.person("mercy", EMAIL, "planner")
    cookie = place.cookie(EMAIL)
    assert reset(place, reset_token(place)) is Outcome.SIGNED_IN
    assert place.actor_behind(cookie) == NOBODY
    assert place.sign_in(EMAIL).outcome is Outcome.REFUSED
    assert place.sign_in(EMAIL, FRESH).outcome is Outcome.SIGNED_IN


def test_a_reset_link_works_once_even_when_followed_twice_at_the_same_moment(place: Neighbourhood) -> None:
    place.person("mercy", EMAIL, "planner")
    token = reset_token(place)

    def follow(number: int) -> bool:
        try:
            reset(place, token, f"{FRESH} {number}")
        except HomewardError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(follow, range(4))) == [False, False, False, True]


def test_an_unknown_address_gets_no_mail_and_the_same_answer(place: Neighbourhood) -> None:
    with place.nobody() as session:
        links.request_reset(session, "nobody@mercy.example", HERE)
    assert place.owner("SELECT count(*) FROM mails")[0][0] == 0


def test_somebody_invited_cannot_reset_a_password_that_was_never_set(place: Neighbourhood) -> None:
    invite(place)
    with place.nobody() as session:
        links.request_reset(session, EMAIL, HERE)
    purposes = place.owner("SELECT purpose FROM one_time_tokens")
    assert [row[0] for row in purposes] == [str(TokenPurpose.INVITATION)]


def test_after_three_requests_within_the_hour_no_further_mail_goes_out(place: Neighbourhood) -> None:
    place.person("mercy", EMAIL, "planner")
    before = place.owner("SELECT count(*) FROM mails")[0][0]
    for _ in range(5):
        with place.nobody() as session:
            links.request_reset(session, EMAIL, HERE)
    assert place.owner("SELECT count(*) FROM mails")[0][0] - before == 3


def test_a_reset_keeps_the_second_factor(place: Neighbourhood) -> None:
    place.person("mercy", EMAIL, "planner", second_factor=True)
    place.enrol(place.sign_in(EMAIL).cookie)
    assert reset(place, reset_token(place)) is Outcome.SECOND_FACTOR


@pytest.mark.parametrize("token", ["x", "A" * 64, "%00", "A" * 5000])
def test_a_made_up_link_is_not_found(place: Neighbourhood, token: str) -> None:
    with pytest.raises(NotFound):
        accept(place, token)
