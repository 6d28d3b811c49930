"""What goes in and out of trips by air as JSON or an HTML form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, pre_dump, validate

from marketplace.bookings.orders import Address, PayerChoice, RequestedWindow
from marketplace.bookings.page_parts import payer_of
from marketplace.bookings.schemas import AddressSchema, BookingView
from marketplace.bookings.trip_orders import TripOrder
from marketplace.bookings.trip_words import HAND_OVER_MINUTES, MOST_LEGS, AirNecessity
from marketplace.bookings.words import CancelReason, LevelOfService, PayerKind, PlaceKind, WindowAnchor
from marketplace.desk.trips.quoting import QuotedLeg
from marketplace.desk.trips.reading import LegView, TripRecord
from marketplace.patients.fields import Whole
from marketplace.web.fields import LocalMoment, Text
from vendors.network.words import RateUnit
from vendors.preflight.rules import Payability

_MINUTES = validate.Range(min=0, max=180, error="Write 0 to 180 minutes.")
_LEG = validate.Range(min=1, max=MOST_LEGS, error=f"Send the number of a leg, 1 to {MOST_LEGS}.")
_LEGS = validate.Length(max=MOST_LEGS, error=f"A trip has at most {MOST_LEGS} legs.")


class FlightSchema(Schema):
    """What the page and the JSON of a trip share: how and where it flies, and why it must."""

    flight_level = fields.Enum(LevelOfService, by_value=True, load_default=LevelOfService.AIR_FIXED)
    takeoff = Text(required=True, longest=10)
    landing = Text(required=True, longest=10)
    first_level = fields.Enum(LevelOfService, by_value=True, load_default=LevelOfService.BLS)
    last_level = fields.Enum(LevelOfService, by_value=True, load_default=LevelOfService.BLS)
    necessity = fields.Enum(AirNecessity, by_value=True, load_default=None, allow_none=True)
    necessity_note = Text(longest=500, load_default="")
    escort = fields.Boolean(load_default=False)
    hand_over_minutes = Whole(load_default=HAND_OVER_MINUTES, validate=_MINUTES)
    note = Text(longest=500, load_default="")


class TripSchema(FlightSchema):
    """A trip for a task: `takeoff` and `landing` are codes of airfields, or `helipad` for a helicopter."""

    task_id = fields.UUID(required=True)
    payer_kind = fields.Enum(PayerKind, by_value=True, required=True)
    coverage_id = fields.UUID(load_default=None, allow_none=True)
    authorization_id = fields.UUID(load_default=None, allow_none=True)
    requested_start = LocalMoment(load_default=None, allow_none=True)
    requested_end = LocalMoment(load_default=None, allow_none=True)
    anchor = fields.Enum(WindowAnchor, by_value=True, load_default=WindowAnchor.DISCHARGE)
    destination = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    vendors = fields.List(fields.UUID(allow_none=True), load_default=list, validate=_LEGS)
    """Whom to ask first, by leg; null leaves it to price and distance."""


class TripForm(FlightSchema):
    """The page's form; `confirmed` is sent from the second look, without an address it goes home."""

    payer = Text(required=True, longest=120)
    requested_start = LocalMoment(required=True)
    requested_end = LocalMoment(required=True)
    moves = fields.Boolean(load_default=False)
    place_kind = fields.Enum(PlaceKind, by_value=True, required=True)
    name = Text(longest=120, load_default="")
    address_line = Text(longest=200, load_default="")
    city = Text(longest=100, load_default="")
    state = Text(longest=2, load_default="")
    postal_code = Text(longest=10, load_default="")
    vendor_1 = fields.UUID(load_default=None, allow_none=True)
    vendor_2 = fields.UUID(load_default=None, allow_none=True)
    vendor_3 = fields.UUID(load_default=None, allow_none=True)
    confirmed = fields.Boolean(load_default=False)


class CancelTripSchema(Schema):
    """Why a whole trip is called off."""

    reason_code = fields.Enum(CancelReason, by_value=True, required=True)
    note = Text(longest=500, load_default="")


class AgainSchema(Schema):
    """Which leg is booked again, and when it is wanted; without times it follows the leg before."""

    leg = Whole(required=True, validate=_LEG)
    requested_start = LocalMoment(load_default=None, allow_none=True)
    requested_end = LocalMoment(load_default=None, allow_none=True)
    anchor = fields.Enum(WindowAnchor, by_value=True, load_default=WindowAnchor.FIXED)


class AgainForm(Schema):
    """The same on the page: the button beside the leg."""

    leg = Whole(required=True, validate=_LEG)


class PriceLineView(Schema):
    """One charge."""

    code = fields.String()
    description = fields.String()
    unit = fields.Enum(RateUnit, by_value=True)
    quantity = fields.Decimal(as_string=True)
    unit_cents = fields.Integer()
    amount_cents = fields.Integer()


