"""The words of standing orders: states, terms, how a day of an order stands."""

from __future__ import annotations

from enum import StrEnum

from marketplace.foundation.transitions import StateTable


class StandingState(StrEnum):
    """Where a standing order stands."""

    ACTIVE = "active"
    """Its rides are booked as their days come near."""
    SUSPENDED = "suspended"
    """No rides for a while: the patient is in hospital, say."""
    ENDED = "ended"


class SuspendReason(StrEnum):
    """Why there are no rides for a while."""

    HOSPITAL_STAY = "hospital_stay"
    AWAY = "away"
    CONDITION_CHANGED = "condition_changed"
    PAYER_REFUSED = "payer_refused"
    OTHER = "other"


class OccurrenceState(StrEnum):
    """What became of one day of an order."""

    BOOKED = "booked"
    CALLED_OFF = "called_off"
    """The order called it off; should the day count again, it is booked anew."""


STANDING_STATES = StateTable(
    "standing order",
    {
        StandingState.ACTIVE: [StandingState.SUSPENDED, StandingState.ENDED],
        StandingState.SUSPENDED: [StandingState.ACTIVE, StandingState.ENDED],
        StandingState.ENDED: [],
    },
)
SUSPEND_LABELS = {
    SuspendReason.HOSPITAL_STAY: "Hospital stay",
    SuspendReason.AWAY: "The patient is away",
    SuspendReason.CONDITION_CHANGED: "The patient's condition changed",
    SuspendReason.PAYER_REFUSED: "The payer refused",
    SuspendReason.OTHER: "Another reason",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HORIZON_DAYS = 14
"""How many days ahead the rides of an order are booked (our choice)."""
