"""When ambulance rides are repetitive, and how far one affirmation reaches."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from vendors.preflight.repetition import first_beyond, is_repetitive
from vendors.preflight.rules import Payability, PayFacts, Permission, judge, level_of

DAY = date(2026, 11, 23)
VENDOR = UUID(int=1)


def days(*numbers: int) -> tuple[date, ...]:
    return tuple(DAY + timedelta(days=number) for number in numbers)


def facts(trips: tuple[date, ...], *, level: str = "bls", units: int = 200, held: bool = True) -> PayFacts:
    permission = Permission(
        number="PA-1",
        service_line="ride",
        codes=frozenset(),
        units_left=units,
        valid_from=DAY,
        valid_to=DAY + timedelta(days=365),
    )
    return PayFacts(
        kind="ride",
        level=level,
        first_day=trips[0],
        last_day=trips[-1],
        payer="coverage",
        payer_name="Evergreen",
        covered_from=DAY,
        permission=permission if held else None,
        trip_days=trips,
    )


def codes(given: PayFacts) -> list[str]:
    return [one.code for one in judge(given)]


def test_three_round_trips_in_ten_days_are_repetitive_and_in_eleven_are_not() -> None:
    assert is_repetitive(days(0, 4, 9))
    assert not is_repetitive(days(0, 4, 10))
    assert not is_repetitive(days(0, 9))


def test_one_a_week_for_three_weeks_is_repetitive_and_with_a_week_missed_is_not() -> None:
    assert is_repetitive(days(0, 11, 20))
    assert not is_repetitive(days(0, 14, 28))
    assert not is_repetitive(days(0, 7))
    assert is_repetitive(days(0, 20, 27, 34))


def test_one_affirmation_covers_forty_round_trips_in_sixty_days() -> None:
    assert first_beyond(days(*range(40))) is None
    assert first_beyond(days(*range(41))) == DAY + timedelta(days=40)
    assert first_beyond(days(0, 30, 59)) is None
    assert first_beyond(days(0, 30, 60)) == DAY + timedelta(days=60)


def test_repetitive_ambulance_rides_without_authorization_will_not_be_paid() -> None:
    found = judge(facts(days(0, 2, 4), held=False))

    assert found[0].code == "repetitive_authorization"
    assert "A0428 is not paid without prior authorization" in found[0].text
    assert level_of(found) is Payability.REFUSED
    assert "A0426" in judge(facts(days(0, 2, 4), level="als", held=False))[0].text


def test_with_an_affirmation_the_forty_first_round_trip_is_named() -> None:
    assert codes(facts(days(*range(40)))) == ["certification", "repetitive_certification"]
    found = judge(facts(days(*range(0, 86, 2))))
    assert found[0].code == "affirmation_limit"
    assert "Jan 22" in found[0].text, "the sixtieth day comes before the forty-first trip"


def test_only_basic_and_advanced_ambulances_are_in_the_programme() -> None:
    for level in ("wheelchair", "stretcher", "sct"):
        assert not [code for code in codes(facts(days(0, 2, 4), level=level)) if "repetitive" in code]
    assert "repetitive_authorization" not in codes(facts(days(0, 2), held=False))
