"""News from offers; each carries the booking's revision, and a handler ignores an older one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class OfferAccepted(Event):
    """A vendor has promised a booking: the award is held."""

    booking_id: UUID
    award_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class AwardReleased(Event):
    """A vendor's promise has ended without the service: the work is free again, or the booking is off."""

    booking_id: UUID
    award_id: UUID
    revision: int
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class AwardAmended(Event):
    """The promised window was moved by agreement and must be planned again."""

    booking_id: UUID
    award_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class OffersExhausted(Event):
    """Nobody whom a booking was offered to took it: somebody must offer it to others."""

    booking_id: UUID
    revision: int
