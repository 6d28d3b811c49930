"""How moments, spans and amounts are written; and small pieces of the frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g

from marketplace.web.display import cents, local, span, time_left, time_tone, words
from marketplace.web.forms import Form
from marketplace.web.icons import PATHS, icon
from marketplace.web.layout import initials, place_in
from marketplace.web.pages import safe_next
from marketplace.web.security_headers import content_policy

NOW = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=65), "1 h 05 min"),
        (timedelta(hours=51), "2 d 3 h"),
    ],
)
def test_a_span_has_at_most_two_units(length: timedelta, text: str) -> None:
    assert span(length) == text


def test_moments_are_shown_in_the_reader_s_zone() -> None:
    assert local(NOW, "full", "America/Chicago") == "Mon, Mar 2, 15:00"
    assert local(NOW, "input", ZoneInfo("America/New_York")) == "2026-03-02T16:00"
    assert local(None) == ""


def test_time_left_and_its_tone_go_together() -> None:
    with Flask(__name__).app_context():
        g.now = NOW
        assert (time_left(NOW + timedelta(minutes=61)), time_tone(NOW + timedelta(minutes=61))) == (
            "1 h 01 min left",
            "calm",
        )
        assert (time_left(NOW + timedelta(minutes=60)), time_tone(NOW + timedelta(minutes=60))) == (
            "1 h 00 min left",
            "warn",
        )
        assert (time_left(NOW - timedelta(minutes=7)), time_tone(NOW - timedelta(minutes=7))) == (
            "7 min late",
            "bad",
        )


def test_cents_are_written_as_money() -> None:
    assert [cents(0), cents(5), cents(-123456), cents(100, "EUR")] == [
        "$0.00",
        "$0.05",
        "-$1,234.56",
        "EUR 1.00",
    ]


def test_codes_become_words() -> None:
    assert words("en_route") == "En route"


@pytest.mark.parametrize(
    "given", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", None, "things"]
)
def test_a_return_address_never_leads_away(given: str | None) -> None:
    assert safe_next(given, "/start") == "/start"


def test_a_local_return_address_is_kept() -> None:
    assert safe_next("/things?sort=due", "/") == "/things?sort=due"


def test_initials_stand_for_a_name() -> None:
    assert [initials("Ada Brook"), initials("Ben"), initials("Maria de la Cruz"), initials("")] == [
        "AB",
        "B",
        "MC",
        "?",
    ]


def test_every_icon_draws_and_a_label_is_escaped() -> None:
    assert all("<path" in icon(name) for name in PATHS)
    assert 'aria-label="a &lt;b&gt;"' in icon("check", "a <b>")


def test_the_tile_server_of_the_settings_is_the_only_foreign_image_source() -> None:
    assert "img-src 'self' data:;" in content_policy()
    assert "img-src 'self' data: https://*.tiles.example;" in content_policy(
        "https://{s}.tiles.example/{z}/{x}/{y}.png"
    )


def test_a_form_keeps_what_was_typed_and_collects_what_is_wrong() -> None:
    form = Form({"name": "Ada", "tags": ["a", "b"]}, submitted=True)
    assert (form.value("name"), form.value("none"), form.has("tags", "b"), form.ok) == ("Ada", "", True, True)
    form.refuse("name", "first")
    form.refuse("name", "second")
    assert (form.error("name"), form.ok, form.summary) == ("first", False, "One thing needs your attention")


def test_a_page_belongs_to_the_nearest_link_above_it() -> None:
    links = ["/", "/things", "/things/late", "/th"]
    assert place_in(links, "/things/late/7") == "/things/late"
    assert place_in(links, "/things/7") == "/things"
    assert place_in(links, "/thing") == ""
    assert place_in(links, "/") == "/"
