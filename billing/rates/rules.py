"""How payers count: miles, units of time, rental months and their modifiers."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from billing.rates.words import BILLING_CODES, MileageRounding, RentalRule

_TENTH, _HUNDREDTH, _WHOLE = Decimal("0.1"), Decimal("0.01"), Decimal(1)
CAPPED_RENTAL_MONTHS = 13
OXYGEN_PAID_MONTHS = 36


def billed_miles(loaded_miles: Decimal, rounding: MileageRounding) -> Decimal:
    """Loaded miles as this payer counts them.

    Medicare: 1.43 becomes 1.5, 99.91 becomes 100.0, 100.01 becomes 101 (CMS CR 7065). Raises ValueError for
    miles that are not positive.
    """
    if loaded_miles <= 0:
        raise ValueError("loaded miles are positive")
    if rounding is MileageRounding.HUNDREDTHS:
        return loaded_miles.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
    if rounding is MileageRounding.WHOLE_UP:
        return loaded_miles.quantize(_WHOLE, rounding=ROUND_CEILING)
    if rounding is MileageRounding.WHOLE_NEAREST:
        return max(_WHOLE, loaded_miles.quantize(_WHOLE, rounding=ROUND_HALF_UP))
    step = _TENTH if loaded_miles < 100 else _WHOLE
    return loaded_miles.quantize(step, rounding=ROUND_CEILING)


def quarter_hours(minutes: int) -> int:
    """Units of 15 minutes: the nearest number, half a unit up, at least one for a visit that took place."""
    if minutes <= 0:
        raise ValueError("a visit takes time")
    return max(1, (minutes + 7) // 15)


def equipment_modifiers(code: str, *, rented: bool, rental_month: int) -> tuple[str, ...]:
    """The modifiers of an equipment line.

    Bought: NU. Rented: RR, and for capped rental KH in month 1, KI in months 2-3, KJ from month 4 on (the
    descriptor of KJ is wider than its use). Raises LookupError for a code the product does not know.
    """
    rule = BILLING_CODES[code].rental
    if not rented:
        return ("NU",)
    if rule is not RentalRule.CAPPED:
        return ("RR",)
    if rental_month == 1:
        return ("RR", "KH")
    return ("RR", "KI") if rental_month <= 3 else ("RR", "KJ")


def paid_rental_months(code: str) -> int | None:
    """How many months of rent are paid for this item; None where the product knows no limit."""
    rule = BILLING_CODES[code].rental
    return {RentalRule.CAPPED: CAPPED_RENTAL_MONTHS, RentalRule.OXYGEN: OXYGEN_PAID_MONTHS}.get(rule)
