"""Payers count miles, minutes and rental months by their rules."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rates.rules import billed_miles, equipment_modifiers, paid_rental_months, quarter_hours
from billing.rates.words import BILLING_CODES, CodeKind, MileageRounding

MILES = st.decimals(min_value="0.01", max_value="2000", places=2)


@pytest.mark.parametrize(
    ("driven", "billed"),
    [
        ("1.43", "1.5"),
        ("0.85", "0.9"),
        ("12", "12"),
        ("99.91", "100"),
        ("99.9", "99.9"),
        ("100", "100"),
        ("100.01", "101"),
    ],
)
def test_medicare_counts_tenths_below_a_hundred_and_whole_miles_from_there(driven: str, billed: str) -> None:
    assert billed_miles(Decimal(driven), MileageRounding.MEDICARE) == Decimal(billed)


@pytest.mark.parametrize(
    ("rounding", "billed"),
    [
        (MileageRounding.WHOLE_UP, "8"),
        (MileageRounding.WHOLE_NEAREST, "7"),
        (MileageRounding.HUNDREDTHS, "7.31"),
    ],
)
def test_other_payers_count_in_their_own_way(rounding: MileageRounding, billed: str) -> None:
    assert billed_miles(Decimal("7.31"), rounding) == Decimal(billed)


def test_the_nearest_whole_mile_is_at_least_one() -> None:
    assert billed_miles(Decimal("0.2"), MileageRounding.WHOLE_NEAREST) == 1


@given(MILES, st.sampled_from(MileageRounding))
def test_counting_never_strays_by_a_mile_or_more(driven: Decimal, rounding: MileageRounding) -> None:
    counted = billed_miles(driven, rounding)
    assert abs(counted - driven) < 1
    if rounding in {MileageRounding.MEDICARE, MileageRounding.WHOLE_UP}:
        assert counted >= driven


@given(
    MILES,
    st.sampled_from([MileageRounding.WHOLE_UP, MileageRounding.WHOLE_NEAREST, MileageRounding.HUNDREDTHS]),
)
def test_counting_what_was_counted_changes_nothing(driven: Decimal, rounding: MileageRounding) -> None:
    counted = billed_miles(driven, rounding)
    assert billed_miles(counted, rounding) == counted


@pytest.mark.parametrize("miles", ["0", "-1"])
def test_miles_that_were_not_driven_are_refused(miles: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        billed_miles(Decimal(miles), MileageRounding.MEDICARE)


@pytest.mark.parametrize(("minutes", "units"), [(1, 1), (22, 1), (23, 2), (37, 2), (38, 3), (60, 4)])
def test_a_visit_is_counted_in_quarter_hours_half_a_unit_up(minutes: int, units: int) -> None:
    assert quarter_hours(minutes) == units


@pytest.mark.parametrize(("month", "letters"), [(1, "KH"), (2, "KI"), (3, "KI"), (4, "KJ"), (13, "KJ")])
def test_capped_rent_is_marked_by_its_month(month: int, letters: str) -> None:
    assert equipment_modifiers("E0260", rented=True, rental_month=month) == ("RR", letters)


def test_oxygen_rent_has_no_month_letter_and_a_purchase_is_new() -> None:
    assert equipment_modifiers("E1390", rented=True, rental_month=1) == ("RR",)
    assert equipment_modifiers("E0143", rented=False, rental_month=1) == ("NU",)
    assert paid_rental_months("E0260") == 13
    assert paid_rental_months("E1390") == 36
    assert paid_rental_months("E0143") is None


def test_every_ride_code_has_a_mileage_code_of_the_same_kind_of_vehicle() -> None:
    rides = [code for code in BILLING_CODES.values() if code.kind is CodeKind.RIDE]
    assert len(rides) == 12
    for ride in rides:
        assert ride.miles_code is not None
        miles = BILLING_CODES[ride.miles_code]
        assert (ride.kind, miles.kind) == (CodeKind.RIDE, CodeKind.MILEAGE)
        assert ride.ambulance == miles.ambulance
