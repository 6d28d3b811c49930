"""Edits on who: vendor, member, payer and the clinician who ordered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from billing.claims.edits.findings import Finding
from billing.claims.values import ClaimFacts
from billing.claims.words import ServiceKind


def is_npi(text: str) -> bool:
    """Whether a national provider identifier is well-formed.

    Ten digits starting with 1 or 2, the last one the Luhn check over 80840 and the rest (45 CFR 162.406).
    """
    if not re.fullmatch(r"[12]\d{9}", text):
        return False
    total = 24  # what the constant prefix 80840 adds to the Luhn sum
    for position, symbol in enumerate(reversed(text)):
        digit = int(symbol) * (2 if position % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def required_fields(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 1: what no payer can do without."""
    missing = [
        ("member.name", claim.member.name.strip(), "the patient's name"),
        ("member.date_of_birth", claim.member.date_of_birth, "the patient's date of birth"),
        ("member.member_id", claim.member.member_id.strip() or not claim.member.insured, "the member number"),
        ("vendor.name", claim.vendor.name.strip(), "the vendor's name"),
        ("lines", claim.lines, "at least one line"),
    ]
    for field, value, what in missing:
        if not value:
            yield Finding("required-field", f"The claim needs {what}.", field, "16", "MA130")


def payer_known(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit: somebody must owe the money."""
    if claim.payer.organization_id is None:
        yield Finding("payer-missing", "The booking names no payer.", "payer", "16", "M56")


def vendor_npi(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 2, billing side: the vendor's NPI is there and passes its check digit."""
    if not claim.vendor.npi:
        yield Finding("npi-missing", "The vendor has no NPI on file.", "vendor.npi", "206", "N257")
    elif not is_npi(claim.vendor.npi):
        text = f"The vendor's NPI {claim.vendor.npi} fails its check digit: look for a typing mistake."
        yield Finding("npi-invalid", text, "vendor.npi", "207", "N257")


def vendor_eligible(claim: ClaimFacts) -> Iterator[Finding]:
    """Edits 4 and 5: credentials valid, and nobody excluded, at the time of service."""
    if claim.vendor.excluded:
        text = "The vendor stands on an exclusion list on the service date; this can never be billed."
        yield Finding("vendor-excluded", text, "vendor", "299")
    elif not claim.vendor.eligible:
        why = claim.vendor.eligibility_problem or "a required credential was not valid"
        text = f"At the time of service {why}."
        yield Finding("credential-lapsed", text, "vendor.credentials", "B7", "N570")


def member_known(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 6: the payer knows this member."""
    if not claim.member.coverage_found:
        text = "No coverage with this payer is on the patient's record."
        yield Finding("member-unknown", text, "member.member_id", "31", "N382")


def member_covered(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 7: the service date lies inside the coverage."""
    member, day = claim.member, claim.service_date
    if not member.coverage_found:
        return
    if member.covered_from is not None and day < member.covered_from:
        text = f"The service of {day} was before the coverage begins on {member.covered_from}."
        yield Finding("before-coverage", text, "service_date", "26", "N30")
    if member.covered_until is not None and day > member.covered_until:
        text = f"The service of {day} was after the coverage ended on {member.covered_until}."
        yield Finding("after-coverage", text, "service_date", "27", "N30")


def order_present(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 21: a clinician's order is in hand before the claim (it need not be before delivery)."""
    order = claim.order
    if order is None:
        if claim.order_required:
            yield Finding("order-missing", "There is no clinician's order on file.", "order", "173", "N455")
        return
    if not order.in_hand_before_claim:
        text = "The signed order has not reached the supplier yet; it must before the claim goes out."
        yield Finding("order-not-in-hand", text, "order", "173", "N456")
    if not order.clinician_npi:
        yield Finding(
            "ordering-npi-missing", "The order names no NPI of its clinician.", "order", "206", "N265"
        )
    elif not is_npi(order.clinician_npi):
        text = f"The ordering clinician's NPI {order.clinician_npi} fails its check digit."
        yield Finding("ordering-npi-invalid", text, "order", "207", "N265")


def authorized(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 19: where the payer wants an authorization, it is there, fits, and has units left."""
    held = claim.authorization
    if held is None:
        if claim.kind in claim.payer.requires_authorization:
            text = f"{claim.payer.name} wants a prior authorization for this service."
            yield Finding("authorization-missing", text, "authorization", "197", "M62")
        return
    if not held.vendor_matches:
        text = f"Authorization {held.number} names another vendor."
        yield Finding("authorization-other-vendor", text, "authorization", "296")
    if not held.valid_from <= claim.service_date <= held.valid_until:
        text = f"Authorization {held.number} runs {held.valid_from} to {held.valid_until}, not on that day."
        yield Finding("authorization-expired", text, "authorization", "302")
    yield from _within_authorization(claim)


def _within_authorization(claim: ClaimFacts) -> Iterator[Finding]:
    """The codes and units of an authorization; one unit a ride or item, one a quarter hour of a visit."""
    held = claim.authorization
    if held is None:
        return
    counted = [line for line in claim.lines if line.loaded_miles is None]
    foreign = sorted({line.hcpcs_code for line in counted} - held.hcpcs_codes) if held.hcpcs_codes else []
    if foreign:
        text = f"Authorization {held.number} does not cover {', '.join(foreign)}."
        yield Finding("authorization-other-service", text, "authorization", "284")
    wanted = sum(line.units for line in counted) if claim.kind is ServiceKind.VISIT else 1
    if wanted > held.units_available:
        text = f"The claim needs {wanted} units; authorization {held.number} has {held.units_available} left."
        yield Finding("authorization-exceeded", text, "authorization", "198")


def filed_in_time(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 20: the payer still takes claims for this date (Medicare: one calendar year, 42 CFR 424.44)."""
    last_day = claim.service_date + timedelta(days=claim.payer.timely_filing_days)
    if claim.today > last_day:
        text = f"{claim.payer.name} takes claims for {claim.service_date} only until {last_day}."
        yield Finding("timely-filing", text, "service_date", "29")


def not_in_future(claim: ClaimFacts) -> Iterator[Finding]:
    """A service is claimed after it was done."""
    if claim.service_date > claim.today:
        text = f"The service date {claim.service_date} lies in the future."
        yield Finding("future-date", text, "service_date", "110")
