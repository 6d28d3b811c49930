"""What crews read: the button that leads to each status, and how a status sounds."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.field.words import FieldStatus
from marketplace.bookings.words import AIR_LEVELS, LevelOfService

_F = FieldStatus


@dataclass(frozen=True, slots=True)
class Button:
    """The label and icon of the step that reaches a status."""

    label: str
    icon: str


BUTTONS: dict[FieldStatus, Button] = {
    _F.EN_ROUTE_PICKUP: Button("I am on my way", "van"),
    _F.ARRIVED_PICKUP: Button("I have arrived", "pin"),
    _F.ON_BOARD: Button("Rider is on board", "check"),
    _F.ARRIVED_DROPOFF: Button("Arrived at the destination", "pin"),
    _F.LOADED: Button("Equipment is loaded", "box"),
    _F.EN_ROUTE: Button("I am on my way", "van"),
    _F.ARRIVED: Button("I have arrived", "pin"),
    _F.SET_UP: Button("Set up and shown how to use", "check"),
    _F.ACCEPTED_BY_RECEIVER: Button("Receiver accepts and signs", "pen"),
    _F.COMPLETED: Button("Finish", "check"),
    _F.STARTED: Button("Visit begins", "clock"),
    _F.ENDED: Button("Visit ends", "check"),
    _F.MISSED: Button("The visit does not take place", "alert"),
    _F.RIDER_NO_SHOW: Button("Rider does not come", "alert"),
    _F.CANCELLED_AT_DOOR: Button("Cancelled at the door", "alert"),
    _F.REFUSED: Button("Receiver refuses", "alert"),
    _F.NOBODY_HOME: Button("Nobody is home", "alert"),
    _F.WRONG_ITEM: Button("Wrong item", "alert"),
}

SOUNDS: dict[FieldStatus, tuple[str, str]] = {
    _F.ASSIGNED: ("Planned", "calm"),
    _F.EN_ROUTE_PICKUP: ("On the way", "info"),
    _F.ARRIVED_PICKUP: ("At the pick-up", "info"),
    _F.ON_BOARD: ("Rider on board", "info"),
    _F.ARRIVED_DROPOFF: ("At the destination", "info"),
    _F.LOADED: ("Loaded", "info"),
    _F.EN_ROUTE: ("On the way", "info"),
    _F.ARRIVED: ("At the door", "info"),
    _F.SET_UP: ("Set up", "info"),
    _F.ACCEPTED_BY_RECEIVER: ("Signed for", "good"),
    _F.STARTED: ("With the patient", "info"),
    _F.ENDED: ("To be written down", "warn"),
    _F.MISSED: ("Missed", "bad"),
    _F.COMPLETED: ("Done", "good"),
    _F.RIDER_NO_SHOW: ("No-show", "bad"),
    _F.CANCELLED_AT_DOOR: ("Cancelled at the door", "bad"),
    _F.REFUSED: ("Refused", "bad"),
    _F.NOBODY_HOME: ("Nobody home", "bad"),
    _F.WRONG_ITEM: ("Wrong item", "bad"),
    _F.WITHDRAWN: ("Withdrawn", "calm"),
}
"""Words and tone of each status."""

RIDE_STEPS = (
    _F.ASSIGNED,
    _F.EN_ROUTE_PICKUP,
    _F.ARRIVED_PICKUP,
    _F.ON_BOARD,
    _F.ARRIVED_DROPOFF,
    _F.COMPLETED,
)
DELIVERY_STEPS = (
    _F.ASSIGNED,
    _F.LOADED,
    _F.EN_ROUTE,
    _F.ARRIVED,
    _F.SET_UP,
    _F.ACCEPTED_BY_RECEIVER,
    _F.COMPLETED,
)
VISIT_STEPS = (
    _F.ASSIGNED,
    _F.EN_ROUTE,
    _F.ARRIVED,
    _F.STARTED,
    _F.ENDED,
    _F.COMPLETED,
)
STEPS_OF_KIND = {"ride": RIDE_STEPS, "equipment": DELIVERY_STEPS, "home_health": VISIT_STEPS}
"""The usual way of each kind, for the dots on top of a stop."""
_NAMES_OF_KIND = {"ride": "Ride", "equipment": "Delivery", "home_health": "Visit"}


def name_of(kind: str, level: LevelOfService | None) -> str:
    """What a crew calls its work: a ride by air is a flight."""
    return "Flight" if level in AIR_LEVELS else _NAMES_OF_KIND[kind]
