"""All edits in their order, and the one call that runs them."""

from __future__ import annotations

from billing.claims.edits import lines, parties, proof
from billing.claims.edits.findings import Edit, Finding
from billing.claims.values import ClaimFacts
from billing.claims.words import Severity

EDITS: tuple[Edit, ...] = (
    parties.required_fields,
    parties.payer_known,
    parties.vendor_npi,
    parties.vendor_eligible,
    parties.member_known,
    parties.member_covered,
    parties.order_present,
    parties.authorized,
    parties.filed_in_time,
    parties.not_in_future,
    lines.codes_known,
    lines.modifiers_fit,
    lines.places_fit,
    lines.units_sensible,
    lines.sums_agree,
    lines.charges_positive,
    lines.miles_have_base,
    lines.miles_rounded,
    lines.miles_plausible,
    lines.rental_inside_limit,
    proof.delivery_proven,
    proof.ride_logged,
    proof.unsigned_with_reason,
    proof.visit_recorded,
    proof.visit_long_enough,
    proof.evidence_intact,
    proof.not_claimed_before,
)
"""Every edit runs on every claim: a biller sees all that is wrong at once, not one finding a day."""


def scrub(claim: ClaimFacts) -> tuple[Finding, ...]:
    """Everything the edits find, in the order of EDITS; an empty result is a clean claim."""
    return tuple(finding for edit in EDITS for finding in edit(claim))


def holds(findings: tuple[Finding, ...]) -> bool:
    """Whether any finding keeps the claim from being sent."""
    return any(finding.severity is Severity.HOLDS for finding in findings)
