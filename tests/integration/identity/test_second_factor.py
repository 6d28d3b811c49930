"""The second factor: enrolment before anything else, codes that open once, recovery codes."""

from __future__ import annotations

import pyotp
import pytest

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.identity import second_factor, sessions, users
from marketplace.identity.second_factor import Checked
from marketplace.identity.signing_in import Outcome
from tests.integration.identity.neighbourhood import HERE, Neighbourhood

EMAIL = "robin@mercy.example"


@pytest.fixture
def robin(place: Neighbourhood) -> Neighbourhood:
    place.person("mercy", EMAIL, "planner", second_factor=True)
    return place


def check(place: Neighbourhood, cookie: str, code: str) -> Checked:
    with place.nobody() as session:
        live = sessions.live_session(session, cookie)
        assert live is not None
        return second_factor.check_at_sign_in(session, live, code, HERE)


def forget_steps(place: Neighbourhood) -> None:
    """As if the last code had been used half an hour ago."""
    place.owner("UPDATE user_secrets SET totp_last_step = totp_last_step - 60")


def test_a_password_alone_opens_nothing_before_a_factor_is_set_up(robin: Neighbourhood) -> None:
    result = robin.sign_in(EMAIL)
    assert result.outcome is Outcome.ENROLMENT
    assert robin.actor_behind(result.cookie) == NOBODY


def test_enrolment_ends_in_ten_recovery_codes_and_a_new_session_value(robin: Neighbourhood) -> None:
    half = robin.sign_in(EMAIL).cookie
    _, codes = robin.enrol(half)
    with robin.nobody() as session:
        live = sessions.live_session(session, half)
        assert live is not None
        full = second_factor.finish_enrolment(session, live, HERE)
    assert len(set(codes)) == 10
    assert robin.actor_behind(full).roles == {"planner"}
    assert robin.actor_behind(half) == NOBODY


def test_a_wrong_first_code_confirms_nothing(robin: Neighbourhood) -> None:
    half = robin.sign_in(EMAIL).cookie
    with robin.nobody() as session:
        live = sessions.live_session(session, half)
        assert live is not None
        session.act_as(live.actor)
        secret = second_factor.begin_enrolment(session, live.actor).secret
        wrong = f"{(int(pyotp.TOTP(secret).now()) + 1) % 1_000_000:06d}"
        assert second_factor.confirm_enrolment(session, live.actor, wrong) is None
        with pytest.raises(Conflict):
            second_factor.finish_enrolment(session, live, HERE)
    assert robin.sign_in(EMAIL).outcome is Outcome.ENROLMENT


def test_afterwards_the_code_is_due_and_opens_the_session(robin: Neighbourhood) -> None:
    app, _ = robin.enrol(robin.sign_in(EMAIL).cookie)
    forget_steps(robin)
    result = robin.sign_in(EMAIL)
    assert result.outcome is Outcome.SECOND_FACTOR
    assert robin.actor_behind(result.cookie) == NOBODY
    checked = check(robin, result.cookie, app.now())
    assert checked.right
    assert robin.actor_behind(checked.cookie).roles == {"planner"}


def test_a_code_opens_once(robin: Neighbourhood) -> None:
    app, _ = robin.enrol(robin.sign_in(EMAIL).cookie)
    forget_steps(robin)
    code = app.now()
    first, second = robin.sign_in(EMAIL).cookie, robin.sign_in(EMAIL).cookie
    assert check(robin, first, code).right
    assert not check(robin, second, code).right


def test_the_code_of_the_enrolment_does_not_open_the_next_sign_in(robin: Neighbourhood) -> None:
    app, _ = robin.enrol(robin.sign_in(EMAIL).cookie)
    step = robin.owner("SELECT totp_last_step FROM user_secrets")[0][0]
    assert not check(robin, robin.sign_in(EMAIL).cookie, app.at(step * 30)).right


def test_a_recovery_code_opens_once_in_any_spelling(robin: Neighbourhood) -> None:
    _, codes = robin.enrol(robin.sign_in(EMAIL).cookie)
    first, second = robin.sign_in(EMAIL).cookie, robin.sign_in(EMAIL).cookie
    assert check(robin, first, codes[3].lower().replace("-", " ")).right
    assert not check(robin, second, codes[3]).right


def test_five_wrong_codes_and_the_right_one_has_to_wait(robin: Neighbourhood) -> None:
    app, _ = robin.enrol(robin.sign_in(EMAIL).cookie)
    forget_steps(robin)
    half = robin.sign_in(EMAIL).cookie
    for _ in range(5):
        assert check(robin, half, "nonsense") == Checked(right=False)
    blocked = check(robin, half, app.now())
    assert not blocked.right
    assert 0 < blocked.wait_seconds <= 30


def test_an_administrator_helps_after_a_lost_telephone(robin: Neighbourhood) -> None:
    app, _ = robin.enrol(robin.sign_in(EMAIL).cookie)
    forget_steps(robin)
    full = check(robin, robin.sign_in(EMAIL).cookie, app.now()).cookie
    user_id = robin.actor_behind(full).user_id
    assert user_id is not None
    with robin.acting("mercy") as session:
        users.reset_second_factor(session, user_id)
    assert robin.actor_behind(full) == NOBODY
    assert robin.sign_in(EMAIL).outcome is Outcome.ENROLMENT


def test_another_organizations_administrator_finds_nobody_to_help(robin: Neighbourhood) -> None:
    user_id = robin.owner("SELECT id FROM users")[0][0]
    with robin.acting("swift-rides") as session, pytest.raises(NotFound):
        users.reset_second_factor(session, user_id)


def test_the_secret_is_not_in_the_database_in_clear(robin: Neighbourhood) -> None:
    app, _ = robin.enrol(robin.sign_in(EMAIL).cookie)
    sealed = bytes(robin.owner("SELECT totp_sealed FROM user_secrets")[0][0])
    assert app.secret.encode() not in sealed
    svg = second_factor.Enrolment(app.secret, app.provisioning_uri()).svg()
    assert svg.startswith("<svg")
    assert "style=" not in svg
