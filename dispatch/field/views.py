"""The crew's phone pages: the day, and one stop a screen with one big button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from marshmallow import Schema

from dispatch.field import completing, service
from dispatch.field.models import FieldService
from dispatch.field.rules import next_statuses
from dispatch.field.schemas import AcceptanceSchema, StepSchema, TripLogSchema
from dispatch.field.steps import step_from
from dispatch.field.words import ENDED_WITHOUT_SERVICE, RELATIONSHIPS, FieldStatus
from dispatch.field.words_for_people import BUTTONS, DELIVERY_STEPS, RIDE_STEPS, SOUNDS
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.reading import items_of
from marketplace.bookings.telling import open_tellings, tellings_to_me
from marketplace.bookings.telling_models import Audience
from marketplace.bookings.words import LEVEL_LABELS
from marketplace.foundation.errors import NotFound
from marketplace.web import current, idempotency
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render

views = Blueprint("field", __name__, url_prefix="/field", template_folder="../templates")

FORMS: dict[FieldStatus, type[Schema]] = {
    FieldStatus.ACCEPTED_BY_RECEIVER: AcceptanceSchema,
    FieldStatus.COMPLETED: TripLogSchema,
}
"""Steps with papers have a page of their own (completing a delivery has none: it was signed before)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stop in the list: what, when, how far."""

    running: FieldService
    kind: str
    reference: str
    place: str
    said: tuple[str, str]


@views.get("/")
def stops() -> Response:
    """The day of the acting crew, the next stop first, what is done at the end."""
    session = current.session()
    now = session.now()
    found = service.stops_of_crew(session, now - timedelta(hours=14), now + timedelta(hours=20))
    rows = [_row(running, session.get(Booking, running.booking_id)) for running in found]
    ended = {FieldStatus.COMPLETED, *ENDED_WITHOUT_SERVICE}
    return render(
        "dispatch/field/stops.html",
        ahead=[row for row in rows if row.running.status not in ended],
        tellings=[told for told in open_tellings(session) if told.audience is Audience.CREW],
        behind=[row for row in rows if row.running.status in ended],
    )


@views.get("/stops/<uuid:booking_id>")
def stop(booking_id: UUID) -> Response:
    """One stop: where, whom, what, and the next step."""
    return _stop_page(booking_id, Form({}))


@views.post("/stops/<uuid:booking_id>/steps")
def take_step(booking_id: UUID) -> Response:
    """Record a step without papers."""
    session = current.session()
    form = form_for(StepSchema)
    if form.ok:
        step = step_from(session, form.data, idempotency.key_of_request())
        with form.refusals():
            if step.status is FieldStatus.RIDER_NO_SHOW:
                completing.report_no_show(session, booking_id, step)
            elif step.status is FieldStatus.COMPLETED:
                completing.complete_delivery(session, booking_id, step)
            else:
                service.record(session, booking_id, step)
        if form.ok:
            return _onward(booking_id, step.status)
    return _stop_page(booking_id, form)


@views.route("/stops/<uuid:booking_id>/papers", methods=["GET", "POST"])
def papers(booking_id: UUID) -> Response:
    """The step that needs papers: trip log of a ride, proof of a delivery."""
    session = current.session()
    running = service.stop(session, booking_id)
    status = FieldStatus.COMPLETED if running.kind == "ride" else FieldStatus.ACCEPTED_BY_RECEIVER
    form = form_for(FORMS[status], initial=_initial(booking_id))
    if form.ok:
        step = step_from(session, form.data, idempotency.key_of_request())
        with form.refusals():
            if status is FieldStatus.COMPLETED:
                completing.complete_ride(session, booking_id, step, form.data["log"])
            else:
                completing.accept_delivery(session, booking_id, step, form.data["signed"])
        if form.ok:
            return _onward(booking_id, status)
    template = "trip_log.html" if running.kind == "ride" else "acceptance.html"
    return render(
        f"dispatch/field/{template}",
        form=form,
        booking=_booking(booking_id),
        items=items_of(session, [booking_id])[booking_id],
        relationships=list(RELATIONSHIPS.items()),
    )


def _stop_page(booking_id: UUID, form: Form) -> Response:
    session = current.session()
    running = service.stop(session, booking_id)
    booking = _booking(booking_id)
    next_ones = next_statuses(running.kind, running.status)
    usual = [status for status in next_ones if status not in ENDED_WITHOUT_SERVICE]
    return render(
        "dispatch/field/stop.html",
        form=form,
        stop=running,
        booking=booking,
        level=LEVEL_LABELS.get(booking.level_of_service) if booking.level_of_service else None,
        tellings=tellings_to_me(session, booking_id),
        rider=bookings.rider(session, booking_id),
        items=items_of(session, [booking_id])[booking_id],
        said=SOUNDS[running.status],
        next_step=usual[0] if usual else None,
        exceptions=[status for status in next_ones if status in ENDED_WITHOUT_SERVICE],
        needs_papers=bool(usual) and usual[0] in FORMS and _has_papers(running.kind, usual[0]),
        buttons=BUTTONS,
        step_names=[str(status) for status in (RIDE_STEPS if running.kind == "ride" else DELIVERY_STEPS)],
        towards_pickup=running.kind == "ride" and running.status in _BEFORE_BOARDING,
    )


_BEFORE_BOARDING = frozenset({FieldStatus.ASSIGNED, FieldStatus.EN_ROUTE_PICKUP, FieldStatus.ARRIVED_PICKUP})


def _has_papers(kind: str, status: FieldStatus) -> bool:
    return kind == "ride" or status is not FieldStatus.COMPLETED


def _onward(booking_id: UUID, status: FieldStatus) -> Response:
    if status is FieldStatus.COMPLETED or status in ENDED_WITHOUT_SERVICE:
        return go(url_for("field.stops"), "Recorded. That stop is done.")
    return go(url_for("field.stop", booking_id=booking_id), "Recorded.")


def _initial(booking_id: UUID) -> dict[str, Any]:
    if request.method == "POST":
        return {}
    items = items_of(current.session(), [booking_id])[booking_id]
    numbered: dict[str, Any] = {}
    for position, item in enumerate(items):
        numbered[f"items.{position}.hcpcs_code"] = item.hcpcs_code
        numbered[f"items.{position}.quantity"] = item.quantity
    return numbered


def _booking(booking_id: UUID) -> Booking:
    found = current.session().get(Booking, booking_id)
    if found is None:
        raise NotFound
    return found


def _row(running: FieldService, booking: Booking | None) -> Row:
    if booking is None:
        raise NotFound
    kind = "Ride" if running.kind == "ride" else "Delivery"
    place = booking.origin_postal_code if running.kind == "ride" else booking.destination_postal_code
    return Row(running, kind, booking.reference, place or "", SOUNDS[running.status])
