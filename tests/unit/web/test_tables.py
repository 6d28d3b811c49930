"""CSV that no spreadsheet runs."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.web.tables import csv_response, live_attributes, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=HYPERLINK()"])
def test_a_text_that_would_run_gets_a_quote(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-5, "-5"),
        (Decimal("-1.50"), "-1.50"),
        (None, ""),
        ("a=b", "a=b"),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00+00:00"),
    ],
)
def test_numbers_and_plain_texts_stay(value: object, text: str) -> None:
    assert safe_cell(value) == text


@given(st.text())
def test_no_cell_ever_begins_like_a_formula(text: str) -> None:
    assert not safe_cell(text).lstrip().startswith(("=", "+", "-", "@"))


def test_a_download_is_rfc4180_with_a_name() -> None:
    answer = csv_response("things.csv", ["Name", "Due"], [["Ada, B.", 1], ['say "x"', None]])
    assert answer.get_data(as_text=True) == '\ufeffName,Due\r\n"Ada, B.",1\r\n"say ""x""",\r\n'
    assert answer.headers["Content-Disposition"] == "attachment; filename=things.csv"


def test_live_attributes_escape_what_they_hold() -> None:
    found = live_attributes("thing:7", 3, "/things/7", 'A "quoted" <name>')
    assert found == (
        'id="thing-7" data-live="thing:7" data-live-revision="3" data-live-url="/things/7" '
        'data-live-says="A &#34;quoted&#34; &lt;name&gt;"'
    )
