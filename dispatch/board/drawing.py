"""Lanes of the board as SVG: legs, drives, waiting, breaks, blocked time and the line of now.

Places along a lane are percentages of its width, so that text is never stretched and nothing needs an
inline style. Each leg is a link with its words; colours come from classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from markupsafe import Markup

from dispatch.board.day import BoardDay, Lane, Span
from dispatch.board.legs import Leg
from marketplace.web.openings import opening

ROW = 30
"""Pixels that a row of legs takes; legs that overlap (shared rides) lie in rows of their own."""
LEAST = 52
"""Pixels of a lane with one row, so that name and crew fit beside it."""

# `%` on a Markup escapes its values as `format` does, in a tenth of the time: a board has hundreds of these
_MARK = Markup('<text x="%s%%" y="14" text-anchor="middle">%s</text>')
_AXIS = Markup('<svg class="lane-axis" width="100%%" height="20" aria-hidden="true">%s</svg>')
_LANE = Markup('<svg class="lane-time" width="100%%" height="%s" role="group" aria-label="%s">%s</svg>')
_LEG = Markup(
    '<a href="%s" class="%s" aria-label="%s" data-leg="%s"><title>%s</title>'
    '<svg x="%s%%" y="%s" width="%s%%" height="26"><rect x="1" y="1" width="99%%" height="24" rx="4"/>'
    '<text x="6" y="17">%s%s</text></svg></a>'
)
_SHIFT = Markup('<rect class="shift" x="%s%%" y="0" width="%s%%" height="%s"/>')
_WORDS = Markup('<text x="4" y="%s">%s</text>')
_SPAN = Markup(
    '<g class="%s"><title>%s</title><svg x="%s%%" y="0" width="%s%%" height="%s">'
    '<rect width="100%%" height="100%%"/>%s</svg></g>'
)
_DRIVE = Markup('<line class="drive" x1="%s%%" x2="%s%%" y1="%s" y2="%s"/>')
_UPRIGHT = Markup('<line class="%s" x1="%s%%" x2="%s%%" y1="0" y2="100%%"/>')
NOW = opening("now")
"""Where in a drawn lane the page puts the line of now: it moves while nothing else of a lane does."""


def hours_of(day: BoardDay) -> Markup:
    """The axis above the lanes."""
    scale = _Scale(day)
    marks = [_MARK % (scale.at(moment), f"{moment.astimezone(day.zone):%H:%M}") for moment in scale.hours()]
    return _AXIS % Markup("").join(marks)


def now_line(day: BoardDay) -> Markup:
    """The line of now in every lane; nothing where now is not within what is drawn."""
    return _line("now", _Scale(day).at(day.now)) if day.starts_at <= day.now <= day.ends_at else Markup("")


def drawn_lane(lane: Lane, day: BoardDay) -> Markup:
    """One lane, with an opening for the line of now."""
    scale = _Scale(day)
    rows = _rows(lane.legs)
    height = max(rows.values(), default=0) * ROW + LEAST
    parts = [_line("grid", scale.at(moment)) for moment in scale.hours()]
    parts.append(_shift(lane, scale, height))
    parts += [_span(span, scale, height, "rest") for span in lane.breaks]
    parts += _drives(lane, scale)
    parts += [_span(span, scale, height, "off") for span in lane.blocked]
    parts += [_leg(leg, rows[id(leg)], scale, day.zone) for leg in lane.legs]
    parts.append(NOW)
    return _LANE % (height, f"Work of {lane.name}", Markup("").join(parts))


class _Scale:
    """From moments to percentages of the width."""

    def __init__(self, day: BoardDay) -> None:
        self._start, self._end = day.starts_at, day.ends_at
        self._length = (day.ends_at - day.starts_at).total_seconds()

    def at(self, moment: datetime) -> float:
        share = (moment - self._start).total_seconds() / self._length
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def hours(self) -> list[datetime]:
        count = int(self._length // 3600)
        step = 1 if count <= 14 else 2
        return [self._start + timedelta(hours=hour) for hour in range(step, count, step)]


def _rows(legs: Sequence[Leg]) -> dict[int, int]:
    """The row of each leg: the first that is free when it begins."""
    free: list[datetime] = []
    found = {}
    for leg in legs:
        starts, ends = leg.planned.starts_at, leg.planned.ends_at
        row = next((number for number, until in enumerate(free) if until <= starts), len(free))
        if row == len(free):
            free.append(ends)
        free[row] = ends
        found[id(leg)] = row
    return found


def _leg(leg: Leg, row: int, scale: _Scale, zone: ZoneInfo) -> Markup:
    planned = leg.planned
    starts, ends = planned.starts_at, planned.ends_at
    left, right = scale.at(starts), scale.at(ends)
    classes = f"leg {leg.tone}{' pinned' if planned.pinned else ''}"
    says = f"{_time(starts, zone)} to {_time(ends, zone)}: {leg.work} {planned.reference}. {leg.said}"
    says += ". Pinned" if planned.pinned else ""
    return _LEG % (
        url_for("dispatch.leg", booking_id=planned.booking_id), classes, says, planned.reference, says,
        left, row * ROW + 13, max(right - left, 0.6), "⚑ " if planned.pinned else "",
        f"{planned.reference} {leg.work}",
    )  # fmt: skip


def _shift(lane: Lane, scale: _Scale, height: int) -> Markup:
    left, right = scale.at(lane.starts_at), scale.at(lane.ends_at)
    return _SHIFT % (left, round(right - left, 2), height)


def _span(span: Span, scale: _Scale, height: int, kind: str) -> Markup:
    left, right = scale.at(span.starts_at), scale.at(span.ends_at)
    words = _WORDS % (height - 5, span.label) if kind == "off" else ""
    return _SPAN % (kind, span.label, left, round(right - left, 2), height, words)


def _drives(lane: Lane, scale: _Scale) -> list[Markup]:
    """A thin line from leaving to the first leg, and through the gaps between: driving or waiting."""
    if not lane.legs:
        return []
    until, found = lane.legs[0].planned.leaves_at, []
    for leg in lane.legs:
        starts = leg.planned.starts_at
        if starts > until:
            found.append(_DRIVE % (scale.at(until), scale.at(starts), LEAST // 2, LEAST // 2))
        until = max(until, leg.planned.ends_at)
    return found


def _line(kind: str, place: float) -> Markup:
    return _UPRIGHT % (kind, place, place)


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"
