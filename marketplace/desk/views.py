"""The planner's board and its live rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, current_app, request, url_for
from markupsafe import Markup

from marketplace.bookings.leaving import Cursor
from marketplace.desk.advice import Urgency
from marketplace.desk.board import PatientRow, board, row_of
from marketplace.desk.row_pieces import shown
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.web import current
from marketplace.web.pages import render
from marketplace.web.pieces import Pieces
from marketplace.web.tables import csv_response, wants_csv

views = Blueprint("desk", __name__, url_prefix="/desk", template_folder="../templates")

ROWS = 30


@views.get("/", endpoint="board")
def board_page() -> Response:
    """Everybody who is to leave, soonest first, with what must be done now."""
    session = current.session()
    session.actor.require("planner")
    page = board(session, after=_cursor(), rows=ROWS)
    if wants_csv():
        return csv_response("departures.csv", CSV_HEAD, (_csv(row) for row in page.rows))
    counts = Counter(row.urgency for row in page.rows)
    later = None
    if page.next is not None:
        later = url_for("desk.board", after=f"{page.next[0].isoformat()}_{page.next[1]}")
    only = request.args.get("show", "")
    rows = [row for row in page.rows if only != "act" or row.urgency >= Urgency.ACT]
    return render(
        "desk/board.html", rows=_html(rows), counts=counts, later=later, only=only, urgencies=Urgency
    )


_PIECES = Pieces()


def _html(rows: Sequence[PatientRow]) -> list[Markup]:
    """The rows as HTML; only those are made that show something new."""
    macro = current_app.jinja_env.get_template("desk/rows.html").module.board_row  # type: ignore[attr-defined]
    return [_PIECES.get(shown(row), lambda row=row: macro(row, link_of)) for row in rows]  # type: ignore[misc]


@views.get("/rows/<uuid:encounter_id>")
def row(encounter_id: UUID) -> Response:
    """One row again, for a page that heard that it changed."""
    found = row_of(current.session(), encounter_id)
    if found is None:
        raise NotFound
    return render("desk/row.html", row=found, links=link_of)


def link_of(row: PatientRow, position: int) -> str:
    """Where the line's verb leads."""
    line = row.lines[position]
    if line.advice.action == "Offer" and line.booking is not None:
        return url_for("portal.offer_booking", booking_id=line.booking.id)
    if line.booking is not None and line.advice.action != "Book again":
        return url_for("bookings.show", booking_id=line.booking.id)
    if line.advice.action:
        return url_for("bookings.new", task=line.task.id)
    return url_for("patients.show", patient_id=row.stay.patient_id)


CSV_HEAD = ["Leaves at", "Patient", "Unit", "Task", "Stands at"]


def _csv(row: PatientRow) -> list[str]:
    lines = "; ".join(f"{line.task.title}: {line.advice.text}" for line in row.lines)
    stay = row.stay
    return [stay.expected_discharge_at.isoformat(), row.name, stay.unit, str(len(row.lines)), lines]


def _cursor() -> Cursor | None:
    given = request.args.get("after", "")
    if not given:
        return None
    moment, _, encounter_id = given.partition("_")
    try:
        return datetime.fromisoformat(moment), UUID(encounter_id)
    except ValueError:
        raise InvalidInput("after", "use the address of the link to the next page") from None
