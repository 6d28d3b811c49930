"""Candidates for a booking: what the tables say about each vendor, judged by the pure rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.words import BookingKind
from marketplace.choices.agencies import agencies_serving
from marketplace.choices.service import choice_of
from marketplace.foundation.errors import NotFound
from marketplace.foundation.geography import Position
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from vendors.credentials.service import CredentialBook, credential_book
from vendors.credentials.words import SubjectKind
from vendors.fleet.models import StockItem
from vendors.network.capacity import free_shares
from vendors.network.models import Contract, RateCard, ServiceArea, VendorProfile
from vendors.network.rules import Price, price
from vendors.network.service import local_day, rate_cards_at, values_of, work_of
from vendors.network.words import AreaKind
from vendors.offers.models import Offer
from vendors.offers.rules import Candidate, Circle, Place, VendorFacts, Wanted, in_order, judge
from vendors.offers.words import OfferState

T = TypeVar("T")
_ANYWHERE_METERS = 21_000_000
"""Half around the earth."""


def candidates(session: WorkSession, booking_id: UUID) -> list[Candidate]:
    """Every vendor of the booking's service line: the eligible ones in order, the others with the reason.

    Eight queries however many vendors there are. Sees what a planner of the booking's health system may.
    """
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    items = session.scalars(select(BookingItem).where(BookingItem.booking_id == booking_id)).all()
    return in_order(judge_all(session, booking, items, asked_already(session, booking_id)))


_LOOK = "vendors.offers.one_look"


@contextmanager
def one_look(session: WorkSession) -> Iterator[None]:
    """What is known of vendors is read once inside, however many bookings are judged.

    For a caller that judges the same parts several times in one transaction and changes nothing of vendors'
    cards, credentials, areas, stock or limits meanwhile.
    """
    session.info[_LOOK] = {}
    try:
        yield
    finally:
        del session.info[_LOOK]


def once(session: WorkSession, key: Hashable, read: Callable[[], T]) -> T:
    """What `read` finds, asked once for each key inside `one_look`; else asked anew."""
    kept: dict[Hashable, Any] | None = session.info.get(_LOOK)
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found


def asked_already(session: WorkSession, booking_id: UUID) -> set[UUID]:
    """The vendors that have an open offer for the booking."""
    mine = (Offer.booking_id == booking_id, Offer.state == OfferState.OPEN)
    return set(session.scalars(select(Offer.vendor_organization_id).where(*mine)))


def judge_all(
    session: WorkSession,
    booking: Booking,
    items: Sequence[BookingItem],
    asked: Container[UUID],
    *,
    beyond_area: bool = False,
    chosen: tuple[UUID, ...] | None = None,
) -> list[Candidate]:
    """Every vendor of the service line as a candidate, in no order; `asked` have an open offer already.

    `booking` may be one that is not stored: what would be asked for. `beyond_area` leaves out the one rule
    that a planner may set aside by asking: where the vendor usually goes. `chosen` are the agencies of a
    patient's choice that is not recorded yet; None reads the recorded one.
    """
    wanted = wanted_of(booking, items)
    if booking.kind is BookingKind.HOME_HEALTH:
        if chosen is None:
            choice = choice_of(session, booking.encounter_id)
            chosen = choice.in_order if choice else ()
        wanted = replace(wanted, chosen=chosen)
    day = booking.requested_start.date()
    place = (wanted.kind, *(one.postal_code for one in wanted.places), day)
    vendors = once(session, ("vendors", *place), lambda: _vendors(session, wanted, day))
    facts = _Facts(session, booking, items, {vendor.id: vendor.profile.time_zone for vendor in vendors})
    found = [facts.of(vendor, asked=vendor.id in asked) for vendor in vendors]
    if beyond_area:
        found = [replace(one, circles=(Circle(one.base, _ANYWHERE_METERS),)) for one in found]
    return [judge(wanted, one) for one in found]


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
    discipline = str(booking.discipline) if booking.discipline else None
    return Wanted(str(booking.kind), level, tuple(places), pieces, discipline)


@dataclass
class _Vendor:
    """A profile with the name and with those parts of its area that matter for the work."""

    profile: VendorProfile
    name: str
    share_promised: int | None
    areas: list[ServiceArea]

    @property
    def id(self) -> UUID:
        return self.profile.organization_id


class _Facts:
    """What was loaded about all vendors at once."""

    def __init__(
        self,
        session: WorkSession,
        booking: Booking,
        items: Sequence[BookingItem],
        time_zones: dict[UUID, str],
    ) -> None:
        self._booking, self._items = booking, items
        vendor_ids = list(time_zones)
        at = booking.requested_start
        days = {vendor_id: local_day(zone, at) for vendor_id, zone in time_zones.items()}
        codes = [item.hcpcs_code for item in items]
        payer, when = booking.payer_organization_id, tuple(days.items())
        self._book: CredentialBook = once(
            session,
            ("credentials", *vendor_ids),
            lambda: credential_book(session, vendor_ids, of_vendors_only=True),
        )
        self._cards: dict[UUID, RateCard] = once(
            session, ("cards", payer, when), lambda: rate_cards_at(session, time_zones, payer, at)
        )
        self._stock = once(
            session, ("stock", *vendor_ids, *codes), lambda: _stock(session, vendor_ids, codes)
        )
        self._free = once(
            session,
            ("free", booking.kind, when),
            lambda: free_shares(session, vendor_ids, str(booking.kind), days),
        )
        self._listed = listed_vendors(session, booking) if booking.discipline else {}

    def of(self, vendor: _Vendor, *, asked: bool) -> VendorFacts:
        """One vendor's part."""
        profile, booking = vendor.profile, self._booking
        level = str(booking.level_of_service) if booking.level_of_service else None
        findings = self._book.findings(
            SubjectKind.VENDOR,
            vendor.id,
            str(booking.kind),
            level,
            booking.requested_start,
            booking.requested_end,
        )
        return VendorFacts(
            vendor_id=vendor.id,
            name=vendor.name,
            accepting=profile.accepting,
            service_lines=frozenset(profile.service_lines),
            levels=frozenset(profile.levels),
            equipment_codes=frozenset(profile.equipment_codes),
            base=Position(profile.base_latitude, profile.base_longitude),
            postal_codes=frozenset(area.postal_code for area in vendor.areas if area.postal_code)
            | ({booking.destination_postal_code[:5]} if vendor.id in self._listed else frozenset()),
            disciplines=self._listed.get(vendor.id, frozenset()),
            circles=tuple(_circle(area) for area in vendor.areas if area.kind is AreaKind.RADIUS),
            findings=tuple(findings),
            stock=self._stock[vendor.id],
            free_share=self._free.get(vendor.id),
            share_promised=vendor.share_promised,
            already_offered=asked,
            price=self._price(vendor.id),
        )

    def _price(self, vendor_id: UUID) -> Price | None:
        card = self._cards.get(vendor_id)
        return price(work_of(self._booking, self._items), values_of(card), card.currency) if card else None


