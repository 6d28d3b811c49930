"""Charts are words, too: everything drawn is escaped and stands in a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from flask import Flask

from marketplace.web.charts import Bar, Block, Lane, Point, bar_chart, lane_chart, line_chart

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def parsed(chart: str) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314 - made by the code under test


def test_names_are_escaped_and_repeated_in_the_table() -> None:
    chart = bar_chart("Reasons", [Bar("<b>", 2, "2 h", "bad"), Bar("none", 0, "0 h")])
    assert "<b>" not in chart
    assert chart.count("&lt;b&gt;") == 2
    assert parsed(chart).find(".//table/tbody/tr/td").text == "2 h"  # type: ignore[union-attr]


def test_a_chart_of_nothing_is_still_a_chart() -> None:
    for chart in (bar_chart("Empty", []), line_chart("Empty", [])):
        assert parsed(chart).find(".//svg") is not None


def test_a_line_goes_through_all_its_points_inside_the_frame() -> None:
    chart = parsed(line_chart("Cost", [Point(0, 0, "9:00"), Point(1, 50, "10:00")], "USD"))
    circles = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in chart.iter("circle")]
    assert circles == [(20.0, 200.0), (700.0, 30.0)]


def test_blocks_are_cut_to_the_span_and_stay_visible() -> None:
    lanes = [
        Lane(
            "Van",
            [Block(START - 9 * HOUR, START + HOUR, "early"), Block(START + HOUR, START + HOUR, "short")],
        )
    ]
    with Flask(__name__).app_context():
        chart = parsed(lane_chart("Day", lanes, START, START + 4 * HOUR, START))
    boxes = [(float(r.get("x", "")), float(r.get("width", ""))) for r in chart.iter("rect")]
    assert boxes == [(150.0, 142.5), (292.5, 3.0)]
