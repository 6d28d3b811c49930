"""Clean claims to break: one ride, one delivery, one visit, each without a finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.claims.pricing import ItemDelivered, RideDone, item_lines, ride_lines, total_of, visit_lines
from billing.claims.values import (
    ClaimFacts,
    Line,
    MemberFacts,
    OrderFacts,
    PayerFacts,
    ProofOfDelivery,
    TripLog,
    VendorFacts,
    VisitRecord,
)
from billing.claims.words import ServiceKind
from marketplace.foundation.money import Money
from vendors.network.rules import METERS_PER_MILE
from vendors.network.words import RateLineValue, RateUnit

DAY = date(2026, 3, 2)
NPI, CLINICIAN_NPI = "1234567893", "1003000126"


def rate(code: str, cents: int, unit: RateUnit, modifier: str | None = None) -> RateLineValue:
    """One line of a rate card."""
    return RateLineValue(code, code, unit, cents, modifier)


RATES = (
    rate("A0130", 35_00, RateUnit.TRIP),
    rate("S0209", 2_85, RateUnit.MILE),
    rate("T2007", 12_00, RateUnit.HALF_HOUR),
    rate("T2001", 20_00, RateUnit.TRIP),
    rate("A0428", 240_00, RateUnit.TRIP),
    rate("A0425", 8_10, RateUnit.MILE),
    rate("E0143", 72_50, RateUnit.ITEM, "NU"),
    rate("E1390", 145_00, RateUnit.MONTH, "RR"),
    rate("E0260", 118_20, RateUnit.MONTH, "RR"),
)
NURSE_QUARTER_HOUR = Money(38_00)
PAYER = PayerFacts(organization_id=UUID(int=9), name="Sonora Health Plan")


def with_lines(claim: ClaimFacts, *lines: Line) -> ClaimFacts:
    """The claim with other lines and their sum."""
    return replace(claim, lines=lines, total=total_of(lines))


def ride_claim(level: str = "wheelchair", miles: str = "11.43", **changes: Any) -> ClaimFacts:
    """A clean ride home."""
    meters = int(Decimal(miles) * METERS_PER_MILE)
    lines = ride_lines(RideDone(level, meters, meters), RATES)
    log = TripLog(
        driver_name="Rosa Lind",
        vehicle_plate="AZ 4KTB21",
        picked_up_at=datetime(2026, 3, 2, 22, 4, tzinfo=UTC),
        dropped_off_at=datetime(2026, 3, 2, 22, 41, tzinfo=UTC),
        signature_sha256="a" * 64,
    )
    return replace(_claim(ServiceKind.RIDE, lines), trip_log=log, **changes)


def equipment_claim(*items: ItemDelivered, **changes: Any) -> ClaimFacts:
    """A clean delivery, by default of an oxygen concentrator on rent."""
    chosen = items or (ItemDelivered("E1390", rental_month=1),)
    proof = ProofOfDelivery(
        delivered_on=DAY,
        receiver_name="Luis Alvarez",
        receiver_relationship="spouse",
        signature_sha256="b" * 64,
        items=tuple((item.hcpcs_code, item.quantity) for item in chosen),
    )
    order = OrderFacts(ordered_on=DAY, clinician_npi=CLINICIAN_NPI)
    claim = _claim(ServiceKind.EQUIPMENT, item_lines(chosen, RATES))
    return replace(claim, proof_of_delivery=proof, order=order, order_required=True, **changes)


def visit_claim(minutes: int = 47, **changes: Any) -> ClaimFacts:
    """A clean nurse's visit."""
    record = VisitRecord(
        clinician_name="Ann Okafor",
        started_at=datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
        ended_at=datetime(2026, 3, 2, 17, minutes, tzinfo=UTC),
        place_recorded=True,
    )
    order = OrderFacts(ordered_on=DAY, clinician_npi=CLINICIAN_NPI)
    claim = _claim(ServiceKind.VISIT, visit_lines("G0299", minutes, NURSE_QUARTER_HOUR))
    return replace(claim, visit_record=record, order=order, order_required=True, **changes)


def _claim(kind: ServiceKind, lines: tuple[Line, ...]) -> ClaimFacts:
    return ClaimFacts(
        reference="C-TEST",
        kind=kind,
        service_date=DAY,
        today=DAY,
        vendor=VendorFacts(npi=NPI, name="Valley Rides", eligible=True),
        member=MemberFacts(
            member_id="SHP-100",
            name="Elena Alvarez",
            date_of_birth=date(1948, 6, 1),
            covered_from=date(2025, 1, 1),
            covered_until=None,
        ),
        payer=PAYER,
        lines=lines,
        total=total_of(lines),
    )
