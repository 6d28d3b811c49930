"""Edits on whether it was done: proof of delivery, trip log, visit record, and doing it only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from billing.claims.edits.findings import Finding
from billing.claims.values import ClaimFacts, ProofOfDelivery
from billing.claims.words import ServiceKind, Severity
from billing.rates.words import BILLING_CODES, CodeKind

SHORTEST_VISIT = timedelta(minutes=8)
SUPPLIER_RELATIONSHIPS = frozenset(
    {"supplier", "vendor", "driver", "technician", "vendor_staff", "supplier_staff", "financial_interest"}
)
"""Who may not sign for a delivery: the supplier, its staff, anyone with a financial interest in it."""


def delivery_proven(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 23: a delivery is proven by a dated, signed receipt that names the receiver and the items."""
    if claim.kind is not ServiceKind.EQUIPMENT:
        return
    proof = claim.proof_of_delivery
    if proof is None:
        yield Finding(
            "delivery-unproven", "There is no proof of delivery.", "proof_of_delivery", "112", "N706"
        )
        return
    yield from _receipt_signed(proof)
    if proof.delivered_on is not None and proof.delivered_on != claim.service_date:
        text = f"Delivered on {proof.delivered_on}, claimed for {claim.service_date}."
        yield Finding("delivery-date-differs", text, "proof_of_delivery.delivered_on", "112", "N705")
    yield from _items_delivered(claim, proof)


def ride_logged(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 24: a ride's log has driver, plate, both times in order, and a signature."""
    if claim.kind is not ServiceKind.RIDE:
        return
    log = claim.trip_log
    if log is None:
        yield Finding("trip-unlogged", "There is no trip log.", "trip_log", "112", "N706")
        return
    gaps = [
        ("driver_name", log.driver_name, "the driver's name"),
        ("vehicle_plate", log.vehicle_plate, "the vehicle's plate"),
        ("picked_up_at", log.picked_up_at, "the pick-up time"),
        ("dropped_off_at", log.dropped_off_at, "the drop-off time"),
        ("signature", log.signature_sha256 or log.unable_to_sign, "the rider's signature"),
    ]
    for field, value, what in gaps:
        if not value:
            yield Finding(
                "trip-log-incomplete", f"The trip log lacks {what}.", f"trip_log.{field}", "112", "N705"
            )
    if log.picked_up_at and log.dropped_off_at and log.dropped_off_at <= log.picked_up_at:
        text = "The trip log has the drop-off before the pick-up."
        yield Finding("trip-times-disordered", text, "trip_log.dropped_off_at", "112", "N705")


def unsigned_with_reason(claim: ClaimFacts) -> Iterator[Finding]:
    """A rider who could not sign is a warning for the reviewer, who finds the driver's reason in the log."""
    log = claim.trip_log
    if log is not None and not log.signature_sha256 and log.unable_to_sign:
        text = "The rider could not sign; the driver has written down why."
        yield Finding("rider-did-not-sign", text, "trip_log.signature", "112", "N705", Severity.WARNS)


def evidence_intact(claim: ClaimFacts) -> Iterator[Finding]:
    """What the crew recorded is one unbroken chain."""
    if not claim.evidence_intact:
        text = "The record of the service was changed after it was made."
        yield Finding("evidence-tampered", text, "evidence", "112", "N705")


def visit_recorded(claim: ClaimFacts) -> Iterator[Finding]:
    """The six elements of electronic visit verification are there (Cures Act s.12006)."""
    if claim.kind is not ServiceKind.VISIT:
        return
    visit = claim.visit_record
    if visit is None:
        yield Finding("visit-unrecorded", "There is no visit record.", "visit_record", "112", "N706")
        return
    if visit.service_type != visit.ordered_type:
        text = f"The visit was recorded as {visit.service_type or 'nothing'}, booked as {visit.ordered_type}."
        yield Finding("visit-other-discipline", text, "visit_record.service_type", "112", "N705")
    if visit.started_at and visit.ended_at and visit.ended_at < visit.started_at:
        text = "The visit record has the end before the begin."
        yield Finding("visit-times-disordered", text, "visit_record.ended_at", "112", "N705")
    if visit.started_at and visit.left_hospital_at and visit.started_at < visit.left_hospital_at:
        text = "The visit began while the patient was still in hospital."
        yield Finding("visit-before-discharge", text, "visit_record.started_at", "60", "N30")
    complete = visit.clinician_name and visit.started_at and visit.ended_at and visit.place_recorded
    if not complete:
        text = "The visit record lacks who, where, start or end."
        yield Finding("visit-record-incomplete", text, "visit_record", "112", "N705")


def visit_long_enough(claim: ClaimFacts) -> Iterator[Finding]:
    """A visit of less than half a quarter hour is a warning: by the hour it would count for nothing."""
    visit = claim.visit_record
    if visit is None or visit.started_at is None or visit.ended_at is None:
        return
    if timedelta(0) <= visit.ended_at - visit.started_at < SHORTEST_VISIT:
        minutes = (visit.ended_at - visit.started_at) // timedelta(minutes=1)
        text = f"The visit took {minutes} minutes only."
        yield Finding("visit-short", text, "visit_record.ended_at", "150", "N705", Severity.WARNS)


def not_claimed_before(claim: ClaimFacts) -> Iterator[Finding]:
    """Edit 17: the same service is claimed once (group code OA)."""
    for other in claim.same_as:
        text = f"Claim {other} already bills this service: same member, date, codes and vendor."
        yield Finding("duplicate", text, "lines", "18")


def _receipt_signed(proof: ProofOfDelivery) -> Iterator[Finding]:
    """The receipt's own fields."""
    gaps = [
        ("delivery-undated", "delivered_on", proof.delivered_on, "the date of delivery"),
        ("delivery-unsigned", "signature", proof.signature_sha256, "the receiver's signature"),
        ("delivery-receiver-missing", "receiver_name", proof.receiver_name.strip(), "the receiver's name"),
        ("delivery-address-missing", "address", proof.address_recorded, "the delivery address"),
    ]
    for code, field, value, what in gaps:
        if not value:
            text = f"The proof of delivery lacks {what}."
            yield Finding(code, text, f"proof_of_delivery.{field}", "112", "N705")
    if proof.receiver_relationship.strip().lower() in SUPPLIER_RELATIONSHIPS:
        text = "The supplier's own staff signed for the delivery; the patient or a designee must."
        yield Finding(
            "delivery-signed-by-supplier", text, "proof_of_delivery.receiver_relationship", "112", "N705"
        )


def _items_delivered(claim: ClaimFacts, proof: ProofOfDelivery) -> Iterator[Finding]:
    """What is claimed was handed over, in at least that quantity."""
    delivered: Counter[str] = Counter()
    for code, quantity in proof.items:
        delivered[code] += quantity
    for line in claim.lines:
        known = BILLING_CODES.get(line.hcpcs_code)
        if known is None or known.kind is not CodeKind.EQUIPMENT:
            continue
        if delivered[line.hcpcs_code] < line.units:
            text = (
                f"Line {line.number}: {line.units} of {line.hcpcs_code} claimed, "
                f"{delivered[line.hcpcs_code]} on the proof of delivery."
            )
            yield Finding("delivery-items-differ", text, "proof_of_delivery.items", "112", "N705")
