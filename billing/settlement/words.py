"""The words of settlement: where a deposit, a transfer and a payout account stand."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class TransferState(StrEnum):
    """Where a transfer to a vendor stands."""

    INTENDED = "intended"
    """Written down with its idempotency key; Stripe has not been asked."""
    UNKNOWN = "unknown"
    """Stripe has been asked, or may have been; the answer is not known."""
    MADE = "made"
    FAILED = "failed"
    """Stripe has refused it for good; the money was never moved."""
    REVERSED = "reversed"
    """Made, and taken back in full."""


_T = TransferState
TRANSFER_MOVES: Mapping[TransferState, frozenset[TransferState]] = {
    _T.INTENDED: frozenset({_T.UNKNOWN, _T.FAILED}),
    _T.UNKNOWN: frozenset({_T.MADE, _T.FAILED}),
    _T.MADE: frozenset({_T.REVERSED}),
    _T.FAILED: frozenset(),
    _T.REVERSED: frozenset(),
}
LIVE_TRANSFERS = frozenset({_T.INTENDED, _T.UNKNOWN, _T.MADE})
"""States of which a payable group has at most one transfer."""
UNRESOLVED_TRANSFERS = frozenset({_T.INTENDED, _T.UNKNOWN})
"""States that the janitor asks Stripe about."""


class DepositState(StrEnum):
    """Where a payer's deposit stands; only cleared money is spent."""

    INTENDED = "intended"
    UNKNOWN = "unknown"
    """Stripe has been asked, or may have been; the answer is not known."""
    PROCESSING = "processing"
    """The bank has not answered yet."""
    RECEIVED = "received"
    """Paid, but Stripe still holds the money as pending."""
    CLEARED = "cleared"
    """Available: it is in the ledger and may be spent."""
    FAILED = "failed"


_D = DepositState
DEPOSIT_MOVES: Mapping[DepositState, frozenset[DepositState]] = {
    _D.INTENDED: frozenset({_D.UNKNOWN, _D.FAILED}),
    _D.UNKNOWN: frozenset({_D.PROCESSING, _D.RECEIVED, _D.CLEARED, _D.FAILED}),
    _D.PROCESSING: frozenset({_D.RECEIVED, _D.CLEARED, _D.FAILED}),
    _D.RECEIVED: frozenset({_D.CLEARED, _D.FAILED}),
    _D.CLEARED: frozenset(),
    _D.FAILED: frozenset(),
}
UNRESOLVED_DEPOSITS = frozenset({_D.INTENDED, _D.UNKNOWN, _D.PROCESSING, _D.RECEIVED})
"""States that the janitor asks Stripe about."""


class PayoutAccountState(StrEnum):
    """Whether a vendor can be paid."""

    REQUESTED = "requested"
    """The account is being opened at Stripe."""
    ONBOARDING = "onboarding"
    """Stripe still wants something from the vendor."""
    READY = "ready"


_P = PayoutAccountState
PAYOUT_ACCOUNT_MOVES: Mapping[PayoutAccountState, frozenset[PayoutAccountState]] = {
    _P.REQUESTED: frozenset({_P.ONBOARDING, _P.READY}),
    _P.ONBOARDING: frozenset({_P.READY}),
    _P.READY: frozenset({_P.ONBOARDING}),
}


class FundingMethod(StrEnum):
    """How a payer pays a deposit; the value is Stripe's payment method (test methods of Stripe's own)."""

    CARD = "pm_card_visa"
    """Succeeds at once; the money is available days later."""
    CARD_CLEARED = "pm_card_bypassPending"
    """Succeeds at once and is available at once."""
    BANK = "pm_usBankAccount"
    """A bank debit: stays in processing until the bank has answered."""


REFUSALS: Mapping[str, tuple[str, str]] = {
    "insufficient_capabilities_for_transfer": (
        "The vendor's account at Stripe cannot receive transfers at present.",
        "The vendor completes at Stripe what its account lacks.",
    ),
    "resource_missing": (
        "Stripe does not know the vendor's account.",
        "The vendor looks at its payout account.",
    ),
    "balance_insufficient": (
        "The balance at Stripe did not cover it.",
        "Whoever runs this installation looks at its balance at Stripe.",
    ),
    "never_arrived": ("It never arrived at Stripe.", "Nobody has to change anything."),
}
"""What Stripe's commonest codes for a refused transfer mean, and what to do."""
OTHER_REFUSAL = (
    "Stripe refused it ({code}).",
    "Whoever runs this installation asks Stripe about it.",
)
