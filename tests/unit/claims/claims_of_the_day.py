"""Clean claims to break: one ride, one delivery, one visit, each without a finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.claims.pricing import (
    ItemDelivered,
    Prices,
    RideDone,
    price_items,
    price_ride,
    price_visit,
    total_of,
)
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
from billing.rates.words import MileageRounding
from marketplace.foundation.money import Money

DAY = date(2026, 3, 2)
NPI, CLINICIAN_NPI = "1234567893", "1003000126"
PRICES = Prices(
    amounts={
        "A0130": Money(35_00),
        "S0209": Money(2_85),
        "A0428": Money(240_00),
        "A0425": Money(8_10),
        "E0143": Money(72_50),
        "T2007": Money(12_00),
        "G0299": Money(38_00),
    },
    rents={"E1390": Money(145_00), "E0260": Money(118_20)},
)
PAYER = PayerFacts(organization_id=UUID(int=9), name="Sonora Health Plan")


def with_lines(claim: ClaimFacts, *lines: Line) -> ClaimFacts:
    """The claim with other lines and their sum."""
    return replace(claim, lines=lines, total=total_of(lines))


def ride_claim(level: str = "wheelchair", miles: str = "11.43", **changes: Any) -> ClaimFacts:
    """A clean ride home."""
    lines = price_ride(RideDone(level, Decimal(miles), Decimal(miles)), PRICES, MileageRounding.MEDICARE)
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
    claim = _claim(ServiceKind.EQUIPMENT, price_items(chosen, PRICES))
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
    claim = _claim(ServiceKind.VISIT, price_visit("G0299", minutes, PRICES))
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
