"""Passwords at the door: right, wrong, unknown, too many."""

from __future__ import annotations

import time

import pytest

from marketplace.foundation.access import NOBODY, ActorKind
from marketplace.identity import passwords, throttle
from marketplace.identity.sessions import Device
from marketplace.identity.signing_in import Outcome
from tests.integration.identity.neighbourhood import HERE, PASSWORD, Neighbourhood

EMAIL = "robin@mercy.example"


@pytest.fixture
def robin(place: Neighbourhood) -> Neighbourhood:
    place.person("mercy", EMAIL, "planner", "org_admin")
    return place


def test_the_right_password_opens_a_session_with_roles_and_organization(robin: Neighbourhood) -> None:
    result = robin.sign_in(EMAIL)
    assert result.outcome is Outcome.SIGNED_IN
    actor = robin.actor_behind(result.cookie)
    assert (actor.kind, actor.name, actor.organization_kind) == (
        ActorKind.USER,
        "Robin Field",
        "health_system",
    )
    assert actor.roles == {"planner", "org_admin"}
    assert actor.organization_id == robin.ids["mercy"]


def test_the_address_is_read_without_case_and_blanks(robin: Neighbourhood) -> None:
    assert robin.sign_in("  Robin@MERCY.example ").outcome is Outcome.SIGNED_IN


def test_wrong_and_unknown_get_the_same_answer_and_no_session(robin: Neighbourhood) -> None:
    wrong = robin.sign_in(EMAIL, "not the password at all")
    unknown = robin.sign_in("nobody@mercy.example")
    assert wrong == unknown
    assert wrong.outcome is Outcome.REFUSED
    assert wrong.cookie == ""


def test_unknown_takes_as_long_as_wrong(todays_hashes: None, robin: Neighbourhood) -> None:
    passwords.matches("", "warm up")

    def seconds(email: str) -> float:
        began = time.perf_counter()
        robin.sign_in(email, "not the password at all")
        return time.perf_counter() - began

    wrong, unknown = min(seconds(EMAIL) for _ in range(3)), min(seconds(f"x{n}@y.example") for n in range(3))
    assert 0.5 < unknown / wrong < 2


def test_after_five_failures_even_the_right_password_has_to_wait(robin: Neighbourhood) -> None:
    for _ in range(5):
        robin.sign_in(EMAIL, "not the password at all")
    blocked = robin.sign_in(EMAIL)
    assert blocked.outcome is Outcome.WAIT
    assert 0 < blocked.wait_seconds <= 30


def test_an_unknown_address_has_to_wait_as_well(place: Neighbourhood) -> None:
    for _ in range(5):
        place.sign_in("nobody@mercy.example", device=Device())
    assert place.sign_in("nobody@mercy.example").outcome is Outcome.WAIT


def test_the_wait_doubles_and_ends(robin: Neighbourhood) -> None:
    with robin.nobody() as session:
        for _ in range(7):
            throttle.count_failure(session, "account", EMAIL)
        assert 110 <= throttle.seconds_to_wait(session, "account", EMAIL) <= 120
    robin.owner("UPDATE sign_in_throttles SET blocked_until = now() - interval '1 second'")
    assert robin.sign_in(EMAIL).outcome is Outcome.SIGNED_IN


def test_success_forgets_the_failures(robin: Neighbourhood) -> None:
    for _ in range(4):
        robin.sign_in(EMAIL, "not the password at all")
    robin.sign_in(EMAIL)
    with robin.nobody() as session:
        assert throttle.count_failure(session, "account", EMAIL) == 1


def test_an_address_that_fails_thirty_times_waits_for_every_account(robin: Neighbourhood) -> None:
    with robin.nobody() as session:
        for _ in range(30):
            throttle.count_failure(session, "address", HERE.address)
    assert robin.sign_in(EMAIL).outcome is Outcome.WAIT
    assert robin.sign_in(EMAIL, device=Device("Firefox", "198.51.100.9")).outcome is Outcome.SIGNED_IN


def test_every_sign_in_and_every_refusal_is_audited_without_the_address_book(robin: Neighbourhood) -> None:
    robin.sign_in(EMAIL, "not the password at all")
    robin.sign_in(EMAIL)
    robin.sign_in("nobody@mercy.example")
    rows = robin.owner(
        "SELECT action, details::text FROM audit_events WHERE action LIKE 'sign_in:%' ORDER BY id"
    )
    assert [row[0] for row in rows][-3:] == ["sign_in:refused", "sign_in:signed_in", "sign_in:unknown"]
    assert not any("@" in row[1] or PASSWORD in row[1] for row in rows)


def test_a_suspended_organization_is_shut_out_at_once(robin: Neighbourhood) -> None:
    from marketplace.identity import organizations

    cookie = robin.cookie(EMAIL)
    with robin.acting("homeward", "platform_admin") as session:
        organizations.suspend_organization(session, robin.ids["mercy"], "unpaid")
    assert robin.actor_behind(cookie) == NOBODY
    assert robin.sign_in(EMAIL).outcome is Outcome.REFUSED
    with robin.acting("homeward", "platform_admin") as session:
        organizations.resume_organization(session, robin.ids["mercy"])
    assert robin.sign_in(EMAIL).outcome is Outcome.SIGNED_IN


def test_a_demo_user_needs_the_second_factor_in_production(robin: Neighbourhood) -> None:
    import dataclasses

    from marketplace.foundation.settings import Environment
    from marketplace.foundation.work import Runtime

    strict = dataclasses.replace(robin.runtime.settings, environment=Environment.PRODUCTION)
    runtime = Runtime(strict, robin.runtime.databases, robin.runtime.vault, robin.runtime.registry)
    assert Neighbourhood(runtime, robin.ids).sign_in(EMAIL).outcome is Outcome.ENROLMENT
