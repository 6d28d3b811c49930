"""Lines are priced from the rate card, exactly to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.claims.pricing import (
    ItemDelivered,
    Prices,
    RideDone,
    is_rented,
    price_items,
    price_ride,
    price_visit,
    total_of,
)
from billing.rates.words import RIDE_CODES, MileageRounding
from marketplace.foundation.money import Money
from tests.unit.claims.claims_of_the_day import PRICES


def test_a_wheelchair_ride_has_a_base_line_and_a_mileage_line() -> None:
    base, miles = price_ride(RideDone("wheelchair", Decimal("11.43")), PRICES, MileageRounding.MEDICARE)
    assert (base.hcpcs_code, base.units, base.charge) == ("A0130", Decimal(1), Money(35_00))
    assert (miles.hcpcs_code, miles.units, miles.charge) == ("S0209", Decimal("11.5"), Money(32_78))
    assert total_of((base, miles)) == Money(67_78)


def test_an_ambulance_ride_carries_origin_and_destination_on_every_line() -> None:
    lines = price_ride(RideDone("bls", Decimal(4), None, "H", "N"), PRICES, MileageRounding.MEDICARE)
    assert [(line.hcpcs_code, line.modifiers, line.place_of_service) for line in lines] == [
        ("A0428", ("HN",), "41"),
        ("A0425", ("HN",), "41"),
    ]


def test_waiting_and_attendants_are_lines_of_their_own() -> None:
    ride = RideDone("wheelchair", Decimal(2), waiting_half_hours=3, attendants=1)
    lines = price_ride(ride, PRICES, MileageRounding.WHOLE_UP)
    assert [(line.number, line.hcpcs_code, line.units) for line in lines[2:]] == [
        (3, "T2007", Decimal(3)),
        (4, "T2001", Decimal(1)),
    ]


def test_rent_is_priced_by_the_month_and_a_purchase_by_the_piece() -> None:
    rent, bought = price_items((ItemDelivered("E1390", rental_month=1), ItemDelivered("E0143", 2)), PRICES)
    assert (rent.modifiers, rent.charge, rent.place_of_service) == (("RR",), Money(145_00), "12")
    assert (bought.modifiers, bought.charge, bought.number) == (("NU",), Money(145_00), 2)


def test_what_the_rate_card_does_not_name_is_charged_at_zero_for_an_edit_to_find() -> None:
    (line,) = price_items((ItemDelivered("E0163"),), PRICES)
    assert line.charge == Money(0)


def test_a_visit_is_priced_in_quarter_hours() -> None:
    (line,) = price_visit("G0299", 47, PRICES)
    assert (line.units, line.charge) == (Decimal(3), Money(114_00))


def test_oxygen_and_beds_are_rented_and_walkers_bought_unless_the_order_says_otherwise() -> None:
    assert [is_rented(code) for code in ("E1390", "E0260", "E0143", "A0130", "XXXXX")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@given(
    st.sampled_from(sorted(RIDE_CODES)),
    st.decimals(min_value="0.01", max_value="500", places=2),
    st.integers(min_value=1, max_value=10**6),
    st.integers(min_value=1, max_value=10**5),
    st.sampled_from(MileageRounding),
)
def test_every_charge_is_units_times_price_and_the_total_is_their_sum(
    level: str, miles: Decimal, base_cents: int, mile_cents: int, rounding: MileageRounding
) -> None:
    amounts = {code: Money(base_cents) for code in RIDE_CODES.values()}
    amounts |= {code: Money(mile_cents) for code in ("S0209", "S0215", "T2049", "A0425")}
    lines = price_ride(RideDone(level, miles), Prices(amounts, {}), rounding)
    assert all(line.charge == line.unit_price.times(line.units) for line in lines)
    assert total_of(lines).cents == sum(line.charge.cents for line in lines)
    assert [line.number for line in lines] == [1, 2]
