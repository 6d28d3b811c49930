"""What work costs by the lines of a rate card."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.foundation.money import Money
from vendors.network.rules import (
    RIDE_CODES,
    Work,
    WorkItem,
    attendants_needed,
    billable_miles,
    price,
)
from vendors.network.words import MileRounding, RateLineValue, RateUnit


def line(
    code: str, unit: RateUnit, cents: int, modifier: str | None = None, level: str | None = None
) -> RateLineValue:
    return RateLineValue(code, code, unit, cents, modifier, level)


WHEELCHAIR = [
    line("A0130", RateUnit.TRIP, 4200),
    line("S0209", RateUnit.MILE, 285),
    line("T2007", RateUnit.HALF_HOUR, 1130),
    line("T2001", RateUnit.TRIP, 1800),
    line("A0422", RateUnit.TRIP, 1000),
]


def test_a_wheelchair_ride_is_base_miles_waiting_second_person_and_oxygen() -> None:
    work = Work("wheelchair", loaded_meters=16_093, wait_minutes=31, attendants=1, oxygen=True)
    found = price(work, WHEELCHAIR)
    assert [(charge.code, charge.quantity, charge.amount_cents) for charge in found.lines] == [
        ("A0130", Decimal(1), 4200),
        ("S0209", Decimal("10.0"), 2850),
        ("T2007", Decimal(2), 2260),
        ("T2001", Decimal(1), 1800),
        ("A0422", Decimal(1), 1000),
    ]
    assert found.total == Money(12_110)
    assert found.missing == ()


@pytest.mark.parametrize(
    ("miles", "rounding", "billed"),
    [
        ("1.43", MileRounding.TENTH_UP, "1.5"),
        ("0.9", MileRounding.TENTH_UP, "0.9"),
        ("99.95", MileRounding.TENTH_UP, "100.0"),
        ("100.01", MileRounding.TENTH_UP, "101"),
        ("1.43", MileRounding.WHOLE_UP, "2"),
        ("0", MileRounding.TENTH_UP, "0.0"),
    ],
)
def test_miles_are_rounded_up_as_the_payer_wants_them(
    miles: str, rounding: MileRounding, billed: str
) -> None:
    meters = int(Decimal(miles) * Decimal("1609.344"))
    assert billable_miles(meters, rounding) == Decimal(billed)


def test_a_line_for_the_level_goes_before_one_for_all_levels() -> None:
    lines = [*WHEELCHAIR, line("A0130", RateUnit.TRIP, 6800, level="wheelchair_bariatric")]
    assert price(Work("wheelchair_bariatric"), lines).total == Money(6800)
    assert price(Work("wheelchair"), lines).total == Money(4200)


def test_a_base_trip_without_a_price_is_missing_and_extras_without_one_are_included() -> None:
    found = price(Work("stretcher", loaded_meters=5000, oxygen=True), WHEELCHAIR[:2])
    assert found.missing == ("T2005",)
    only_base = price(Work("wheelchair", loaded_meters=5000, wait_minutes=90, oxygen=True), WHEELCHAIR[:1])
    assert only_base.total == Money(4200)


def test_equipment_is_bought_each_or_rented_by_the_month_and_delivered_once() -> None:
    lines = [
        line("E0143", RateUnit.ITEM, 9750, "NU"),
        line("E1390", RateUnit.MONTH, 14_200, "RR"),
        line("A9901", RateUnit.TRIP, 2500),
    ]
    items = (WorkItem("E0143", "NU", 2), WorkItem("E1390", "RR", 1, months=3))
    found = price(Work(items=items), lines)
    assert found.total == Money(2 * 9750 + 3 * 14_200 + 2500)
    assert price(Work(items=(WorkItem("E0143", "RR", 1),)), lines).missing == ("E0143 RR",)


@pytest.mark.parametrize(
    ("level", "stairs", "people"),
    [("wheelchair", 4, 1), ("wheelchair", 3, 0), ("ambulatory", 20, 0), ("stretcher", 20, 0), (None, 20, 0)],
)
def test_stairs_need_a_second_person_when_the_rider_is_carried(
    level: str | None, stairs: int, people: int
) -> None:
    assert attendants_needed(level, stairs) == people


@given(
    meters=st.integers(0, 500_000),
    more=st.integers(0, 50_000),
    minutes=st.integers(0, 600),
    cents=st.integers(0, 100_000),
)
def test_a_longer_ride_never_costs_less_and_the_total_is_the_sum(
    meters: int, more: int, minutes: int, cents: int
) -> None:
    lines = [line("A0130", RateUnit.TRIP, cents), *WHEELCHAIR[1:]]
    short = price(Work("wheelchair", loaded_meters=meters, wait_minutes=minutes), lines)
    longer = price(Work("wheelchair", loaded_meters=meters + more, wait_minutes=minutes), lines)
    assert short.total <= longer.total
    assert short.total.cents == sum(charge.amount_cents for charge in short.lines)
    assert all(charge.amount_cents >= 0 for charge in short.lines)


@given(st.integers(0, 2_000_000), st.sampled_from(MileRounding))
def test_billable_miles_never_fall_short_of_the_way_and_exceed_it_by_less_than_a_mile(
    meters: int, rounding: MileRounding
) -> None:
    exact = Decimal(meters) / Decimal("1609.344")
    billed = billable_miles(meters, rounding)
    assert exact <= billed < exact + 1


def test_every_level_of_service_has_codes() -> None:
    from marketplace.bookings.words import LevelOfService

    assert set(RIDE_CODES) == {str(level) for level in LevelOfService}


def test_a_visit_costs_the_same_however_long_it_takes_and_is_missing_without_a_rate() -> None:
    visit = Work(visit_code="T1030")

    assert price(visit, [line("T1030", RateUnit.VISIT, 16_500)]).total == Money(16_500)
    assert price(visit, WHEELCHAIR).missing == ("T1030",)
