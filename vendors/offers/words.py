"""Words of offers and awards: their states, the reasons people give, and the allowed moves."""

from __future__ import annotations

from enum import StrEnum

LIVE_AWARD = "state IN ('held', 'confirmed', 'amended')"
"""SQL: the award still binds; at most one such row per booking."""


class OfferState(StrEnum):
    """Where an offer to one vendor stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The booking was cancelled or changed too much."""
    LOST = "lost"
    """Another vendor was first."""


class AwardState(StrEnum):
    """Where the promise of one vendor stands."""

    HELD = "held"
    """Promised by the vendor; no vehicle and time behind it yet."""
    CONFIRMED = "confirmed"
    """A plan with vehicle, crew and time stands behind it."""
    AMENDED = "amended"
    """The promised window was moved by agreement and is to be planned again."""
    RELEASED = "released"
    """It binds no longer: turned back, cancelled, or an amendment was refused."""


class AmendmentState(StrEnum):
    """Where the wish to move a promised window stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    AUTOMATIC = "automatic"
    """Inside the contract's tolerance: it took effect at once."""
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The discharge moved again, or the award ended, before it was answered."""


class DeclineReason(StrEnum):
    """Why a vendor does not take an offer."""

    NO_CAPACITY = "no_capacity"
    TOO_FAR = "too_far"
    TOO_SHORT_NOTICE = "too_short_notice"
    NO_SUITABLE_VEHICLE = "no_suitable_vehicle"
    NO_SUITABLE_CREW = "no_suitable_crew"
    NOT_IN_STOCK = "not_in_stock"
    PRICE = "price"
    OTHER = "other"


class TurnBackReason(StrEnum):
    """Why a vendor returns work it had accepted."""

    VEHICLE_BREAKDOWN = "vehicle_breakdown"
    CREW_ABSENT = "crew_absent"
    CREW_ILL = "crew_ill"
    RIDER_UNSUITED = "rider_unsuited"
    """The rider, or what comes along, does not fit the vehicle or crew that was ordered."""
    UNSAFE = "unsafe"
    RUNNING_LATE = "running_late"
    NOT_IN_STOCK = "not_in_stock"
    NEEDS_CHANGED = "needs_changed"
    OTHER = "other"


CREW_REASONS = {
    TurnBackReason.VEHICLE_BREAKDOWN: "The vehicle broke down",
    TurnBackReason.CREW_ILL: "Somebody of the crew is ill",
    TurnBackReason.RIDER_UNSUITED: "It does not fit this vehicle or crew",
    TurnBackReason.UNSAFE: "It is not safe",
    TurnBackReason.NOT_IN_STOCK: "Equipment is missing or broken",
    TurnBackReason.OTHER: "Something else",
}
"""What a crew may say on its phone, also after it has left, and how that sounds."""
