"""From a finished service and the agreed rates to claim lines; prices come from the vendors' floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from billing.claims.values import Line
from billing.rates.rules import equipment_modifiers, quarter_hours
from billing.rates.words import AIR_PLACE, BILLING_CODES, CodeKind, MileageRounding, RentalRule
from marketplace.foundation.money import Money
from vendors.network.rules import METERS_PER_MILE, Price, Work, WorkItem, price
from vendors.network.words import MileRounding, RateLineValue

_FINE = Decimal("0.0001")
_FLOWN = frozenset({"air_fixed", "air_rotor"})
ROUNDING_OF_CARD = {
    MileRounding.TENTH_UP: MileageRounding.MEDICARE,
    MileRounding.WHOLE_UP: MileageRounding.WHOLE_UP,
}
"""How the rate card agreed with a payer counts miles, in the words of claims."""


@dataclass(frozen=True, slots=True)
class RideDone:
    """A finished ride as pricing needs it: loaded metres as driven, route metres as estimated."""

    level_of_service: str
    loaded_meters: int
    route_meters: int | None = None
    origin_letter: str = "H"
    destination_letter: str = "R"
    waited_minutes: int = 0
    attendants: int = 0
    oxygen: bool = False


@dataclass(frozen=True, slots=True)
class ItemDelivered:
    """A delivered item; `rental_month` counts from 1 and is None for a purchase."""

    hcpcs_code: str
    quantity: int = 1
    rental_month: int | None = None


def ride_lines(ride: RideDone, rates: Sequence[RateLineValue]) -> tuple[Line, ...]:
    """The lines of one ride, numbered from 1; a code without a rate is charged at zero for an edit to find.

    Ambulance lines carry origin and destination as their first modifier. Raises LookupError for a level of
    service that has no billing code.
    """
    work = Work(
        level_of_service=ride.level_of_service,
        loaded_meters=ride.loaded_meters,
        wait_minutes=ride.waited_minutes,
        attendants=ride.attendants,
        oxygen=ride.oxygen,
    )
    charges = _charges(price(work, rates))
    ambulance = any(_is_ambulance(code) for code, *_ in charges)
    pair = (ride.origin_letter + ride.destination_letter,) if ambulance else ()
    place = AIR_PLACE if ride.level_of_service in _FLOWN else "41" if ambulance else "99"
    lines = []
    for number, (code, _, units, unit_price) in enumerate(charges, start=1):
        miles = _kind(code) is CodeKind.MILEAGE
        lines.append(
            _line(
                number,
                code,
                pair,
                units,
                unit_price,
                place,
                loaded_miles=miles_of(ride.loaded_meters) if miles else None,
                route_miles=miles_of(ride.route_meters) if miles and ride.route_meters else None,
            )
        )
    return tuple(lines)


def item_lines(items: Sequence[ItemDelivered], rates: Sequence[RateLineValue]) -> tuple[Line, ...]:
    """One line for each delivered item, bought (NU) or one month's rent (RR), and the delivery itself."""
    work = Work(
        items=tuple(
            WorkItem(item.hcpcs_code, "NU" if item.rental_month is None else "RR", item.quantity)
            for item in items
        )
    )
    months = {
        (item.hcpcs_code, "NU" if item.rental_month is None else "RR"): item.rental_month for item in items
    }
    lines = []
    for number, (code, modifier, units, unit_price) in enumerate(_charges(price(work, rates)), start=1):
        month = months.get((code, modifier or ""))
        marks = _equipment_marks(code, modifier, month)
        lines.append(_line(number, code, marks, units, unit_price, "12", rental_month=month))
    return tuple(lines)


def visit_lines(code: str, minutes: int, unit_price: Money) -> tuple[Line, ...]:
    """The one line of a visit, in quarter hours."""
    return (_line(1, code, (), Decimal(quarter_hours(minutes)), unit_price, "12"),)


def contracted_visit_lines(code: str, rates: Sequence[RateLineValue]) -> tuple[Line, ...]:
    """The one line of a visit at the contracted price per visit; without a rate it is charged at zero."""
    charges = _charges(price(Work(visit_code=code), rates))
    return tuple(
        _line(number, found, (), units, unit_price, "12")
        for number, (found, _, units, unit_price) in enumerate(charges, start=1)
    )


def is_rented(code: str) -> bool:
    """Whether an item is rented rather than bought when the order does not say."""
    known = BILLING_CODES.get(code)
    return known is not None and known.rental in {RentalRule.CAPPED, RentalRule.OXYGEN}


def total_of(lines: Sequence[Line]) -> Money:
    """The sum of the lines' charges."""
    return sum((line.charge for line in lines), Money(0))


def miles_of(meters: int) -> Decimal:
    """Metres as miles to four decimals, rounded up: counting them again gives what counting metres gave."""
    return (Decimal(meters) / METERS_PER_MILE).quantize(_FINE, rounding=ROUND_CEILING)


def _charges(priced: Price) -> list[tuple[str, str | None, Decimal, Money]]:
    """Code, modifier, units and unit price of every charge; what the rates do not name comes at zero."""
    found = [
        (line.code, line.modifier, line.quantity, Money(line.unit_cents, priced.currency))
        for line in priced.lines
    ]
    for name in priced.missing:
        code, _, modifier = name.partition(" ")
        found.append((code, modifier or None, Decimal(1), Money(0, priced.currency)))
    return found


def _equipment_marks(code: str, modifier: str | None, month: int | None) -> tuple[str, ...]:
    """The modifiers of an item's line; the delivery charge has none."""
    if _kind(code) is CodeKind.EQUIPMENT:
        return equipment_modifiers(code, rented=month is not None, rental_month=month or 1)
    return (modifier,) if modifier else ()


def _kind(code: str) -> CodeKind | None:
    known = BILLING_CODES.get(code)
    return known.kind if known else None


def _is_ambulance(code: str) -> bool:
    known = BILLING_CODES.get(code)
    return known is not None and known.ambulance


def _line(
    number: int,
    code: str,
    modifiers: tuple[str, ...],
    units: Decimal,
    unit_price: Money,
    place: str,
    *,
    loaded_miles: Decimal | None = None,
    route_miles: Decimal | None = None,
    rental_month: int | None = None,
) -> Line:
    """A line whose charge is units times price."""
    return Line(
        number=number,
        hcpcs_code=code,
        modifiers=modifiers,
        units=units,
        unit_price=unit_price,
        charge=unit_price.times(units),
        place_of_service=place,
        loaded_miles=loaded_miles,
        route_miles=route_miles,
        rental_month=rental_month,
    )