def listed_vendors(session: WorkSession, booking: Booking) -> dict[UUID, frozenset[str]]:
    """Disciplines of the agencies that, by the directory, serve the visit's home now. One query."""
    found = agencies_serving(session, booking.destination_postal_code, session.now())
    return {
        agency.vendor_organization_id: frozenset(agency.disciplines)
        for agency in found
        if agency.vendor_organization_id is not None
    }


def _circle(area: ServiceArea) -> Circle:
    return Circle(Position(area.latitude or 0.0, area.longitude or 0.0), area.radius_meters or 0)


def _vendors(session: WorkSession, wanted: Wanted, day: date) -> list[_Vendor]:
    """The vendors of the service line; of long lists of postal codes only those that the work touches.

    Each with the share of the work that its contract with the acting health system promises.
    """
    codes = [place.postal_code for place in wanted.places]
    matters = and_(
        ServiceArea.vendor_organization_id == VendorProfile.organization_id,
        or_(ServiceArea.kind == AreaKind.RADIUS, ServiceArea.postal_code.in_(codes)),
    )
    in_force = and_(
        Contract.vendor_organization_id == VendorProfile.organization_id,
        Contract.organization_id == session.actor.organization_id,
        Contract.effective_from <= day,
        or_(Contract.effective_to.is_(None), Contract.effective_to > day),
    )
    rows = session.execute(
        select(VendorProfile, Organization.name, Contract.share_percent, ServiceArea)
        .join(Organization, Organization.id == VendorProfile.organization_id)
        .outerjoin(ServiceArea, matters)
        .outerjoin(Contract, in_force)
        .where(VendorProfile.service_lines.contains([wanted.kind]), Organization.state == "active")
    )
    found: dict[UUID, _Vendor] = {}
    for profile, name, share, area in rows:
        vendor = found.setdefault(profile.organization_id, _Vendor(profile, name, share, []))
        if area is not None:
            vendor.areas.append(area)
    return list(found.values())


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
