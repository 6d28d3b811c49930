"""Good and bad documents made from marshmallow schemas: what the tests of hostile input send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from marketplace.web.fields import Cents, LocalMoment

TOO_LONG = "long " * 1000
HUGE = 10**30
MISSING_ID = "00000000-0000-7000-8000-00000000dead"
MOMENT = "2026-11-24T18:00:00+00:00"
WORDS = {
    "email": "new.person@example.org",
    "postal_code": "97214",
    "destination.postal_code": "97214",
    "state": "OR",
    "time_zone": "America/Los_Angeles",
    "hcpcs_code": "E1390",
    "phone": "503 555 0100",
    "receiver_name": "Elena Alvarez",
    "signature_typed": "Rosa Alvarez",
}
"""Texts for fields whose meaning a schema does not show."""
LATER = ("requested_end", "ends_at", "valid_to", "expires_on", "effective_to", "expires_at")


_PLAIN: tuple[tuple[Any, Any], ...] = (
    (fields.UUID, MISSING_ID),
    (fields.Boolean, True),
    (fields.Time, "06:00"),
    (fields.Integer | fields.Float | fields.Decimal | Cents, 1),
    (fields.Dict, {"key": "value"}),
)


@dataclass(frozen=True)
class Bad:
    """A document with one thing wrong: which field, and in which way."""

    field: str
    what: str
    document: Any


def good(schema: Schema, ids: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A document with every required field, ids by field name where they are given."""
    return {
        name: _value(name, field, ids or {})
        for name, field in schema.load_fields.items()
        if field.required
    }  # fmt: skip


def complete(schema: Schema, ids: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A document with every field the schema knows."""
    return {name: _value(name, field, ids or {}) for name, field in schema.load_fields.items()}


def bad_documents(schema: Schema, ids: Mapping[str, Any] | None = None) -> Iterator[Bad]:
    """The good document with each field, one after the other, wrong in every way that never can be right."""
    base = good(schema, ids)
    for name, field in schema.load_fields.items():
        if field.required:
            yield Bad(name, "missing", {key: value for key, value in base.items() if key != name})
        for what, value in wrong_values(field):
            yield Bad(name, what, {**base, name: value})
        if isinstance(field, fields.Nested):
            for inner in bad_documents(field.schema, ids):
                yield Bad(f"{name}.{inner.field}", inner.what, {**base, name: inner.document})
    yield Bad("surprise", "unknown field", {**base, "surprise": 1})


def wrong_values(field: fields.Field[Any]) -> Iterator[tuple[str, Any]]:
    """(in words, value) of values that this kind of field must refuse."""
    if not isinstance(field, fields.Nested | fields.Dict):
        yield "an object", {"a": {"b": 1}}
    if not isinstance(field, fields.List):
        yield "a list", [[[]]]
    if not field.allow_none and field.required:
        yield "null", None
    yield "NUL", "a\x00b"
    yield "half a surrogate pair", "a\ud800b"
    yield "too long", "long " * (1000 + _longest(field) // 5)
    if isinstance(field, fields.Integer | fields.Float | fields.Decimal | Cents):
        yield "huge", HUGE
        yield "hugely negative", -HUGE
        yield "text", "many"
        yield "a number beyond numbers", "NaN"
    if isinstance(field, LocalMoment):
        yield "year 1", "0001-01-01T00:00:00+00:00"
        yield "year 9999", "9999-12-31T23:59:59+00:00"
        yield "no zone", "2026-11-24T18:00:00"
        yield "no date", "tomorrow"
    if isinstance(field, fields.Date):
        yield "no date", "2026-13-45"
        yield "year 1", "0001-01-01"
        yield "year 9999", "9999-12-31"
    if isinstance(field, fields.UUID | fields.Enum):
        yield "not of the list", "certainly-not"
        yield "a number", HUGE
    if isinstance(field, fields.String):
        yield "a number", HUGE


def _longest(field: fields.Field[Any]) -> int:
    return max(
        (check.max or 0 for check in field.validators if isinstance(check, validate.Length)), default=0
    )


def _value(name: str, field: fields.Field[Any], ids: Mapping[str, Any]) -> Any:
    if name in ids:
        return ids[name]
    if isinstance(field, fields.Nested):
        return good(field.schema, ids)
    if isinstance(field, fields.List):
        return [_value(name.removesuffix("s"), field.inner, ids)]
    if isinstance(field, fields.Enum):
        return next(iter(field.enum)).value
    return next((value for kind, value in _PLAIN if isinstance(field, kind)), None) or _dated(name, field)


def _dated(name: str, field: fields.Field[Any]) -> str:
    if isinstance(field, LocalMoment):
        return MOMENT.replace("18:00", "19:00") if name in LATER else MOMENT
    if isinstance(field, fields.Date):
        return "2027-11-24" if name in LATER else "2026-11-24"
    return _text(name, field)


def _text(name: str, field: fields.Field[Any]) -> str:
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            return str(next(iter(check.choices)))
    if name in WORDS:
        return WORDS[name]
    lengths = [check for check in field.validators if isinstance(check, validate.Length)]
    least = max((check.min or 0 for check in lengths), default=0)
    most = min((check.max for check in lengths if check.max), default=20)
    return ("Word" * 10)[: max(least, min(most, 4))]
