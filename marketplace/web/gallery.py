"""A gallery of every component with made-up content: a change of style is seen at once. Not in production."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from marshmallow import Schema, fields, validate

from marketplace.foundation.errors import (
    Conflict,
    Forbidden,
    HomewardError,
    InvalidInput,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from marketplace.web import current
from marketplace.web.charts import Bar, Block, Lane, Point, bar_chart, lane_chart, line_chart
from marketplace.web.fields import Cents, LocalMoment, Text
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import Column, Page, Table, csv_response, live_attributes, wants_csv

blueprint = Blueprint("gallery", __name__, url_prefix="/gallery")
PROBLEMS: dict[int, HomewardError] = {
    400: InvalidInput("due_at", "Write a date and time, like 2026-03-02T15:00."),
    403: Forbidden("This needs the role reviewer.", remedy="Ask your administrator for the role."),
    404: NotFound(),
    409: Conflict("Somebody else took it two minutes ago.", remedy="Choose another one of the list."),
    413: TooLarge("The file has 21 MB; 16 MB are accepted.", remedy="Send a smaller file."),
    429: TooMany(retry_after_seconds=30),
    500: HomewardError("The failure has been recorded. Nothing was changed."),
    503: Unavailable("The database does not answer at the moment."),
}
TOWN = [
    [41.60, -93.74],
    [41.66, -93.70],
    [41.67, -93.60],
    [41.63, -93.53],
    [41.56, -93.52],
    [41.53, -93.62],
    [41.55, -93.72],
]
RIVER = [[41.67, -93.66], [41.63, -93.65], [41.60, -93.61], [41.57, -93.60], [41.53, -93.54]]
STATES = (("Arrived", "good"), ("Due soon", "warn"), ("Late", "bad"), ("Planned", "info"), ("Draft", "calm"))
NAMES = (
    "Ada Brook",
    "Ben Castillo",
    "Chioma Dane",
    "Dmitri Evans",
    "Elif Ferrer",
    "Farid Gomez",
    "Greta Holm",
)


class GallerySchema(Schema):
    """One field of each kind."""

    name = Text(required=True, shortest=1, longest=80)
    email = fields.Email(required=True)
    weight_kg = fields.Integer(validate=validate.Range(20, 400, error="Write a weight from 20 to 400 kg."))
    due_at = LocalMoment(required=True)
    price = Cents()
    level = fields.String(required=True)
    mode = fields.String(required=True)
    notes = Text()
    agreed = fields.Boolean(load_default=False)


@blueprint.route("/", methods=["GET", "POST"])
def index() -> Response:
    """The components of office pages."""
    initial = {
        "name": "Ada Brook",
        "due_at": current.now() + timedelta(hours=3),
        "level": "b",
        "mode": "flexible",
    }
    form = form_for(GallerySchema, initial)
    if form.ok:
        return go(url_for("gallery.index"), "Saved. The form was right.")
    return render("web/gallery/index.html", form=form, plan=plan(), **samples())


@blueprint.get("/table")
def table() -> Response:
    """A table alone, as a list page has it."""
    if wants_csv():
        return csv_response(
            "gallery.csv", ["Name", "State"], ((row["name"], row["state"][0]) for row in rows())
        )
    return render("web/gallery/table.html", table=sample_table())


@blueprint.get("/rows/<int:number>")
def row(number: int) -> Response:
    """One row alone, as a live change fetches it."""
    if not 0 <= number < len(NAMES):
        raise NotFound
    return render("web/gallery/row.html", row=rows()[number], table=sample_table())


@blueprint.get("/phone")
def phone() -> Response:
    """A field page."""
    return render("web/gallery/phone.html", due_at=current.now() + timedelta(minutes=34))


@blueprint.post("/phone")
def phone_done() -> Response:
    """What the field page's button does."""
    return go(url_for("gallery.phone"), "Recorded.")


@blueprint.get("/panel")
def panel() -> Response:
    """A page with one panel."""
    return render("web/gallery/panel.html", form=form_for(GallerySchema))


@blueprint.get("/print")
def sheet() -> Response:
    """A sheet for paper."""
    return render("web/gallery/print.html", table=sample_table(), large="large" in request.args)


@blueprint.get("/problem/<int:status>")
def problem(status: int) -> Response:
    """A refusal of the given status."""
    raise PROBLEMS.get(status, NotFound())


