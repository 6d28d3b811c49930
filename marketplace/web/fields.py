"""Marshmallow fields for what forms and JSON share: local moments, cents, references, trimmed text."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from marketplace.web import current

LONGEST_TEXT = 4000
READING_FORM: ContextVar[bool] = ContextVar("reading_form", default=False)
"""Whether the values at hand come from an HTML form, where everything is text a person typed."""


class Text(fields.String):
    """Text without surrounding blanks, `shortest` to `longest` (4,000) characters long."""

    def __init__(self, *, longest: int = LONGEST_TEXT, shortest: int = 0, **options: Any) -> None:
        self.longest = longest
        limits = [validate.Length(max=longest, error=f"Write at most {longest:,} characters.")]
        if shortest:
            few = "Fill this in." if shortest == 1 else f"Write at least {shortest} characters."
            limits.append(validate.Length(min=shortest, error=few))
        super().__init__(validate=[*limits, *_as_list(options.pop("validate", None))], **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class LocalMoment(fields.Field[datetime]):
    """A moment as aware UTC: from a form local time in the request's zone, from JSON ISO 8601 with an offset.

    A local time that a clock change skips is refused; of one that occurs twice the first is meant.
    """

    default_error_messages = {  # noqa: RUF012 - marshmallow merges these by class
        "invalid": "Write a date and time, like 2026-03-02T15:00.",
        "skipped": "The clocks are put forward then; this time does not exist. Choose another one.",
        "zone": "Write the moment with its offset, like 2026-03-02T15:00:00-06:00.",
        "range": "Write a date between the years 1900 and 2100.",
    }

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat()

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        try:
            moment = datetime.fromisoformat(value.strip())
        except (ValueError, AttributeError):
            raise self.make_error("invalid") from None
        if not 1900 <= moment.year <= 2100:
            raise self.make_error("range")
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if not READING_FORM.get():
            raise self.make_error("zone")
        return self._in_zone(moment)

    def _in_zone(self, moment: datetime) -> datetime:
        aware = moment.replace(tzinfo=current.zone())
        found = aware.astimezone(UTC)
        if abs(found.astimezone(current.zone()).replace(tzinfo=None) - moment) > timedelta(0):
            raise self.make_error("skipped")
        return found


class Day(fields.Date):
    """A calendar day between the years 1900 and 2100, like 2026-03-02."""

    default_error_messages = {  # noqa: RUF012 - marshmallow merges these by class
        "range": "Write a date between the years 1900 and 2100.",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> date:
        found: date = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= found.year <= 2100:
            raise self.make_error("range")
        return found


class Cents(fields.Field[int]):
    """Money as whole cents: from a form "1,234.50", from JSON an integer of cents. Never a float."""

    default_error_messages = {  # noqa: RUF012 - marshmallow merges these by class
        "invalid": "Write an amount like 1234.50.",
        "negative": "Write an amount of zero or more.",
        "integer": "Send whole cents as an integer, like 123450.",
        "large": "Write an amount below 100,000,000.",
    }

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> int | None:
        return value

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        cents = self._from_text(value) if READING_FORM.get() and isinstance(value, str) else value
        if isinstance(cents, bool) or not isinstance(cents, int):
            raise self.make_error("integer")
        if cents < 0:
            raise self.make_error("negative")
        if cents >= 10_000_000_000:
            raise self.make_error("large")
        return cents

    def _from_text(self, text: str) -> int:
        try:
            amount = Decimal(text.replace(",", "").replace("$", "").strip()) * 100
        except ArithmeticError:  # no number, or one with an exponent beyond all amounts
            raise self.make_error("invalid") from None
        if not amount.is_finite() or (abs(amount) < 10**12 and amount != amount.to_integral_value()):
            raise self.make_error("invalid")
        if amount >= 10**12:
            raise self.make_error("large")
        return int(amount)


def _as_list(found: Any) -> list[Any]:
    if found is None:
        return []
    return list(found) if isinstance(found, list | tuple) else [found]


__all__ = ["Cents", "Day", "LocalMoment", "Text", "ValidationError"]
