"""Accepted work: the day's schedule and manifest, one award with its rider, changed times, turning back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Response, request, url_for
from marshmallow import Schema, ValidationError, fields

from marketplace.bookings.models import Booking
from marketplace.bookings.service import rider, riders
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.web import current
from marketplace.web.fields import Day, Text
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import Column, Table, csv_response, live_attributes, wants_csv
from vendors.offers.amendments import accept_amendment, refuse_amendment
from vendors.offers.closing import open_question_of
from vendors.offers.reading import Place, ScheduleRow, schedule_of, schedule_row
from vendors.offers.service import LIVE, OFFICE, turn_back
from vendors.offers.words import TurnBackReason
from vendors.portal.choices import choices
from vendors.portal.views import views

_COLUMNS = (
    Column("time", "Promised"),
    Column("work", "Work"),
    Column("way", "From and to"),
    Column("needs", "Needs"),
    Column("vehicle", "Planned"),
    Column("state", "State"),
)


ROWS = 100
"""Of the schedule on one page."""


class TurnBackSchema(Schema):
    """Why accepted work is returned."""

    reason_code = fields.Enum(TurnBackReason, by_value=True, required=True)
    note = Text(longest=500)


class RefusalSchema(Schema):
    """Why a changed time does not do."""

    note = Text(longest=500)


@views.get("/schedule")
def schedule() -> Response:
    """Accepted work of one day, in the order of its times."""
    current.actor().require(*OFFICE)
    day = _day()
    if wants_csv():
        rows = schedule_of(current.session(), day, current.zone())
        return csv_response(f"schedule-{day}.csv", _CSV, (_csv_row(row) for row in rows))
    rows = schedule_of(current.session(), day, current.zone(), after=_after(), limit=ROWS + 1)
    last = rows[ROWS - 1].award if len(rows) > ROWS else None
    rows = rows[:ROWS]
    table: Table[ScheduleRow] = Table(
        _COLUMNS,
        rows,
        caption=f"Accepted work on {day:%A, %B %d}",
        csv=True,
        empty=("Nothing accepted for this day", "Work appears here as soon as you accept an offer."),
        row_attributes=_row_attributes,
    )
    return render(
        "vendors/portal/schedule.html",
        table=table,
        day=day,
        later=url_for("portal.schedule", day=day, after=f"{last.promised_start.isoformat()}_{last.id}")
        if last
        else None,
        earlier=url_for("portal.schedule", day=day) if request.args.get("after") else None,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        today=current.now().astimezone(current.zone()).date(),
    )


@views.get("/schedule/<uuid:award_id>/row")
def award_row(award_id: UUID) -> Response:
    """One row of the schedule again."""
    row = schedule_row(current.session(), award_id)
    return render("vendors/portal/award_row.html", row=row, attributes=_row_attributes(row))


@views.get("/manifest")
def manifest() -> Response:
    """The day on paper, with the riders' names and addresses; the look is audited."""
    current.actor().require(*OFFICE)
    session, day = current.session(), _day()
    rows = schedule_of(session, day, current.zone())
    people = riders(session, [row.award.booking_id for row in rows])
    large = request.args.get("large") == "1"
    return render("vendors/portal/manifest.html", rows=rows, people=people, day=day, large=large)


@views.get("/awards/<uuid:award_id>")
def award(award_id: UUID) -> Response:
    """One award: the promise, who rides or receives, the price, and what can be done."""
    current.actor().require(*OFFICE)
    return _award_page(award_id, form_for(TurnBackSchema))


@views.post("/awards/<uuid:award_id>/turn-back")
def turn_back_award(award_id: UUID) -> Response:
    """The office returns accepted work, and says why."""
    current.actor().require(*OFFICE)
    form = form_for(TurnBackSchema)
    if form.ok:
        turn_back(current.session(), award_id, form.data["reason_code"], form.data.get("note"))
        return go(url_for("portal.schedule"), "Turned back. The hospital is looking for somebody else.")
    return _award_page(award_id, form)


@views.post("/amendments/<uuid:amendment_id>/accept")
def accept_change(amendment_id: UUID) -> Response:
    """The office agrees to the new time."""
    changed = accept_amendment(current.session(), amendment_id)
    return go(url_for("portal.award", award_id=changed.id), "The new time is agreed.")


@views.post("/amendments/<uuid:amendment_id>/refuse")
def refuse_change(amendment_id: UUID) -> Response:
    """The office cannot do the new time: the work goes back."""
    current.actor().require(*OFFICE)
    refuse_amendment(current.session(), amendment_id, form_for(RefusalSchema).data.get("note"))
    return go(url_for("portal.inbox"), "Refused. The work went back to the hospital.")


def _award_page(award_id: UUID, form: Form) -> Response:
    session = current.session()
    row = schedule_row(session, award_id)
    live = row.award.state in LIVE
    booking = session.get(Booking, row.award.booking_id) if live else None
    return render(
        "vendors/portal/award.html",
        row=row,
        award=row.award,
        booking=booking,
        person=_rider_of(row) if booking else None,
        question=open_question_of(session, award_id) if live else None,
        form=form,
        reasons=choices(TurnBackReason),
    )


def _rider_of(row: ScheduleRow) -> object | None:
    try:
        return rider(current.session(), row.award.booking_id)
    except NotFound:
        return None


def _day() -> date:
    given = request.args.get("day")
    if not given:
        return current.now().astimezone(current.zone()).date()
    try:
        return Day().deserialize(given)
    except ValidationError:
        raise InvalidInput("day", "write a day like 2026-03-02") from None


def _after() -> Place | None:
    given = request.args.get("after", "")
    if not given:
        return None
    moment, _, award_id = given.partition("_")
    try:
        return datetime.fromisoformat(moment), UUID(award_id)
    except ValueError:
        raise InvalidInput("after", "use the address of the link to the next page") from None


def _row_attributes(row: ScheduleRow) -> str:
    url = url_for("portal.award_row", award_id=row.award.id)
    return live_attributes(f"award:{row.award.id}", row.award.revision, url, "Accepted work changed")


_CSV = (
    "From",
    "Until",
    "Kind",
    "Level",
    "Pickup area",
    "Drop-off area",
    "Vehicle",
    "Planned",
    "State",
    "Price",
)


def _csv_row(row: ScheduleRow) -> list[object]:
    award = row.award
    return [
        award.promised_start, award.promised_end, award.kind, award.level_of_service or "",
        award.preview["pickup_area"], award.preview["dropoff_area"], row.vehicle_name, award.planned_at,
        str(award.state), f"{award.total_cents / 100:.2f}",
    ]  # fmt: skip
