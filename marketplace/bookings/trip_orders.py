"""What a planner asks for when a patient is flown: one order for the whole trip, and its legs laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.bookings.orders import Address, PayerChoice, RequestedWindow
from marketplace.bookings.trip_words import HAND_OVER_MINUTES, AirNecessity
from marketplace.bookings.words import LevelOfService
from marketplace.foundation.geography import Position
from marketplace.patients.words import Needs


@dataclass(frozen=True, slots=True)
class TripOrder:
    """Ground, air, ground for one task: from the hospital to the destination, the patient's home unless said.

    `takeoff` and `landing` are codes of airfields; `helipad` is on the spot, at the hospital or at the
    destination, and leaves out the ground leg there (helicopters only).
    """

    task_id: UUID
    payer: PayerChoice
    takeoff: str
    landing: str
    necessity: AirNecessity | None
    necessity_note: str
    flight_level: LevelOfService = LevelOfService.AIR_FIXED
    first_level: LevelOfService = LevelOfService.BLS
    last_level: LevelOfService = LevelOfService.BLS
    """Of the ground legs: an ambulance with basic life support unless the planner says otherwise."""
    window: RequestedWindow | None = None
    """Of the first pickup; None takes the task's due window. The later legs follow from it."""
    destination: Address | None = None
    escort: bool = False
    """Somebody travels along on every leg."""
    hand_over_minutes: int = HAND_OVER_MINUTES
    note: str = ""
    ids: Sequence[UUID] = ()
    """Of the legs' bookings, where ids come from a seed."""
    trip_id: UUID | None = None
    """Given where ids come from a seed."""


def whole_minute(moment: datetime) -> datetime:
    """The moment, or the next whole minute."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """An end of a leg: its address and its exact position."""

    address: Address
    position: Position


@dataclass(frozen=True, kw_only=True, slots=True)
class LegPlan:
    """One leg as it would be booked: from where to where, how, when, and what it takes."""

    number: int
    level: LevelOfService
    origin: Stop
    destination: Stop
    window: RequestedWindow
    needs: Needs
    distance_meters: int
    """Of a flight the great circle, of a ground leg the road."""
    travel_seconds: int
    service_seconds: int
    dropoff_seconds: int

    @property
    def done_at(self) -> datetime:
        """When the leg is finished at the earliest."""
        lasts = self.service_seconds + self.travel_seconds + self.dropoff_seconds
        return self.window.start + timedelta(seconds=lasts)
