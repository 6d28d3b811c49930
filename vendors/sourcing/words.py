"""The words of sourcing: its ways, its states, why it began."""

from __future__ import annotations

from enum import StrEnum


class SourcingMode(StrEnum):
    """In which order vendors are asked."""

    WATERFALL = "waterfall"
    """One after the other, best first; several at once only when time is too short for one by one."""
    BROADCAST = "broadcast"
    """All that may do it, at once; the first to accept gets it."""


class SourcingState(StrEnum):
    """Where a search stands."""

    RUNNING = "running"
    PLACED = "placed"
    """A vendor accepted."""
    EXHAUSTED = "exhausted"
    """Everybody was asked and nobody accepted: the planner has been told."""
    STOPPED = "stopped"
    """The planner stopped it, or the booking no longer wants a vendor."""


class SourcingCause(StrEnum):
    """Why a search began."""

    PLANNER = "planner"
    TURNED_BACK = "turned_back"
    """A vendor gave accepted work back, or did not agree to another time."""


class WaveOutcome(StrEnum):
    """How one round of asking ended."""

    ACCEPTED = "accepted"
    NOBODY = "nobody"
    STOPPED = "stopped"
