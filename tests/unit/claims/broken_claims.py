"""Every way to break a clean claim, with the finding and the reason codes that it must bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.claims.pricing import ItemDelivered
from billing.claims.values import AuthorizationFacts, ClaimFacts, OrderFacts
from billing.claims.words import ServiceKind
from billing.rates.words import MileageRounding
from marketplace.foundation.money import Money
from tests.unit.claims.claims_of_the_day import DAY, equipment_claim, ride_claim, visit_claim, with_lines

AUTHORIZATION = AuthorizationFacts("AUTH-7", DAY, DAY + timedelta(days=30), Decimal(2))


def change_line(claim: ClaimFacts, number: int, **changes: object) -> ClaimFacts:
    """The claim with one line changed and the sum kept true."""
    lines = [replace(line, **changes) if line.number == number else line for line in claim.lines]  # type: ignore[arg-type]
    return with_lines(claim, *lines)


BREAKS: dict[str, tuple[Callable[[], ClaimFacts], str, str, str]] = {
    "no date of birth": (
        lambda: replace(ride_claim(), member=replace(ride_claim().member, date_of_birth=None)),
        "required-field",
        "16",
        "MA130",
    ),
    "no member number": (
        lambda: replace(ride_claim(), member=replace(ride_claim().member, member_id=" ")),
        "required-field",
        "16",
        "MA130",
    ),
    "no payer": (
        lambda: replace(ride_claim(), payer=replace(ride_claim().payer, organization_id=None)),
        "payer-missing",
        "16",
        "M56",
    ),
    "no NPI": (
        lambda: replace(ride_claim(), vendor=replace(ride_claim().vendor, npi="")),
        "npi-missing",
        "206",
        "N257",
    ),
    "mistyped NPI": (
        lambda: replace(ride_claim(), vendor=replace(ride_claim().vendor, npi="1234567890")),
        "npi-invalid",
        "207",
        "N257",
    ),
    "lapsed credential": (
        lambda: replace(ride_claim(), vendor=replace(ride_claim().vendor, eligible=False)),
        "credential-lapsed",
        "B7",
        "N570",
    ),
    "excluded vendor": (
        lambda: replace(ride_claim(), vendor=replace(ride_claim().vendor, excluded=True)),
        "vendor-excluded",
        "299",
        "",
    ),
    "unknown member": (
        lambda: replace(ride_claim(), member=replace(ride_claim().member, coverage_found=False)),
        "member-unknown",
        "31",
        "N382",
    ),
    "before coverage": (
        lambda: replace(
            ride_claim(), member=replace(ride_claim().member, covered_from=DAY + timedelta(days=1))
        ),
        "before-coverage",
        "26",
        "N30",
    ),
    "after coverage": (
        lambda: replace(
            ride_claim(), member=replace(ride_claim().member, covered_until=DAY - timedelta(days=1))
        ),
        "after-coverage",
        "27",
        "N30",
    ),
    "no order": (lambda: replace(equipment_claim(), order=None), "order-missing", "173", "N455"),
    "order not in hand": (
        lambda: replace(equipment_claim(), order=replace(_order(), in_hand_before_claim=False)),
        "order-not-in-hand",
        "173",
        "N456",
    ),
    "order without NPI": (
        lambda: replace(equipment_claim(), order=replace(_order(), clinician_npi="")),
        "ordering-npi-missing",
        "206",
        "N265",
    ),
    "order with a mistyped NPI": (
        lambda: replace(equipment_claim(), order=replace(_order(), clinician_npi="1003000127")),
        "ordering-npi-invalid",
        "207",
        "N265",
    ),
    "authorization missing": (
        lambda: replace(
            ride_claim(),
            payer=replace(ride_claim().payer, requires_authorization=frozenset({ServiceKind.RIDE})),
        ),
        "authorization-missing",
        "197",
        "M62",
    ),
    "authorization of another vendor": (
        lambda: replace(ride_claim(), authorization=replace(AUTHORIZATION, vendor_matches=False)),
        "authorization-other-vendor",
        "296",
        "",
    ),
    "authorization expired": (
        lambda: replace(
            ride_claim(),
            authorization=replace(
                AUTHORIZATION, valid_from=date(2025, 1, 1), valid_until=DAY - timedelta(days=1)
            ),
        ),
        "authorization-expired",
        "302",
        "",
    ),
    "authorization for another service": (
        lambda: replace(ride_claim(), authorization=replace(AUTHORIZATION, hcpcs_codes=frozenset({"A0428"}))),
        "authorization-other-service",
        "284",
        "",
    ),
    "authorization used up": (
        lambda: replace(ride_claim(), authorization=replace(AUTHORIZATION, units_available=Decimal(0))),
        "authorization-exceeded",
        "198",
        "",
    ),
    "filed too late": (
        lambda: replace(ride_claim(), today=DAY + timedelta(days=366)),
        "timely-filing",
        "29",
        "",
    ),
    "service tomorrow": (
        lambda: replace(ride_claim(), today=DAY - timedelta(days=1)),
        "future-date",
        "110",
        "",
    ),
    "ambulance without modifier": (
        lambda: change_line(ride_claim("bls"), 1, modifiers=()),
        "modifier-missing",
        "16",
        "N822",
    ),
    "modifier from the scene": (
        lambda: change_line(ride_claim("bls"), 1, modifiers=("XH",)),
        "modifier-invalid",
        "182",
        "N823",
    ),
    "modifier of unknown letters": (
        lambda: change_line(ride_claim("bls"), 2, modifiers=("HZ",)),
        "modifier-invalid",
        "182",
        "N823",
    ),
    "equipment neither bought nor rented": (
        lambda: change_line(equipment_claim(), 1, modifiers=()),
        "modifier-missing",
        "16",
        "N822",
    ),
    "rented walker's month on a bed": (
        lambda: change_line(
            equipment_claim(ItemDelivered("E0260", rental_month=4)), 1, modifiers=("RR", "KH")
        ),
        "rental-month-modifier",
        "4",
        "N519",
    ),
    "bed rented in month 14": (
        lambda: equipment_claim(ItemDelivered("E0260", rental_month=14)),
        "rental-beyond-limit",
        "108",
        "N370",
    ),
    "bought and rented": (
        lambda: change_line(equipment_claim(), 1, modifiers=("NU", "RR")),
        "bought-and-rented",
        "4",
        "N519",
    ),
    "wrong place": (
        lambda: change_line(ride_claim(), 1, place_of_service="12"),
        "place-mismatch",
        "5",
        "M77",
    ),
    "charge not units times price": (
        lambda: change_line(ride_claim(), 1, charge=Money(36_00)),
        "line-charge",
        "16",
        "M54",
    ),
    "total not the sum": (lambda: replace(ride_claim(), total=Money(1)), "line-sum", "16", "M54"),
    "miles without ride": (
        lambda: with_lines(ride_claim(), replace(ride_claim().lines[1], number=1)),
        "mileage-without-base",
        "107",
        "N122",
    ),
    "miles rounded for another payer": (
        lambda: replace(
            ride_claim(), payer=replace(ride_claim().payer, mileage_rounding=MileageRounding.WHOLE_UP)
        ),
        "miles-rounding",
        "16",
        "M22",
    ),
    "miles not recorded": (
        lambda: change_line(ride_claim(), 2, loaded_miles=None),
        "miles-missing",
        "16",
        "M22",
    ),
    "miles far beyond the route": (
        lambda: change_line(ride_claim(), 2, route_miles=Decimal(5)),
        "miles-over-route",
        "150",
        "M22",
    ),
    "no proof of delivery": (
        lambda: replace(equipment_claim(), proof_of_delivery=None),
        "delivery-unproven",
        "112",
        "N706",
    ),
    "unsigned delivery": (lambda: _proof(signature_sha256=None), "delivery-unsigned", "112", "N705"),
    "delivery without receiver": (
        lambda: _proof(receiver_name=" "),
        "delivery-receiver-missing",
        "112",
        "N705",
    ),
    "delivery without date": (lambda: _proof(delivered_on=None), "delivery-undated", "112", "N705"),
    "delivery without address": (
        lambda: _proof(address_recorded=False),
        "delivery-address-missing",
        "112",
        "N705",
    ),
    "delivery on another day": (
        lambda: _proof(delivered_on=DAY - timedelta(days=1)),
        "delivery-date-differs",
        "112",
        "N705",
    ),
    "the technician signed": (
        lambda: _proof(receiver_relationship="Technician"),
        "delivery-signed-by-supplier",
        "112",
        "N705",
    ),
    "less delivered than claimed": (lambda: _proof(items=()), "delivery-items-differ", "112", "N705"),
    "no trip log": (lambda: replace(ride_claim(), trip_log=None), "trip-unlogged", "112", "N706"),
    "trip log without driver": (lambda: _log(driver_name=""), "trip-log-incomplete", "112", "N705"),
    "trip log without plate": (lambda: _log(vehicle_plate=""), "trip-log-incomplete", "112", "N705"),
    "trip log unsigned": (lambda: _log(signature_sha256=None), "trip-log-incomplete", "112", "N705"),
    "dropped off before picked up": (
        lambda: _log(dropped_off_at=ride_claim().trip_log.picked_up_at),  # type: ignore[union-attr]
        "trip-times-disordered",
        "112",
        "N705",
    ),
    "no visit record": (lambda: replace(visit_claim(), visit_record=None), "visit-unrecorded", "112", "N706"),
    "visit of another discipline": (
        lambda: _visit(service_type="pt"),
        "visit-other-discipline",
        "112",
        "N705",
    ),
    "visit ended before it began": (
        lambda: _visit(ended_at=datetime(2026, 3, 2, 16, 0, tzinfo=UTC)),
        "visit-times-disordered",
        "112",
        "N705",
    ),
    "visit while in hospital": (
        lambda: _visit(left_hospital_at=datetime(2026, 3, 2, 17, 30, tzinfo=UTC)),
        "visit-before-discharge",
        "60",
        "N30",
    ),
    "visit without a place": (lambda: _visit(place_recorded=False), "visit-record-incomplete", "112", "N705"),
    "the same claimed before": (lambda: replace(ride_claim(), same_as=("C-OLD",)), "duplicate", "18", ""),
}


def _order() -> OrderFacts:
    order = equipment_claim().order
    assert order is not None
    return order


def _proof(**changes: object) -> ClaimFacts:
    claim = equipment_claim()
    assert claim.proof_of_delivery is not None
    return replace(claim, proof_of_delivery=replace(claim.proof_of_delivery, **changes))  # type: ignore[arg-type]


def _visit(**changes: object) -> ClaimFacts:
    claim = visit_claim()
    assert claim.visit_record is not None
    return replace(claim, visit_record=replace(claim.visit_record, **changes))  # type: ignore[arg-type]


def _log(**changes: object) -> ClaimFacts:
    claim = ride_claim()
    assert claim.trip_log is not None
    return replace(claim, trip_log=replace(claim.trip_log, **changes))  # type: ignore[arg-type]
