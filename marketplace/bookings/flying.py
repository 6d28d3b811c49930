"""How an ambulance aircraft travels, for windows, planning and expected hand-overs alike."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from marketplace.bookings.words import LevelOfService
from marketplace.foundation.geography import FlightTravel, GreatCircleTravel, TravelModel

FLIGHTS: dict[LevelOfService, FlightTravel] = {
    LevelOfService.AIR_FIXED: FlightTravel(kmh=430, extra_seconds=20 * 60),
    LevelOfService.AIR_ROTOR: FlightTravel(kmh=230, extra_seconds=8 * 60),
}
"""A turboprop cruises at about 230 knots, a twin helicopter at about 125 (our planning figures)."""


def travel_by(level: LevelOfService, zone: ZoneInfo) -> TravelModel:
    """The travel model of a level of service: the air for a flight, the embedded road else."""
    return FLIGHTS.get(level) or GreatCircleTravel(zone)
