"""Pricing: what a piece of work costs by the lines of a rate card, in whole cents, without a database.

Offers quote with these rules before a ride and claims are priced with them after it, from the same lines:
only the facts (planned or driven metres, minutes waited) differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from marketplace.foundation.money import Money
from vendors.network.words import MileRounding, RateLineValue, RateUnit

METERS_PER_MILE = Decimal("1609.344")
_TENTH, _WHOLE, _HUNDRED = Decimal("0.1"), Decimal(1), Decimal(100)

DELIVERY_CODE = "A9901"
"""Delivery, set-up and instruction of equipment."""
STAIRS_FOR_SECOND_PERSON = 4
"""From this many stairs on, a rider who does not walk alone is carried by two."""


@dataclass(frozen=True, slots=True)
class RideCodes:
    """The HCPCS codes under which a level of service is charged."""

    base: str
    mile: str
    wait: str
    attendant: str


_VAN = ("T2007", "T2001")
_AMBULANCE = ("A0420", "A0424")
OXYGEN_CODE = "A0422"

RIDE_CODES: dict[str, RideCodes] = {
    "ambulatory": RideCodes("T2003", "S0215", *_VAN),
    "ambulatory_assist": RideCodes("T2003", "S0215", *_VAN),
    "wheelchair": RideCodes("A0130", "S0209", *_VAN),
    "wheelchair_bariatric": RideCodes("A0130", "S0209", *_VAN),
    "stretcher": RideCodes("T2005", "T2049", *_VAN),
    "bls": RideCodes("A0428", "A0425", *_AMBULANCE),
    "als": RideCodes("A0426", "A0425", *_AMBULANCE),
    "sct": RideCodes("A0434", "A0425", *_AMBULANCE),
    "air_fixed": RideCodes("A0430", "A0435", *_AMBULANCE),
    "air_rotor": RideCodes("A0431", "A0436", *_AMBULANCE),
}
"""By level of service (HCPCS level II; ambulance bases are the non-emergency ones)."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Pieces of equipment: HCPCS code, NU (bought) or RR (rented), how many, and for how many months."""

    code: str
    modifier: str
    quantity: int
    months: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """What is priced: a ride of some level with its loaded metres and extras, a delivery, or a visit."""

    level_of_service: str | None = None
    loaded_meters: int = 0
    wait_minutes: int = 0
    attendants: int = 0
    oxygen: bool = False
    items: tuple[WorkItem, ...] = ()
    visit_code: str | None = None
    """HCPCS code of a home-health visit."""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One charge: `quantity` units at `unit_cents`, together `amount_cents` (rounded half up once)."""

    code: str
    modifier: str | None
    description: str
    unit: RateUnit
    quantity: Decimal
    unit_cents: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Price:
    """All charges for a piece of work; `missing` names codes the card has no price for."""

    lines: tuple[PriceLine, ...]
    missing: tuple[str, ...] = ()
    currency: str = "USD"

    @property
    def total(self) -> Money:
        """The sum of the lines."""
        return Money(sum(line.amount_cents for line in self.lines), self.currency)


def billable_miles(meters: int, rounding: MileRounding) -> Decimal:
    """Loaded metres as billable miles, always rounded up; no metres are no miles."""
    miles = Decimal(meters) / METERS_PER_MILE
    fine = rounding is MileRounding.TENTH_UP and miles < _HUNDRED
    return miles.quantize(_TENTH if fine else _WHOLE, rounding=ROUND_CEILING)


def attendants_needed(level_of_service: str | None, stairs_count: int) -> int:
    """How many people beside the driver a van ride needs; stretcher vans and ambulances bring two anyway."""
    carried = level_of_service in {"ambulatory_assist", "wheelchair", "wheelchair_bariatric"}
    return 1 if carried and stairs_count >= STAIRS_FOR_SECOND_PERSON else 0


def price(work: Work, lines: Sequence[RateLineValue], currency: str = "USD") -> Price:
    """The charges for `work` by these lines.

    A base trip, a piece of equipment, a visit without a line is missing; mileage, waiting, attendants,
    oxygen and delivery without a line are included in the base price.
    """
    if work.visit_code:
        charges = _visit_charges(work.visit_code, lines)
    else:
        charges = _ride_charges(work, lines) if work.level_of_service else _equipment_charges(work, lines)
    found = tuple(charge for charge in charges if isinstance(charge, PriceLine))
    missing = tuple(charge for charge in charges if isinstance(charge, str))
    return Price(found, missing, currency)


def _ride_charges(work: Work, lines: Sequence[RateLineValue]) -> list[PriceLine | str]:
    level = work.level_of_service or ""
    codes = RIDE_CODES[level]
    base = _line(lines, codes.base, {RateUnit.TRIP}, level=level)
    charges: list[PriceLine | str] = [_charge(base, Decimal(1)) if base else codes.base]
    mile = _line(lines, codes.mile, {RateUnit.MILE}, level=level)
    optional = [
        (mile, billable_miles(work.loaded_meters, mile.mile_rounding) if mile else Decimal(0)),
        (_line(lines, codes.wait, {RateUnit.HALF_HOUR}, level=level), _half_hours(work.wait_minutes)),
        (_line(lines, codes.attendant, {RateUnit.TRIP}, level=level), Decimal(work.attendants)),
        (_line(lines, OXYGEN_CODE, {RateUnit.TRIP}, level=level), Decimal(1 if work.oxygen else 0)),
    ]
    return charges + [_charge(line, quantity) for line, quantity in optional if line and quantity]


def _equipment_charges(work: Work, lines: Sequence[RateLineValue]) -> list[PriceLine | str]:
    charges: list[PriceLine | str] = []
    for item in work.items:
        rented = item.modifier == "RR"
        units = {RateUnit.MONTH} if rented else {RateUnit.ITEM}
        line = _line(lines, item.code, units, modifier=item.modifier)
        quantity = Decimal(item.quantity * (item.months if rented else 1))
        charges.append(_charge(line, quantity) if line else f"{item.code} {item.modifier}")
    delivery = _line(lines, DELIVERY_CODE, {RateUnit.TRIP})
    if delivery and work.items:
        charges.append(_charge(delivery, Decimal(1)))
    return charges


def _visit_charges(code: str, lines: Sequence[RateLineValue]) -> list[PriceLine | str]:
    line = _line(lines, code, {RateUnit.VISIT})
    return [_charge(line, Decimal(1)) if line else code]


def _half_hours(minutes: int) -> Decimal:
    return Decimal(-(-minutes // 30))


def _line(
    lines: Iterable[RateLineValue],
    code: str,
    units: set[RateUnit],
    *,
    modifier: str | None = None,
    level: str | None = None,
) -> RateLineValue | None:
    """The most particular line for a code: one for exactly this level goes before one for any level."""
    fitting = [
        line
        for line in lines
        if line.code == code
        and line.unit in units
        and line.modifier in {modifier, None}
        and line.level_of_service in {level, None}
    ]
    return max(
        fitting,
        key=lambda line: (line.level_of_service is not None, line.modifier is not None),
        default=None,
    )


def _charge(line: RateLineValue, quantity: Decimal) -> PriceLine:
    amount = Money(line.cents).times(quantity)
    return PriceLine(
        line.code, line.modifier, line.description, line.unit, quantity, line.cents, amount.cents
    )
