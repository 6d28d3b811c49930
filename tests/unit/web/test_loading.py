"""One schema reads HTML forms and JSON alike."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from marketplace.foundation.errors import FieldError, MalformedRequest
from marketplace.web.fields import Cents, LocalMoment, Text
from marketplace.web.loading import load_form, load_json


class Line(Schema):
    """A line of a thing."""

    code = fields.String(required=True)


class Thing(Schema):
    """A thing with everything a form can hold."""

    name = Text(required=True, shortest=1, longest=10)
    due_at = LocalMoment()
    price = Cents()
    note = Text(longest=6000)
    agreed = fields.Boolean(load_default=False)
    tags = fields.List(fields.String())
    lines = fields.List(fields.Nested(Line))
    place = fields.Nested(Line)


def form(*pairs: tuple[str, str]) -> tuple[dict[str, object], list[FieldError]]:
    with Flask(__name__).app_context():
        g.zone = ZoneInfo("America/Chicago")
        return load_form(Thing(), MultiDict(pairs))


def test_a_form_becomes_values() -> None:
    data, errors = form(
        ("name", " Ada "), ("due_at", "2026-07-01T09:30"), ("price", "1,234.50"), ("agreed", "true"),
        ("tags", "a"), ("tags", ""), ("tags", "b"), ("csrf_token", "x"),
        ("lines.0.code", "E0431"), ("lines.2.code", "E1390"), ("lines.3.code", ""), ("place.code", "home"),
    )  # fmt: skip
    assert errors == []
    assert data == {
        "name": "Ada",
        "due_at": datetime(2026, 7, 1, 14, 30, tzinfo=UTC),
        "price": 123450,
        "agreed": True,
        "tags": ["a", "b"],
        "lines": [{"code": "E0431"}, {"code": "E1390"}],
        "place": {"code": "home"},
    }


def test_blank_fields_count_as_absent() -> None:
    assert form(("name", ""), ("price", "")) == ({}, [FieldError("name", "Fill this in.")])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "x" * 11, "Write at most 10 characters."),
        ("due_at", "tomorrow", "Write a date and time, like 2026-03-02T15:00."),
        (
            "due_at",
            "2026-03-08T02:30",
            "The clocks are put forward then; this time does not exist. Choose another one.",
        ),
        ("due_at", "0001-01-01T00:00", "Write a date between the years 1900 and 2100."),
        ("price", "12.345", "Write an amount like 1234.50."),
        ("price", "NaN", "Write an amount like 1234.50."),
        ("price", "-1", "Write an amount of zero or more."),
        ("price", "1e30", "Write an amount below 100,000,000."),
        ("note", "x" * 6001, "Write at most 6,000 characters."),
        ("tags", "x" * 4001, "Write at most 4,000 characters."),
    ],
)
def test_what_is_wrong_is_said_in_words(field: str, value: str, message: str) -> None:
    pairs = [("name", "Ada")] if field != "name" else []
    _, errors = form(*pairs, (field, value))
    assert [error.message for error in errors] == [message]
    assert errors[0].field.startswith(field)


def test_of_a_local_time_that_occurs_twice_the_first_is_meant() -> None:
    data, _ = form(("name", "Ada"), ("due_at", "2026-11-01T01:30"))
    assert data["due_at"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_json_is_read_or_refused_by_field(document: object) -> None:
    with contextlib.suppress(MalformedRequest):
        data, errors = load_json(Thing(), document)
        assert bool(data) != bool(errors)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=6))
def test_any_form_is_read_or_refused_by_field(pairs: dict[str, str]) -> None:
    data, errors = form(*pairs.items())
    assert bool(data) != bool(errors)
