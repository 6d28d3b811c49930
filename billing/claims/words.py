"""The words of a claim: its states and moves, what it claims for, how grave a finding is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ClaimState(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"
    """Being put together."""
    HELD = "held"
    """Findings keep it from being sent."""
    READY = "ready"
    """Clean, not sent yet."""
    SUBMITTED = "submitted"
    """With the payer."""
    REJECTED = "rejected"
    """Never adjudicated: mend it and send it again as new."""
    ACCEPTED = "accepted"
    """The payer has taken it in."""
    PENDED = "pended"
    """The payer asks for more."""
    APPROVED = "approved"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    DENIED = "denied"
    """Adjudicated: replace it, void it or appeal."""
    APPEALED = "appealed"
    REPLACED = "replaced"
    VOIDED = "voided"
    RECOUPED = "recouped"


_S = ClaimState
CLAIM_MOVES: Mapping[ClaimState, frozenset[ClaimState]] = {
    _S.DRAFT: frozenset({_S.HELD, _S.READY, _S.VOIDED}),
    _S.HELD: frozenset({_S.READY, _S.VOIDED}),
    _S.READY: frozenset({_S.SUBMITTED, _S.HELD, _S.VOIDED}),
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.PENDED, _S.APPROVED, _S.DENIED, _S.VOIDED}),
    _S.REJECTED: frozenset({_S.HELD, _S.READY, _S.VOIDED}),
    _S.ACCEPTED: frozenset({_S.PENDED, _S.APPROVED, _S.DENIED, _S.VOIDED}),
    _S.PENDED: frozenset({_S.ACCEPTED, _S.APPROVED, _S.DENIED, _S.VOIDED}),
    _S.APPROVED: frozenset({_S.PARTIALLY_PAID, _S.PAID, _S.VOIDED}),
    _S.PARTIALLY_PAID: frozenset({_S.PAID, _S.REPLACED, _S.RECOUPED}),
    _S.PAID: frozenset({_S.REPLACED, _S.RECOUPED}),
    _S.DENIED: frozenset({_S.APPEALED, _S.REPLACED, _S.VOIDED}),
    _S.APPEALED: frozenset({_S.APPROVED, _S.DENIED}),
    _S.REPLACED: frozenset(),
    _S.VOIDED: frozenset(),
    _S.RECOUPED: frozenset(),
}
"""Which state may follow which."""

WITH_PAYER = frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.PENDED, _S.APPEALED})
"""States in which the payer has to act, or waits for more."""
SEEN_BY_PAYER = frozenset(_S) - {_S.DRAFT, _S.HELD, _S.READY}
"""States in which a payer sees the claim at all."""
DECIDABLE = frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.PENDED, _S.APPEALED})
"""States in which a payer may approve or deny."""
OBLIGING = frozenset({_S.APPROVED, _S.PARTIALLY_PAID, _S.PAID})
"""States in which the payer owes, or has paid, the approved amount."""


class ServiceKind(StrEnum):
    """What kind of service a claim is for."""

    RIDE = "ride"
    EQUIPMENT = "equipment"
    VISIT = "visit"


class Severity(StrEnum):
    """What a finding does to a claim."""

    HOLDS = "holds"
    """The claim is not sent while it stands."""
    WARNS = "warns"
    """The claim is sent; the reviewer sees the finding."""


class EvidenceKind(StrEnum):
    """What proves that a service was done."""

    TRIP_LOG = "trip_log"
    RIDER_SIGNATURE = "rider_signature"
    PROOF_OF_DELIVERY = "proof_of_delivery"
    VISIT_RECORD = "visit_record"
    CORRECTION = "correction"
    """A later statement about an earlier paper."""


class Decision(StrEnum):
    """What a payer says to a claim."""

    APPROVED = "approved"
    DENIED = "denied"
    MORE_WANTED = "more_wanted"
    APPEALED = "appealed"
    """The vendor asks the payer to look at a denial again."""
    ANSWERED = "answered"
    """The vendor has answered what the payer asked for."""


@dataclass(frozen=True, slots=True)
class DenialReason:
    """A reason a reviewer can choose: its adjustment code, remark code, who bears it, and our words."""

    carc: str
    rarc: str
    group_code: str
    text: str


DENIAL_REASONS: Mapping[str, DenialReason] = {
    "not_covered": DenialReason("96", "N30", "PR", "The plan does not cover this service for this member."),
    "not_eligible": DenialReason("27", "", "PR", "The coverage had ended before the date of service."),
    "no_authorization": DenialReason("197", "M62", "CO", "The required authorization is missing."),
    "authorization_exceeded": DenialReason("198", "", "CO", "The authorized units are used up."),
    "not_necessary": DenialReason("50", "", "CO", "The record does not show medical necessity."),
    "not_documented": DenialReason("112", "N706", "CO", "The service is not documented as done."),
    "document_incomplete": DenialReason("112", "N705", "CO", "The proof of service is incomplete."),
    "duplicate": DenialReason("18", "", "OA", "The same service was claimed before."),
    "miles_excessive": DenialReason("150", "M22", "CO", "The miles exceed what the route needs."),
    "vendor_not_eligible": DenialReason(
        "B7", "N570", "CO", "The vendor was not eligible on the date of service."
    ),
    "too_late": DenialReason("29", "", "CO", "The time limit for filing had passed."),
    "invalid_information": DenialReason(
        "16", "MA130", "CO", "The claim lacks information or is wrong in itself."
    ),
}
"""What a payer can deny a claim for, by the word used in forms and JSON."""
