"""JSON routes of the board: the day, and changes by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dispatch.board import hand
from dispatch.board.day import BoardDay, Lane, board_day
from dispatch.board.legs import Leg
from dispatch.board.models import HandChange
from dispatch.board.schemas import (
    AssignSchema,
    BoardView,
    DayFilter,
    EmptySchema,
    HandChangeView,
    SwapSchema,
)
from marketplace.web import current
from marketplace.web.api import Api

api = Api("board", __name__)
OFFICE = set(hand.OFFICE)


@api.get(
    "/dispatch/board",
    summary="A vendor's day: vehicles, planned services, the chance of being late, what waits",
    roles=OFFICE,
    query=DayFilter,
    response=BoardView,
)
def day(query: dict[str, Any]) -> dict[str, Any]:
    """The acting vendor's own day only."""
    return _shown(board_day(current.session(), query.get("day")))


@api.post(
    "/dispatch/board/<uuid:booking_id>/assign",
    summary="Put a service on a vehicle, checked at once; refused with the rule it would break",
    roles=OFFICE,
    body=AssignSchema,
    response=HandChangeView,
)
def assign(booking_id: UUID, body: dict[str, Any]) -> HandChange:
    """409 with a code such as `rule-capacity` when the check refuses."""
    return hand.assign(current.session(), booking_id, body["shift_id"])


@api.post(
    "/dispatch/board/<uuid:booking_id>/swap",
    summary="Exchange two services between their vehicles, checked at once",
    roles=OFFICE,
    body=SwapSchema,
    response=HandChangeView,
)
def swap(booking_id: UUID, body: dict[str, Any]) -> HandChange:
    """Both or neither."""
    return hand.swap(current.session(), booking_id, body["other_booking_id"])


@api.post(
    "/dispatch/board/<uuid:booking_id>/pin",
    summary="Keep a service on its vehicle",
    roles=OFFICE,
    body=EmptySchema,
    response=HandChangeView,
)
def pin(booking_id: UUID, body: dict[str, Any]) -> HandChange:
    """Plans to come choose its time only."""
    return hand.pin(current.session(), booking_id)


@api.post(
    "/dispatch/board/<uuid:booking_id>/unpin",
    summary="Let the plan choose the vehicle again",
    roles=OFFICE,
    body=EmptySchema,
    response=HandChangeView,
)
def unpin(booking_id: UUID, body: dict[str, Any]) -> HandChange:
    """The day is planned anew."""
    return hand.unpin(current.session(), booking_id)


def _shown(found: BoardDay) -> dict[str, Any]:
    return {
        "day": found.day,
        "planning": found.planning,
        "lanes": [_lane(lane) for lane in found.lanes],
        "waiting": [
            {"booking_id": one.booking_id, "reference": one.reference, "reason": one.reason}
            for one in found.waiting
        ],
    }


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "shift_id": lane.shift_id,
        "vehicle_id": lane.vehicle_id,
        "name": lane.name,
        "starts_at": lane.starts_at,
        "ends_at": lane.ends_at,
        "legs": [_leg(leg) for leg in lane.legs],
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "booking_id": leg.planned.booking_id,
        "reference": leg.planned.reference,
        "status": str(leg.status),
        "starts_at": leg.planned.starts_at,
        "ends_at": leg.planned.ends_at,
        "expected_at": leg.expected_at,
        "late_percent": leg.risk.late_percent,
        "unready_percent": leg.risk.unready_percent,
        "pinned": leg.planned.pinned,
    }
