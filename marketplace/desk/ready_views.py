"""Who is ready to leave: the board, its rows, marking and leaving, and the hours that could be avoided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from marketplace.bookings.leaving import Cursor
from marketplace.desk import ready_board
from marketplace.desk.ready_board import ReadyRow
from marketplace.desk.ready_hours import avoidable_hours
from marketplace.desk.ready_rules import CAUSE_LABELS
from marketplace.desk.ready_schemas import HoursFilter, LeaveBody, ReadyBody
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.patients import encounters
from marketplace.web import current
from marketplace.web.charts import Bar, bar_chart
from marketplace.web.forms import filters_for, form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import csv_response, wants_csv

views = Blueprint("ready", __name__, url_prefix="/desk/ready", template_folder="../templates")

ROWS = 30


@views.get("/")
def board() -> Response:
    """Everybody who is to leave within a day, soonest first."""
    session = current.session()
    session.actor.require("planner")
    page = ready_board.ready_board(session, after=_cursor(), rows=ROWS)
    if wants_csv():
        return csv_response("ready.csv", CSV_HEAD, (_csv(row) for row in page.rows))
    later = None
    if page.next is not None:
        later = url_for("ready.board", after=f"{page.next[0].isoformat()}_{page.next[1]}")
    green = sum(row.verdict.is_green for row in page.rows)
    return render("desk/ready.html", rows=page.rows, green=green, later=later, causes=CAUSE_LABELS)


@views.get("/rows/<uuid:encounter_id>")
def row(encounter_id: UUID) -> Response:
    """One row again, for a page that heard that it changed."""
    session = current.session()
    session.actor.require("planner")
    found = ready_board.ready_row(session, encounter_id)
    return render("desk/ready_row.html", row=found, causes=CAUSE_LABELS)


@views.post("/<uuid:encounter_id>/medically-ready")
def medically_ready(encounter_id: UUID) -> Response:
    """The care team says so, or takes it back."""
    current.actor().require("planner")
    form = form_for(ReadyBody)
    if not form.ok:
        raise InvalidInput([FieldError(field, message) for field, message in form.errors.items()])
    withdrawn = bool(form.data["withdrawn"])
    moment = form.data["medically_ready_at"]
    encounters.medically_ready(current.session(), encounter_id, moment, withdrawn=withdrawn)
    said = "No longer medically ready." if withdrawn else "Medically ready since now."
    return go(url_for("ready.board"), said)


@views.route("/<uuid:encounter_id>/left", methods=["GET", "POST"])
def left(encounter_id: UUID) -> Response:
    """The patient has left; with something unconfirmed the page asks why."""
    session = current.session()
    session.actor.require("planner")
    form = form_for(LeaveBody)
    found = ready_board.ready_row(session, encounter_id)
    if form.ok and not found.verdict.is_green and not (form.data["note"] or "").strip():
        form.refuse("note", "Write why the patient leaves although this is not confirmed.")
    if form.ok:
        ready_board.leave(session, encounter_id, form.data["note"] or "")
        return go(url_for("ready.board"), f"{found.departure.identity.listed_name} has left.")
    return render("desk/ready_left.html", form=form, row=found, causes=CAUSE_LABELS)


@views.get("/hours")
def hours() -> Response:
    """Where the hours between medically ready and departed went."""
    current.actor().require("planner", "org_admin")
    days = filters_for(HoursFilter).data.get("days", 30)
    found = avoidable_hours(current.session(), days)
    ordered = sorted(found.seconds.items(), key=lambda one: -one[1])
    bars = [Bar(CAUSE_LABELS[cause], seconds / 3600, _hours(seconds)) for cause, seconds in ordered]
    if wants_csv():
        lines = ((CAUSE_LABELS[cause], f"{seconds / 3600:.2f}") for cause, seconds in ordered)
        return csv_response("avoidable-hours.csv", ["Cause", "Hours"], lines)
    chart = bar_chart("Avoidable hours by cause", bars) if bars else None
    return render("desk/ready_hours.html", found=found, chart=chart, days=days, hours=_hours)


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.1f} h"


CSV_HEAD = ["Leaves at", "Patient", "Unit", "Ready to leave", "In the way"]


def _csv(row: ReadyRow) -> list[object]:
    stay = row.departure.encounter
    blockers = "; ".join(f"{one.what} ({one.owner})" for one in row.verdict.blockers)
    ready = "yes" if row.verdict.is_green else "no"
    return [stay.expected_discharge_at, row.departure.identity.listed_name, stay.unit, ready, blockers]


def _cursor() -> Cursor | None:
    given = request.args.get("after", "")
    if not given:
        return None
    moment, _, encounter_id = given.partition("_")
    try:
        return datetime.fromisoformat(moment), UUID(encounter_id)
    except ValueError:
        raise InvalidInput("after", "use the address of the link to the next page") from None
