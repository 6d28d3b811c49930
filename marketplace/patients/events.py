"""News from the patients room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class DischargeTimeChanged(Event):
    """A patient is now expected to leave at another time; windows hanging on it must follow."""

    encounter_id: UUID
    previous: datetime
    current: datetime
    revision: int
    """The encounter's revision after the move; an older one is stale."""