def rows() -> list[dict[str, Any]]:
    """Made-up rows, due around now."""
    now = current.now()
    return [
        {
            "number": number,
            "name": name,
            "reference": f"X-7K3Q{number}F",
            "place": f"{100 + 37 * number} Grand Avenue",
            "due_at": now + timedelta(minutes=-20 + 35 * number),
            "state": STATES[number % len(STATES)],
            "amount": 4_500 + 12_345 * number,
        }
        for number, name in enumerate(NAMES)
    ]


def sample_table() -> Table[dict[str, Any]]:
    """The rows as a table with everything a table can have."""
    columns = [
        Column("name", "Name", sort=True),
        Column("due", "Due", sort=True),
        Column("state", "State"),
        Column("amount", "Amount", sort=True, amount=True),
        Column("actions", "Actions", hidden=True),
    ]
    page = Page(rows=rows(), sort="due", direction="asc", next_cursor="WzFd")
    return Table(
        columns,
        page,
        caption="Things due today",
        csv=True,
        row_attributes=lambda row: live_attributes(
            f"thing:{row['number']}",
            1,
            url_for("gallery.row", number=row["number"]),
            f"{row['name']} changed",
        ),
    )


def plan() -> dict[str, Any]:
    """A town, its river, a route and three places on it."""
    return {
        "shapes": [{"at": TOWN, "label": ""}],
        "lines": [
            {"at": RIVER, "tone": "info", "label": "River"},
            {"at": [[41.59, -93.67], [41.61, -93.63], [41.58, -93.58]], "tone": "accent", "label": "Route 1"},
        ],
        "points": [
            {
                "at": [41.59, -93.67],
                "label": "Start, Ingersoll Avenue",
                "mark": "1",
                "tone": "good",
                "url": "#table",
            },
            {
                "at": [41.61, -93.63],
                "label": "Stop, 6th Avenue",
                "mark": "2",
                "tone": "warn",
                "url": "#table",
            },
            {"at": [41.58, -93.58], "label": "End, Park Street", "mark": "3", "url": "#table"},
        ],
    }


def charts() -> dict[str, Any]:
    """One chart of each kind."""
    now = current.now()
    hour = timedelta(hours=1)
    lanes = []
    for row, (name, tone) in enumerate((("Van 3", ""), ("Van 7", "warn"), ("Van 12", "calm"))):
        begin = now + row * hour / 2
        first = Block(begin - hour, begin, f"Stop {row + 1}", "good")
        second = Block(begin + hour / 3, begin + 2 * hour, f"Stop {row + 5}", tone, "#table", pinned=row == 1)
        lanes.append(Lane(name, [first, second]))
    bars = [
        Bar("Waiting for papers", 34, "34 h", "bad"),
        Bar("No vehicle", 12, "12 h", "warn"),
        Bar("Weather", 3, "3 h"),
    ]
    points = [Point(x / 7, 60 - 12 * x + 2 * x * x, f"{9 + x}:00") for x in range(8)]
    return {
        "bars": bar_chart("Reasons", bars),
        "line": line_chart("Cost by hour", points, "USD"),
        "lanes": lane_chart("The day by vehicle", lanes, now - 2 * hour, now + 5 * hour, now),
    }


def samples() -> dict[str, Any]:
    """Content for the showing components."""
    now = current.now()
    return {
        "charts": charts(),
        "table": sample_table(),
        "moments": [now + timedelta(minutes=m) for m in (200, 42, 9, -25)],
        "figures_shown": [
            {"value": 12, "name": "Leaving today", "href": "#table"},
            {"value": 3, "name": "Due within the hour", "tone": "warn", "note": "next in 9 min"},
            {"value": 1, "name": "Late", "tone": "bad"},
            {"value": "96 %", "name": "On time this week", "tone": "good", "note": "of 214"},
        ],
        "history": [
            {"what": "Arrived", "at": now - timedelta(minutes=4), "who": "Farid Gomez", "tone": "good"},
            {
                "what": "Moved to 15:30",
                "at": now - timedelta(minutes=50),
                "who": "Ada Brook",
                "tone": "warn",
                "detail": "The time was changed by the ward.",
            },
            {"what": "Created", "at": now - timedelta(hours=3), "who": "Ada Brook", "icon": "plus"},
        ],
    }
