"""News from bookings; each carries the booking's revision, and a handler ignores an older one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class BookingRequested(Event):
    """A booking waits for a vendor: newly asked for, or free again."""

    booking_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class BookingWindowMoved(Event):
    """The requested window is another one; the vendor's promise still stands as it was."""

    booking_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class BookingCancelled(Event):
    """The health system called the booking off."""

    booking_id: UUID
    revision: int
    reason_code: str
    award_id: UUID | None = None
    """The award that ended with it."""


@dataclass(frozen=True, slots=True)
class BookingUnmet(Event):
    """The health system gave up on finding a vendor in time: whoever was asked is asked no more."""

    booking_id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class ServiceEnded(Event):
    """The field is done with a booking: completed, or ended at the door, or nobody came."""

    booking_id: UUID
    revision: int
