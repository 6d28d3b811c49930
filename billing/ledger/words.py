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
    VENDOR_RECEIVABLE = "vendor_receivable"
    """What a vendor owes for work that it did not come for, until it is kept back from a payment to it."""
    PENALTY_PAYABLE = "penalty_payable"
    """What a health system is owed for work that a vendor did not come for."""
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
    FEE_CHARGED = "fee_charged"
    """A health system owes a vendor for work called off late or in vain."""
    FEE_WITHDRAWN = "fee_withdrawn"
    """The vendor has waived it."""
    PENALTY_CHARGED = "penalty_charged"
    """A vendor owes a health system for work that it did not come for."""
    PENALTY_WITHDRAWN = "penalty_withdrawn"
    """The health system has waived it."""
    PENALTY_NETTED = "penalty_netted"
    """A part of a penalty was kept back from a payment to the vendor, and is the health system's deposit."""
    UNEXPLAINED_MOVEMENT = "unexplained_movement"


class GroupPurpose(StrEnum):
    """What a payable group is for; each group is paid by at most one live transfer."""

    PAYMENT = "payment"
    """The first payment of an approved claim."""
    TOP_UP = "top_up"
    """More for a claim that was corrected upwards."""
    FEE = "fee"
    """A fee for cancelled work; from the deposits of the health system that owes it."""
    RECOUPMENT = "recoupment"
    """Money taken back; settled by a reversal."""
