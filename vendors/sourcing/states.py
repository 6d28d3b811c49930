"""The allowed moves of a search for a vendor."""

from __future__ import annotations

from marketplace.foundation.transitions import StateTable
from vendors.sourcing.words import SourcingState

_S = SourcingState

SOURCING_STATES: StateTable[SourcingState] = StateTable(
    "search for a vendor",
    {
        _S.RUNNING: {_S.PLACED, _S.EXHAUSTED, _S.STOPPED},
        _S.PLACED: set(),
        _S.EXHAUSTED: set(),
        _S.STOPPED: set(),
    },
)
