"""What a vendor may know of work before it accepts: areas, distance, needs, items; never who or where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.words import PURPOSE_LABELS
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.geography import place_of
from marketplace.patients.words import (
    ISOLATION_LABELS,
    MOBILITY_LABELS,
    IsolationPrecaution,
    MobilityAid,
    Needs,
)

_METERS_PER_MILE = 1609.344
_WEIGHT_STEP_KG = 25


def preview_of(booking: Booking, items: Sequence[BookingItem]) -> dict[str, Any]:
    """The part of a booking that an offer shows, as JSON values."""
    return {
        "pickup_area": _area(booking.origin_postal_code),
        "pickup_kind": booking.origin_place_kind,
        "dropoff_area": _area(booking.destination_postal_code),
        "dropoff_kind": booking.destination_place_kind,
        "distance_miles": round(booking.distance_meters / _METERS_PER_MILE, 1),
        "service_minutes": round(booking.service_seconds / 60),
        "visit": _visit(booking),
        "needs": needs_in_words(_needs(booking)),
        "items": [
            {
                "code": item.hcpcs_code,
                "description": item.description,
                "quantity": item.quantity,
                "modifier": item.modifier,
            }
            for item in items
        ],
    }


def _needs(booking: Booking) -> Needs:
    """What matters for the work: nobody rides along with a visit."""
    needs = Needs.from_json(booking.needs)
    return replace(needs, escort=False) if booking.discipline else needs


def _visit(booking: Booking) -> str:
    """A home-health visit in words; empty for other work."""
    if booking.discipline is None or booking.visit_purpose is None:
        return ""
    return f"{DISCIPLINES[booking.discipline].name}, {PURPOSE_LABELS[booking.visit_purpose].lower()}"


def needs_in_words(needs: Needs) -> list[str]:
    """What the vehicle and crew must bring, shortest first; the weight only as a step of 25 kg."""
    words = []
    if needs.mobility_aid is not MobilityAid.NONE:
        words.append(MOBILITY_LABELS[needs.mobility_aid])
    if needs.oxygen_lpm:
        words.append(f"Oxygen {needs.oxygen_lpm.normalize():f} L/min")
    if needs.stairs_count:
        words.append(f"{needs.stairs_count} stairs")
    if needs.weight_kg:
        step = -(-needs.weight_kg // _WEIGHT_STEP_KG) * _WEIGHT_STEP_KG
        words.append(f"Up to {step} kg")
    if needs.escort:
        words.append("Escort rides along")
    if needs.isolation_precaution is not IsolationPrecaution.NONE:
        words.append(f"Isolation: {ISOLATION_LABELS[needs.isolation_precaution].lower()}")
    if needs.interpreter_language:
        words.append(f"Speaks {needs.interpreter_language}")
    return words


def _area(postal_code: str | None) -> str:
    if not postal_code:
        return ""
    try:
        return f"{place_of(postal_code).city} {postal_code[:5]}"
    except InvalidInput:
        return postal_code[:5]
