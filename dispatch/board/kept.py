"""Lanes of the board, rows of its list, and what is on no vehicle, as HTML kept while it shows nothing new.

Each is a pure function of what stands in its key: every value that it prints. So a kept piece is never older
than what was just read. The line of now is put into each page's copy.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import current_app
from markupsafe import Markup

from dispatch.board.day import BoardDay, Lane
from dispatch.board.drawing import NOW, drawn_lane, now_line
from dispatch.board.legs import Leg
from marketplace.foundation.geography import place_of
from marketplace.web.pieces import Pieces

_PIECES = Pieces(most=600)
"""A lane of ten services takes about 10 KB."""
_ROWS = Pieces()


def lanes_html(lanes: list[Lane], day: BoardDay) -> list[Markup]:
    """The lanes of a page; only those are drawn that show something new."""
    macro, line, scale = _macros().lane_row, now_line(day), scale_of(day)
    return [
        _PIECES.get(
            ("lane", scale, day.day, day.zone.key, _shown(lane)),
            lambda lane=lane: macro(lane, day, drawn_lane, scale),  # type: ignore[misc]
        ).replace(NOW, line)
        for lane in lanes
    ]


def rows_html(rows: list[tuple[Lane, Leg]], day: BoardDay) -> list[Markup]:
    """The rows of the list."""
    macro = _macros().leg_row
    return [
        _ROWS.get(
            (day.zone.key, lane.name, *_row_shown(leg)),
            lambda lane=lane, leg=leg: macro(lane, leg, area),  # type: ignore[misc]
        )
        for lane, leg in rows
    ]


def waiting_html(day: BoardDay) -> Markup:
    """What is on no vehicle, and how the plan stands."""
    shown = ("waiting", day.day, day.zone.key, day.plan_id, day.planning, day.roads, day.waiting)
    return _PIECES.get(shown, lambda: _macros().waiting_part(day))


def scale_of(day: BoardDay) -> str:
    """The span that is drawn, for addresses of single lanes."""
    return f"{int(day.starts_at.timestamp())}-{int(day.ends_at.timestamp())}"


def area(postal_code: str | None) -> str:
    """A postal code with its town."""
    if not postal_code:
        return ""
    return f"{place_of(postal_code).city} {postal_code}"


def _macros() -> Any:
    return current_app.jinja_env.get_template("dispatch/board/parts.html").module


def _shown(lane: Lane) -> Hashable:
    return (
        lane.shift_id,
        lane.vehicle_id,
        lane.name,
        lane.crew,
        lane.starts_at,
        lane.ends_at,
        lane.breaks,
        lane.blocked,
        tuple([_leg_shown(leg) for leg in lane.legs]),
    )


def _leg_shown(leg: Leg) -> tuple[Hashable, ...]:
    planned = leg.planned
    return (
        planned.booking_id,
        planned.reference,
        leg.work,
        planned.starts_at,
        planned.ends_at,
        planned.leaves_at,
        planned.pinned,
        leg.tone,
        leg.said,
    )


def _row_shown(leg: Leg) -> tuple[Hashable, ...]:
    planned = leg.planned
    return (
        *_leg_shown(leg),
        planned.promised_end,
        planned.origin_postal_code,
        planned.destination_postal_code,
        leg.expected_at.replace(second=0, microsecond=0),
        leg.is_over,
        leg.risk.late_percent,
    )
