"""The one order of locks: first the booking, then the offer or award that hangs on it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from marketplace.bookings import finding
from marketplace.bookings.models import Booking
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from vendors.offers.models import Award, AwardAmendment, Offer


def locked_booking(session: WorkSession, booking_id: UUID) -> Booking | None:
    """The booking, locked and read afresh, with the other legs of its trip (`lock_trips_of`).

    None when the actor may not (or no longer) see it.
    """
    try:
        return finding.locked_booking(session, booking_id)
    except NotFound:
        return None


def locked_offer(session: WorkSession, offer_id: UUID) -> Offer:
    """The offer, locked and read afresh; the booking must be locked already."""
    return session.scalars(
        select(Offer).where(Offer.id == offer_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def locked_award(session: WorkSession, award_id: UUID) -> Award:
    """The award, locked and read afresh; the booking must be locked already."""
    return session.scalars(
        select(Award).where(Award.id == award_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def locked_amendment(session: WorkSession, amendment_id: UUID) -> AwardAmendment:
    """The amendment, locked and read afresh; the booking must be locked already."""
    return session.scalars(
        select(AwardAmendment)
        .where(AwardAmendment.id == amendment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def own_offer(session: WorkSession, offer_id: UUID) -> Offer:
    """An offer made to the acting vendor; foreign and missing are NotFound."""
    offer = session.get(Offer, offer_id)
    if offer is None or offer.vendor_organization_id != session.actor.organization():
        raise NotFound
    return offer


def own_award(session: WorkSession, award_id: UUID) -> Award:
    """An award of the acting vendor; foreign and missing are NotFound."""
    award = session.get(Award, award_id)
    if award is None or award.vendor_organization_id != session.actor.organization():
        raise NotFound
    return award
