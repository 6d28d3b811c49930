"""JSON routes of the fleet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from marketplace.careplans.equipment import equipment
from marketplace.foundation.errors import InvalidInput
from marketplace.web import current
from marketplace.web.api import Api
from vendors.fleet.inventory import OFFICE, add_vehicle, crew_members, set_stock, stock, vehicles
from vendors.fleet.models import CrewMember, Shift, StockItem, Vehicle
from vendors.fleet.schemas import (
    CrewMemberView,
    DayFilter,
    ShiftBody,
    ShiftView,
    StockForm,
    StockView,
    VehicleBody,
    VehicleView,
)
from vendors.fleet.service import Break, add_shift, cancel_shift, shifts_between
from vendors.fleet.words import Configuration

api = Api("fleet", __name__)
_OFFICE = set(OFFICE)


@api.get("/vehicles", summary="Our vehicles", roles=_OFFICE, response=VehicleView, many=True)
def list_vehicles() -> list[Vehicle]:
    """The acting vendor's vehicles by name."""
    return vehicles(current.session())


@api.post(
    "/vehicles", summary="Add a vehicle", roles={"vendor_admin"}, body=VehicleBody, response=VehicleView
)
def new_vehicle(body: dict[str, Any]) -> Vehicle:
    """A new vehicle of the acting vendor."""
    ways = [Configuration(**way) for way in body.pop("configurations")]
    return add_vehicle(current.session(), configurations=ways, **body)


@api.get("/crew-members", summary="Our crew", roles=_OFFICE, response=CrewMemberView, many=True)
def list_crew() -> list[CrewMember]:
    """The acting vendor's drivers and technicians."""
    return crew_members(current.session())


@api.get("/shifts", summary="Shifts of a day", roles=_OFFICE, query=DayFilter, response=ShiftView, many=True)
def list_shifts(query: dict[str, Any]) -> list[Shift]:
    """The acting vendor's shifts that touch a local day."""
    day = query.get("day") or current.now().astimezone(current.zone()).date()
    start = datetime.combine(day, time(), current.zone())
    return shifts_between(current.session(), start, start + timedelta(days=1))


@api.post("/shifts", summary="Add a shift", roles=_OFFICE, body=ShiftBody, response=ShiftView)
def new_shift(body: dict[str, Any]) -> Shift:
    """A vehicle at work with its crew; 409 when one of them works then already."""
    return add_shift(
        current.session(),
        body["vehicle_id"],
        body["crew_member_ids"],
        body["starts_at"],
        body["ends_at"],
        break_of(body),
    )


@api.post(
    "/shifts/<uuid:shift_id>/cancel", summary="Cancel a shift", roles=_OFFICE, response=ShiftView, status=200
)
def cancel(shift_id: UUID) -> Shift:
    """The vehicle stays at home after all."""
    return cancel_shift(current.session(), shift_id)


@api.get("/stock", summary="Equipment in our depots", roles=_OFFICE, response=StockView, many=True)
def list_stock() -> list[StockItem]:
    """The acting vendor's equipment by code."""
    return stock(current.session())


@api.put("/stock", summary="Count equipment", roles=_OFFICE, body=StockForm, response=StockView)
def count_stock(body: dict[str, Any]) -> StockItem:
    """Set how many pieces of a code lie in a depot."""
    code = body["hcpcs_code"].upper()
    name = equipment(code).name
    return set_stock(current.session(), body["depot_id"], code, name, body["quantity"])


def break_of(body: dict[str, Any]) -> Break | None:
    """The break of a shift's form or body; refuses half a break."""
    if not body["break_minutes"]:
        return None
    if body["break_earliest_at"] is None or body["break_latest_at"] is None:
        raise InvalidInput("break_earliest_at", "say between which two times the break may begin")
    return Break(body["break_minutes"], body["break_earliest_at"], body["break_latest_at"])
