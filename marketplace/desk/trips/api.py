"""JSON routes of trips by air."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from marketplace.bookings import service as bookings
from marketplace.bookings.documents import address_from, window_from
from marketplace.bookings.orders import PayerChoice
from marketplace.bookings.trip_orders import TripOrder
from marketplace.desk.trips.booking import book_again, book_trip
from marketplace.desk.trips.quoting import TripQuote, quote_trip
from marketplace.desk.trips.reading import TripRecord, trip_record
from marketplace.desk.trips.schemas import (
    AgainSchema,
    CancelTripSchema,
    TripQuoteView,
    TripSchema,
    TripView,
    order_of,
    vendors_of,
)
from marketplace.web import current
from marketplace.web.api import Api

api = Api("trips", __name__)
PLANNERS = {"planner"}


@api.post(
    "/trips/quote",
    summary="What a trip by air would cost, leg by leg",
    roles=PLANNERS,
    body=TripSchema,
    response=TripQuoteView,
    status=200,
)
def quote(body: dict[str, Any]) -> TripQuote:
    """Nothing is stored."""
    return quote_trip(current.session(), _order(body), vendors_of(body["vendors"]))


@api.post(
    "/trips",
    summary="Book a trip by air with all its legs",
    roles=PLANNERS,
    body=TripSchema,
    response=TripView,
)
def book(body: dict[str, Any]) -> TripRecord:
    """Every leg or none; vendors are asked at once."""
    made, _ = book_trip(current.session(), _order(body), vendors_of(body["vendors"]))
    return trip_record(current.session(), made.id)


@api.get("/trips/<uuid:trip_id>", summary="One trip by air with its legs", roles=PLANNERS, response=TripView)
def show(trip_id: UUID) -> TripRecord:
    """How it stands, and what no longer fits."""
    return trip_record(current.session(), trip_id)


@api.post(
    "/trips/<uuid:trip_id>/cancel",
    summary="Call a whole trip by air off",
    roles=PLANNERS,
    body=CancelTripSchema,
    response=TripView,
    status=200,
)
def cancel(trip_id: UUID, body: dict[str, Any]) -> TripRecord:
    """Legs under way go on."""
    bookings.cancel_trip(current.session(), trip_id, **body)
    return trip_record(current.session(), trip_id)


@api.post(
    "/trips/<uuid:trip_id>/again",
    summary="Book a leg again that does not take place",
    roles=PLANNERS,
    body=AgainSchema,
    response=TripView,
    status=200,
)
def again(trip_id: UUID, body: dict[str, Any]) -> TripRecord:
    """As it was, after the leg before it; the legs held for it go on once it has a vendor."""
    book_again(current.session(), trip_id, body["leg"], window_from(body))
    return trip_record(current.session(), trip_id)


def _order(body: dict[str, Any]) -> TripOrder:
    payer = PayerChoice(body["payer_kind"], body["coverage_id"], body["authorization_id"])
    order = order_of(body, payer, window_from(body))
    return replace(order, destination=address_from(body["destination"]))
