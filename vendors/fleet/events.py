"""News of the fleet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class FleetChanged(Event):
    """Vehicles or crews of a vendor are at work at other times than before, between these moments."""

    vendor_organization_id: UUID
    starts_at: datetime
    ends_at: datetime
