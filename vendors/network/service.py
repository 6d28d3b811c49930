"""What the network knows: profiles, areas, contracts, and the price of a booking by the card in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from marketplace.bookings.models import Booking, BookingItem
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from vendors.network.models import Contract, RateCard, ServiceArea, VendorProfile
from vendors.network.rules import Price, Work, WorkItem, attendants_needed, price
from vendors.network.words import AreaKind, RateLineValue

DEFAULT_TOLERANCE_MINUTES = 15
"""Without a contract a promise follows a discharge by itself within the usual band of a quarter hour."""
DEFAULT_RESPONSE_MINUTES = 15


def profile(session: WorkSession, vendor_id: UUID) -> VendorProfile:
    """A vendor's profile; NotFound when the organization is no vendor of the network."""
    found = session.get(VendorProfile, vendor_id)
    if found is None:
        raise NotFound
    return found


def local_day(time_zone: str, at: datetime) -> date:
    """The vendor's calendar day at a moment: prices and capacity change at local midnight."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def set_areas(session: WorkSession, postal_codes: Sequence[str]) -> None:
    """Replace the acting vendor's service area by a list of ZIP codes."""
    session.actor.require("vendor_admin")
    vendor_id = session.actor.organization()
    for area in session.scalars(select(ServiceArea).where(ServiceArea.vendor_organization_id == vendor_id)):
        session.delete(area)
    for postal_code in sorted(set(postal_codes)):
        session.add(
            ServiceArea(vendor_organization_id=vendor_id, kind=AreaKind.POSTAL_CODE, postal_code=postal_code)
        )
    audit.record(session, "service_areas:change", "vendor_profiles", vendor_id, {"count": len(postal_codes)})


def set_accepting(session: WorkSession, *, accepting: bool) -> VendorProfile:
    """Open or close the acting vendor for new offers; accepted work is not touched."""
    session.actor.require("vendor_admin")
    own = profile(session, session.actor.organization())
    own.accepting = accepting
    own.revision += 1
    audit.record(
        session, "vendor_profiles:change", "vendor_profiles", own.organization_id, {"accepting": accepting}
    )
    return own


def contract_between(
    session: WorkSession, vendor_id: UUID, health_system_id: UUID, day: date
) -> tuple[int, int]:
    """(tolerance, response) in minutes for amendments, by the contract in force or the defaults."""
    found = session.execute(
        select(Contract.amendment_tolerance_minutes, Contract.response_minutes).where(
            Contract.vendor_organization_id == vendor_id,
            Contract.organization_id == health_system_id,
            Contract.effective_from <= day,
            or_(Contract.effective_to.is_(None), Contract.effective_to > day),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else (DEFAULT_TOLERANCE_MINUTES, DEFAULT_RESPONSE_MINUTES)


def rate_cards_at(
    session: WorkSession, time_zones: Mapping[UUID, str], payer_id: UUID | None, at: datetime
) -> dict[UUID, RateCard]:
    """For each vendor the card in force for this payer: its own card, else the general one. One query.

    `time_zones` names the vendors with their zones: a card begins at the vendor's local midnight.
    """
    cards = session.scalars(
        select(RateCard)
        .where(
            RateCard.vendor_organization_id.in_(list(time_zones)),
            or_(
                RateCard.payer_organization_id == payer_id,
                RateCard.payer_organization_id.is_(None),
            ),
        )
        .options(joinedload(RateCard.lines))
        .order_by(RateCard.payer_organization_id.nulls_first())
    ).unique()
    chosen: dict[UUID, RateCard] = {}
    for card in cards:
        day = local_day(time_zones[card.vendor_organization_id], at)
        if card.effective_from <= day and (card.effective_to is None or day < card.effective_to):
            chosen[card.vendor_organization_id] = card
    return chosen


def values_of(card: RateCard) -> list[RateLineValue]:
    """A card's lines as values."""
    return [
        RateLineValue(
            line.code,
            line.description,
            line.unit,
            line.cents,
            line.modifier,
            line.level_of_service,
            card.mile_rounding,
        )
        for line in card.lines
    ]


def rate_lines_at(
    session: WorkSession, vendor_id: UUID, payer_id: UUID | None, at: datetime
) -> list[RateLineValue]:
    """The lines in force at a moment for this payer: of its own card, else the general one, else none."""
    zone = profile(session, vendor_id).time_zone
    card = rate_cards_at(session, {vendor_id: zone}, payer_id, at).get(vendor_id)
    return values_of(card) if card else []


def work_of(booking: Booking, items: Sequence[BookingItem]) -> Work:
    """What a booking would cost before it is done: planned distance, no waiting, first rental month."""
    needs = booking.needs
    level = str(booking.level_of_service) if booking.level_of_service else None
    return Work(
        level_of_service=level,
        loaded_meters=booking.distance_meters,
        attendants=attendants_needed(level, int(needs.get("stairs_count") or 0)),
        oxygen=float(needs.get("oxygen_lpm") or 0) > 0,
        items=tuple(WorkItem(item.hcpcs_code, item.modifier, item.quantity) for item in items),
        visit_code=DISCIPLINES[booking.discipline].code if booking.discipline else None,
    )


def quote(session: WorkSession, vendor_id: UUID, booking_id: UUID) -> Price:
    """What the vendor would charge for a booking at its requested time; `missing` when the card has gaps."""
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    items = session.scalars(select(BookingItem).where(BookingItem.booking_id == booking_id)).all()
    lines = rate_lines_at(session, vendor_id, booking.payer_organization_id, booking.requested_start)
    return price(work_of(booking, items), lines)
