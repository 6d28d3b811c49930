"""The words of fees: where a charge stands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ChargeState(StrEnum):
    """Where the charge of a cancellation fee stands."""

    OWED = "owed"
    """In the ledger, and not paid (or kept back) in full."""
    SETTLED = "settled"
    """Paid, or kept back in full."""
    WITHDRAWN = "withdrawn"
    """Who it was owed to has waived it."""


_C = ChargeState
CHARGE_MOVES: Mapping[ChargeState, frozenset[ChargeState]] = {
    _C.OWED: frozenset({_C.SETTLED, _C.WITHDRAWN}),
    _C.SETTLED: frozenset(),
    _C.WITHDRAWN: frozenset(),
}
