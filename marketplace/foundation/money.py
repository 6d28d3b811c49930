"""Money is integer cents with a currency; Decimal appears only at the edges, float never."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from marketplace.foundation.errors import InvalidInput


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount in minor units (cents) of one currency (ISO 4217, upper case)."""

    cents: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if isinstance(self.cents, bool) or not isinstance(self.cents, int):
            raise TypeError(f"cents must be an int, not {type(self.cents).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._same(other).cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._same(other).cents, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        whole, rest = divmod(abs(self.cents), 100)
        return f"{sign}{'$' if self.currency == 'USD' else self.currency + ' '}{whole:,}.{rest:02d}"

    def times(self, factor: Decimal | int) -> Money:
        """The amount times an exact factor, rounded half up to a cent."""
        cents = (Decimal(self.cents) * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return Money(int(cents), self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} with {other.currency}")
        return other


def parse_money(field: str, text: str, currency: str = "USD") -> Money:
    """Money from what a person typed ("1,234.50", "$12"); names `field` when it is none."""
    cleaned = text.strip().removeprefix("$").replace(",", "")
    try:
        amount = Decimal(cleaned) * 100
    except InvalidOperation:
        raise InvalidInput(field, "write an amount like 12.50") from None
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 10**13:
        raise InvalidInput(field, "write an amount with at most two decimals, like 12.50")
    return Money(int(amount), currency)
