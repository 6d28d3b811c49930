"""JSON routes of bookings: asking, looking, cancelling, holding, moving; and who is to leave when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.bookings import service
from marketplace.bookings.documents import (
    booking_document,
    cursor_from,
    cursor_text,
    order_from,
    way_back_from,
    window_from,
)
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RideOrder, VisitOrder
from marketplace.bookings.reading import TimelineEntry
from marketplace.bookings.schemas import (
    BookingList,
    BookingView,
    CancelSchema,
    DepartureList,
    HoldSchema,
    ListQuery,
    OrderSchema,
    RiderView,
    TimelineView,
    WayBackView,
    WindowSchema,
)
from marketplace.bookings.sealed import Rider
from marketplace.bookings.words import BookingKind, PartyRole
from marketplace.foundation.errors import NotFound
from marketplace.patients.schemas import EncounterQuery
from marketplace.web import current
from marketplace.web.api import Api

api = Api("bookings", __name__)
PLANNERS = {"planner"}
PARTIES = {*PLANNERS, "vendor_admin", "dispatcher", "driver", "technician", "clinician", "biller", "reviewer"}
_ROLE_OF_KIND = {
    "health_system": PartyRole.REQUESTER,
    "vendor": PartyRole.VENDOR,
    "payer": PartyRole.PAYER,
}


@api.get(
    "/bookings",
    summary="Bookings to which your organization is a party, soonest first",
    roles=PARTIES,
    query=ListQuery,
    response=BookingList,
)
def list_bookings(query: dict[str, Any]) -> dict[str, Any]:
    """Live ones, 50 a page; `reference` finds one."""
    work = current.session()
    if query["reference"]:
        return {"items": _documents(_by_reference(query["reference"])), "next": ""}
    kind = current.actor().organization_kind
    role = query["role"] or _ROLE_OF_KIND.get(kind, PartyRole.REQUESTER)
    found, more = service.bookings_of_party(
        work, role, states=query["state"], kind=query["kind"], after=cursor_from(query["after"])
    )
    return {"items": _documents([booking for booking, _ in found]), "next": cursor_text(more)}


@api.post(
    "/bookings",
    summary="Ask for a ride, a delivery or a home-health visit",
    roles=PLANNERS,
    body=OrderSchema,
    response=BookingView,
)
def request_booking(body: dict[str, Any]) -> dict[str, Any]:
    """From a care-plan task; names who pays. With `way_back` a round trip, of which this is the way there."""
    order = order_from(body)
    if isinstance(order, VisitOrder):
        ask = service.draft_visit if body["draft"] else service.request_visit
        return _documents([ask(current.session(), order)])[0]
    back = way_back_from(body)
    if isinstance(order, RideOrder) and back is not None:
        return _documents([service.request_round_trip(current.session(), order, back)[0]])[0]
    if isinstance(order, RideOrder):
        return _documents([service.request_ride(current.session(), order)])[0]
    return _documents([service.request_equipment(current.session(), order)])[0]


@api.get("/bookings/<uuid:booking_id>", summary="One booking", roles=PARTIES, response=BookingView)
def show_booking(booking_id: UUID) -> dict[str, Any]:
    """Without anybody's identity."""
    return _documents([service.booking(current.session(), booking_id)])[0]


@api.get(
    "/bookings/<uuid:booking_id>/rider", summary="Who rides or receives", roles=PARTIES, response=RiderView
)
def show_rider(booking_id: UUID) -> Rider:
    """For the requester and the awarded vendor; audited."""
    return service.rider(current.session(), booking_id)


@api.get(
    "/bookings/<uuid:booking_id>/timeline",
    summary="What happened to a booking",
    roles=PARTIES,
    response=TimelineView,
    many=True,
)
def show_timeline(booking_id: UUID) -> list[TimelineEntry]:
    """Oldest first."""
    service.booking(current.session(), booking_id)
    return service.timeline(current.session(), booking_id)


@api.post(
    "/bookings/<uuid:booking_id>/ready",
    summary="The patient is ready for a flexible ride",
    roles=PLANNERS,
    response=BookingView,
    status=200,
)
def say_ready(booking_id: UUID) -> dict[str, Any]:
    """Now; the plan takes the ride in."""
    return _documents([service.say_ready(current.session(), booking_id)])[0]


