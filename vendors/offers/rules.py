"""Matching: may this vendor be offered this booking, if not, the first reason why; and whom to ask first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.foundation.geography import Position
from marketplace.foundation.money import Money
from vendors.credentials.words import Finding
from vendors.network.rules import Price


@dataclass(frozen=True, slots=True)
class Place:
    """A ZIP code and the point that stands for it."""

    postal_code: str
    position: Position


@dataclass(frozen=True, slots=True)
class Circle:
    """A service area drawn as a circle."""

    center: Position
    radius_meters: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a booking asks of a vendor."""

    kind: str
    level_of_service: str | None
    places: tuple[Place, ...]
    """Where the vendor must go: pickup and drop-off, or the home alone."""
    items: tuple[tuple[str, int], ...] = ()
    """(HCPCS code, pieces)."""
    discipline: str | None = None
    """Of a home-health visit."""
    chosen: tuple[UUID, ...] | None = None
    """The agencies that the patient chose, in that order (the whole list in its own without a preference);
    None where the patient need not choose."""


@dataclass(frozen=True, slots=True)
class VendorFacts:
    """What is known of a vendor when work is offered."""

    vendor_id: UUID
    name: str
    accepting: bool
    service_lines: frozenset[str]
    levels: frozenset[str]
    equipment_codes: frozenset[str]
    base: Position
    postal_codes: frozenset[str]
    circles: tuple[Circle, ...]
    findings: tuple[Finding, ...]
    """Of the vendor's own credentials at the time of the service."""
    disciplines: frozenset[str] = frozenset()
    stock: dict[str, int] = field(default_factory=dict)
    free_share: float | None = None
    """Of its capacity on that day; 0 is full, None is no limit."""
    share_promised: int | None = None
    """Percent of this kind of work that its contract with the health system promises it."""
    already_offered: bool = False
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vendor for a booking: eligible when `why_not` is empty; `remedy` says what would make it a yes."""

    vendor_id: UUID
    name: str
    distance_meters: int
    price: Price | None
    why_not: str = ""
    remedy: str = ""
    free_share: float | None = None
    """Of the vendor's capacity on that day; None when it has set no limit."""
    share_promised: int | None = None
    """Percent of this kind of work that the contract promises it."""
    preference: int = 0
    """Its place in the patient's choice; 0 where the patient need not choose."""

    @property
    def is_eligible(self) -> bool:
        """Whether the work may be offered to this vendor."""
        return not self.why_not

    @property
    def quote(self) -> Money | None:
        """The price of the work, when the rate card has all its lines."""
        return self.price.total if self.price is not None and not self.price.missing else None


def judge(wanted: Wanted, vendor: VendorFacts) -> Candidate:
    """The vendor as a candidate, with its distance, its price and the first reason against it."""
    why_not, remedy = next(_reasons(wanted, vendor), ("", ""))
    start = wanted.places[0].position
    return Candidate(
        vendor.vendor_id,
        vendor.name,
        round(vendor.base.meters_to(start)),
        vendor.price,
        why_not,
        remedy,
        vendor.free_share,
        vendor.share_promised,
        preference=_preference(wanted, vendor),
    )


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Eligible vendors first, the lower price and then the shorter way before; ties by name.

    Where the patient has chosen, the patient's order goes before the price.

    Nothing a vendor pays to whoever runs the marketplace is known here, so nothing of it can count.
    """
    return sorted(
        candidates,
        key=lambda found: (
            not found.is_eligible,
            found.preference,
            found.quote.cents if found.quote else 0,
            found.distance_meters,
            found.name,
        ),
    )


def _preference(wanted: Wanted, vendor: VendorFacts) -> int:
    chosen = wanted.chosen or ()
    return chosen.index(vendor.vendor_id) if vendor.vendor_id in chosen else len(chosen)


def _reasons(wanted: Wanted, vendor: VendorFacts) -> Iterator[tuple[str, str]]:
    yield from _about_what(wanted, vendor)
    outside = [place.postal_code for place in wanted.places if not _covers(vendor, place)]
    if outside:
        yield f"Does not serve {' and '.join(outside)}.", "Choose a vendor whose area covers it."
    if vendor.findings:
        yield vendor.findings[0].text, "The vendor must renew it; then offer again."
    yield from _about_now(wanted, vendor)


def _about_what(wanted: Wanted, vendor: VendorFacts) -> Iterator[tuple[str, str]]:
    if wanted.kind not in vendor.service_lines:
        yield f"Does not do {_NAMES.get(wanted.kind, wanted.kind)}.", "Choose a vendor of this service line."
    if wanted.level_of_service and wanted.level_of_service not in vendor.levels:
        level = wanted.level_of_service.replace("_", " ")
        yield f"Has no {level} service.", "Choose a vendor of this level of service."
    if wanted.chosen is not None and vendor.vendor_id not in wanted.chosen:
        yield "Is not the patient's choice.", "Offer it to an agency that the patient chose."
    if wanted.discipline and wanted.discipline not in vendor.disciplines:
        yield f"Has no {_DISCIPLINES[wanted.discipline]}.", "Choose an agency with this discipline."
    lacking = [code for code, _ in wanted.items if code not in vendor.equipment_codes]
    if lacking:
        yield f"Does not supply {', '.join(lacking)}.", "Book these items apart, from another supplier."


def _about_now(wanted: Wanted, vendor: VendorFacts) -> Iterator[tuple[str, str]]:
    short = [code for code, pieces in wanted.items if vendor.stock.get(code, 0) < pieces]
    if short:
        yield f"Has no {', '.join(short)} in stock.", "Ask the supplier when it comes in."
    if not vendor.accepting:
        yield "Takes no new work at the moment.", "Call its office, or offer it to others."
    if vendor.free_share == 0:
        yield "Has no capacity left on that day.", "Move the day, or offer it to others."
    if vendor.price is None:
        yield "Has no prices for this payer.", "Agree on a rate card first."
    elif vendor.price.missing:
        yield f"Has no price for {', '.join(vendor.price.missing)}.", "Agree on a rate for it first."
    if vendor.already_offered:
        yield "Has an open offer for this booking.", "Wait for the answer, or withdraw the offer."


def _covers(vendor: VendorFacts, place: Place) -> bool:
    if place.postal_code in vendor.postal_codes:
        return True
    return any(circle.center.meters_to(place.position) <= circle.radius_meters for circle in vendor.circles)


_DISCIPLINES = {kind.value: facts.name.lower() for kind, facts in DISCIPLINES.items()}
_NAMES = {"ride": "rides", "equipment": "equipment deliveries", "home_health": "home health visits"}


def first_reason(candidates: Sequence[Candidate], vendor_id: UUID) -> str:
    """Why one vendor is no candidate; empty when it is one."""
    return next((found.why_not for found in candidates if found.vendor_id == vendor_id), "Unknown vendor.")
