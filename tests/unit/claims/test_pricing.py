"""Lines are priced from the agreed rates, exactly to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.claims.edits import scrub
from billing.claims.pricing import (
    ItemDelivered,
    RideDone,
    is_rented,
    item_lines,
    miles_of,
    ride_lines,
    total_of,
    visit_lines,
)
from billing.rates.rules import billed_miles
from billing.rates.words import MileageRounding
from marketplace.foundation.money import Money
from tests.unit.claims.claims_of_the_day import NURSE_QUARTER_HOUR, RATES, rate, ride_claim, with_lines
from vendors.network.rules import RIDE_CODES
from vendors.network.words import RateUnit

METERS = st.integers(min_value=1, max_value=1_000_000)


def test_a_wheelchair_ride_has_a_base_line_and_a_mileage_line() -> None:
    base, miles = ride_lines(RideDone("wheelchair", 18_395), RATES)  # 11.43 miles
    assert (base.hcpcs_code, base.units, base.charge) == ("A0130", Decimal(1), Money(35_00))
    assert (miles.hcpcs_code, miles.units, miles.charge) == ("S0209", Decimal("11.5"), Money(32_78))
    assert total_of((base, miles)) == Money(67_78)


def test_an_ambulance_ride_carries_origin_and_destination_on_every_line() -> None:
    lines = ride_lines(RideDone("bls", 6_437, None, "H", "N"), RATES)
    assert [(line.hcpcs_code, line.modifiers, line.place_of_service) for line in lines] == [
        ("A0428", ("HN",), "41"),
        ("A0425", ("HN",), "41"),
    ]


def test_waiting_and_attendants_are_lines_of_their_own() -> None:
    lines = ride_lines(RideDone("wheelchair", 3_000, waited_minutes=61, attendants=1), RATES)
    assert [(line.number, line.hcpcs_code, line.units) for line in lines[2:]] == [
        (3, "T2007", Decimal(3)),
        (4, "T2001", Decimal(1)),
    ]


def test_rent_is_priced_by_the_month_and_a_purchase_by_the_piece() -> None:
    rent, bought = item_lines((ItemDelivered("E1390", rental_month=1), ItemDelivered("E0143", 2)), RATES)
    assert (rent.modifiers, rent.charge, rent.place_of_service) == (("RR",), Money(145_00), "12")
    assert (bought.modifiers, bought.charge, bought.number) == (("NU",), Money(145_00), 2)


def test_the_delivery_charge_is_a_line_without_modifiers() -> None:
    lines = item_lines((ItemDelivered("E0143"),), (*RATES, rate("A9901", 45_00, RateUnit.TRIP)))
    assert [(line.hcpcs_code, line.modifiers, line.charge) for line in lines] == [
        ("E0143", ("NU",), Money(72_50)),
        ("A9901", (), Money(45_00)),
    ]


def test_what_the_rates_do_not_name_is_charged_at_zero_for_an_edit_to_find() -> None:
    (line,) = item_lines((ItemDelivered("E0163"),), RATES)
    assert (line.hcpcs_code, line.modifiers, line.charge) == ("E0163", ("NU",), Money(0))


def test_a_visit_is_priced_in_quarter_hours() -> None:
    (line,) = visit_lines("G0299", 47, NURSE_QUARTER_HOUR)
    assert (line.units, line.charge) == (Decimal(3), Money(114_00))


def test_oxygen_and_beds_are_rented_and_walkers_bought_unless_the_order_says_otherwise() -> None:
    codes = ("E1390", "E0260", "E0143", "A0130", "XXXXX")
    assert [is_rented(code) for code in codes] == [True, True, False, False, False]


@given(METERS, st.integers(min_value=1, max_value=10**6), st.sampled_from(sorted(RIDE_CODES)))
def test_every_charge_is_units_times_price_and_the_total_is_their_sum(
    meters: int, cents: int, level: str
) -> None:
    codes = RIDE_CODES[level]
    rates = (rate(codes.base, cents, RateUnit.TRIP), rate(codes.mile, cents, RateUnit.MILE))
    lines = ride_lines(RideDone(level, meters), rates)
    assert all(line.charge == line.unit_price.times(line.units) for line in lines)
    assert total_of(lines).cents == sum(line.charge.cents for line in lines)
    assert [line.number for line in lines] == [1, 2]


@given(METERS)
def test_miles_counted_from_metres_and_miles_counted_again_are_the_same(meters: int) -> None:
    _, line = ride_lines(RideDone("wheelchair", meters), RATES)
    assert line.loaded_miles == miles_of(meters)
    assert line.units == billed_miles(miles_of(meters), MileageRounding.MEDICARE)
    assert scrub(with_lines(ride_claim(), *ride_lines(RideDone("wheelchair", meters), RATES))) == ()
