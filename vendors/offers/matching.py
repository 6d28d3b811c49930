"""Candidates for a booking: what the tables say about each vendor, judged by the pure rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from marketplace.bookings.models import Booking, BookingItem
from marketplace.foundation.errors import NotFound
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from vendors.credentials.service import CredentialBook, credential_book
from vendors.credentials.words import SubjectKind
from vendors.fleet.models import StockItem
from vendors.network.capacity import full_vendors
from vendors.network.models import RateCard, ServiceArea, VendorProfile
from vendors.network.rules import Price, price
from vendors.network.service import local_day, rate_cards_at, values_of, work_of
from vendors.network.words import AreaKind
from vendors.offers.models import Offer
from vendors.offers.rules import Candidate, Circle, Place, VendorFacts, Wanted, in_order, judge
from vendors.offers.words import OfferState


def candidates(session: WorkSession, booking_id: UUID) -> list[Candidate]:
    """Every vendor of the booking's service line: the eligible ones in order, the others with the reason.

    Eleven queries however many vendors there are. Sees what a planner of the booking's health system may.
    """
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    items = session.scalars(select(BookingItem).where(BookingItem.booking_id == booking_id)).all()
    return in_order(judge_all(session, booking, items))


def judge_all(session: WorkSession, booking: Booking, items: Sequence[BookingItem]) -> list[Candidate]:
    """Every vendor of the service line as a candidate, in no order."""
    profiles = _profiles(session, str(booking.kind))
    wanted = wanted_of(booking, items)
    facts = _Facts(session, booking, items, [profile.organization_id for profile, _ in profiles])
    days = {
        profile.organization_id: local_day(profile.time_zone, booking.requested_start)
        for profile, _ in profiles
    }
    full = full_vendors(session, list(days), str(booking.kind), days)
    return [
        judge(wanted, facts.of(profile, name, is_full=profile.organization_id in full))
        for profile, name in profiles
    ]


def wanted_of(booking: Booking, items: Sequence[BookingItem]) -> Wanted:
    """What the booking asks of a vendor."""
    places = []
    if booking.origin_postal_code and booking.origin_latitude is not None:
        origin = Position(booking.origin_latitude, booking.origin_longitude or 0.0)
        places.append(Place(booking.origin_postal_code[:5], origin))
    destination = Position(booking.destination_latitude, booking.destination_longitude)
    places.append(Place(booking.destination_postal_code[:5], destination))
    level = str(booking.level_of_service) if booking.level_of_service else None
    pieces = tuple((item.hcpcs_code, item.quantity) for item in items)
    return Wanted(str(booking.kind), level, tuple(places), pieces)


class _Facts:
    """What was loaded about all vendors at once."""

    def __init__(
        self, session: WorkSession, booking: Booking, items: Sequence[BookingItem], vendor_ids: list[UUID]
    ) -> None:
        self._booking, self._items = booking, items
        self._book: CredentialBook = credential_book(session, vendor_ids, of_vendors_only=True)
        self._cards: dict[UUID, RateCard] = rate_cards_at(
            session, vendor_ids, booking.payer_organization_id, booking.requested_start
        )
        self._areas: dict[UUID, list[ServiceArea]] = defaultdict(list)
        for area in session.scalars(
            select(ServiceArea).where(ServiceArea.vendor_organization_id.in_(vendor_ids))
        ):
            self._areas[area.vendor_organization_id].append(area)
        self._stock = _stock(session, vendor_ids, [item.hcpcs_code for item in items])
        self._asked = set(
            session.scalars(
                select(Offer.vendor_organization_id).where(
                    Offer.booking_id == booking.id, Offer.state == OfferState.OPEN
                )
            )
        )

    def of(self, profile: VendorProfile, name: str, *, is_full: bool) -> VendorFacts:
        """One vendor's part."""
        vendor_id = profile.organization_id
        areas = self._areas[vendor_id]
        booking = self._booking
        level = str(booking.level_of_service) if booking.level_of_service else None
        findings = self._book.findings(
            SubjectKind.VENDOR,
            vendor_id,
            str(booking.kind),
            level,
            booking.requested_start,
            booking.requested_end,
        )
        return VendorFacts(
            vendor_id=vendor_id,
            name=name,
            accepting=profile.accepting,
            service_lines=frozenset(profile.service_lines),
            levels=frozenset(profile.levels),
            equipment_codes=frozenset(profile.equipment_codes),
            base=Position(profile.base_latitude, profile.base_longitude),
            postal_codes=frozenset(area.postal_code for area in areas if area.postal_code),
            circles=tuple(_circle(area) for area in areas if area.kind is AreaKind.RADIUS),
            findings=tuple(findings),
            stock=self._stock[vendor_id],
            is_full=is_full,
            already_offered=vendor_id in self._asked,
            price=self._price(vendor_id),
        )

    def _price(self, vendor_id: UUID) -> Price | None:
        card = self._cards.get(vendor_id)
        return price(work_of(self._booking, self._items), values_of(card), card.currency) if card else None


def _circle(area: ServiceArea) -> Circle:
    return Circle(Position(area.latitude or 0.0, area.longitude or 0.0), area.radius_meters or 0)


def _profiles(session: WorkSession, service_line: str) -> list[tuple[VendorProfile, str]]:
    rows = session.execute(
        select(VendorProfile, Organization.name)
        .join(Organization, Organization.id == VendorProfile.organization_id)
        .where(VendorProfile.service_lines.contains([service_line]), Organization.state == "active")
    )
    return [(row[0], row[1]) for row in rows]


def _stock(session: WorkSession, vendor_ids: list[UUID], codes: list[str]) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    if codes:
        rows = session.execute(
            select(StockItem.vendor_organization_id, StockItem.hcpcs_code, func.sum(StockItem.quantity))
            .where(StockItem.vendor_organization_id.in_(vendor_ids), StockItem.hcpcs_code.in_(codes))
            .group_by(StockItem.vendor_organization_id, StockItem.hcpcs_code)
        )
        for vendor_id, code, quantity in rows:
            found[vendor_id][code] = int(quantity)
    return found
