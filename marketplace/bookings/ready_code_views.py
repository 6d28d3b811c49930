"""The patient's page "I am ready", in large type and without an account; and the sheet that leads there.

Each try is counted in a unit of work of its own, so that a refusal is not undone.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from marketplace.bookings import ready_codes
from marketplace.bookings.ready_codes import DEAD, Opened, PatientsRide, by_code, open_door, ride_of
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.work import unit_of_work
from marketplace.web import current
from marketplace.web.code_doors import CodeForm, opened, refusal_status
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import render

views = Blueprint("patient_ready", __name__, template_folder="../templates")


@views.post("/bookings/<uuid:booking_id>/ready-code")
def sheet(booking_id: UUID) -> Response:
    """The sheet for the patient's packet, with a fresh code that is shown this once."""
    current.actor().require("planner")
    issued = ready_codes.issue(current.session(), booking_id)
    address = url_for("patient_ready.enter", _external=True, ride=issued.reference)
    short = url_for("patient_ready.enter", _external=True).partition("://")[2].rstrip("/")
    return render("bookings/ready/sheet.html", issued=issued, address=address, short=short, large=True)


@views.get("/ready/")
def enter() -> Response:
    """Where the ride's number and code are typed; a link may bring the number."""
    given = request.args.get("ride", "")[:20]
    return render("bookings/ready/enter.html", form=form_for(CodeForm, initial={"reference": given}))


@views.post("/ready/")
def look() -> Response:
    """The ride behind a right code, with one button."""
    form = form_for(CodeForm)
    found = _opened(form)
    ride = _ride(form, found) if found else None
    return _shown(form, ride)


@views.post("/ready/now")
def say() -> Response:
    """The patient is ready: the ride is released; saying it again changes nothing."""
    form = form_for(CodeForm)
    found = _opened(form)
    if found is None:
        return _shown(form, None)
    try:
        with unit_of_work(current.runtime(), by_code(found)) as work:
            ready_codes.ready_by_code(work, found, form.data["code"])
    except NotFound:
        form.refuse("code", DEAD)
    except Conflict:
        return _shown(form, _ride(form, found), 409, too_late=True)
    return _shown(form, _ride(form, found))


def _ride(form: Form, found: Opened) -> PatientsRide | None:
    try:
        with unit_of_work(current.runtime(), by_code(found)) as work:
            return ride_of(work, found)
    except NotFound:
        form.refuse("code", _dead())
        return None


def _shown(form: Form, ride: PatientsRide | None, status: int = 200, *, too_late: bool = False) -> Response:
    if ride is None or not form.ok:
        return render("bookings/ready/enter.html", refusal_status(form), form=form)
    current.use_zone(ride.time_zone)
    return render("bookings/ready/ride.html", status, form=form, ride=ride, too_late=too_late)


def _opened(form: Form) -> Opened | None:
    return opened(form, open_door, dead=_dead(), instead=", or tell your nurse")


def _dead() -> str:
    return DEAD + " Tell your nurse: they can say it for you, or print a new code."
