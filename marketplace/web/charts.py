"""Charts drawn by the server as SVG: bars, a line, lanes over time. Each has its facts as a table beside it.

Colours come from classes (charts.css), so that they follow the theme and the content policy; tones are those
of the pills, and every mark also carries its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from marketplace.web.display import local

WIDTH = 720
BAR_STEP = 28
LANE_STEP = 36
NAMES_WIDTH = 150
LINE_HEIGHT = 200


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length, and how the length is written ("12", "96 %")."""

    name: str
    value: float
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line: where on the horizontal axis (0 to 1), its value, and its words."""

    x: float
    value: float
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Something that takes from one moment to another in a lane; `pinned` draws a firm edge."""

    starts_at: datetime
    ends_at: datetime
    label: str
    tone: str = ""
    url: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of a lane chart: whose it is and what fills it."""

    name: str
    blocks: Sequence[Block]
    url: str = ""


def bar_chart(label: str, bars: Sequence[Bar]) -> Markup:
    """Horizontal bars from zero, longest first as given."""
    longest = max((bar.value for bar in bars), default=0) or 1
    room = WIDTH - NAMES_WIDTH - 70
    drawn = [
        Markup(
            '<text x="{}" y="{}" class="name" text-anchor="end">{}</text>'
            '<rect x="{}" y="{}" width="{}" height="16" rx="3" class="bar {}"/><text x="{}" y="{}">{}</text>'
        ).format(
            NAMES_WIDTH - 8, top + 17, bar.name, NAMES_WIDTH, top + 5, _round(length), bar.tone,
            _round(NAMES_WIDTH + length + 6), top + 17, bar.text,
        )
        for top, bar, length in (
            (row * BAR_STEP, bar, max(bar.value, 0) / longest * room) for row, bar in enumerate(bars)
        )
    ]  # fmt: skip
    table = [(bar.name, bar.text) for bar in bars]
    return _chart(label, len(bars) * BAR_STEP + 4, drawn, ("Name", "Value"), table)


def line_chart(label: str, points: Sequence[Point], unit: str = "") -> Markup:
    """A line through points given from left to right; each point has its own mark and words."""
    highest = max((point.value for point in points), default=0) or 1
    places = [
        (20 + point.x * (WIDTH - 40), LINE_HEIGHT - point.value / highest * (LINE_HEIGHT - 30))
        for point in points
    ]
    path = " ".join(
        f"{'M' if not index else 'L'}{_round(x)} {_round(y)}" for index, (x, y) in enumerate(places)
    )
    drawn = [
        Markup('<line x1="20" x2="{}" y1="{}" y2="{}" class="axis"/>').format(
            WIDTH - 20, LINE_HEIGHT, LINE_HEIGHT
        )
    ]
    drawn.append(Markup('<path d="{}" class="line"/>').format(path))
    drawn += [
        Markup('<circle cx="{}" cy="{}" r="4" class="point {}"><title>{}</title></circle>').format(
            _round(x), _round(y), point.tone, point.text
        )
        for point, (x, y) in zip(points, places, strict=True)
    ]
    table = [(point.text, f"{point.value:g} {unit}".strip()) for point in points]
    return _chart(label, LINE_HEIGHT + 12, drawn, ("Point", "Value"), table)


def lane_chart(
    label: str, lanes: Sequence[Lane], starts_at: datetime, ends_at: datetime, now: datetime
) -> Markup:
    """Lanes over a span of time with hours as a grid and a line for now; blocks outside the span are cut."""
    length = max((ends_at - starts_at).total_seconds(), 1)

    def place(moment: datetime) -> float:
        share = min(max((moment - starts_at).total_seconds() / length, 0), 1)
        return NAMES_WIDTH + share * (WIDTH - NAMES_WIDTH)

    height = 24 + len(lanes) * LANE_STEP
    drawn = _hours(starts_at, ends_at, height, place)
    for row, lane in enumerate(lanes):
        top = 24 + row * LANE_STEP
        drawn.append(
            Markup(
                '<text x="0" y="{}" class="name">{}</text><line x1="0" x2="{}" y1="{}" y2="{}" class="grid"/>'
            ).format(top + 21, lane.name, WIDTH, top + LANE_STEP, top + LANE_STEP)
        )
        drawn += [_block(block, place(block.starts_at), place(block.ends_at), top) for block in lane.blocks]
    if starts_at <= now <= ends_at:
        drawn.append(
            Markup('<line x1="{0}" x2="{0}" y1="18" y2="{1}" class="now"/>').format(
                _round(place(now)), height
            )
        )
    table = [
        (lane.name, f"{local(block.starts_at, 'time')} to {local(block.ends_at, 'time')}: {block.label}")
        for lane in lanes
        for block in lane.blocks
    ]
    return _chart(label, height, drawn, ("Lane", "When and what"), table)


def _hours(starts_at: datetime, ends_at: datetime, height: int, place: object) -> list[Markup]:
    assert callable(place)
    step = timedelta(hours=1 if ends_at - starts_at <= timedelta(hours=12) else 3)
    moment = starts_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    drawn = []
    while moment < ends_at:
        drawn.append(
            Markup(
                '<line x1="{0}" x2="{0}" y1="18" y2="{1}" class="grid"/>'
                '<text x="{0}" y="12" text-anchor="middle">{2}</text>'
            ).format(_round(place(moment)), height, local(moment, "time"))
        )
        moment += step
    return drawn


def _block(block: Block, left: float, right: float, top: int) -> Markup:
    width = max(right - left, 3)
    drawn = Markup(
        '<rect x="{}" y="{}" width="{}" height="26" rx="4" class="block {}{}"/><title>{}</title>'
    ).format(_round(left), top + 5, _round(width), block.tone, " pinned" if block.pinned else "", block.label)
    if width > 9 * 3:
        shown = block.label[: int(width // 8)]
        drawn += Markup('<text x="{}" y="{}" class="in {}">{}</text>').format(
            _round(left + 6), top + 22, block.tone, shown
        )
    if block.url:
        return Markup('<a href="{}" aria-label="{}">{}</a>').format(block.url, block.label, drawn)
    return Markup("<g>{}</g>").format(drawn)


def _chart(
    label: str, height: int, drawn: Sequence[Markup], heads: tuple[str, str], rows: Sequence[tuple[str, str]]
) -> Markup:
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(*row) for row in rows
    )
    return Markup(
        '<figure class="chart"><div class="table-scroll" tabindex="0" role="region" aria-label="{label}">'
        '<svg viewBox="0 0 {width} {height}" role="group" aria-label="{label}">{drawn}</svg></div>'
        "<details><summary>{label} as a table</summary>"
        '<table class="table"><thead><tr><th scope="col">{heads[0]}</th>'
        '<th scope="col">{heads[1]}</th></tr></thead>'
        "<tbody>{lines}</tbody></table></details></figure>"
    ).format(label=label, width=WIDTH, height=height, drawn=Markup("").join(drawn), heads=heads, lines=lines)


def _round(number: float) -> str:
    return f"{number:.1f}"
