"""Pages of trips by air: a new one with a second look at its price, and one with its legs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from marketplace.bookings import service as bookings
from marketplace.bookings.airfields import AIRFIELD_CHOICES
from marketplace.bookings.asking import ride_asked_for
from marketplace.bookings.context import BookingContext
from marketplace.bookings.page_parts import ALL_LEVEL_CHOICES, LEVEL_CHOICES, paying_choices
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.trip_orders import TripOrder
from marketplace.bookings.trip_words import HAND_OVER_MINUTES, NECESSITY_LABELS, FlightPlace
from marketplace.bookings.words import (
    AIR_LEVELS,
    CANCEL_LABELS,
    PLACE_LABELS,
    LevelOfService,
    PlaceKind,
    WindowAnchor,
)
from marketplace.desk.second_look import look_or_book, payability_of
from marketplace.desk.trips.booking import book_again, book_trip
from marketplace.desk.trips.quoting import TripQuote, quote_trip
from marketplace.desk.trips.reading import trip_record
from marketplace.desk.trips.schemas import (
    AgainForm,
    CancelTripSchema,
    TripForm,
    elsewhere,
    order_from_form,
    vendors_of,
)
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.patients.words import ServiceLine
from marketplace.web import current
from marketplace.web.forms import Form, form_for, parse
from marketplace.web.pages import go, render

views = Blueprint("trips", __name__, url_prefix="/desk/trips", template_folder="../../templates")
PLANNERS = ("planner",)
_FLIGHTS = [one for one in ALL_LEVEL_CHOICES if one[0] in AIR_LEVELS]
_HELIPAD = FlightPlace.HELIPAD.value
_TAKEOFF = [(_HELIPAD, "The hospital's own helipad"), *AIRFIELD_CHOICES]
_LANDING = [(_HELIPAD, "A helipad at the destination"), *AIRFIELD_CHOICES]
_GOALS = (PlaceKind.RESIDENCE, PlaceKind.HOSPITAL, PlaceKind.SKILLED_NURSING, PlaceKind.CUSTODIAL)
_FIELDS = {"coverage_id": "payer", "authorization_id": "payer", "destination": "address_line"}


@views.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Ask for a trip; the second look shows every leg with its price before anything is booked."""
    current.actor().require(*PLANNERS)
    known = ride_asked_for()
    current.use_zone(known.facility.time_zone)
    payers = paying_choices(current.session(), known.patient.id, ServiceLine.RIDE)
    form = form_for(TripForm, _initial(known, payers))
    quote, booked = look_or_book(form, lambda: _asked(known, form), _quoted, _booked, _control_of)
    if booked is not None:
        said = f"{booked.reference} is booked with all its legs. Vendors are being asked."
        return go(url_for("trips.show", trip_id=booked.id), said)
    if form.errors:
        known = ride_asked_for()  # the refused transaction is gone
    return render(
        "desk/trips/new.html",
        form=form,
        known=known,
        quote=quote,
        **payability_of(quote.findings if quote else None),
        payers=payers,
        flights=_FLIGHTS,
        levels=LEVEL_CHOICES,
        level_labels=dict(ALL_LEVEL_CHOICES),
        takeoffs=_TAKEOFF,
        landings=_LANDING,
        reasons=[(code.value, label) for code, label in NECESSITY_LABELS.items()],
        places=[(kind.value, PLACE_LABELS[kind]) for kind in _GOALS],
    )


@views.get("/<uuid:trip_id>")
def show(trip_id: UUID) -> Response:
    """One trip with its legs."""
    current.actor().require(*PLANNERS)
    return _page(trip_id)


@views.get("/<uuid:trip_id>/body")
def body(trip_id: UUID) -> Response:
    """The page's content alone, for a page that heard that a leg changed."""
    current.actor().require(*PLANNERS)
    return _page(trip_id, template="desk/trips/body.html")


@views.post("/<uuid:trip_id>/cancel")
def cancel(trip_id: UUID) -> Response:
    """Call the whole trip off."""
    current.actor().require(*PLANNERS)
    form = parse(CancelTripSchema, request.form, prefix="cancel-")
    if form.ok:
        with form.refusals():
            bookings.cancel_trip(current.session(), trip_id, **form.data)
        if form.ok:
            return go(url_for("trips.show", trip_id=trip_id), "The trip is called off.")
    return _page(trip_id, cancelling=form)


@views.post("/<uuid:trip_id>/again")
def again(trip_id: UUID) -> Response:
    """Book a leg again."""
    current.actor().require(*PLANNERS)
    form = parse(AgainForm, request.form)
    if not form.ok:
        raise InvalidInput([FieldError(field, text) for field, text in form.errors.items()])
    made = book_again(current.session(), trip_id, form.data["leg"])
    return go(url_for("trips.show", trip_id=trip_id), f"{made.reference} is booked for leg {made.trip_leg}.")


def _page(trip_id: UUID, cancelling: Form | None = None, template: str = "desk/trips/show.html") -> Response:
    record = trip_record(current.session(), trip_id)
    current.use_zone(record.facility.time_zone)
    return render(
        template,
        record=record,
        trip=record.trip,
        necessity=NECESSITY_LABELS[record.trip.necessity],
        level_labels=dict(ALL_LEVEL_CHOICES),
        cancelling=cancelling or Form({}, prefix="cancel-"),
        cancel_reasons=[(code.value, label) for code, label in CANCEL_LABELS.items()],
    )


def _initial(known: BookingContext, payers: list[tuple[str, str]]) -> dict[str, Any]:
    window = known.window(None)
    return {
        "flight_level": LevelOfService.AIR_FIXED,
        "first_level": LevelOfService.BLS,
        "last_level": LevelOfService.BLS,
        "hand_over_minutes": HAND_OVER_MINUTES,
        "escort": known.needs.escort,
        "payer": payers[0][0],
        "requested_start": window.start,
        "requested_end": window.end,
        "moves": window.anchor is WindowAnchor.DISCHARGE,
        "place_kind": PlaceKind.RESIDENCE,
    }


_Asked = tuple[TripOrder, Mapping[int, UUID]]


def _asked(known: BookingContext, form: Form) -> _Asked:
    """The order, and which vendor is to be asked first for which leg."""
    order = replace(order_from_form(form.data, known.task.id), destination=elsewhere(form.data))
    return order, vendors_of([form.data[f"vendor_{number}"] for number in (1, 2, 3)])


def _quoted(asked: _Asked) -> TripQuote:
    return quote_trip(current.session(), *asked)


def _booked(asked: _Asked) -> Trip:
    return book_trip(current.session(), *asked)[0]


def _control_of(field: str) -> str:
    """The control that stands for a field of the booking service."""
    return _FIELDS.get(field, field.removeprefix("destination.")).replace("vendors.", "vendor_")
