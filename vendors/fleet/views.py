"""The fleet's page: vehicles, crew, the day's shifts, blocked times and stock, each with its form."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from marshmallow import ValidationError

from marketplace.bookings.words import LEVEL_LABELS
from marketplace.careplans.equipment import CATALOG, equipment
from marketplace.foundation.errors import InvalidInput
from marketplace.web import current
from marketplace.web.display import words
from marketplace.web.fields import Day
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from vendors.fleet import inventory
from vendors.fleet.api import break_of
from vendors.fleet.inventory import OFFICE
from vendors.fleet.schemas import BlockForm, CrewChangeForm, CrewMemberForm, ShiftBody, StockForm, VehicleForm
from vendors.fleet.service import add_shift, block, blocked_between, cancel_shift, shifts_between, unblock
from vendors.fleet.words import Configuration, CrewKind, Skill, VehicleKind

views = Blueprint("fleet", __name__, url_prefix="/portal/fleet", template_folder="../templates")


@views.get("/")
def overview() -> Response:
    """Everything the vendor works with, on one day."""
    current.actor().require(*OFFICE)
    session, day = current.session(), _day()
    start = datetime.combine(day, time(), current.zone())
    end = start + timedelta(days=1)
    return render(
        "vendors/fleet/overview.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        shifts=shifts_between(session, start, end),
        blocked=blocked_between(session, start, end),
        vehicles=inventory.vehicles(session),
        crew=inventory.crew_members(session),
        stock=inventory.stock(session),
        may_change=current.actor().has("vendor_admin"),
    )


@views.route("/vehicles/new", methods=["GET", "POST"])
def new_vehicle() -> Response:
    """Add a vehicle."""
    current.actor().require("vendor_admin")
    form = form_for(VehicleForm)
    if form.ok:
        with form.refusals():
            data = form.data
            way = _configuration(data)
            inventory.add_vehicle(
                current.session(),
                data["name"],
                data["plate"],
                data["kind"],
                [way],
                data["levels"],
                data["depot_id"],
            )
        if form.ok:
            return go(url_for("fleet.overview"), f"Added {form.data['name']}.")
    return _form_page("vehicle", form, kinds=_members(VehicleKind), levels=list(LEVEL_LABELS.items()))


@views.post("/vehicles/<uuid:vehicle_id>/service")
def vehicle_service(vehicle_id: UUID) -> Response:
    """Take a vehicle out of service, or back into it."""
    in_service = request.form.get("in_service") == "true"
    vehicle = inventory.set_in_service(current.session(), vehicle_id, in_service=in_service)
    said = "is back in service" if in_service else "is out of service"
    return go(url_for("fleet.overview"), f"{vehicle.name} {said}.")


@views.route("/crew/new", methods=["GET", "POST"])
def new_crew_member() -> Response:
    """Add a driver or technician."""
    current.actor().require("vendor_admin")
    form = form_for(CrewMemberForm)
    if form.ok:
        data = form.data
        inventory.add_crew_member(
            current.session(), data["name"], data["kind"], data["skills"], phone=data["phone"]
        )
        return go(url_for("fleet.overview"), f"Added {data['name']}.")
    return _form_page("crew_member", form, kinds=_members(CrewKind), skills=_members(Skill))


@views.route("/crew/<uuid:member_id>", methods=["GET", "POST"])
def crew_member(member_id: UUID) -> Response:
    """Skills, phone, and whether somebody is at work."""
    current.actor().require("vendor_admin")
    member = inventory.own_crew_member(current.session(), member_id)
    form = form_for(
        CrewChangeForm,
        initial={"skills": member.skills, "phone": member.phone, "in_service": member.in_service},
    )
    if form.ok:
        data = form.data
        inventory.change_crew_member(
            current.session(), member_id, data["skills"], data["phone"], in_service=data["in_service"]
        )
        return go(url_for("fleet.overview"), f"Changed {member.name}.")
    return render("vendors/fleet/crew_member.html", form=form, member=member, skills=_members(Skill))


@views.route("/shifts/new", methods=["GET", "POST"])
def new_shift() -> Response:
    """Put a vehicle and a crew on the road."""
    current.actor().require(*OFFICE)
    form = form_for(ShiftBody, initial=_usual_shift())
    if form.ok:
        with form.refusals():
            data = form.data
            add_shift(
                current.session(),
                data["vehicle_id"],
                data["crew_member_ids"],
                data["starts_at"],
                data["ends_at"],
                break_of(data),
            )
        if form.ok:
            day = form.data["starts_at"].astimezone(current.zone()).date()
            return go(url_for("fleet.overview", day=day), "The shift is on.")
    return _form_page("shift", form)


@views.post("/shifts/<uuid:shift_id>/cancel")
def cancel(shift_id: UUID) -> Response:
    """The vehicle stays at home after all."""
    shift = cancel_shift(current.session(), shift_id)
    day = shift.starts_at.astimezone(current.zone()).date()
    return go(url_for("fleet.overview", day=day), "The shift is cancelled.")


@views.route("/blocked/new", methods=["GET", "POST"])
def new_block() -> Response:
    """Keep a vehicle for the vendor's own work or repair."""
    current.actor().require(*OFFICE)
    form = form_for(BlockForm)
    if form.ok:
        with form.refusals():
            data = form.data
            block(
                current.session(),
                data["starts_at"],
                data["ends_at"],
                data["reason"],
                vehicle_id=data["vehicle_id"],
            )
        if form.ok:
            day = form.data["starts_at"].astimezone(current.zone()).date()
            return go(url_for("fleet.overview", day=day), "The time is blocked.")
    return _form_page("block", form)