@api.post(
    "/bookings/<uuid:booking_id>/cancel",
    summary="Call a booking off",
    roles=PLANNERS,
    body=CancelSchema,
    response=BookingView,
    status=200,
)
def cancel_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """With a reason; the task is open again."""
    return _documents([service.cancel(current.session(), booking_id, **body)])[0]


@api.post(
    "/bookings/<uuid:booking_id>/hold",
    summary="Hold a booking",
    roles=PLANNERS,
    body=HoldSchema,
    response=BookingView,
    status=200,
)
def hold_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Nothing happens until the hold is lifted."""
    return _documents([service.hold(current.session(), booking_id, body["reason"])])[0]


@api.post(
    "/bookings/<uuid:booking_id>/resume",
    summary="Lift a hold",
    roles=PLANNERS,
    response=BookingView,
    status=200,
)
def resume_booking(booking_id: UUID) -> dict[str, Any]:
    """Back to where it was."""
    return _documents([service.resume(current.session(), booking_id)])[0]


@api.post(
    "/bookings/<uuid:booking_id>/refer",
    summary="Refer a drafted home-health visit",
    roles=PLANNERS,
    response=BookingView,
    status=200,
)
def refer_booking(booking_id: UUID) -> dict[str, Any]:
    """Only under the patient's recorded choice."""
    return _documents([service.refer(current.session(), booking_id)])[0]


@api.post(
    "/bookings/<uuid:booking_id>/nobody-came",
    summary="Say that the vendor did not come in its promised window",
    roles=PLANNERS,
    response=BookingView,
    status=200,
)
def nobody_came(booking_id: UUID) -> dict[str, Any]:
    """The task is open again; what the contract names for that is noted."""
    return _documents([service.vendor_no_show(current.session(), booking_id)])[0]


@api.post(
    "/bookings/<uuid:booking_id>/ask-again",
    summary="Ask again for an unmet booking",
    roles=PLANNERS,
    response=BookingView,
    status=200,
)
def ask_again(booking_id: UUID) -> dict[str, Any]:
    """It waits for vendors again."""
    return _documents([service.ask_again(current.session(), booking_id)])[0]


@api.post(
    "/bookings/<uuid:booking_id>/window",
    summary="Move the requested window",
    roles=PLANNERS,
    body=WindowSchema,
    response=BookingView,
    status=200,
)
def move_window(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """The vendor's promise stands until it is amended."""
    window = window_from(body)
    assert window is not None
    return _documents([service.move_window(current.session(), booking_id, window)])[0]


@api.get(
    "/bookings/<uuid:booking_id>/way-back",
    summary="The way back of a ride",
    roles=PARTIES,
    response=WayBackView,
)
def show_way_back(booking_id: UUID) -> dict[str, Any]:
    """The one that still counts; null where there is none, or where you have no part in it."""
    service.booking(current.session(), booking_id)
    back = service.way_back_of(current.session(), booking_id)
    return {"booking": _documents([back])[0] if back else None}


@api.get(
    "/encounters",
    summary="Who is to leave, soonest first",
    roles=PLANNERS,
    query=EncounterQuery,
    response=DepartureList,
)
def list_encounters(query: dict[str, Any]) -> dict[str, Any]:
    """Stays with their tasks and bookings, 50 a page."""
    page = service.departures(
        current.session(),
        until=query["until"],
        facility_ids=[query["facility_id"]] if query["facility_id"] else [],
        planned_only=query["planned_only"],
        after=cursor_from(query["after"]),
    )
    return {"items": page.rows, "next": cursor_text(page.next)}


def _by_reference(reference: str) -> list[Booking]:
    try:
        return [service.booking_by_reference(current.session(), reference)]
    except NotFound:
        return []


def _documents(found: list[Booking]) -> list[dict[str, Any]]:
    deliveries = [booking.id for booking in found if booking.kind is BookingKind.EQUIPMENT]
    items = service.items_of(current.session(), deliveries) if deliveries else {}
    return [booking_document(current.actor(), booking, items.get(booking.id, [])) for booking in found]
