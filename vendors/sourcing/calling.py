"""The call list: whom to ring when nobody answers, what they said so far, and what to say without a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.bookings.service import items_of
from marketplace.bookings.words import LEVEL_LABELS
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility
from vendors.network.models import VendorProfile
from vendors.offers.models import Offer
from vendors.offers.preview import preview_of
from vendors.offers.words import OfferState
from vendors.sourcing.ranking import rank_booking


@dataclass(frozen=True, slots=True)
class Call:
    """One vendor to ring."""

    vendor_id: UUID
    name: str
    phone: str
    so_far: str
    """What it answered, or why it was not asked."""
    open_offer: Offer | None = None
    """An offer for which a code can be read out."""


@dataclass(frozen=True, slots=True)
class CallList:
    """Whom to ring in which order, and the sentence to say: it names no patient and no address."""

    to_say: str
    calls: tuple[Call, ...]


_SAID = {
    OfferState.DECLINED: "said no",
    OfferState.EXPIRED: "did not answer in time",
    OfferState.WITHDRAWN: "the offer was withdrawn",
    OfferState.LOST: "was too late",
    OfferState.OPEN: "is being asked: you can read a code out",
    OfferState.ACCEPTED: "had accepted",
}


def call_list(session: WorkSession, booking_id: UUID) -> CallList:
    """Every vendor of the service line with its office's phone: those who may do it first, in their order."""
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    ranked, others = rank_booking(session, booking)
    found = [one.candidate for one in ranked] + others
    ids = [one.vendor_id for one in found]
    phones = dict(
        session.execute(
            select(VendorProfile.organization_id, VendorProfile.office_phone).where(
                VendorProfile.organization_id.in_(ids)
            )
        ).all()
    )
    mine = select(Offer).where(Offer.booking_id == booking_id).order_by(Offer.id)
    newest = {offer.vendor_organization_id: offer for offer in session.scalars(mine)}
    calls = [
        Call(
            one.vendor_id,
            one.name,
            phones.get(one.vendor_id, ""),
            _so_far(newest.get(one.vendor_id), one.why_not),
            _open(newest.get(one.vendor_id), session.now()),
        )
        for one in found
    ]
    return CallList(_to_say(session, booking), tuple(calls))


def _so_far(offer: Offer | None, why_not: str) -> str:
    if offer is None:
        return why_not or "was not asked yet"
    return _SAID[offer.state]


def _open(offer: Offer | None, now: datetime) -> Offer | None:
    return offer if offer and offer.state is OfferState.OPEN and offer.respond_by > now else None


def _to_say(session: WorkSession, booking: Booking) -> str:
    facility = session.get(Facility, booking.facility_id)
    zone = ZoneInfo(facility.time_zone if facility else "UTC")
    preview = preview_of(booking, items_of(session, [booking.id])[booking.id])
    start, end = booking.requested_start.astimezone(zone), booking.requested_end.astimezone(zone)
    if booking.level_of_service:
        what = f"a ride, {LEVEL_LABELS[booking.level_of_service].lower()}"
    elif preview["items"]:
        pieces = (f"{item['quantity']} {item['description'].lower()}" for item in preview["items"])
        what = f"a delivery of {', '.join(pieces)}"
    else:
        what = f"a {str(booking.kind).replace('_', ' ')} visit"
    way = (
        f"from {preview['pickup_area']} to {preview['dropoff_area']}"
        if preview["pickup_area"]
        else (f"in {preview['dropoff_area']}")
    )
    needs = f" Needed: {', '.join(preview['needs'])}." if preview["needs"] else ""
    caller = facility.name if facility else "the hospital"
    return (
        f"This is {caller}, reference {booking.reference}. We need {what}, {way}, on {start:%A} between "
        f"{start:%H:%M} and {end:%H:%M}.{needs} Can you do it? You get the name and address once you accept."
    )
