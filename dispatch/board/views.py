"""The dispatcher's pages: the day as a timeline, a list and a map; one leg with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from marshmallow import Schema

from dispatch.board import hand
from dispatch.board.day import BoardDay, Lane, board_day
from dispatch.board.drawing import hours_of
from dispatch.board.hand import ChangeRefused
from dispatch.board.kept import area, lanes_html, rows_html, waiting_html
from dispatch.board.legs import Leg
from dispatch.board.mapping import map_of, marks_of
from dispatch.board.models import HandChange
from dispatch.board.schemas import AssignSchema, DayFilter, EmptySchema, SwapSchema
from marketplace.bookings.models import Booking
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.web import current
from marketplace.web.forms import Form, filters_for, form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import csv_response, wants_csv

views = Blueprint("dispatch", __name__, url_prefix="/dispatch", template_folder="../templates")

LIST_ROWS = 150
LONGEST_SCALE_SECONDS = 36 * 3600
"""No board draws more: a day of 25 hours and what runs into the next morning."""


@views.get("/")
def board() -> Response:
    """Every vehicle's day, one lane each."""
    day = _day_of_request()
    only = request.args.get("show", "")
    lanes = [lane for lane in day.lanes if only != "risk" or lane.at_risk]
    return render(
        "dispatch/board/board.html",
        lanes=lanes_html(lanes, day),
        only=only,
        hours=hours_of(day),
        **_frame(day, "dispatch.board"),
    )


@views.get("/lanes/<uuid:shift_id>")
def lane(shift_id: UUID) -> Response:
    """One lane again, for a page that heard that it changed; drawn to the scale of that page."""
    day = board_day(current.session(), filters_for(DayFilter).data.get("day"), shift_id)
    if not day.lanes:
        raise NotFound
    day = _to_scale(day)
    current.use_zone(day.zone.key)
    return render("dispatch/board/part.html", part=lanes_html([day.lanes[0]], day)[0])


@views.get("/waiting")
def waiting() -> Response:
    """What is on no vehicle again, for a page that heard of a new plan."""
    return render("dispatch/board/part.html", part=waiting_html(_day_of_request()))


@views.get("/list")
def legs() -> Response:
    """Every service of the day in a table, with its chance of being late."""
    day = _day_of_request()
    rows = [(lane, leg) for lane in day.lanes for leg in lane.legs]
    rows.sort(key=lambda row: (row[1].planned.starts_at, row[1].planned.reference))
    if wants_csv():
        return csv_response(f"board-{day.day}.csv", CSV_HEAD, (_csv(*row) for row in rows))
    first = _page_start(len(rows))
    return render(
        "dispatch/board/list.html", rows=rows_html(rows[first : first + LIST_ROWS], day), first=first,
        total=len(rows),
        later=first + LIST_ROWS if first + LIST_ROWS < len(rows) else None,
        earlier=max(0, first - LIST_ROWS) if first else None, **_frame(day, "dispatch.legs"),
    )  # fmt: skip


@views.get("/map")
def vehicle_map() -> Response:
    """Where vehicles are, or the way of one of them."""
    day = _day_of_request()
    chosen = next((one for one in day.lanes if str(one.shift_id) == request.args.get("shift")), None)
    return render(
        "dispatch/board/map.html", plan=map_of(day, chosen), marks=marks_of(day, chosen), chosen=chosen,
        **_frame(day, "dispatch.vehicle_map"),
    )  # fmt: skip


@views.get("/legs/<uuid:booking_id>")
def leg(booking_id: UUID) -> Response:
    """One service: its place in the plan, its risk, and assign, swap, pin."""
    return _leg_page(booking_id)


@views.post("/legs/<uuid:booking_id>/assign")
def assign(booking_id: UUID) -> Response:
    """Put it on another vehicle."""
    return _by_hand(booking_id, AssignSchema, hand.assign)


@views.post("/legs/<uuid:booking_id>/swap")
def swap(booking_id: UUID) -> Response:
    """Exchange it with a service of another vehicle."""
    return _by_hand(booking_id, SwapSchema, hand.swap)


@views.post("/legs/<uuid:booking_id>/pin")
def pin(booking_id: UUID) -> Response:
    """Keep it on its vehicle."""
    return _by_hand(booking_id, EmptySchema, hand.pin)


@views.post("/legs/<uuid:booking_id>/unpin")
def unpin(booking_id: UUID) -> Response:
    """Let the plan choose again."""
    change = hand.unpin(current.session(), booking_id)
    return go(url_for("dispatch.leg", booking_id=change.booking_id), "Let go. The day is being planned anew.")


def _by_hand(booking_id: UUID, schema: type[Schema], verb: Callable[..., HandChange]) -> Response:
    form = form_for(schema)
    if form.ok:
        try:
            with form.refusals():
                change = verb(current.session(), booking_id, **form.data)
        except ChangeRefused as refused:  # the page says which rule, and what would do
            current.undo()
            return _leg_page(booking_id, form, refused, 409)
        if form.ok:
            return go(url_for("dispatch.leg", booking_id=booking_id), _said(change))
    return _leg_page(booking_id, form)


