"""Text that must never reach a view: NUL bytes and bytes that are not UTF-8, refused by field."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request

from marketplace.foundation.errors import MalformedRequest, TooLarge

NUL = "holds a NUL character; write plain text"
NOT_UTF8 = "is not valid UTF-8; send the text in UTF-8"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LARGEST_FORM_BYTES = 1024 * 1024
URLENCODED = "application/x-www-form-urlencoded"


def check() -> None:
    """Refuse an address, query or form holding text that cannot be stored; JSON is checked when parsed."""
    if "\x00" in request.path or REPLACEMENT in request.path:
        raise MalformedRequest("path", NUL if "\x00" in request.path else NOT_UTF8)
    _check_encoded(request.query_string)
    if request.mimetype == URLENCODED:
        if (request.content_length or 0) > LARGEST_FORM_BYTES:
            raise TooLarge("The form holds more than we accept.", remedy="Write less at a time.")
        _check_encoded(request.get_data(cache=True, parse_form_data=False))
    elif request.mimetype == "multipart/form-data":
        for name, value in request.form.items(multi=True):
            check_value(name, value)


def check_value(field: str, value: object) -> None:
    """Refuse NUL and undecodable characters anywhere inside a parsed value; the path to it is the field."""
    if isinstance(value, str):
        if "\x00" in value:
            raise MalformedRequest(field, NUL)
        if REPLACEMENT in value or not _encodes(value):
            raise MalformedRequest(field, NOT_UTF8)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_value(field or "body", key)
            check_value(f"{field}.{key}" if field else str(key), inner)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            check_value(f"{field}.{position}" if field else str(position), inner)


def _check_encoded(raw: bytes) -> None:
    for pair in raw.split(b"&"):
        name, _, value = pair.partition(b"=")
        field = unquote_to_bytes(name.replace(b"+", b" ")).decode("utf-8", "replace")
        for part in (name, value):
            text = unquote_to_bytes(part)
            if b"\x00" in text:
                raise MalformedRequest(field.replace("\x00", ""), NUL)
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                raise MalformedRequest(field, NOT_UTF8) from None


def _encodes(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
