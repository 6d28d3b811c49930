"""The words of the ledger: kinds of accounts, kinds of entries."""

from __future__ import annotations

from enum import StrEnum


class AccountKind(StrEnum):
    """What an account stands for; debits are positive, credits negative."""

    STRIPE_CLEARING = "stripe_clearing"
    """The platform's money at Stripe (an asset; one per currency)."""
    PAYER_DEPOSITS = "payer_deposits"
    """Cleared money a payer has left with the platform (owed back to it until spent)."""
    PAYER_RECEIVABLE = "payer_receivable"
    """What a payer owes for claims it has approved and not yet funded from its deposits."""
    VENDOR_PAYABLE = "vendor_payable"
    """What the platform owes a vendor for approved claims."""
    PLATFORM_FEE = "platform_fee"
    """The platform's own earnings."""
    SUSPENSE = "suspense"
    """Money seen at Stripe that nothing of ours explains, until a person has explained it."""


class EntryKind(StrEnum):
    """Why an entry was made; each has one posting rule in `billing.ledger.rules`."""

    DEPOSIT_CLEARED = "deposit_cleared"
    CLAIM_APPROVED = "claim_approved"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    """A void or a correction takes an approval, or part of it, back."""
    GROUP_FUNDED = "group_funded"
    """Cleared deposits are set aside for one payable group."""
    FUNDING_RELEASED = "funding_released"
    """A transfer failed for good: the money set aside returns to the payer's deposits."""
    TRANSFER_MADE = "transfer_made"
    TRANSFER_REVERSED = "transfer_reversed"
    UNEXPLAINED_MOVEMENT = "unexplained_movement"


class GroupPurpose(StrEnum):
    """What a payable group is for; each group is paid by at most one live transfer."""

    PAYMENT = "payment"
    """The first payment of an approved claim."""
    TOP_UP = "top_up"
    """More for a claim that was corrected upwards."""
    RECOUPMENT = "recoupment"
    """Money taken back; settled by a reversal."""
