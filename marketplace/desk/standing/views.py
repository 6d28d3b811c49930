"""Pages of standing orders: all of them, a new one with a second look, and one with its days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select

from marketplace.bookings.asking import ride_asked_for
from marketplace.bookings.context import BookingContext
from marketplace.bookings.page_parts import LEVEL_CHOICES, payer_of, paying_choices
from marketplace.bookings.rules import suggested_level
from marketplace.bookings.words import (
    APPOINTMENT_PLACES,
    PLACE_LABELS,
    WAY_BACK_LABELS,
    PlaceKind,
    WayBackWish,
)
from marketplace.desk.second_look import look_or_book, payability_of
from marketplace.desk.standing import reading, service
from marketplace.desk.standing.models import StandingOrder
from marketplace.desk.standing.rules import days_of
from marketplace.desk.standing.schemas import (
    EndSchema,
    SkipSchema,
    StandingForm,
    SuspendSchema,
    TermsForm,
    place_from,
    terms_from,
)
from marketplace.desk.standing.words import HORIZON_DAYS, SUSPEND_LABELS, WEEKDAYS
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.identity.models import Organization
from marketplace.patients.words import ServiceLine
from marketplace.web import current
from marketplace.web.forms import Form, form_for, parse
from marketplace.web.pages import go, render
from vendors.network.models import VendorProfile

views = Blueprint("standing", __name__, url_prefix="/desk/standing", template_folder="../../templates")
PLANNERS = ("planner",)
_DAYS = [(str(number), name) for number, name in enumerate(WEEKDAYS)]
_WISHES = [(wish.value, label) for wish, label in WAY_BACK_LABELS.items()]
_FIELDS = {
    "coverage_id": "payer",
    "authorization_id": "payer",
    "requested_start": "pickup_at",
    "requested_end": "pickup_at",
}


@views.get("/")
def index() -> Response:
    """Every standing order, those in trouble first."""
    current.actor().require(*PLANNERS)
    lines = reading.orders(current.session())
    return render("desk/standing/index.html", lines=lines, weekdays=WEEKDAYS)


@views.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Begin one from a task: days, times, payer; a second look says what it books and who pays."""
    current.actor().require(*PLANNERS)
    known = ride_asked_for()
    current.use_zone(known.facility.time_zone)
    payers = paying_choices(current.session(), known.patient.id, ServiceLine.RIDE)
    form = form_for(StandingForm, _initial(known, payers))
    foreseen, made = look_or_book(form, lambda: _order(known, form), _foreseen, _begun, _control_of)
    if made is not None:
        said = f"{made.reference} stands. The rides of the next {HORIZON_DAYS} days are booked."
        return go(url_for("standing.show", order_id=made.id), said)
    if form.errors:
        known = ride_asked_for()  # the refused transaction is gone
    return render(
        "desk/standing/new.html",
        form=form,
        known=known,
        foreseen=foreseen,
        **payability_of(foreseen.findings if foreseen else None),
        payers=payers,
        levels=LEVEL_CHOICES,
        vendors=_vendors(),
        days=_DAYS,
        wishes=_WISHES,
        places=[(kind.value, PLACE_LABELS[kind]) for kind in APPOINTMENT_PLACES],
    )


@views.get("/of-task/<uuid:task_id>")
def of_task(task_id: UUID) -> Response:
    """The order of a task."""
    found = reading.order_of_task(current.session(), task_id)
    return go(url_for("standing.show", order_id=found.id))


@views.get("/<uuid:order_id>")
def show(order_id: UUID) -> Response:
    """One order with its days."""
    current.actor().require(*PLANNERS)
    return _page(order_id)


@views.post("/<uuid:order_id>/terms")
def change(order_id: UUID) -> Response:
    """Other days or times."""
    current.actor().require(*PLANNERS)
    form = parse(TermsForm, request.form, prefix="terms-")
    if form.ok:
        with form.refusals():
            service.change(current.session(), order_id, terms_from(form.data))
        if form.ok:
            return go(_address(order_id), "Changed. Rides that wait follow.")
    return _page(order_id, terms=form)


@views.post("/<uuid:order_id>/suspend")
def suspend(order_id: UUID) -> Response:
    """No rides for a while."""
    current.actor().require(*PLANNERS)
    form = parse(SuspendSchema, request.form, prefix="suspend-")
    if form.ok:
        with form.refusals():
            service.suspend(current.session(), order_id, **form.data)
        if form.ok:
            return go(_address(order_id), "Suspended. Waiting rides of these days are called off.")
    return _page(order_id, suspending=form)


@views.post("/<uuid:order_id>/end")
def end(order_id: UUID) -> Response:
    """At once, or after a last day."""
    current.actor().require(*PLANNERS)
    form = parse(EndSchema, request.form, prefix="end-")
    if form.ok:
        with form.refusals():
            service.end_order(current.session(), order_id, **form.data)
        if form.ok:
            return go(_address(order_id), "Its end is noted. Waiting rides after it are called off.")
    return _page(order_id, ending=form)


