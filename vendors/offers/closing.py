"""What becomes of offers that were not the one: lost, withdrawn, expired. Done for the health system."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from marketplace.bookings.awarding import candidate_out
from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.words import BookingState, PartyStatus
from marketplace.foundation.announce import announce
from marketplace.foundation.events import publish
from marketplace.foundation.state import move
from marketplace.foundation.work import WorkSession
from vendors.offers.code_ending import end_codes
from vendors.offers.code_models import OfferCode
from vendors.offers.events import OffersExhausted
from vendors.offers.models import Award, AwardAmendment, Offer
from vendors.offers.words import AmendmentState, OfferState


def open_offers_of(session: WorkSession, booking_id: UUID) -> Sequence[Offer]:
    """The open offers of a booking, locked; the booking is locked by the caller."""
    return session.scalars(
        select(Offer)
        .where(Offer.booking_id == booking_id, Offer.state == OfferState.OPEN)
        .order_by(Offer.id)
        .with_for_update()
    ).all()


def close_losers(session: WorkSession, booking_id: UUID, winner_id: UUID) -> None:
    """The other candidates were too late: their offers are lost, codes are dead, open pages hear of it."""
    for offer in open_offers_of(session, booking_id):
        if offer.id != winner_id:
            move(session, offer, OfferState.LOST)
            announce(session, [offer.vendor_organization_id], "offer", offer.id, offer.revision)
    end_codes(session, OfferCode.booking_id == booking_id, "closed")


def withdraw_all(session: WorkSession, booking_id: UUID, reason_code: str) -> None:
    """The work is off: every open offer is withdrawn."""
    for offer in open_offers_of(session, booking_id):
        move(session, offer, OfferState.WITHDRAWN, reason_code=reason_code)
        announce(session, [offer.vendor_organization_id], "offer", offer.id, offer.revision)
    end_codes(session, OfferCode.booking_id == booking_id, "closed")


def close_candidate(session: WorkSession, offer: Offer, status: PartyStatus) -> None:
    """The vendor is no candidate any more; after the last one the booking waits again, and that is news."""
    booking = candidate_out(session, offer.booking_id, offer.vendor_organization_id, status)
    end_codes(session, OfferCode.offer_id == offer.id, "closed")
    parties = [offer.vendor_organization_id, offer.organization_id]
    announce(session, parties, "offer", offer.id, offer.revision)
    if booking.state is BookingState.REQUESTED:
        with requester_acts(session, booking):
            publish(session, OffersExhausted(offer.booking_id, booking.revision))


def open_question_of(session: WorkSession, award_id: UUID) -> AwardAmendment | None:
    """The amendment of an award that waits for an answer, if there is one."""
    return session.scalars(
        select(AwardAmendment).where(
            AwardAmendment.award_id == award_id, AwardAmendment.state == AmendmentState.PROPOSED
        )
    ).one_or_none()


def withdraw_question(session: WorkSession, award: Award) -> None:
    """Take back the amendment that waits for an answer, now moot; nothing happens when there is none."""
    waiting = open_question_of(session, award.id)
    if waiting is not None:
        move(session, waiting, AmendmentState.WITHDRAWN)
        announce(session, [award.vendor_organization_id], "amendment", waiting.id, waiting.revision)
