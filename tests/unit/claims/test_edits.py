"""A clean claim has no finding, and each way of breaking it has exactly its own."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.claims.edits import Finding, scrub
from billing.claims.edits.parties import is_npi
from billing.claims.pricing import ItemDelivered
from billing.claims.values import ClaimFacts, Line
from billing.claims.words import CLAIM_MOVES, ClaimState
from tests.unit.claims.broken_claims import AUTHORIZATION, BREAKS, change_line
from tests.unit.claims.claims_of_the_day import DAY, equipment_claim, ride_claim, visit_claim, with_lines


def found(claim: ClaimFacts) -> list[str]:
    """The codes of the findings."""
    return [finding.code for finding in scrub(claim)]


def mended(line: Line) -> Line:
    """The line with its charge made true again."""
    return replace(line, charge=line.unit_price.times(line.units))


@pytest.mark.parametrize(
    "claim",
    [
        ride_claim(),
        ride_claim("bls"),
        ride_claim(miles="143.2"),
        equipment_claim(),
        equipment_claim(ItemDelivered("E0260", rental_month=4), ItemDelivered("E0143")),
        visit_claim(),
    ],
)
def test_a_clean_claim_has_no_finding(claim: ClaimFacts) -> None:
    assert scrub(claim) == ()


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_each_break_has_exactly_its_finding_and_reason_codes(name: str) -> None:
    build, code, carc, rarc = BREAKS[name]
    assert [(finding.code, finding.carc, finding.rarc) for finding in scrub(build())] == [(code, carc, rarc)]


def test_an_unknown_code_is_found_without_stopping_the_other_edits() -> None:
    claim = change_line(ride_claim(), 1, hcpcs_code="A9999", modifiers=())
    assert found(claim) == ["code-unknown", "mileage-without-base"]


def test_units_of_nothing_and_half_rides_are_found() -> None:
    claim = ride_claim()
    none = with_lines(claim, mended(replace(claim.lines[0], units=Decimal(0))), claim.lines[1])
    half = with_lines(claim, mended(replace(claim.lines[0], units=Decimal("0.5"))), claim.lines[1])
    assert found(none) == ["units-not-positive"]
    assert found(half) == ["units-not-whole"]


def test_a_line_without_a_contracted_price_is_found() -> None:
    assert found(equipment_claim(ItemDelivered("E0163"))) == ["rate-missing"]


def test_driven_miles_may_exceed_the_route_by_the_tolerance_and_a_mile() -> None:
    claim = ride_claim(miles="12.5")
    assert found(change_line(claim, 2, route_miles=Decimal(10))) == []
    assert found(change_line(claim, 2, route_miles=Decimal("9.99"))) == ["miles-over-route"]


def test_the_last_day_of_coverage_and_of_filing_still_count() -> None:
    claim = ride_claim()
    assert found(replace(claim, member=replace(claim.member, covered_until=DAY))) == []
    assert found(replace(claim, today=DAY + timedelta(days=365))) == []


def test_an_authorization_that_fits_is_silent() -> None:
    assert (
        found(replace(ride_claim(), authorization=replace(AUTHORIZATION, hcpcs_codes=frozenset({"A0130"}))))
        == []
    )


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("1234567893", True),
        ("1003000126", True),
        ("1234567890", False),
        ("3234567893", False),
        ("123456789", False),
        ("12345678933", False),
        ("", False),
        ("\uff11\uff12345678\uff19\uff13", False),
    ],
)
def test_an_npi_is_ten_digits_with_a_check_digit(number: str, *, valid: bool) -> None:
    assert is_npi(number) is valid


@given(st.integers(min_value=100_000_000, max_value=299_999_999))
def test_exactly_one_check_digit_fits_each_npi(stem: int) -> None:
    assert sum(is_npi(f"{stem}{digit}") for digit in range(10)) == (1 if str(stem)[0] in "12" else 0)


@given(st.lists(st.sampled_from(sorted(BREAKS)), min_size=1, max_size=4, unique=True))
def test_scrubbing_is_a_function_of_the_facts_alone(names: list[str]) -> None:
    for name in names:
        claim = BREAKS[name][0]()
        assert scrub(claim) == scrub(claim)
        assert all(
            isinstance(finding, Finding) and finding.text and finding.field for finding in scrub(claim)
        )


def test_reason_16_always_comes_with_a_remark_code() -> None:
    for build, *_ in BREAKS.values():
        assert all(finding.rarc for finding in scrub(build()) if finding.carc in {"16", "148", "226", "252"})


def test_a_finding_shows_itself_as_plain_words() -> None:
    (finding,) = scrub(BREAKS["no NPI"][0]())
    assert finding.as_dict() == {
        "code": "npi-missing", "text": "The vendor has no NPI on file.", "field": "vendor.npi",
        "severity": "holds", "carc": "206", "rarc": "N257",
    }  # fmt: skip
    assert set(finding.as_dict()) == {field.name for field in fields(Finding)}


def test_every_state_has_its_moves_and_only_three_are_final() -> None:
    assert set(CLAIM_MOVES) == set(ClaimState)
    final = {state for state, moves in CLAIM_MOVES.items() if not moves}
    assert final == {ClaimState.REPLACED, ClaimState.VOIDED, ClaimState.RECOUPED}
    reached = {ClaimState.DRAFT} | {target for moves in CLAIM_MOVES.values() for target in moves}
    assert reached == set(ClaimState)
