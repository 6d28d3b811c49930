"""The crew's phone pages: the day, and one stop a screen with one big button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from marshmallow import Schema

from dispatch.field import completing, service
from dispatch.field.handing_back import can_hand_back, hand_back
from dispatch.field.models import FieldService
from dispatch.field.rules import next_statuses
from dispatch.field.schemas import (
    AcceptanceSchema,
    HandBackSchema,
    MissedSchema,
    StepSchema,
    TripLogSchema,
    VisitRecordSchema,
)
from dispatch.field.steps import step_from
from dispatch.field.words import ENDED_WITHOUT_SERVICE, RELATIONSHIPS, FieldStatus
from dispatch.field.words_for_people import BUTTONS, SOUNDS, STEPS_OF_KIND, name_of
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.reading import items_of
from marketplace.bookings.telling import open_tellings, tellings_to_me
from marketplace.bookings.telling_models import Audience
from marketplace.bookings.words import LEVEL_LABELS, MISSED_LABELS, PURPOSE_LABELS
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.foundation.errors import NotFound
from marketplace.web import current, idempotency
from marketplace.web.display import local
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from vendors.offers.words import CREW_REASONS

views = Blueprint("field", __name__, url_prefix="/field", template_folder="../templates")

PAPERS: dict[str, tuple[FieldStatus, type[Schema], str]] = {
    "ride": (FieldStatus.COMPLETED, TripLogSchema, "trip_log.html"),
    "equipment": (FieldStatus.ACCEPTED_BY_RECEIVER, AcceptanceSchema, "acceptance.html"),
    "home_health": (FieldStatus.COMPLETED, VisitRecordSchema, "visit_record.html"),
}
"""By kind of work the step with papers, which has a page of its own: its status, form and template."""


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


@views.post("/stops/<uuid:booking_id>/hand-back")
def give_back(booking_id: UUID) -> Response:
    """The crew cannot do this stop: it goes back, with the reason."""
    session = current.session()
    form = form_for(HandBackSchema)
    if form.ok:
        step = step_from(session, form.data, idempotency.key_of_request())
        with form.refusals():
            hand_back(session, booking_id, step, form.data["reason_code"], form.data["note"] or None)
        if form.ok:
            said = "Given back. The hospital is told and asks others. Call your dispatcher."
            return go(url_for("field.stops"), said)
    return _stop_page(booking_id, form)


@views.route("/stops/<uuid:booking_id>/papers", methods=["GET", "POST"])
def papers(booking_id: UUID) -> Response:
    """The step that needs papers: trip log of a ride, proof of a delivery."""
    session = current.session()
    running = service.stop(session, booking_id)
    status, schema, template = PAPERS[running.kind]
    form = form_for(schema, initial=_initial(booking_id))
    if form.ok:
        step = step_from(session, form.data, idempotency.key_of_request())
        with form.refusals():
            if running.kind == "ride":
                completing.complete_ride(session, booking_id, step, form.data["log"])
            elif running.kind == "home_health":
                completing.complete_visit(session, booking_id, step, form.data["visit"])
            else:
                completing.accept_delivery(session, booking_id, step, form.data["signed"])
        if form.ok:
            return _onward(booking_id, status)
    booking = _booking(booking_id)
    return render(
        f"dispatch/field/{template}",
        form=form,
        booking=booking,
        verified=_elements(running, booking),
        items=items_of(session, [booking_id])[booking_id],
        relationships=list(RELATIONSHIPS.items()),
    )


@views.route("/stops/<uuid:booking_id>/missed", methods=["GET", "POST"])
def missed(booking_id: UUID) -> Response:
    """A visit that does not take place, with the reason."""
    session = current.session()
    service.stop(session, booking_id)
    form = form_for(MissedSchema)
    if form.ok:
        step = step_from(session, form.data, idempotency.key_of_request())
        with form.refusals():
            service.record(session, booking_id, step)
        if form.ok:
            return _onward(booking_id, step.status)
    reasons = [(reason.value, label) for reason, label in MISSED_LABELS.items()]
    return render("dispatch/field/missed.html", form=form, booking=_booking(booking_id), reasons=reasons)


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
        visit=DISCIPLINES[booking.discipline].name if booking.discipline else None,
        purpose=PURPOSE_LABELS[booking.visit_purpose] if booking.visit_purpose else None,
        verified=_elements(running, booking),
        rider=bookings.rider(session, booking_id),
        items=items_of(session, [booking_id])[booking_id],
        said=SOUNDS[running.status],
        next_step=usual[0] if usual else None,
        why_not=[(reason.value, label) for reason, label in CREW_REASONS.items()]
        if can_hand_back(running)
        else [],
        exceptions=[status for status in next_ones if status in ENDED_WITHOUT_SERVICE],
        needs_papers=bool(usual) and usual[0] is PAPERS[running.kind][0],
        buttons=BUTTONS,
        step_names=[str(status) for status in STEPS_OF_KIND[running.kind]],
        towards_pickup=running.kind == "ride" and running.status in _BEFORE_BOARDING,
    )


_BEFORE_BOARDING = frozenset({FieldStatus.ASSIGNED, FieldStatus.EN_ROUTE_PICKUP, FieldStatus.ARRIVED_PICKUP})


def _elements(running: FieldService, booking: Booking) -> list[tuple[str, str]]:
    """What is recorded so far of a visit's begin, end and place; nothing for other work."""
    if booking.discipline is None:
        return []
    steps = {event.status: event for event in service.events_of(current.session(), running.booking_id)}
    began, ended = steps.get(FieldStatus.STARTED), steps.get(FieldStatus.ENDED)
    places = [step for step in (began, ended) if step is not None and step.latitude is not None]
    return [
        ("Began", local(began.occurred_at, "time") if began else "not yet"),
        ("Ended", local(ended.occurred_at, "time") if ended else "not yet"),
        ("Place", "recorded by the phone" if places and len(places) == 2 else "to be confirmed at the end"),
    ]


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
    kind = name_of(running.kind, booking.level_of_service)
    place = booking.origin_postal_code if running.kind == "ride" else booking.destination_postal_code
    return Row(running, kind, booking.reference, place or "", SOUNDS[running.status])
