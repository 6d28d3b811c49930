"""Booking from a care-plan task: a form in which everything that the record knows is filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from marketplace.bookings import service
from marketplace.bookings.context import BookingContext, context_of
from marketplace.bookings.models import Booking
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
from marketplace.bookings.page_parts import (
    EQUIPMENT_CHOICES,
    LEVEL_CHOICES,
    payer_of,
    paying_choices,
    usual_items,
)
from marketplace.bookings.rules import suggested_level
from marketplace.bookings.schemas import OrderForm
from marketplace.bookings.views import PLANNERS, views
from marketplace.bookings.visiting import visit_window
from marketplace.bookings.words import (
    APPOINTMENT_PLACES,
    PLACE_LABELS,
    PURPOSE_LABELS,
    WAY_BACK_LABELS,
    BookingKind,
    BookingState,
    PayerKind,
    PlaceKind,
    WayBackWish,
    WindowAnchor,
)
from marketplace.careplans import service as careplans
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.careplans.ways_back import is_outbound
from marketplace.careplans.words import CALLED_WITHIN_MINUTES, STAYS_MINUTES, ServiceKind
from marketplace.choices.service import choice_of
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.patients.parsing import receiver_from
from marketplace.patients.words import ServiceLine
from marketplace.web import current
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render

_KINDS = {
    ServiceKind.RIDE: BookingKind.RIDE,
    ServiceKind.EQUIPMENT: BookingKind.EQUIPMENT,
    ServiceKind.HOME_HEALTH: BookingKind.HOME_HEALTH,
}
_PAYER_FIELDS = ("coverage_id", "authorization_id")


@views.route("/bookings/new", methods=["GET", "POST"])
def new() -> Response:
    """Book the service of a task; everything the record knows is filled in."""
    current.actor().require(*PLANNERS)
    known = _known()
    current.use_zone(known.facility.time_zone)
    kind = _KINDS[known.task.service_kind]
    line = ServiceLine(kind.value)
    payers = paying_choices(current.session(), known.patient.id, line)
    form = form_for(OrderForm, _initial(known, payers))
    if form.ok:
        with form.refusals():
            made = _request(_order(known, kind, form), _way_back(form))
        form.regroup(_control_of)
        if form.ok:
            said = f"{made.reference} is requested."
            if made.state is BookingState.DRAFT:
                said = f"{made.reference} is a draft: show the list and record the patient's choice."
            return go(url_for("bookings.show", booking_id=made.id), said)
    if form.errors:
        known = _known()  # the refused transaction is gone
    return render(
        f"bookings/new_{kind.value}.html",
        form=form,
        known=known,
        payers=payers,
        levels=LEVEL_CHOICES,
        items=EQUIPMENT_CHOICES,
        usual=usual_items(known.task.equipment_code),
        choice=choice_of(current.session(), known.encounter.id) if kind is BookingKind.HOME_HEALTH else None,
        purposes=[(purpose.value, label) for purpose, label in PURPOSE_LABELS.items()],
        discipline=DISCIPLINES[known.task.discipline].name if known.task.discipline else "",
        outbound=is_outbound(known.task),
        wishes=[(wish.value, label) for wish, label in WAY_BACK_LABELS.items()],
        places=[(kind.value, PLACE_LABELS[kind]) for kind in APPOINTMENT_PLACES],
    )


def _known() -> BookingContext:
    try:
        task_id = UUID(request.args.get("task", ""))
    except ValueError:
        raise NotFound from None
    kind = _KINDS.get(careplans.task(current.session(), task_id).service_kind)
    if kind is None:
        raise Conflict(
            "Nothing is booked here for this task.", remedy="Choose a task for a ride or a delivery."
        )
    return context_of(current.session(), task_id, kind)


def _initial(known: BookingContext, payers: list[tuple[str, str]]) -> dict[str, Any]:
    window, receiver = known.window(None), known.receiver
    if known.task.discipline is not None:
        window = visit_window(known, VisitOrder(known.task.id, PayerChoice(PayerKind.SELF_PAY)))
    back = _usual_way_back(window)
    return {
        "way_back": WayBackWish.WILL_CALL if is_outbound(known.task) else WayBackWish.NONE,
        "back_start": back.start,
        "back_end": back.end,
        "place_kind": PlaceKind.PHYSICIAN,
        "payer": payers[0][0],
        "requested_start": window.start,
        "requested_end": window.end,
        "moves": window.anchor is WindowAnchor.DISCHARGE,
        "level_of_service": suggested_level(known.needs),
        "items": [known.task.equipment_code],
        "receiver_name": receiver.name if receiver else "",
        "receiver_phone": receiver.phone if receiver else "",
        "receiver_relationship": receiver.relationship if receiver else "",
        "receiver_instructions": receiver.instructions if receiver else "",
    }


def _order(known: BookingContext, kind: BookingKind, form: Form) -> RideOrder | EquipmentOrder | VisitOrder:
    data = form.data
    anchor = WindowAnchor.DISCHARGE if data["moves"] else WindowAnchor.FIXED
    window = RequestedWindow(data["requested_start"], data["requested_end"], anchor)
    payer = payer_of(data["payer"])
    if kind is BookingKind.HOME_HEALTH:
        return VisitOrder(
            known.task.id,
            payer,
            purpose=data["visit_purpose"],
            window=window,
            start_of_care_on=data["start_of_care_on"],
            note=data["note"],
        )
    if kind is BookingKind.RIDE:
        return _ride(known, data, payer, window)
    items = tuple(ItemOrder(code) for code in dict.fromkeys([*data["items"], data["more"]]) if code)
    return EquipmentOrder(
        known.task.id,
        items,
        payer,
        window,
        destination=_elsewhere(data),
        receiver=_receiver(known, data),
        note=data["note"],
    )


def _ride(
    known: BookingContext, data: dict[str, Any], payer: PayerChoice, window: RequestedWindow
) -> RideOrder:
    """From the hospital home, from the home to an appointment, or back from there."""
    if data["level_of_service"] is None:
        raise InvalidInput("level_of_service", "choose how the patient is carried")
    out = is_outbound(known.task)
    if out and (missing := [name for name in ("place_kind", "way_back") if data[name] is None]):
        raise InvalidInput(missing[0], "choose one")
    clinic = replace(known.hospital, place_kind=data["place_kind"])
    return RideOrder(
        known.task.id,
        data["level_of_service"],
        payer,
        window,
        origin=known.home() if out else None,
        destination=(_elsewhere(data, data["place_kind"]) or clinic) if out else None,
        note=data["note"],
        flexible=data["flexible"],
    )


def _way_back(form: Form) -> WayBack | None:
    """The way back that was asked for; its window moves with the discharge where that of the other does."""
    data = form.data
    if data["way_back"] in {None, WayBackWish.NONE}:
        return None
    for name in ("back_start", "back_end"):
        if data[name] is None:
            raise InvalidInput(name, "say from when until when the patient may be fetched back")
    anchor = WindowAnchor.DISCHARGE if data["moves"] else WindowAnchor.FIXED
    window = RequestedWindow(data["back_start"], data["back_end"], anchor)
    return WayBack(window, flexible=data["way_back"] is WayBackWish.WILL_CALL)


def _usual_way_back(there: RequestedWindow) -> RequestedWindow:
    """An hour after the latest pickup of the way there, for three hours."""
    start = there.end + timedelta(minutes=STAYS_MINUTES)
    return RequestedWindow(start, start + timedelta(minutes=CALLED_WITHIN_MINUTES), there.anchor)


def _elsewhere(data: dict[str, Any], kind: PlaceKind = PlaceKind.RESIDENCE) -> Address | None:
    """Another address than the usual one, when one was written."""
    if not (data["address_line"] or data["postal_code"]):
        return None
    place = (data["address_line"], data["city"], data["state"].upper(), data["postal_code"])
    return Address(kind, *place)


def _receiver(known: BookingContext, data: dict[str, Any]) -> Any:
    """The receiver typed in; the one of the record counts with its window when nothing was changed."""
    given = receiver_from(data)
    return None if given == known.receiver else given


def _request(order: RideOrder | EquipmentOrder | VisitOrder, back: WayBack | None) -> Booking:
    if isinstance(order, VisitOrder):
        draft = service.draft_visit(current.session(), order)
        chosen = choice_of(current.session(), draft.encounter_id) is not None
        return service.refer(current.session(), draft.id) if chosen else draft
    if isinstance(order, RideOrder) and back is not None:
        return service.request_round_trip(current.session(), order, back)[0]
    if isinstance(order, RideOrder):
        return service.request_ride(current.session(), order)
    return service.request_equipment(current.session(), order)


def _control_of(field: str) -> str:
    """The control that stands for a field of the booking service."""
    if field in _PAYER_FIELDS:
        return "payer"
    if field.startswith("items."):
        return "items"
    return field.removeprefix("destination.").replace("way_back.requested_", "back_")