def _said(change: HandChange) -> str:
    rules = len(change.certificate.get("rules", []))
    seal = str(change.certificate.get("seal", ""))[:8]
    also = len(change.moved) - 1
    others = f" {also} more moved with it." if also > 0 else ""
    return f"Saved.{others} Checked against {rules} rules, certificate {seal}."


def _leg_page(
    booking_id: UUID, form: Form | None = None, refused: ChangeRefused | None = None, status: int = 200
) -> Response:
    session = current.session()
    session.actor.require(*hand.OFFICE)
    booking = session.get(Booking, booking_id)
    if booking is None or booking.vendor_organization_id != session.actor.organization():
        raise NotFound
    if booking.promised_start is None:
        raise NotFound
    day = board_day(session)
    local_day = booking.promised_start.astimezone(day.zone).date()
    if local_day != day.day:
        day = board_day(session, local_day)
    current.use_zone(day.zone.key)
    mine = day.lane_of(booking_id)
    found = next((one for one in mine.legs if one.planned.booking_id == booking_id), None) if mine else None
    waits = next((one.reason for one in day.waiting if one.booking_id == booking_id), "")
    return render(
        "dispatch/board/leg.html",
        status=status if form is None or form.ok else 422,
        booking=booking,
        leg=found,
        lane=mine,
        day=day,
        waits=waits,
        form=form or Form({}),
        refused=refused,
        shifts=_shift_choices(day, mine),
        others=_swap_choices(day, mine),
        area=area,
    )


def _shift_choices(day: BoardDay, mine: Lane | None) -> list[tuple[str, str]]:
    others = [one for one in day.lanes if mine is None or one.shift_id != mine.shift_id]
    return [(str(one.shift_id), _shift_words(one, day)) for one in others]


def _shift_words(lane: Lane, day: BoardDay) -> str:
    begins, ends = lane.starts_at.astimezone(day.zone), lane.ends_at.astimezone(day.zone)
    legs = "1 leg" if len(lane.legs) == 1 else f"{len(lane.legs)} legs"
    return f"{lane.name}, {begins:%H:%M} to {ends:%H:%M}, {legs}"


def _swap_choices(day: BoardDay, mine: Lane | None) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for lane in day.lanes:
        free = [leg for leg in lane.legs if not leg.has_begun]
        if mine is not None and lane.shift_id != mine.shift_id and free:
            found[lane.name] = [(str(leg.planned.booking_id), _swap_words(leg, day)) for leg in free]
    return found


def _swap_words(leg: Leg, day: BoardDay) -> str:
    return f"{leg.planned.starts_at.astimezone(day.zone):%H:%M} {leg.planned.reference} {leg.work}"


def _day_of_request() -> BoardDay:
    current.actor().require(*hand.OFFICE)
    day = board_day(current.session(), filters_for(DayFilter).data.get("day"))
    current.use_zone(day.zone.key)
    return day


def _frame(day: BoardDay, here: str) -> dict[str, Any]:
    """What the three faces of the day share."""
    today = day.now.astimezone(day.zone).date()
    return {
        "day": day,
        "waiting": waiting_html(day),
        "here": here,
        "today": today,
        "before": day.day - timedelta(days=1),
        "after": day.day + timedelta(days=1),
        "on_the_road": sum(leg.has_begun and not leg.is_over for leg in day.legs),
        "over": sum(leg.is_over for leg in day.legs),
        "at_risk": sum(one.at_risk for one in day.lanes),
        "address": lambda endpoint, on: url_for(endpoint, day=on if on != today else None),
    }


def _to_scale(day: BoardDay) -> BoardDay:
    begins, _, ends = request.args.get("scale", "").partition("-")
    if not (begins.isdecimal() and ends.isdecimal() and len(begins) == len(ends) == 10):
        return day
    if not 0 < int(ends) - int(begins) <= LONGEST_SCALE_SECONDS:
        return day
    return replace(
        day,
        starts_at=datetime.fromtimestamp(int(begins), UTC),
        ends_at=datetime.fromtimestamp(int(ends), UTC),
    )


def _page_start(total: int) -> int:
    given = request.args.get("from", "0")
    if not given.isdecimal() or len(given) > 6:
        raise InvalidInput("from", "use the address of the link to the next page")
    return min(int(given), max(total - 1, 0)) // LIST_ROWS * LIST_ROWS


CSV_HEAD = [
    "Vehicle",
    "Reference",
    "Work",
    "Starts",
    "Ends",
    "Promised until",
    "Probably there",
    "Late %",
    "State",
    "Pinned",
]


def _csv(lane: Lane, leg: Leg) -> list[object]:
    return [
        lane.name, leg.planned.reference, leg.work, leg.planned.starts_at, leg.planned.ends_at,
        leg.planned.promised_end, leg.expected_at, leg.risk.late_percent, leg.said,
        "yes" if leg.planned.pinned else "",
    ]  # fmt: skip
