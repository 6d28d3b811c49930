"""The words of a discharge that is being booked: drafts, proposals, how easily a vendor can be had."""

from __future__ import annotations

from enum import StrEnum

from marketplace.foundation.transitions import StateTable


class DraftState(StrEnum):
    """Where a draft stands; at most one of a stay is open."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    """Everything on it was booked, in one transaction."""
    DISCARDED = "discarded"


DRAFT_STATES = StateTable(
    "draft",
    {
        DraftState.OPEN: [DraftState.CONFIRMED, DraftState.DISCARDED],
        DraftState.CONFIRMED: [],
        DraftState.DISCARDED: [],
    },
)


class ProposalState(StrEnum):
    """Whether the joint proposal for what a page shows is there."""

    ASKED = "asked"
    MADE = "made"
    FAILED = "failed"
    """The optimizer refused what it was asked; the order of price and distance stands in."""


class Availability(StrEnum):
    """How easily somebody can be had, from capacity, stock and papers of those who could be asked."""

    GOOD = "good"
    """Three or more may be asked now."""
    FAIR = "fair"
    """Two may be asked."""
    THIN = "thin"
    """One alone may be asked: have another way ready."""
    NONE = "none"
    """Nobody may be asked as things stand."""


AVAILABILITY_LABELS = {
    Availability.GOOD: "Good availability",
    Availability.FAIR: "Two vendors can",
    Availability.THIN: "One vendor can",
    Availability.NONE: "Nobody can",
}
AVAILABILITY_TONES = {
    Availability.GOOD: "good",
    Availability.FAIR: "good",
    Availability.THIN: "warn",
    Availability.NONE: "bad",
}


def availability(eligible: int) -> Availability:
    """The level for that many vendors who may be asked."""
    levels = (Availability.NONE, Availability.THIN, Availability.FAIR)
    return levels[eligible] if eligible < len(levels) else Availability.GOOD
