"""The planner's page of the second floor: whom to offer a booking, at what price, and why not the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from marketplace.bookings.models import Booking
from marketplace.bookings.service import items_of
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.fields import LocalMoment
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from vendors.offers.matching import judge_all
from vendors.offers.preview import preview_of
from vendors.offers.reading import offers_of_booking
from vendors.offers.rules import in_order
from vendors.offers.service import MOST_VENDORS, award_of, propose, withdraw
from vendors.offers.words import OfferState
from vendors.portal.views import views

_USUAL_ANSWER = timedelta(minutes=30)


class ProposalSchema(Schema):
    """Which vendors are asked, and until when."""

    vendor_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(min=1, max=MOST_VENDORS, error="Choose at least one vendor."),
        error_messages={"required": "Choose at least one vendor."},
    )
    respond_by = LocalMoment(required=True)


@views.route("/offer-booking/<uuid:booking_id>", methods=["GET", "POST"])
def offer_booking(booking_id: UUID) -> Response:
    """Candidates with quotes, the others with the reason; sends the offer."""
    current.actor().require("planner")
    session = current.session()
    booking = _booking(booking_id)
    form = form_for(ProposalSchema, initial={"respond_by": _deadline(booking)})
    if form.ok:
        with form.refusals():
            made = propose(session, booking_id, form.data["vendor_ids"], form.data["respond_by"])
        if form.ok:
            said = "Offered to one vendor." if len(made) == 1 else f"Offered to {len(made)} vendors."
            return go(url_for("portal.offer_booking", booking_id=booking_id), said)
    return _offer_page(form, booking_id)


@views.get("/offer-booking/<uuid:booking_id>/body")
def offer_booking_body(booking_id: UUID) -> Response:
    """The page's content alone, for a page that heard that the booking changed."""
    current.actor().require("planner")
    form = form_for(ProposalSchema, initial={"respond_by": _deadline(_booking(booking_id))})
    return _offer_page(form, booking_id, "vendors/portal/offer_booking_body.html")


@views.post("/offers/<uuid:offer_id>/withdraw")
def withdraw_offer(offer_id: UUID) -> Response:
    """The planner takes an open offer back."""
    offer = withdraw(current.session(), offer_id)
    return go(url_for("portal.offer_booking", booking_id=offer.booking_id), f"Withdrew {offer.reference}.")


def _offer_page(
    form: Form, booking_id: UUID, template: str = "vendors/portal/offer_booking.html"
) -> Response:
    session = current.session()
    booking = _booking(booking_id)
    items = items_of(session, [booking_id])[booking_id]
    offers = offers_of_booking(session, booking_id)
    asked = {offer.vendor_organization_id for offer in offers if offer.state is OfferState.OPEN}
    found = in_order(judge_all(session, booking, items, asked))
    if not form.submitted:
        best = [candidate.vendor_id for candidate in found[:1] if candidate.is_eligible]
        form.values = {**form.values, "vendor_ids": best}
    return render(
        template,
        form=form,
        booking=booking,
        preview=preview_of(booking, items),
        candidates=found,
        offers=offers,
        award=award_of(session, booking_id) if booking.award_id else None,
    )


def _booking(booking_id: UUID) -> Booking:
    session = current.session()
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    return booking


def _deadline(booking: Booking) -> datetime:
    """Half an hour from now, on the next full five minutes; sooner when the work itself is sooner."""
    usual = current.now() + _USUAL_ANSWER
    usual += timedelta(minutes=5 - usual.minute % 5, seconds=-usual.second, microseconds=-usual.microsecond)
    return min(usual, booking.requested_end)
