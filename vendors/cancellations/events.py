"""News from cancellation fees."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.foundation.events import Event


@dataclass(frozen=True, slots=True)
class FeeNoted(Event):
    """One side owes the other a fee for work that did not take place."""

    fee_id: UUID


@dataclass(frozen=True, slots=True)
class FeeWaived(Event):
    """Who the fee was owed to asks nothing after all."""

    fee_id: UUID
