"""How a trip is laid out in legs, and what makes an order for one acceptable: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from marketplace.bookings.airfields import AIRFIELDS
from marketplace.bookings.flying import travel_by
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.rules import boarding_seconds, level_errors
from marketplace.bookings.trip_orders import LegPlan, Stop, TripOrder, whole_minute
from marketplace.bookings.trip_words import (
    LONGEST_HAND_OVER,
    LONGEST_REASON,
    SHORTEST_REASON,
    FlightPlace,
)
from marketplace.bookings.words import AIR_LEVELS, LevelOfService, PlaceKind
from marketplace.foundation.errors import FieldError
from marketplace.patients.words import Needs

SHORTEST_FLIGHT_METERS = 15_000
"""Nobody is flown for less: the ground is faster."""
PLACES = frozenset({*AIRFIELDS, FlightPlace.HELIPAD.value})


def order_errors(order: TripOrder, needs: Needs) -> list[FieldError]:
    """What of the order is wrong by itself: necessity, places of the flight, levels of the legs."""
    errors = [*_necessity_errors(order), *_flight_errors(order)]
    for field, level in (("first_level", order.first_level), ("last_level", order.last_level)):
        if level in AIR_LEVELS:
            errors.append(FieldError(field, "the legs before and after the flight go by road"))
            continue
        errors += [FieldError(field, one.message, one.code) for one in level_errors(needs, level)]
    if not 0 <= order.hand_over_minutes <= LONGEST_HAND_OVER:
        errors.append(FieldError("hand_over_minutes", f"write 0 to {LONGEST_HAND_OVER} minutes"))
    return errors


def stops_of(order: TripOrder, begin: Stop, goal: Stop) -> tuple[list[Stop], list[LevelOfService]]:
    """Where the legs of a good order begin and end, and the level of each, in order."""
    helipad = FlightPlace.HELIPAD.value
    stops, levels = [begin], []
    if order.takeoff != helipad:
        stops.append(_airfield(order.takeoff))
        levels.append(order.first_level)
    levels.append(order.flight_level)
    if order.landing != helipad:
        stops.append(_airfield(order.landing))
        levels.append(order.last_level)
    return [*stops, goal], levels


def lay_out(
    stops: Sequence[Stop],
    levels: Sequence[LevelOfService],
    window: RequestedWindow,
    needs: Needs,
    hand_over: timedelta,
    zone: ZoneInfo,
) -> list[LegPlan]:
    """The legs with their windows: each begins when the one before is done and the patient handed over.

    All windows are as long as the first and are tied as it is. Stairs count only at the home.
    """
    legs: list[LegPlan] = []
    for number, level in enumerate(levels, start=1):
        origin, goal = stops[number - 1], stops[number]
        if legs:
            start = whole_minute(legs[-1].done_at + hand_over)
            window = replace(window, start=start, end=start + (window.end - window.start))
        at_home = goal.address.place_kind is PlaceKind.RESIDENCE
        own = needs if at_home else replace(needs, stairs_count=0)
        way = travel_by(level, zone).travel(origin.position, goal.position, window.start)
        boarding, leaving = boarding_seconds(own, level)
        legs.append(
            LegPlan(
                number=number,
                level=level,
                origin=origin,
                destination=goal,
                window=window,
                needs=own,
                distance_meters=way.meters,
                travel_seconds=way.seconds,
                service_seconds=boarding,
                dropoff_seconds=leaving,
            )
        )
    return legs


def flight_errors(legs: Sequence[LegPlan]) -> list[FieldError]:
    """A flight that goes nowhere to speak of is refused."""
    flight = next(leg for leg in legs if leg.level in AIR_LEVELS)
    if flight.distance_meters >= SHORTEST_FLIGHT_METERS:
        return []
    miles = SHORTEST_FLIGHT_METERS / 1609.344
    return [
        FieldError(
            "landing",
            f"the flight would be shorter than {miles:.0f} miles: choose another landing place, "
            "or book a ride on the ground",
        )
    ]


def _necessity_errors(order: TripOrder) -> list[FieldError]:
    errors = []
    if order.necessity is None:
        text = "say why the ground will not do: an air transport is paid only where it must be flown"
        errors.append(FieldError("necessity", text, "missing"))
    if len(order.necessity_note.strip()) < SHORTEST_REASON:
        text = f"write what in the record shows it, at least {SHORTEST_REASON} characters"
        errors.append(FieldError("necessity_note", text, "missing"))
    elif len(order.necessity_note.strip()) > LONGEST_REASON:
        errors.append(FieldError("necessity_note", f"write at most {LONGEST_REASON} characters"))
    return errors


def _flight_errors(order: TripOrder) -> list[FieldError]:
    if order.flight_level not in AIR_LEVELS:
        return [FieldError("flight_level", "choose air_fixed (aeroplane) or air_rotor (helicopter)")]
    errors = []
    for field, code in (("takeoff", order.takeoff), ("landing", order.landing)):
        if code not in PLACES:
            errors.append(FieldError(field, "choose one of the listed airfields, or helipad"))
        elif code == FlightPlace.HELIPAD and order.flight_level is LevelOfService.AIR_FIXED:
            text = "an aeroplane needs an airfield: choose one, or fly by helicopter"
            errors.append(FieldError(field, text))
    if not errors and order.takeoff == order.landing != FlightPlace.HELIPAD:
        errors.append(FieldError("landing", "the flight lands where it began: choose another airfield"))
    return errors


def _airfield(code: str) -> Stop:
    found = AIRFIELDS[code]
    return Stop(found.address, found.position)
