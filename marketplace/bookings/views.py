"""The booking's page, and what a planner does there."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from marketplace.bookings import service
from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.orders import (
    RequestedWindow,
)
from marketplace.bookings.pairing import SETTLED
from marketplace.bookings.schemas import CancelForm, HoldSchema, MoveForm
from marketplace.bookings.telling import tellings_of
from marketplace.bookings.words import (
    CANCEL_LABELS,
    FINAL,
    BookingKind,
    WindowAnchor,
)
from marketplace.patients.words import Needs
from marketplace.web import current
from marketplace.web.forms import Form, parse
from marketplace.web.pages import go, render

views = Blueprint("bookings", __name__, template_folder="../templates")
PLANNERS = ("planner",)


@views.get("/bookings/<uuid:booking_id>")
def show(booking_id: UUID) -> Response:
    """The booking's page."""
    current.actor().require(*PLANNERS)
    return _page(booking_id)


@views.get("/bookings/<uuid:booking_id>/body")
def body(booking_id: UUID) -> Response:
    """The page's content alone, for a page that heard that the booking changed."""
    current.actor().require(*PLANNERS)
    return _page(booking_id, template="bookings/body.html")


@views.post("/bookings/<uuid:booking_id>/window")
def move(booking_id: UUID) -> Response:
    """Move the requested window; a way back that waits moves with its way there."""
    current.actor().require(*PLANNERS)
    record = service.booking_record(current.session(), booking_id)
    current.use_zone(record.facility.time_zone)
    form = parse(MoveForm, request.form, prefix="move-")
    if form.ok:
        with form.refusals():
            anchor = WindowAnchor.DISCHARGE if form.data["moves"] else WindowAnchor.FIXED
            window = RequestedWindow(form.data["requested_start"], form.data["requested_end"], anchor)
            service.move_window(current.session(), booking_id, window)
        if form.ok:
            return go(url_for("bookings.show", booking_id=booking_id), "The window is moved.")
    return _page(booking_id, move_form=form)


@views.post("/bookings/<uuid:booking_id>/cancel")
def cancel(booking_id: UUID) -> Response:
    """Call it off, with its way back where the box is ticked."""
    current.actor().require(*PLANNERS)
    form = parse(CancelForm, request.form, prefix="cancel-")
    if form.ok:
        with form.refusals():
            service.cancel(current.session(), booking_id, **form.data)
        if form.ok:
            return go(url_for("bookings.show", booking_id=booking_id), "The booking is called off.")
    return _page(booking_id, cancel_form=form)


@views.post("/bookings/<uuid:booking_id>/hold")
def hold(booking_id: UUID) -> Response:
    """Hold it."""
    current.actor().require(*PLANNERS)
    form = parse(HoldSchema, request.form, prefix="hold-")
    if form.ok:
        with form.refusals():
            service.hold(current.session(), booking_id, form.data["reason"])
        if form.ok:
            return go(url_for("bookings.show", booking_id=booking_id), "The booking is on hold.")
    return _page(booking_id, hold_form=form)


@views.post("/bookings/<uuid:booking_id>/resume")
def resume(booking_id: UUID) -> Response:
    """Lift the hold."""
    current.actor().require(*PLANNERS)
    service.resume(current.session(), booking_id)
    return go(url_for("bookings.show", booking_id=booking_id), "The hold is lifted.")


@views.post("/bookings/<uuid:booking_id>/refer")
def refer(booking_id: UUID) -> Response:
    """A drafted home-health visit becomes a referral."""
    current.actor().require(*PLANNERS)
    service.refer(current.session(), booking_id)
    return go(url_for("bookings.show", booking_id=booking_id), "It is referred and waits for an agency.")


@views.post("/bookings/<uuid:booking_id>/ready")
def ready(booking_id: UUID) -> Response:
    """The patient is ready for a flexible ride."""
    current.actor().require(*PLANNERS)
    service.say_ready(current.session(), booking_id)
    return go(url_for("bookings.show", booking_id=booking_id), "The vendor knows that the patient is ready.")


@views.post("/bookings/<uuid:booking_id>/nobody-came")
def nobody_came(booking_id: UUID) -> Response:
    """The vendor did not come in its promised window."""
    current.actor().require(*PLANNERS)
    service.vendor_no_show(current.session(), booking_id)
    return go(url_for("bookings.show", booking_id=booking_id), "Noted. The task is open again.")


@views.post("/bookings/<uuid:booking_id>/ask-again")
def ask_again(booking_id: UUID) -> Response:
    """Ask vendors again for an unmet booking."""
    current.actor().require(*PLANNERS)
    service.ask_again(current.session(), booking_id)
    return go(url_for("bookings.show", booking_id=booking_id), "It waits for vendors again.")


def _page(
    booking_id: UUID,
    cancel_form: Form | None = None,
    hold_form: Form | None = None,
    move_form: Form | None = None,
    template: str = "bookings/show.html",
) -> Response:
    work = current.session()
    record = service.booking_record(work, booking_id)
    booking = record.booking
    current.use_zone(record.facility.time_zone)
    back = service.way_back_of(work, booking_id) if booking.kind is BookingKind.RIDE else None
    there = work.get(Booking, booking.outward_booking_id) if booking.outward_booking_id else None
    window = {"requested_start": booking.requested_start, "requested_end": booking.requested_end}
    return render(
        template,
        booking=booking,
        way_back=back,
        way_there=there,
        back_waits=back is not None and back.state not in SETTLED,
        move_form=move_form
        or Form({**window, "moves": booking.anchor is WindowAnchor.DISCHARGE}, prefix="move-"),
        facility=record.facility,
        rider=record.rider,
        needs=Needs.from_json(booking.needs),
        items=service.items_of(work, [booking_id])[booking_id],
        links=[(_order_in_words(link, booking), other) for link, other in record.links],
        parties=record.parties,
        names=record.names,
        task=record.task,
        tellings=tellings_of(work, [booking_id]),
        timeline=list(reversed(service.timeline(work, booking_id))),
        cancel_form=cancel_form
        or Form({"revision": booking.revision, "with_way_back": True}, prefix="cancel-"),
        hold_form=hold_form or Form({}, prefix="hold-"),
        reasons=[(code.value, label) for code, label in CANCEL_LABELS.items()],
        over=booking.state in FINAL,
        overdue=booking.reached_at is None and current.now() > (booking.promised_end or current.now()),
    )


def _order_in_words(link: BookingLink, booking: Booking) -> str:
    if link.broken_note:
        return link.broken_note
    return "must be finished first" if link.successor_booking_id == booking.id else "waits for this one"