class QuotedLegView(Schema):
    """One leg of a quote: from where to where, how far, when, by whom and for how much."""

    leg = fields.Integer()
    level_of_service = fields.Enum(LevelOfService, by_value=True)
    origin = fields.String()
    destination = fields.String()
    distance_meters = fields.Integer()
    requested_start = LocalMoment()
    requested_end = LocalMoment()
    vendor_id = fields.UUID(allow_none=True)
    vendor = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(PriceLineView))
    total_cents = fields.Integer(allow_none=True)

    @pre_dump
    def _of_leg(self, leg: QuotedLeg, **_: Any) -> dict[str, Any]:
        plan, chosen = leg.plan, leg.chosen
        return {
            "leg": plan.number,
            "level_of_service": plan.level,
            "origin": plan.origin.address.line,
            "destination": plan.destination.address.line,
            "distance_meters": plan.distance_meters,
            "requested_start": plan.window.start,
            "requested_end": plan.window.end,
            "vendor_id": chosen.vendor_id if chosen else None,
            "vendor": chosen.name if chosen else None,
            "lines": leg.lines,
            "total_cents": leg.total_cents,
        }


class TripFindingView(Schema):
    """Something that stands between the trip and its payment."""

    code = fields.String()
    weight = fields.Enum(Payability, by_value=True)
    text = fields.String()
    remedy = fields.String()


class TripQuoteView(Schema):
    """A quote; `complete` says whether every leg has a price."""

    legs = fields.List(fields.Nested(QuotedLegView))
    total_cents = fields.Integer()
    complete = fields.Boolean()
    findings = fields.List(fields.Nested(TripFindingView))


class MisfitView(Schema):
    """Something that no longer fits, and what to do."""

    text = fields.String()
    remedy = fields.String()


class TripLegView(Schema):
    """A leg as it stands."""

    booking = fields.Nested(BookingView)
    vendor = fields.String()
    lines = fields.List(fields.Nested(PriceLineView))
    total_cents = fields.Integer(allow_none=True)
    ready_at = LocalMoment(allow_none=True)
    done_at = LocalMoment()
    warnings = fields.List(fields.Nested(MisfitView))

    @pre_dump
    def _of_leg(self, leg: LegView, **_: Any) -> dict[str, Any]:
        told = {name: getattr(leg.booking, name) for name in leg.booking.__mapper__.columns.keys()}  # noqa: SIM118
        return {
            "booking": told | {"items": []},
            "vendor": leg.vendor,
            "lines": leg.price.lines if leg.price else (),
            "total_cents": leg.price.total.cents if leg.price else None,
            "ready_at": leg.ready_at,
            "done_at": leg.done_at,
            "warnings": leg.warnings,
        }


class TripView(Schema):
    """A trip with its legs."""

    id = fields.UUID()
    reference = fields.String()
    care_plan_task_id = fields.UUID()
    encounter_id = fields.UUID()
    patient_id = fields.UUID()
    hand_over_minutes = fields.Integer()
    necessity = fields.Enum(AirNecessity, by_value=True)
    necessity_note = fields.String()
    legs = fields.List(fields.Nested(TripLegView))
    total_cents = fields.Integer()
    complete = fields.Boolean()

    @pre_dump
    def _of_record(self, record: TripRecord, **_: Any) -> dict[str, Any]:
        told = {name: getattr(record.trip, name) for name in record.trip.__mapper__.columns.keys()}  # noqa: SIM118
        sums = {"total_cents": record.total_cents, "complete": record.complete}
        return told | {"legs": record.legs} | sums


def order_of(data: Mapping[str, Any], payer: PayerChoice, window: RequestedWindow | None) -> TripOrder:
    """The order in what a form or a document says, apart from payer, window and destination."""
    shared = {name: data[name] for name in FlightSchema().fields}
    return TripOrder(payer=payer, window=window, **shared, task_id=data["task_id"])


def order_from_form(data: Mapping[str, Any], task_id: UUID) -> TripOrder:
    """The order that the page's form means."""
    anchor = WindowAnchor.DISCHARGE if data["moves"] else WindowAnchor.FIXED
    window = RequestedWindow(data["requested_start"], data["requested_end"], anchor)
    return order_of({**data, "task_id": task_id}, payer_of(data["payer"]), window)


def elsewhere(data: Mapping[str, Any]) -> Address | None:
    """Where the form says that the trip ends; None is the patient's home."""
    if not (data["address_line"] or data["postal_code"]):
        return None
    place = (data["address_line"], data["city"], data["state"].upper(), data["postal_code"])
    return Address(data["place_kind"], *place, data["name"])


def vendors_of(chosen: list[UUID | None]) -> dict[int, UUID]:
    """Whom to ask first, by the number of the leg."""
    return {number: one for number, one in enumerate(chosen, start=1) if one is not None}