@views.post("/blocked/<uuid:blocked_time_id>/free")
def free(blocked_time_id: UUID) -> Response:
    """Give a blocked time free again."""
    unblock(current.session(), blocked_time_id)
    return go(url_for("fleet.overview"), "The time is free again.")


@views.route("/stock/count", methods=["GET", "POST"])
def count_stock() -> Response:
    """Set how many pieces of a code lie in a depot."""
    current.actor().require(*OFFICE)
    form = form_for(StockForm, initial=request.args)
    if form.ok:
        with form.refusals():
            data = form.data
            code = data["hcpcs_code"].upper()
            inventory.set_stock(
                current.session(), data["depot_id"], code, equipment(code).name, data["quantity"]
            )
        if form.ok:
            return go(
                url_for("fleet.overview"), f"Counted {form.data['quantity']} of {form.data['hcpcs_code']}."
            )
    return _form_page(
        "stock", form, item_options=[(item.code, f"{item.name} ({item.code})") for item in CATALOG.values()]
    )


def _form_page(name: str, form: Form, **context: Any) -> Response:
    session = current.session()
    return render(
        f"vendors/fleet/{name}_form.html",
        form=form,
        depot_options=[(depot.id, depot.name) for depot in inventory.depots(session)],
        vehicle_options=[(vehicle.id, vehicle.name) for vehicle in inventory.vehicles(session)],
        crew_options=[(member.id, member.name) for member in inventory.crew_members(session)],
        **context,
    )


def _members(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, words(member.value)) for member in enumeration]


def _add_vehicle(data: dict[str, Any]) -> None:
    inventory.add_vehicle(
        current.session(),
        data["name"],
        data["plate"],
        data["kind"],
        [_configuration(data)],
        data["levels"],
        data["depot_id"],
    )


def _configuration(data: dict[str, Any]) -> Configuration:
    sizes = {name: data[name] for name in ("ambulatory", "wheelchair", "stretcher", "cargo_liters")}
    words = [f"{count} {name.replace('_', ' ')}" for name, count in sizes.items() if count]
    if not words:
        raise InvalidInput("ambulatory", "say how many people, chairs, stretchers or litres it holds")
    return Configuration(", ".join(words), **sizes)


def _usual_shift() -> dict[str, Any]:
    start = datetime.combine(_day() + timedelta(days=1), time(8), current.zone())
    return {"starts_at": start, "ends_at": start + timedelta(hours=10), "break_minutes": 0}


def _day() -> date:
    given = request.args.get("day")
    if not given:
        return current.now().astimezone(current.zone()).date()
    try:
        return Day().deserialize(given)
    except ValidationError:
        raise InvalidInput("day", "write a day like 2026-03-02") from None
