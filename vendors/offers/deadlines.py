"""Deadlines in business time: offers and amendments that nobody answered end by themselves."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, union

from marketplace.bookings.words import PartyStatus
from marketplace.foundation.jobs import JobKind, Schedule, enqueue
from marketplace.foundation.state import move
from marketplace.foundation.work import WorkSession
from vendors.offers.amendments import expire_amendment
from vendors.offers.closing import close_candidate
from vendors.offers.locking import locked_booking
from vendors.offers.models import AwardAmendment, Offer
from vendors.offers.words import AmendmentState, OfferState

_BATCH = 200


def sweep(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Find bookings with unanswered offers or amendments, and have each health system's expired."""
    now = session.now()
    due = union(
        select(Offer.organization_id, Offer.booking_id).where(
            Offer.state == OfferState.OPEN, Offer.respond_by <= now
        ),
        select(AwardAmendment.organization_id, AwardAmendment.booking_id).where(
            AwardAmendment.state == AmendmentState.PROPOSED, AwardAmendment.respond_by <= now
        ),
    )
    by_organization: dict[UUID, list[str]] = defaultdict(list)
    for organization_id, booking_id in session.execute(due.limit(_BATCH)):
        by_organization[organization_id].append(str(booking_id))
    for organization_id, booking_ids in sorted(by_organization.items()):
        enqueue(session, "offers.expire", {"bookings": sorted(booking_ids)}, organization_id=organization_id)
    return {"bookings": sum(map(len, by_organization.values()))}


def expire(session: WorkSession, arguments: dict[str, Any]) -> None:
    """End what is due of these bookings, each under its lock, in the order of their ids."""
    for text in sorted(arguments["bookings"]):
        booking_id = UUID(text)
        if locked_booking(session, booking_id) is not None:
            _expire_offers(session, booking_id)
            _expire_amendments(session, booking_id)


def _expire_offers(session: WorkSession, booking_id: UUID) -> None:
    due = session.scalars(
        select(Offer)
        .where(
            Offer.booking_id == booking_id,
            Offer.state == OfferState.OPEN,
            Offer.respond_by <= session.now(),
        )
        .order_by(Offer.id)
        .with_for_update()
    )
    for offer in due.all():
        move(session, offer, OfferState.EXPIRED)
        close_candidate(session, offer, PartyStatus.EXPIRED)


def _expire_amendments(session: WorkSession, booking_id: UUID) -> None:
    due = session.scalars(
        select(AwardAmendment)
        .where(
            AwardAmendment.booking_id == booking_id,
            AwardAmendment.state == AmendmentState.PROPOSED,
            AwardAmendment.respond_by <= session.now(),
        )
        .with_for_update()
    )
    for amendment in due.all():
        expire_amendment(session, amendment)


JOB_KINDS = (JobKind("offers.sweep", sweep, role="janitor"), JobKind("offers.expire", expire))
SCHEDULES = (Schedule("offers.sweep", "offers.sweep", timedelta(seconds=10)),)
