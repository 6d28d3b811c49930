"""The planner's buttons over a search for a vendor: begin it, ask everybody now, stop it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from marketplace.foundation.errors import InvalidInput
from marketplace.web import current
from marketplace.web.forms import form_for
from marketplace.web.pages import go
from vendors.portal.views import views
from vendors.sourcing.schemas import SearchBody
from vendors.sourcing.service import ask_everybody, start, stop
from vendors.sourcing.words import SourcingMode, SourcingState


@views.post("/offer-booking/<uuid:booking_id>/search")
def search(booking_id: UUID) -> Response:
    """Ask in order, or all at once."""
    current.actor().require("planner")
    form = form_for(SearchBody)
    if not form.ok:
        name, message = next(iter(form.errors.items()))
        raise InvalidInput(name, str(message))
    made = start(current.session(), booking_id, form.data["mode"], answer_minutes=form.data["answer_minutes"])
    if made.state is SourcingState.EXHAUSTED:
        return go(_page(booking_id), "There is nobody to ask. The ways out are below.")
    once = form.data["mode"] is SourcingMode.BROADCAST
    return go(_page(booking_id), "Everybody is asked at once." if once else "The first are asked.")


@views.post("/offer-booking/<uuid:booking_id>/search/everybody")
def search_everybody(booking_id: UUID) -> Response:
    """Ask whoever was not asked yet."""
    current.actor().require("planner")
    ask_everybody(current.session(), booking_id)
    return go(_page(booking_id), "Everybody is asked now.")


@views.post("/offer-booking/<uuid:booking_id>/search/stop")
def search_stop(booking_id: UUID) -> Response:
    """Stop the search."""
    current.actor().require("planner")
    stop(current.session(), booking_id)
    return go(_page(booking_id), "The search is stopped and the offers are withdrawn.")


def _page(booking_id: UUID) -> str:
    return url_for("portal.offer_booking", booking_id=booking_id)
