"""Frozen values that the edits judge: a claim with everything known about it at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from billing.claims.words import ServiceKind
from billing.rates.words import MileageRounding
from marketplace.foundation.money import Money


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a claim: code, modifiers in their order, units, and what is charged for them."""

    number: int
    hcpcs_code: str
    modifiers: tuple[str, ...]
    units: Decimal
    unit_price: Money
    charge: Money
    place_of_service: str
    loaded_miles: Decimal | None = None
    """On a mileage line: the miles as driven, before the payer's rounding."""
    route_miles: Decimal | None = None
    """On a mileage line: the shortest sensible way between the two addresses."""
    rental_month: int | None = None


@dataclass(frozen=True, slots=True)
class VendorFacts:
    """The billing vendor at the time of service."""

    npi: str
    name: str
    eligible: bool
    """Whether every required credential was valid at the service time, as the vendors' floor judged."""
    eligibility_problem: str = ""
    excluded: bool = False
    """Whether an exclusion list names the vendor on the service date."""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The patient as the payer knows it."""

    member_id: str
    name: str
    date_of_birth: date | None
    covered_from: date | None
    covered_until: date | None
    """Last covered day; None while the coverage lasts."""
    coverage_found: bool = True
    insured: bool = True
    """Whether a coverage pays; False when the hospital or the patient does."""


@dataclass(frozen=True, slots=True)
class PayerFacts:
    """The payer's terms that the edits need."""

    organization_id: UUID | None
    name: str
    timely_filing_days: int = 365
    mileage_rounding: MileageRounding = MileageRounding.MEDICARE
    mileage_tolerance_percent: int = 15
    requires_authorization: frozenset[ServiceKind] = frozenset()


@dataclass(frozen=True, slots=True)
class AuthorizationFacts:
    """A prior authorization as it stands for this claim."""

    number: str
    valid_from: date
    valid_until: date
    units_available: Decimal
    """Units that this claim may use, its own reservation included."""
    hcpcs_codes: frozenset[str] = frozenset()
    """Codes it covers; empty covers all."""
    vendor_matches: bool = True


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The clinician's order behind the service."""

    ordered_on: date
    clinician_npi: str
    in_hand_before_claim: bool = True
    """42 CFR 410.38(d): the standard written order is with the supplier before the claim."""


@dataclass(frozen=True, slots=True)
class TripLog:
    """What the driver recorded of a ride."""

    driver_name: str
    vehicle_plate: str
    picked_up_at: datetime | None
    dropped_off_at: datetime | None
    signature_sha256: str | None
    odometer_start_miles: Decimal | None = None
    odometer_end_miles: Decimal | None = None
    unable_to_sign: bool = False
    """The rider could not sign, and the driver has written down why."""


@dataclass(frozen=True, slots=True)
class ProofOfDelivery:
    """What the technician recorded of a delivery (42 CFR 424.57(c)(12))."""

    delivered_on: date | None
    receiver_name: str
    receiver_relationship: str
    signature_sha256: str | None
    address_recorded: bool = True
    items: tuple[tuple[str, int], ...] = ()
    """HCPCS code and quantity of what was handed over."""


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """The six elements of a visit (Cures Act s.12006)."""

    clinician_name: str
    started_at: datetime | None
    ended_at: datetime | None
    place_recorded: bool
    service_type: str = ""
    """The discipline that was recorded."""
    ordered_type: str = ""
    """The discipline that was booked."""
    left_hospital_at: datetime | None = None
    """When the patient was discharged, as far as the health system has recorded it."""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """Everything the edits may look at; nothing in here can change."""

    reference: str
    kind: ServiceKind
    service_date: date
    today: date
    vendor: VendorFacts
    member: MemberFacts
    payer: PayerFacts
    lines: tuple[Line, ...]
    total: Money
    order: OrderFacts | None = None
    order_required: bool = False
    authorization: AuthorizationFacts | None = None
    trip_log: TripLog | None = None
    proof_of_delivery: ProofOfDelivery | None = None
    visit_record: VisitRecord | None = None
    evidence_intact: bool = True
    """Whether the chain of what the crew recorded is whole."""
    same_as: tuple[str, ...] = field(default_factory=tuple)
    """References of live claims with the same member, date, codes and vendor."""
