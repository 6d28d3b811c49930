"""The map of a day: where vehicles probably are, what waits, and the way of one vehicle (no tiles needed)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from dispatch.board.day import BoardDay, Lane
from dispatch.board.legs import Leg
from dispatch.field.words import FieldStatus
from marketplace.foundation.geography import Position, place_of


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on the map, and its line in the table beside it."""

    mark: str
    label: str
    place: Position
    tone: str = ""
    url: str = ""


def map_of(day: BoardDay, chosen: Lane | None) -> dict[str, Any]:
    """The plan of the `map` macro: every vehicle's place, or one vehicle's stops joined by its way."""
    plan: dict[str, Any] = {
        "points": [
            {
                "at": [one.place.latitude, one.place.longitude],
                "label": one.label,
                "mark": one.mark,
                "tone": one.tone,
                "url": one.url,
            }
            for one in _together(marks_of(day, chosen))
        ],
        "labels": _areas(chosen.legs if chosen else day.legs),
    }
    if chosen is not None:
        plan["lines"] = [{"at": [[p.latitude, p.longitude] for p in _way(chosen)], "tone": "accent"}]
    return plan


def _together(marks: list[Mark]) -> list[Mark]:
    """One mark where several lie on one spot: the first, with a plus and everybody's words."""
    found: dict[Position, Mark] = {}
    for one in marks:
        first = found.get(one.place)
        if first is None:
            found[one.place] = one
        else:
            words = f"{first.label}; {one.label}"
            found[one.place] = replace(first, mark=f"{first.mark.rstrip('+')}+", label=words)
    return list(found.values())


def marks_of(day: BoardDay, chosen: Lane | None) -> list[Mark]:
    """The marks in the order of the table: one vehicle's stops by time, or all vehicles and what waits."""
    if chosen is not None:
        return list(_stops(chosen, day))
    vehicles = [_vehicle(number, lane, day) for number, lane in enumerate(day.lanes, 1)]
    return vehicles + [
        Mark(
            "!",
            f"{one.reference} is on no vehicle. {one.reason}",
            one.place,
            "bad",
            url_for("dispatch.leg", booking_id=one.booking_id),
        )
        for one in day.waiting
    ]


def _vehicle(number: int, lane: Lane, day: BoardDay) -> Mark:
    current = next((leg for leg in lane.legs if leg.has_begun and not leg.is_over), None)
    url = url_for("dispatch.vehicle_map", shift=lane.shift_id, day=day.day)
    if current is None:
        done = [leg for leg in lane.legs if leg.is_over and leg.status is FieldStatus.COMPLETED]
        place, said = (
            (done[-1].planned.destination, "after its last service") if done else (lane.home, "at its depot")
        )
        return Mark(str(number), f"{lane.name}, {said}", place, "", url)
    return Mark(
        str(number),
        f"{lane.name}: {current.planned.reference}, {current.said}",
        _last_seen(current),
        current.tone,
        url,
    )


def _last_seen(leg: Leg) -> Position:
    """Where the crew's phone last was; without a position the stop that it is at or heads for."""
    planned = leg.planned
    if planned.last_latitude is not None and planned.last_longitude is not None:
        return Position(planned.last_latitude, planned.last_longitude)
    past = leg.status in (FieldStatus.ON_BOARD, FieldStatus.ARRIVED_DROPOFF)
    return planned.destination if past or planned.origin is None else planned.origin


def _stops(lane: Lane, day: BoardDay) -> Iterator[Mark]:
    yield Mark("D", f"Depot of {lane.name}", lane.home)
    calls = []
    for leg in lane.legs:
        url = url_for("dispatch.leg", booking_id=leg.planned.booking_id)
        calls.append(
            (
                leg.planned.starts_at,
                leg.planned.origin or leg.planned.destination,
                leg,
                "pick-up" if leg.planned.origin else "delivery",
                url,
            )
        )
        if leg.planned.origin is not None:
            calls.append((leg.planned.ends_at, leg.planned.destination, leg, "drop-off", url))
    for number, (moment, place, leg, what, url) in enumerate(sorted(calls, key=lambda call: call[0]), 1):
        label = f"{moment.astimezone(day.zone):%H:%M} {what} {leg.planned.reference}, {leg.said}"
        yield Mark(str(number), label, place, leg.tone, url)


def _way(lane: Lane) -> list[Position]:
    stops = [(leg.planned.starts_at, leg.planned.origin or leg.planned.destination) for leg in lane.legs]
    stops += [(leg.planned.ends_at, leg.planned.destination) for leg in lane.legs if leg.planned.origin]
    return [lane.home, *(place for _, place in sorted(stops, key=lambda stop: stop[0])), lane.home]


def _areas(legs: list[Leg] | tuple[Leg, ...]) -> list[dict[str, Any]]:
    """The postal codes of the day's work, each written at its middle."""
    codes = {leg.planned.destination_postal_code for leg in legs}
    codes |= {leg.planned.origin_postal_code for leg in legs if leg.planned.origin_postal_code}
    middles = {code: place_of(code).position for code in codes}
    return [{"at": [m.latitude, m.longitude], "label": code} for code, m in sorted(middles.items())]
