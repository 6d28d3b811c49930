"""News from the board."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class PlanLoosened(Event):
    """A service may be planned freely again: the day's plan may have become better than it is."""

    booking_id: UUID
    revision: int
