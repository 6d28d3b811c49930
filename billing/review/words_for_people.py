"""How claims, transfers and deposits are spoken of on pages: labels and tones."""

from __future__ import annotations

from billing.claims.words import ClaimState, Decision, EvidenceKind
from billing.fees.words import ChargeState
from billing.settlement.words import DepositState, FundingMethod, PayoutAccountState, TransferState

_S = ClaimState
CLAIM_SOUNDS: dict[ClaimState, tuple[str, str]] = {
    _S.DRAFT: ("Draft", "calm"),
    _S.HELD: ("Held back", "warn"),
    _S.READY: ("Ready", "info"),
    _S.SUBMITTED: ("To decide", "info"),
    _S.REJECTED: ("Rejected", "bad"),
    _S.ACCEPTED: ("To decide", "info"),
    _S.PENDED: ("More wanted", "warn"),
    _S.APPROVED: ("Approved", "good"),
    _S.PARTIALLY_PAID: ("Partly paid", "warn"),
    _S.PAID: ("Paid", "good"),
    _S.DENIED: ("Denied", "bad"),
    _S.APPEALED: ("Appealed", "warn"),
    _S.REPLACED: ("Replaced", "calm"),
    _S.VOIDED: ("Voided", "calm"),
    _S.RECOUPED: ("Recouped", "calm"),
}
"""Label and tone of each state of a claim."""

VENDOR_SOUNDS = CLAIM_SOUNDS | {
    _S.SUBMITTED: ("With the payer", "info"),
    _S.ACCEPTED: ("With the payer", "info"),
    _S.PENDED: ("Payer asks for more", "warn"),
}
"""The same in a vendor's eyes."""

QUEUE_TABS: tuple[tuple[str, str, frozenset[ClaimState]], ...] = (
    ("open", "To decide", frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.APPEALED})),
    ("waiting", "Waiting for the vendor", frozenset({_S.PENDED})),
    ("approved", "Approved", frozenset({_S.APPROVED, _S.PARTIALLY_PAID})),
    ("paid", "Paid", frozenset({_S.PAID})),
    ("denied", "Denied", frozenset({_S.DENIED, _S.REJECTED})),
)
"""The payer's tabs: word in the address, label, states."""

BILLING_TABS: tuple[tuple[str, str, frozenset[ClaimState]], ...] = (
    ("held", "Needs you", frozenset({_S.DRAFT, _S.HELD, _S.READY, _S.PENDED, _S.REJECTED})),
    ("sent", "With payers", frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.APPEALED})),
    ("approved", "Approved", frozenset({_S.APPROVED, _S.PARTIALLY_PAID})),
    ("paid", "Paid", frozenset({_S.PAID})),
    ("denied", "Denied", frozenset({_S.DENIED})),
)
"""The vendor's tabs."""

DECISION_SOUNDS = {
    Decision.APPROVED: ("Approved", "good", "check"),
    Decision.DENIED: ("Denied", "bad", "close"),
    Decision.MORE_WANTED: ("Asked for more", "warn", "message"),
    Decision.ANSWERED: ("Answered", "info", "message"),
    Decision.APPEALED: ("Appealed", "warn", "message"),
}
TRANSFER_SOUNDS = {
    TransferState.INTENDED: ("Prepared", "info"),
    TransferState.UNKNOWN: ("Being confirmed", "warn"),
    TransferState.MADE: ("Paid", "good"),
    TransferState.FAILED: ("Refused", "bad"),
    TransferState.REVERSED: ("Taken back", "calm"),
}
DEPOSIT_SOUNDS = {
    DepositState.INTENDED: ("Prepared", "info"),
    DepositState.UNKNOWN: ("Being confirmed", "warn"),
    DepositState.PROCESSING: ("At the bank", "info"),
    DepositState.RECEIVED: ("Received, not cleared", "info"),
    DepositState.CLEARED: ("Cleared", "good"),
    DepositState.FAILED: ("Failed", "bad"),
}
ACCOUNT_SOUNDS = {
    PayoutAccountState.REQUESTED: ("Being opened", "info"),
    PayoutAccountState.ONBOARDING: ("Needs your details", "warn"),
    PayoutAccountState.READY: ("Ready", "good"),
}
FUNDING_LABELS = {
    FundingMethod.BANK: "Bank debit",
    FundingMethod.CARD: "Card",
    FundingMethod.CARD_CLEARED: "Card, available at once",
}
EVIDENCE_LABELS = {
    EvidenceKind.TRIP_LOG: "Trip log",
    EvidenceKind.RIDER_SIGNATURE: "Rider's signature",
    EvidenceKind.PROOF_OF_DELIVERY: "Proof of delivery",
    EvidenceKind.VISIT_RECORD: "Visit record",
    EvidenceKind.CORRECTION: "Correction",
}
CHARGE_SOUNDS = {
    ChargeState.OWED: ("Owed", "warn"),
    ChargeState.SETTLED: ("Settled", "good"),
    ChargeState.WITHDRAWN: ("Waived", "calm"),
}
"""How the charge of a fee sounds."""
