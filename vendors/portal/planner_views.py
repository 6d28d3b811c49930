"""The planner's page of the second floor: whom to offer a booking, at what price, and why not the others."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from marketplace.bookings.models import Booking
from marketplace.bookings.service import items_of
from marketplace.bookings.words import BookingKind
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.fields import LocalMoment
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from vendors.offers.preview import preview_of
from vendors.offers.reading import offers_of_booking
from vendors.offers.rules import in_order
from vendors.offers.service import MOST_VENDORS, award_of, propose, withdraw
from vendors.portal.views import views
from vendors.sourcing.ranking import BY_HAND, rank_booking
from vendors.sourcing.reading import Search, foreseen, latest_search

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
    items = [] if booking.kind is BookingKind.RIDE else items_of(session, [booking_id])[booking_id]
    offers = offers_of_booking(session, booking_id)
    search = latest_search(session, booking_id)
    ranked, others = rank_booking(
        session, booking, search.asked if search else (), items=items, offers=offers
    )
    if not form.submitted:
        form.values = {**form.values, "vendor_ids": [one.vendor_id for one in ranked[:1]]}
    names = {one.vendor_id: one.candidate.name for one in ranked} | {
        one.vendor_id: one.name for one in others
    }
    first_wave, answer = foreseen(session, booking, len(ranked))
    return render(
        template,
        form=form,
        booking=booking,
        preview=preview_of(booking, items),
        ranked=ranked,
        others=in_order(others),
        by_hand=BY_HAND,
        names=names,
        search=search,
        asked_names=_asked_names(search, names),
        first_wave=first_wave,
        answer=answer,
        offers=offers,
        award=award_of(session, booking_id) if booking.award_id else None,
    )


def _asked_names(search: Search | None, names: dict[UUID, str]) -> dict[UUID, str]:
    """Whom each wave asked, in words."""
    waves = search.waves if search else ()
    return {
        wave.id: ", ".join(names.get(UUID(one["vendor_id"]), "a vendor") for one in wave.asked)
        for wave in waves
    }


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
