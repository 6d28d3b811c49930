"""Between documents and orders: what a parsed order means, and what of a booking an actor is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.bookings.leaving import Cursor
from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.orders import (
    Address,
    EquipmentOrder,
    ItemOrder,
    PayerChoice,
    RequestedWindow,
    RideOrder,
    VisitOrder,
    WayBack,
)
from marketplace.bookings.words import BookingKind
from marketplace.foundation.access import Actor
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.patients.parsing import receiver_from

_REQUESTERS_ONLY = ("patient_id", "encounter_id", "care_plan_task_id")


def way_back_from(data: Mapping[str, Any]) -> WayBack | None:
    """The way back in a parsed document; tied to the discharge where its way there is."""
    found = data["way_back"]
    if found is None:
        return None
    if data["kind"] is not BookingKind.RIDE:
        raise InvalidInput("way_back", "only a ride has a way back; leave it out")
    window = RequestedWindow(found["requested_start"], found["requested_end"], data["anchor"])
    return WayBack(window, flexible=found["flexible"])


def order_from(data: Mapping[str, Any]) -> RideOrder | EquipmentOrder | VisitOrder:
    """The order in a parsed document; refuses a kind without what it needs, naming the field."""
    window = window_from(data)
    payer = PayerChoice(data["payer_kind"], data["coverage_id"], data["authorization_id"])
    destination = address_from(data["destination"])
    if data["kind"] is BookingKind.HOME_HEALTH:
        return _visit_from(data, payer, window, destination)
    if data["discipline"] is not None:
        raise InvalidInput("discipline", "only a home-health visit has one; leave it out")
    if data["kind"] is BookingKind.RIDE:
        if data["level_of_service"] is None or data["items"]:
            field = "items" if data["items"] else "level_of_service"
            raise InvalidInput(field, "a ride has a level of service and no items")
        return RideOrder(
            task_id=data["task_id"],
            level_of_service=data["level_of_service"],
            payer=payer,
            window=window,
            origin=address_from(data["origin"]),
            destination=destination,
            note=data["note"],
            flexible=data["flexible"],
        )
    if data["level_of_service"] is not None:
        raise InvalidInput("level_of_service", "only a ride has one; leave it out")
    return EquipmentOrder(
        task_id=data["task_id"],
        items=tuple(
            ItemOrder(item["hcpcs_code"].upper(), item["quantity"], item["modifier"])
            for item in data["items"]
        ),
        payer=payer,
        window=window,
        destination=destination,
        receiver=receiver_from(data),
        note=data["note"],
    )


def _visit_from(
    data: Mapping[str, Any], payer: PayerChoice, window: RequestedWindow | None, destination: Address | None
) -> VisitOrder:
    for field in ("level_of_service", "items"):
        if data[field]:
            raise InvalidInput(field, "a home-health visit has none; leave it out")
    return VisitOrder(
        task_id=data["task_id"],
        payer=payer,
        discipline=data["discipline"],
        purpose=data["visit_purpose"],
        window=window,
        start_of_care_on=data["start_of_care_on"],
        destination=destination,
        note=data["note"],
    )


def window_from(data: Mapping[str, Any]) -> RequestedWindow | None:
    """The window in a parsed document; None when it is left to the task. One end alone is refused."""
    start, end = data["requested_start"], data["requested_end"]
    if start is None and end is None:
        return None
    if start is None or end is None:
        missing = "requested_start" if start is None else "requested_end"
        raise InvalidInput([FieldError(missing, "write both ends of the window, or neither")])
    return RequestedWindow(start, end, data["anchor"])


def address_from(data: Mapping[str, Any] | None) -> Address | None:
    """The address in a parsed document; state letters in capitals."""
    return None if data is None else Address(**{**data, "state": data["state"].upper()})


def booking_document(actor: Actor, booking: Booking, items: Sequence[BookingItem] = ()) -> dict[str, Any]:
    """What the actor is told of a booking: ids that lead to the patient are the requester's alone."""
    told = {name: getattr(booking, name) for name in booking.__mapper__.columns.keys()}  # noqa: SIM118
    if actor.organization_id != booking.organization_id:
        told |= dict.fromkeys(_REQUESTERS_ONLY)
    return told | {"items": items}


def cursor_text(cursor: Cursor | None) -> str:
    """A place in a list as text for an address; empty for none."""
    return f"{cursor[0].isoformat()}_{cursor[1]}" if cursor else ""


def cursor_from(text: str) -> Cursor | None:
    """The place again; refuses a damaged one."""
    if not text:
        return None
    moment, _, found = text.partition("_")
    try:
        at, booking_id = datetime.fromisoformat(moment), UUID(found)
    except ValueError:
        at, booking_id = datetime.min, UUID(int=0)  # noqa: DTZ901  told apart by its missing zone
    if at.tzinfo is None:
        raise InvalidInput("after", "this place in the list is damaged; start from the first page")
    return at, booking_id
