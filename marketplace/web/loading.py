"""One marshmallow schema reads JSON and HTML forms alike; what is wrong comes back per field, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from marketplace.foundation.errors import FieldError
from marketplace.web.fields import LONGEST_TEXT, READING_FORM, Text
from marketplace.web.text_hygiene import check_value

WORDS = {
    "Missing data for required field.": "Fill this in.",
    "Field may not be null.": "Fill this in.",
    "Not a valid string.": "Write text.",
    "Not a valid integer.": "Write a whole number.",
    "Not a valid number.": "Write a number.",
    "Not a valid boolean.": "Answer yes or no.",
    "Not a valid date.": "Write a date, like 2026-03-02.",
    "Not a valid time.": "Write a time, like 15:00.",
    "Not a valid datetime.": "Write a date and time, like 2026-03-02T15:00.",
    "Not a valid UUID.": "Choose one of the list.",
    "Not a valid email address.": "Write an e-mail address, like name@example.org.",
    "Not a valid URL.": "Write a web address that starts with https://.",
    "Not a valid list.": "Send a list.",
    "Invalid input type.": "Send an object with named fields.",
    "Unknown field.": "This field is not known here.",
}
"""Marshmallow's own messages in the product's voice: each says what would be right."""

Loaded = tuple[dict[str, Any], list[FieldError]]


def load_json(schema: Schema, document: Any) -> Loaded:
    """Read a JSON document: unknown fields, NUL bytes and over-long texts are refused by name."""
    check_value("", document)
    return _load(schema, document, "raise")


def load_form(schema: Schema, submitted: MultiDict[str, Any]) -> Loaded:
    """Read a submitted HTML form: blanks are absent, dotted names are nested, other fields are ignored."""
    token = READING_FORM.set(True)
    try:
        return _load(schema, _unflatten(schema, submitted), "exclude")
    finally:
        READING_FORM.reset(token)


def _load(schema: Schema, document: Any, unknown: Literal["raise", "exclude"]) -> Loaded:
    too_long = list(_too_long(document, schema))
    if too_long:
        return {}, too_long
    try:
        return schema.load(document, unknown=unknown), []
    except ValidationError as refused:
        return {}, list(field_errors(_by_field(refused.messages)))
    except OverflowError:
        return {}, [FieldError("request", "A number is too large.")]


def field_errors(messages: Mapping[Any, Any], prefix: str = "") -> Iterable[FieldError]:
    """Marshmallow's nested messages as flat field errors with dotted names."""
    for name, found in messages.items():
        path = prefix if name == "_schema" else f"{prefix}.{name}" if prefix else str(name)
        if isinstance(found, Mapping):
            yield from field_errors(found, path)
        else:
            text = " ".join(WORDS.get(str(message), str(message)) for message in found)
            yield FieldError(path or "request", text)


def _by_field(messages: str | list[Any] | dict[Any, Any]) -> dict[Any, Any]:
    if isinstance(messages, dict):
        return messages
    return {"_schema": messages if isinstance(messages, list) else [messages]}


def _unflatten(schema: Schema, submitted: MultiDict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name in submitted:
        field = schema.fields.get(name)
        values = [value for value in submitted.getlist(name) if value != ""]
        if "." in name and field is None:
            if values:
                _place(document, name.split("."), values[-1])
        elif isinstance(field, fields.List):
            document[name] = values
        elif values:
            document[name] = values[-1]
        elif field is not None and field.allow_none and field.load_default is not None:
            document[name] = None
    return {name: _numbered_to_lists(value) for name, value in document.items()}


def _place(document: dict[str, Any], path: list[str], value: Any) -> None:
    inner: dict[str, Any] = document
    for part in path[:-1]:
        found = inner.setdefault(part, {})
        if not isinstance(found, dict):
            return
        inner = found
    inner[path[-1]] = value


def _numbered_to_lists(found: Any) -> Any:
    """{"0": a, "2": b} becomes [a, b]: rows of a form that were left out leave no hole."""
    if not isinstance(found, dict):
        return found
    inner = {key: _numbered_to_lists(value) for key, value in found.items()}
    if inner and all(isinstance(key, str) and key.isdecimal() and len(key) < 4 for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def _too_long(found: Any, schema: Schema | None, path: str = "") -> Iterable[FieldError]:
    if isinstance(found, Mapping):
        for key, value in found.items():
            field = schema.fields.get(str(key)) if schema else None
            inner = field.schema if isinstance(field, fields.Nested) else None
            if not (isinstance(field, Text) and field.longest > LONGEST_TEXT):
                yield from _too_long(value, inner, f"{path}.{key}" if path else str(key))
    elif isinstance(found, list):
        for position, value in enumerate(found):
            yield from _too_long(value, schema, f"{path}.{position}")
    elif isinstance(found, str) and len(found) > LONGEST_TEXT:
        yield FieldError(path, f"Write at most {LONGEST_TEXT:,} characters.", "too-long")
