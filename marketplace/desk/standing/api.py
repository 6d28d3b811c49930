"""JSON routes of standing orders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from marketplace.bookings.orders import PayerChoice
from marketplace.desk.standing import reading, service
from marketplace.desk.standing.models import StandingOrder
from marketplace.desk.standing.schemas import (
    EndSchema,
    ForeseenView,
    SkipSchema,
    StandingSchema,
    StandingView,
    StandingWithDays,
    SuspendSchema,
    TermsSchema,
    place_from,
    terms_from,
)
from marketplace.web import current
from marketplace.web.api import Api

api = Api("standing_orders", __name__)
PLANNERS = {"planner"}


class PatientQuery(Schema):
    """Whose orders; everybody's when left out."""

    patient_id = fields.UUID(load_default=None)


@api.get(
    "/standing-orders",
    summary="Standing orders, those in trouble first",
    roles=PLANNERS,
    query=PatientQuery,
    response=StandingView,
    many=True,
)
def list_orders(query: dict[str, Any]) -> list[StandingOrder]:
    """At most 200."""
    return [line.order for line in reading.orders(current.session(), query["patient_id"])]


@api.post(
    "/standing-orders",
    summary="Begin a standing order",
    roles=PLANNERS,
    body=StandingSchema,
    response=StandingView,
)
def begin(body: dict[str, Any]) -> StandingOrder:
    """From an open task for a ride to an appointment; the next two weeks are booked at once."""
    return service.begin(current.session(), _order(body))


@api.post(
    "/standing-orders/foresee",
    summary="What a standing order would book, and whether it would be paid",
    roles=PLANNERS,
    body=StandingSchema,
    response=ForeseenView,
    status=200,
)
def foresee(body: dict[str, Any]) -> service.Foreseen:
    """Nothing is stored."""
    return service.foresee(current.session(), _order(body))


@api.get(
    "/standing-orders/<uuid:order_id>",
    summary="One standing order with its days",
    roles=PLANNERS,
    response=StandingWithDays,
)
def show(order_id: UUID) -> dict[str, Any]:
    """The newest days first, at most 200."""
    order = reading.order_by_id(current.session(), order_id)
    days = [
        {
            "on_day": one.row.on_day,
            "state": one.row.state,
            "outward_booking_id": one.there.id,
            "outward_state": one.there.state,
            "back_booking_id": one.back.id if one.back else None,
            "back_state": one.back.state if one.back else None,
        }
        for one in reading.occurrences(current.session(), order_id)
    ]
    told = {name: getattr(order, name) for name in order.__mapper__.columns.keys()}  # noqa: SIM118
    return told | {"occurrences": days}


@api.post(
    "/standing-orders/<uuid:order_id>/terms",
    summary="Give a standing order other days or times",
    roles=PLANNERS,
    body=TermsSchema,
    response=StandingView,
    status=200,
)
def change(order_id: UUID, body: dict[str, Any]) -> StandingOrder:
    """Rides that wait follow; those under way or over stay."""
    return service.change(current.session(), order_id, terms_from(body))


@api.post(
    "/standing-orders/<uuid:order_id>/skip",
    summary="Leave a day out",
    roles=PLANNERS,
    body=SkipSchema,
    response=StandingView,
    status=200,
)
def skip(order_id: UUID, body: dict[str, Any]) -> StandingOrder:
    """Its waiting rides are called off."""
    return service.leave_out(current.session(), order_id, body["day"])


@api.post(
    "/standing-orders/<uuid:order_id>/suspend",
    summary="Suspend a standing order",
    roles=PLANNERS,
    body=SuspendSchema,
    response=StandingView,
    status=200,
)
def suspend(order_id: UUID, body: dict[str, Any]) -> StandingOrder:
    """For a hospital stay, say."""
    return service.suspend(current.session(), order_id, **body)


@api.post(
    "/standing-orders/<uuid:order_id>/resume",
    summary="Resume a suspended standing order",
    roles=PLANNERS,
    response=StandingView,
    status=200,
)
def resume(order_id: UUID) -> StandingOrder:
    """From now on."""
    return service.resume(current.session(), order_id)


@api.post(
    "/standing-orders/<uuid:order_id>/fill",
    summary="Book what is missing of the next two weeks",
    roles=PLANNERS,
    response=StandingView,
    status=200,
)
def fill(order_id: UUID) -> StandingOrder:
    """A day is booked once, however often this is asked."""
    service.fill_order(current.session(), order_id)
    return reading.order_by_id(current.session(), order_id)


@api.post(
    "/standing-orders/<uuid:order_id>/end",
    summary="End a standing order",
    roles=PLANNERS,
    body=EndSchema,
    response=StandingView,
    status=200,
)
def end(order_id: UUID, body: dict[str, Any]) -> StandingOrder:
    """At once, or after a last day."""
    return service.end_order(current.session(), order_id, **body)


def _order(body: dict[str, Any]) -> service.NewOrder:
    return service.NewOrder(
        task_id=body["task_id"],
        terms=terms_from(body),
        level_of_service=body["level_of_service"],
        payer=PayerChoice(body["payer_kind"], body["coverage_id"], body["authorization_id"]),
        destination=place_from(body["destination"]),
        vendor_id=body["vendor_id"],
        note=body["note"],
    )
