"""Whether somebody with these papers may serve at that time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.credentials.catalogue import CREDENTIAL_TYPES, REQUIREMENTS, required_of
from vendors.credentials.rules import due_reminders, missing
from vendors.credentials.words import (
    HeldCredential,
    Requirement,
    ScreeningResult,
    Standing,
    SubjectKind,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CPR = Requirement("cpr_first_aid", SubjectKind.CREW_MEMBER, "ride", "test", date(2024, 1, 1))


def card(
    *,
    expires_at: datetime | None = NOON,
    verified: bool = True,
    standing: Standing = Standing.GOOD,
    screening: ScreeningResult | None = None,
    valid_from: datetime = NOON - timedelta(days=700),
) -> HeldCredential:
    return HeldCredential("cpr_first_aid", valid_from, expires_at, verified, standing, screening)


def codes(held: list[HeldCredential], at: datetime, until: datetime | None = None) -> list[str]:
    return [finding.code for finding in missing([CPR], held, at, until)]


def test_a_card_that_expires_at_noon_gives_no_one_o_clock_trip_and_keeps_the_ten_o_clock_one() -> None:
    assert codes([card()], NOON + HOUR) == ["expired"]
    assert codes([card()], NOON - 2 * HOUR) == []


def test_the_moment_of_expiry_is_already_too_late() -> None:
    assert codes([card()], NOON) == ["expired"]
    assert codes([card()], NOON - timedelta(seconds=1)) == []


def test_a_card_must_last_until_the_service_is_over() -> None:
    assert codes([card()], NOON - HOUR, NOON + HOUR) == ["expires_during"]


def test_a_renewal_beside_the_old_card_is_enough() -> None:
    renewal = card(valid_from=NOON - HOUR, expires_at=NOON + timedelta(days=365))
    assert codes([card(), renewal], NOON + HOUR) == []


@pytest.mark.parametrize(
    ("held", "code"),
    [
        ([], "absent"),
        ([card(verified=False)], "unverified"),
        ([card(standing=Standing.REVOKED)], "revoked"),
        ([card(standing=Standing.STAYED)], "stayed"),
        ([card(valid_from=NOON - HOUR)], "not_yet_valid"),
        ([card(screening=ScreeningResult.POTENTIAL_MATCH)], "potential_match"),
        ([card(screening=ScreeningResult.FALSE_MATCH)], ""),
        ([card(screening=ScreeningResult.EXCLUDED), card(screening=ScreeningResult.CLEAR)], "excluded"),
        ([card(standing=Standing.REVOKED), card(verified=False)], "unverified"),
    ],
)
def test_the_finding_names_what_comes_closest_to_serving(held: list[HeldCredential], code: str) -> None:
    assert codes(held, NOON - 2 * HOUR) == ([code] if code else [])


@given(st.integers(-2000, 2000), st.integers(0, 600), st.integers(-2000, 2000), st.integers(1, 4000))
def test_a_card_serves_exactly_the_times_that_lie_inside_it(
    start: int, length: int, begins: int, lasts: int
) -> None:
    minute = timedelta(minutes=1)
    held = card(valid_from=NOON + begins * minute, expires_at=NOON + (begins + lasts) * minute)
    at, until = NOON + start * minute, NOON + (start + length) * minute
    inside = begins <= start and start + length < begins + lasts
    assert (missing([CPR], [held], at, until) == []) is inside


@pytest.mark.parametrize(
    ("days_left", "sent", "due"),
    [
        (61, [], []),
        (60, [], [60]),
        (45, [60], []),
        (30, [60], [30]),
        (20, [], [30]),
        (7, [60, 30], [7]),
        (0, [], []),
    ],
)
def test_reminders_go_out_at_sixty_thirty_and_seven_days(
    days_left: int, sent: list[int], due: list[int]
) -> None:
    began = NOON - timedelta(days=365)
    assert due_reminders(began, NOON + timedelta(days=days_left), NOON, sent) == due


def test_a_monthly_search_is_not_called_overdue_the_day_it_was_made() -> None:
    made = NOON - timedelta(days=1)
    assert due_reminders(made, made + timedelta(days=45), NOON, []) == []
    assert due_reminders(made, made + timedelta(days=45), made + timedelta(days=38), []) == [7]


def test_every_rule_names_a_known_type_of_its_own_subject_and_its_source() -> None:
    for rule in REQUIREMENTS:
        assert CREDENTIAL_TYPES[rule.credential_type].subject_kind is rule.subject_kind
        assert rule.source


def test_levels_narrow_what_is_required() -> None:
    day = date(2026, 3, 2)
    wheelchair = {
        rule.credential_type for rule in required_of(SubjectKind.CREW_MEMBER, "ride", "wheelchair", day)
    }
    walking = {
        rule.credential_type for rule in required_of(SubjectKind.CREW_MEMBER, "ride", "ambulatory", day)
    }
    assert wheelchair - walking == {"wheelchair_securement"}
    assert required_of(SubjectKind.CREW_MEMBER, "ride", "wheelchair", date(2013, 1, 1)) == []
