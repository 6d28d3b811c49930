"""Edits on what: codes, modifiers, places, units, sums and miles."""

from __future__ import annotations

from collections.abc import Iterator

from billing.claims.edits.findings import Finding
from billing.claims.values import ClaimFacts, Line
from billing.rates.rules import billed_miles, paid_rental_months
from billing.rates.words import (
    BILLING_CODES,
    ORIGIN_DESTINATION_LETTERS,
    BillingCode,
    CodeKind,
    MileageRounding,
    RentalRule,
)
from marketplace.foundation.money import Money

_CAPPED_MONTHS = {"KH": range(1, 2), "KI": range(2, 4), "KJ": range(4, 16)}
_ROUNDING_WORDS = {
    MileageRounding.MEDICARE: "up to the next tenth below 100 miles, to the next whole mile from there",
    MileageRounding.WHOLE_UP: "up to the next whole mile",
    MileageRounding.WHOLE_NEAREST: "to the nearest whole mile",
    MileageRounding.HUNDREDTHS: "to a hundredth",
}


def codes_known(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 10: every line's code is one we know to be valid."""
    for line in claim.lines:
        if line.hcpcs_code not in BILLING_CODES:
            text = f"Line {line.number}: {line.hcpcs_code or 'an empty code'} is not a billing code we know."
            yield Finding("code-unknown", text, _at(line, "hcpcs_code"), "181", "M51")


def modifiers_fit(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 11: ambulance lines start with an origin-destination pair, equipment says bought or rented."""
    for line, code in _known(claim):
        if code.ambulance:
            yield from _origin_destination(line)
        elif code.kind is CodeKind.EQUIPMENT:
            yield from _bought_or_rented(line, code)


def places_fit(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 12: the place of service fits the code."""
    for line, code in _known(claim):
        if line.place_of_service not in code.places:
            wanted = " or ".join(sorted(code.places))
            text = (
                f"Line {line.number}: {code.code} belongs to place {wanted}, not {line.place_of_service!r}."
            )
            yield Finding("place-mismatch", text, _at(line, "place_of_service"), "5", "M77")


def units_sensible(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 13: units are positive, and whole except for miles."""
    for line in claim.lines:
        code = BILLING_CODES.get(line.hcpcs_code)
        miles = code is not None and code.kind is CodeKind.MILEAGE
        if line.units <= 0:
            text = f"Line {line.number}: units must be more than zero, not {line.units}."
            yield Finding("units-not-positive", text, _at(line, "units"), "16", "M53")
        elif not miles and line.units != line.units.to_integral_value():
            text = f"Line {line.number}: only miles may be counted in parts, not {line.units} units."
            yield Finding("units-not-whole", text, _at(line, "units"), "16", "M53")


def sums_agree(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 14: units times price is the charge, and the charges are the total."""
    for line in claim.lines:
        expected = line.unit_price.times(line.units)
        if expected != line.charge:
            text = (
                f"Line {line.number}: {line.units} times {line.unit_price} is {expected}, not {line.charge}."
            )
            yield Finding("line-charge", text, _at(line, "charge"), "16", "M54")
    total = sum((line.charge for line in claim.lines), Money(0, claim.total.currency))
    if total != claim.total:
        text = f"The lines sum to {total}; the claim says {claim.total}."
        yield Finding("line-sum", text, "total", "16", "M54")


def charges_positive(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 33, our part: a line without a contracted price cannot be charged."""
    for line in claim.lines:
        if line.unit_price.cents <= 0:
            text = f"Line {line.number}: the rate card has no price for {line.hcpcs_code}."
            yield Finding("rate-missing", text, _at(line, "unit_price"), "147")


def miles_have_base(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 15, first half: no mileage without the trip it belongs to."""
    kinds = [code.kind for _, code in _known(claim)]
    if CodeKind.MILEAGE in kinds and CodeKind.RIDE not in kinds:
        text = "The claim has miles but no line for the ride itself."
        yield Finding("mileage-without-base", text, "lines", "107", "N122")


def miles_rounded(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 15, second half: miles are counted the way this payer counts."""
    rounding = claim.payer.mileage_rounding
    for line, code in _known(claim):
        if code.kind is not CodeKind.MILEAGE:
            continue
        if line.loaded_miles is None or line.loaded_miles <= 0:
            text = f"Line {line.number}: the driven miles are not recorded."
            yield Finding("miles-missing", text, _at(line, "loaded_miles"), "16", "M22")
        elif line.units != (counted := billed_miles(line.loaded_miles, rounding)):
            text = (
                f"Line {line.number}: {line.loaded_miles:.2f} miles are billed as {counted} "
                f"({_ROUNDING_WORDS[rounding]}), not {line.units}."
            )
            yield Finding("miles-rounding", text, _at(line, "units"), "16", "M22")


def miles_plausible(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 16: driven miles exceed the route by no more than the payer's tolerance (and a mile)."""
    percent = claim.payer.mileage_tolerance_percent
    for line in claim.lines:
        if line.loaded_miles is None or line.route_miles is None or line.route_miles <= 0:
            continue
        limit = line.route_miles * (100 + percent) / 100 + 1
        if line.loaded_miles > limit:
            text = (
                f"Line {line.number}: {line.loaded_miles:.2f} miles were driven where the route has "
                f"{line.route_miles:.2f}; the payer allows {percent} % and a mile more."
            )
            yield Finding("miles-over-route", text, _at(line, "loaded_miles"), "150", "M22")


def rental_inside_limit(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 29: no rent after the last paid month, and nothing both bought and rented."""
    for line, code in _known(claim):
        if {"NU", "RR"} <= set(line.modifiers):
            text = f"Line {line.number}: an item is either bought (NU) or rented (RR)."
            yield Finding("bought-and-rented", text, _at(line, "modifiers"), "4", "N519")
        limit = paid_rental_months(code.code)
        if "RR" in line.modifiers and limit is not None and (line.rental_month or 1) > limit:
            text = f"Line {line.number}: rent is paid for {limit} months; this is month {line.rental_month}."
            yield Finding("rental-beyond-limit", text, _at(line, "rental_month"), "108", "N370")


def _origin_destination(line: Line) -> Iterator[Finding]:
    """The first modifier of an ambulance line: origin letter, destination letter; X never as origin."""
    first = line.modifiers[0] if line.modifiers else ""
    if not first:
        text = (
            f"Line {line.number}: an ambulance line starts with its origin-destination modifier (HR, HN ...)."
        )
        yield Finding("modifier-missing", text, _at(line, "modifiers"), "16", "N822")
    elif len(first) != 2 or not set(first) <= ORIGIN_DESTINATION_LETTERS or first[0] == "X":
        text = f"Line {line.number}: {first!r} is no origin-destination pair."
        yield Finding("modifier-invalid", text, _at(line, "modifiers"), "182", "N823")


def _bought_or_rented(line: Line, code: BillingCode) -> Iterator[Finding]:
    """NU, UE or RR; RR only where renting exists; capped rental with the letter of its month."""
    given = set(line.modifiers)
    if not given & {"NU", "UE", "RR"}:
        text = f"Line {line.number}: say whether {code.code} was bought (NU) or rented (RR)."
        yield Finding("modifier-missing", text, _at(line, "modifiers"), "16", "N822")
    if "RR" in given and code.rental is RentalRule.NEVER:
        text = f"Line {line.number}: {code.code} is bought, not rented."
        yield Finding("modifier-mismatch", text, _at(line, "modifiers"), "4")
    if "RR" in given and code.rental is RentalRule.CAPPED:
        letters = given & set(_CAPPED_MONTHS)
        if len(letters) != 1 or (line.rental_month or 1) not in _CAPPED_MONTHS[min(letters)]:
            text = f"Line {line.number}: capped rent in month 1 is KH, in months 2-3 KI, from month 4 on KJ."
            yield Finding("rental-month-modifier", text, _at(line, "modifiers"), "4", "N519")


def _known(claim: ClaimFacts) -> Iterator[tuple[Line, BillingCode]]:
    """The lines whose codes we know; the others have their own finding."""
    for line in claim.lines:
        code = BILLING_CODES.get(line.hcpcs_code)
        if code is not None:
            yield line, code


def _at(line: Line, name: str) -> str:
    """The path of a line's field."""
    return f"lines[{line.number}].{name}"
