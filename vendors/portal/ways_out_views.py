"""The planner's page when nobody accepts: ranked ways out, the call list, and codes to read out."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from marketplace.bookings.models import Booking
from marketplace.bookings.words import LevelOfService
from marketplace.foundation.errors import InvalidInput, NotFound
from marketplace.web import current
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render
from vendors.offers.codes import read_out
from vendors.offers.models import Offer
from vendors.portal.views import views
from vendors.sourcing.calling import call_list
from vendors.sourcing.taking import ask_beyond, ride_otherwise, widen_window
from vendors.sourcing.ways_out import ways_out


class TakeSchema(Schema):
    """Which way out is taken."""

    way = fields.String(required=True, validate=validate.OneOf(["beyond", "window", "level"]))
    minutes = fields.Integer(load_default=0, validate=validate.Range(0, 480))
    level = fields.Enum(LevelOfService, by_value=True, load_default=None)


@views.get("/offer-booking/<uuid:booking_id>/ways-out")
def ways_out_page(booking_id: UUID) -> Response:
    """What else can be done, and whom to call."""
    current.actor().require("planner")
    return _page(booking_id)


@views.post("/offer-booking/<uuid:booking_id>/ways-out")
def take_way_out(booking_id: UUID) -> Response:
    """Take one of them; whoever may do the work then is asked at once."""
    current.actor().require("planner")
    form = form_for(TakeSchema)
    if not form.ok:
        name, message = next(iter(form.errors.items()))
        raise InvalidInput(name, str(message))
    session, way = current.session(), form.data["way"]
    if way == "beyond":
        ask_beyond(session, booking_id)
    elif way == "window":
        widen_window(session, booking_id, form.data["minutes"])
    elif form.data["level"] is None:
        raise InvalidInput("level", "choose how the patient is carried")
    else:
        ride_otherwise(session, booking_id, form.data["level"])
    return go(url_for("portal.offer_booking", booking_id=booking_id), "Done. Vendors are asked again.")


@views.post("/offers/<uuid:offer_id>/code")
def read_code(offer_id: UUID) -> Response:
    """Make a code to be read out on the phone; it is shown this once."""
    current.actor().require("planner")
    session = current.session()
    code = read_out(session, offer_id)
    offer = session.get_one(Offer, offer_id)
    return _page(offer.booking_id, code=code, offer=offer)


def _page(booking_id: UUID, code: str = "", offer: Offer | None = None) -> Response:
    session = current.session()
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    waits = booking.state in ("requested", "unmet")
    return render(
        "vendors/portal/ways_out.html",
        booking=booking,
        ways=ways_out(session, booking_id) if waits else [],
        waits=waits,
        calls=call_list(session, booking_id),
        code=code,
        offer=offer,
    )
