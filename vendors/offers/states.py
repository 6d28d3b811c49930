"""The allowed moves of offers, awards and amendments."""

from __future__ import annotations

from marketplace.foundation.transitions import StateTable
from vendors.offers.words import AmendmentState, AwardState, OfferState

_O, _A, _M = OfferState, AwardState, AmendmentState

OFFER_STATES: StateTable[OfferState] = StateTable(
    "offer",
    {
        _O.OPEN: {_O.ACCEPTED, _O.DECLINED, _O.EXPIRED, _O.WITHDRAWN, _O.LOST},
        _O.ACCEPTED: set(),
        _O.DECLINED: set(),
        _O.EXPIRED: set(),
        _O.WITHDRAWN: set(),
        _O.LOST: set(),
    },
)

AWARD_STATES: StateTable[AwardState] = StateTable(
    "award",
    {
        _A.HELD: {_A.CONFIRMED, _A.AMENDED, _A.RELEASED},
        _A.CONFIRMED: {_A.HELD, _A.AMENDED, _A.RELEASED},
        _A.AMENDED: {_A.CONFIRMED, _A.AMENDED, _A.RELEASED},
        _A.RELEASED: set(),
    },
)

AMENDMENT_STATES: StateTable[AmendmentState] = StateTable(
    "change of the promised time",
    {
        _M.PROPOSED: {_M.ACCEPTED, _M.REFUSED, _M.EXPIRED, _M.WITHDRAWN},
        _M.ACCEPTED: set(),
        _M.AUTOMATIC: set(),
        _M.REFUSED: set(),
        _M.EXPIRED: set(),
        _M.WITHDRAWN: set(),
    },
)
