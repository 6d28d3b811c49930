"""Who may be asked, who may not and why, and in what order."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from marketplace.foundation.geography import Position
from vendors.credentials.words import Finding
from vendors.network.rules import Price, PriceLine
from vendors.network.words import RateUnit
from vendors.offers.rules import Circle, Place, VendorFacts, Wanted, in_order, judge

HOSPITAL = Place("97227", Position(45.5440, -122.6703))
HOME = Place("97202", Position(45.4853, -122.6206))
RIDE = Wanted("ride", "wheelchair", (HOSPITAL, HOME))
DELIVERY = Wanted("equipment", None, (HOME,), (("E1390", 2),))


def cost(cents: int) -> Price:
    return Price((PriceLine("A0130", None, "Trip", RateUnit.TRIP, Decimal(1), cents, cents),))


VENDOR = VendorFacts(
    vendor_id=UUID(int=1),
    name="Harbor",
    accepting=True,
    service_lines=frozenset({"ride"}),
    levels=frozenset({"wheelchair"}),
    equipment_codes=frozenset(),
    base=Position(45.52, -122.68),
    postal_codes=frozenset({"97227", "97202"}),
    circles=(),
    findings=(),
    price=cost(5000),
)
SUPPLIER = replace(
    VENDOR, service_lines=frozenset({"equipment"}), equipment_codes=frozenset({"E1390"}), stock={"E1390": 2}
)


def test_a_fitting_vendor_is_eligible_with_its_price_and_distance() -> None:
    found = judge(RIDE, VENDOR)
    assert found.is_eligible
    assert found.quote is not None
    assert found.quote.cents == 5000
    assert 2500 < found.distance_meters < 3000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"service_lines": frozenset({"equipment"})}, "Does not do rides."),
        ({"levels": frozenset({"ambulatory"})}, "Has no wheelchair service."),
        ({"postal_codes": frozenset({"97227"})}, "Does not serve 97202."),
        ({"postal_codes": frozenset()}, "Does not serve 97227 and 97202."),
        ({"findings": (Finding("expired", "auto_liability", "Insurance ended."),)}, "Insurance ended."),
        ({"accepting": False}, "Takes no new work at the moment."),
        ({"free_share": 0.0}, "Has no capacity left on that day."),
        ({"price": None}, "Has no prices for this payer."),
        ({"price": Price((), ("A0130",))}, "Has no price for A0130."),
        ({"already_offered": True}, "Has an open offer for this booking."),
    ],
)
def test_the_first_reason_against_a_vendor_is_named_with_a_remedy(
    change: dict[str, Any], reason: str
) -> None:
    found = judge(RIDE, replace(VENDOR, **change))
    assert found.why_not == reason
    assert found.remedy


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"equipment_codes": frozenset({"E0143"})}, "Does not supply E1390."),
        ({"stock": {"E1390": 1}}, "Has no E1390 in stock."),
        ({}, ""),
    ],
)
def test_a_supplier_needs_the_item_and_enough_of_it(change: dict[str, Any], reason: str) -> None:
    assert judge(DELIVERY, replace(SUPPLIER, **change)).why_not == reason


def test_a_circle_serves_what_lies_inside_it() -> None:
    near = replace(VENDOR, postal_codes=frozenset(), circles=(Circle(HOSPITAL.position, 10_000),))
    assert judge(RIDE, near).is_eligible
    assert not judge(RIDE, replace(near, circles=(Circle(HOSPITAL.position, 5_000),))).is_eligible


def test_eligible_vendors_come_first_then_price_then_distance() -> None:
    far = Position(45.3, -122.68)
    crowd = [
        replace(VENDOR, vendor_id=UUID(int=2), name="Dear", price=cost(9000)),
        replace(VENDOR, vendor_id=UUID(int=3), name="Cheap far", base=far),
        replace(VENDOR, vendor_id=UUID(int=4), name="Cheap near"),
        replace(VENDOR, vendor_id=UUID(int=5), name="Closed", accepting=False, price=cost(1)),
    ]
    ordered = [found.name for found in in_order(judge(RIDE, vendor) for vendor in crowd)]
    assert ordered == ["Cheap near", "Cheap far", "Dear", "Closed"]


def test_nothing_a_vendor_pays_to_the_marketplace_is_known_where_vendors_are_ranked() -> None:
    names = {field.name for field in fields(VendorFacts)}
    assert not [name for name in names if "fee" in name or "commission" in name or "subscription" in name]


AGENCY = replace(
    VENDOR, service_lines=frozenset({"home_health"}), levels=frozenset(), disciplines=frozenset({"sn"})
)
OTHER_AGENCY = replace(AGENCY, vendor_id=UUID(int=2), name="Bayview", price=cost(100))
VISIT = Wanted("home_health", None, (HOME,), discipline="sn", chosen=(UUID(int=1), UUID(int=2)))


def test_an_agency_needs_the_discipline_and_the_patients_choice() -> None:
    assert judge(VISIT, AGENCY).is_eligible
    assert judge(replace(VISIT, discipline="pt"), AGENCY).why_not == "Has no physical therapy."
    assert judge(replace(VISIT, chosen=()), AGENCY).why_not == "Is not the patient's choice."


def test_the_patients_order_goes_before_the_price() -> None:
    found = in_order([judge(VISIT, OTHER_AGENCY), judge(VISIT, AGENCY)])

    assert [one.name for one in found] == ["Harbor", "Bayview"]