@views.post("/<uuid:order_id>/resume")
def resume(order_id: UUID) -> Response:
    """Rides again."""
    service.resume(current.session(), order_id)
    return go(_address(order_id), "Resumed. The rides of the next two weeks are booked.")


@views.post("/<uuid:order_id>/skip")
def skip(order_id: UUID) -> Response:
    """Leave a day out."""
    current.actor().require(*PLANNERS)
    form = parse(SkipSchema, request.form)
    if not form.ok:
        raise InvalidInput([FieldError(field, text) for field, text in form.errors.items()])
    service.leave_out(current.session(), order_id, form.data["day"])
    return go(_address(order_id), f"Left out: {form.data['day']:%A, %B %-d}.")


@views.post("/<uuid:order_id>/fill")
def book_again(order_id: UUID) -> Response:
    """Try again to book what is missing."""
    made = service.fill_order(current.session(), order_id)
    said = f"{made} more days are booked." if made else "Nothing could be booked; the reason is shown."
    trouble = reading.order_by_id(current.session(), order_id).trouble
    return go(_address(order_id), "Everything is booked." if not trouble and not made else said)


def _page(
    order_id: UUID,
    terms: Form | None = None,
    suspending: Form | None = None,
    ending: Form | None = None,
) -> Response:
    record = reading.order_record(current.session(), order_id)
    current.use_zone(record.facility.time_zone)
    today = current.now().astimezone(ZoneInfo(record.facility.time_zone)).date()
    return render(
        "desk/standing/show.html",
        record=record,
        order=record.order,
        rides=_soonest_first(record.days, today),
        terms=terms or Form(_of_terms(record.order.terms), prefix="terms-"),
        suspending=suspending or Form({"first": today.isoformat()}, prefix="suspend-"),
        ending=ending or Form({}, prefix="end-"),
        today=today,
        upcoming=[day for day in days_of(record.order.terms, record.order.pause) if day >= today][:1],
        weekdays=WEEKDAYS,
        days=_DAYS,
        wishes=_WISHES,
        reasons=[(code.value, label) for code, label in SUSPEND_LABELS.items()],
        reason_labels=SUSPEND_LABELS,
        horizon=HORIZON_DAYS,
    )


def _soonest_first(days: Sequence[reading.Occurrence], today: date) -> list[reading.Occurrence]:
    """The days to come, the next one on top, then those that are over."""
    coming = [one for one in days if one.row.on_day >= today]
    return [*reversed(coming), *(one for one in days if one.row.on_day < today)]


def _of_terms(terms: Any) -> dict[str, Any]:
    return {
        "weekdays": [str(day) for day in terms.weekdays],
        "pickup_at": terms.pickup_at,
        "window_minutes": terms.window_minutes,
        "way_back": terms.way_back,
        "back_at": terms.back_at,
        "ends_on": terms.ends_on,
        "trips": terms.trips,
        "skipped": ", ".join(day.isoformat() for day in terms.skipped),
    }


def _initial(known: BookingContext, payers: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "weekdays": ["0", "2", "4"],
        "pickup_at": "06:00",
        "window_minutes": 30,
        "way_back": WayBackWish.AT_TIME,
        "back_at": "10:30",
        "starts_on": current.now().astimezone(known.zone).date().isoformat(),
        "level_of_service": suggested_level(known.needs),
        "payer": payers[0][0],
        "place_kind": PlaceKind.DIALYSIS,
    }


def _order(known: BookingContext, form: Form) -> service.NewOrder:
    data = form.data
    return service.NewOrder(
        task_id=known.task.id,
        terms=terms_from(data),
        level_of_service=data["level_of_service"],
        payer=payer_of(data["payer"]),
        destination=place_from(data),
        vendor_id=data["vendor_id"],
        note=data["note"],
    )


def _vendors() -> list[tuple[str, str]]:
    """Who drives people at all."""
    query = (
        select(Organization.id, Organization.name, VendorProfile.levels)
        .join(VendorProfile, VendorProfile.organization_id == Organization.id)
        .order_by(Organization.name)
    )
    return [(str(row[0]), row[1]) for row in current.session().execute(query) if row[2]]


def _foreseen(order: service.NewOrder) -> service.Foreseen:
    return service.foresee(current.session(), order)


def _begun(order: service.NewOrder) -> StandingOrder:
    return service.begin(current.session(), order)


def _control_of(field: str) -> str:
    """The control that stands for a field of the booking service."""
    if field.startswith("way_back."):
        return "back_at"
    return _FIELDS.get(field, field.removeprefix("destination."))


def _address(order_id: UUID) -> str:
    return url_for("standing.show", order_id=order_id)
