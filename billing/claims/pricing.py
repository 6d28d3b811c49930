"""From a finished service and the vendor's contracted prices to priced claim lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.claims.values import Line
from billing.rates.rules import billed_miles, equipment_modifiers, quarter_hours
from billing.rates.words import BILLING_CODES, RIDE_CODES, CodeKind, MileageRounding, RentalRule
from marketplace.foundation.money import Money


@dataclass(frozen=True, slots=True)
class RideDone:
    """A finished ride as pricing needs it; miles are loaded miles."""

    level_of_service: str
    loaded_miles: Decimal
    route_miles: Decimal | None = None
    origin_letter: str = "H"
    destination_letter: str = "R"
    waiting_half_hours: int = 0
    attendants: int = 0


@dataclass(frozen=True, slots=True)
class ItemDelivered:
    """A delivered item; `rental_month` counts from 1 and is None for a purchase."""

    hcpcs_code: str
    quantity: int = 1
    rental_month: int | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """What a vendor's rate card says for one payer: money per unit of each code.

    `rents` holds monthly rents, `amounts` everything else. A code without a price is charged at zero,
    which an edit then finds: pricing never refuses, so that work that was done always has a claim.
    """

    amounts: Mapping[str, Money]
    rents: Mapping[str, Money]

    def of(self, code: str) -> Money:
        """The price of one unit of a code."""
        return self.amounts.get(code, Money(0))

    def rent(self, code: str) -> Money:
        """One month's rent of an item."""
        return self.rents.get(code, Money(0))


def price_ride(ride: RideDone, prices: Prices, rounding: MileageRounding) -> tuple[Line, ...]:
    """Base, mileage, waiting and attendant lines of one ride, numbered from 1.

    Raises LookupError for a level of service without a billing code.
    """
    base = BILLING_CODES[RIDE_CODES[ride.level_of_service]]
    place = "41" if base.ambulance else "99"
    pair = (ride.origin_letter + ride.destination_letter,) if base.ambulance else ()
    lines = [_line(1, base.code, pair, Decimal(1), prices.of(base.code), place)]
    if base.miles_code is not None and ride.loaded_miles > 0:
        units = billed_miles(ride.loaded_miles, rounding)
        lines.append(
            _line(
                2,
                base.miles_code,
                pair,
                units,
                prices.of(base.miles_code),
                place,
                ride.loaded_miles,
                ride.route_miles,
            )
        )
    for code, count in (("T2007", ride.waiting_half_hours), ("T2001", ride.attendants)):
        if count > 0:
            lines.append(_line(len(lines) + 1, code, (), Decimal(count), prices.of(code), place))
    return tuple(lines)


def price_items(items: Sequence[ItemDelivered], prices: Prices) -> tuple[Line, ...]:
    """One line for each delivered item: bought (NU) or the rent of one month (RR)."""
    lines = []
    for number, item in enumerate(items, start=1):
        rented = item.rental_month is not None
        known = item.hcpcs_code in BILLING_CODES
        marks = (
            equipment_modifiers(item.hcpcs_code, rented=rented, rental_month=item.rental_month or 1)
            if known
            else ()
        )
        price = prices.rent(item.hcpcs_code) if rented else prices.of(item.hcpcs_code)
        line = _line(
            number, item.hcpcs_code, marks, Decimal(item.quantity), price, "12", month=item.rental_month
        )
        lines.append(line)
    return tuple(lines)


def price_visit(code: str, minutes: int, prices: Prices) -> tuple[Line, ...]:
    """The one line of a visit, in quarter hours."""
    return (_line(1, code, (), Decimal(quarter_hours(minutes)), prices.of(code), "12"),)


def is_rented(code: str) -> bool:
    """Whether an item is rented rather than bought when the order does not say."""
    known = BILLING_CODES.get(code)
    return (
        known is not None
        and known.kind is CodeKind.EQUIPMENT
        and known.rental
        in {
            RentalRule.CAPPED,
            RentalRule.OXYGEN,
        }
    )


def total_of(lines: Sequence[Line]) -> Money:
    """The sum of the lines' charges."""
    return sum((line.charge for line in lines), Money(0))


def _line(
    number: int,
    code: str,
    modifiers: tuple[str, ...],
    units: Decimal,
    price: Money,
    place: str,
    loaded_miles: Decimal | None = None,
    route_miles: Decimal | None = None,
    month: int | None = None,
) -> Line:
    """A line whose charge is units times price."""
    return Line(
        number=number,
        hcpcs_code=code,
        modifiers=modifiers,
        units=units,
        unit_price=price,
        charge=price.times(units),
        place_of_service=place,
        loaded_miles=loaded_miles,
        route_miles=route_miles,
        rental_month=month,
    )
