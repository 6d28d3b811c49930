"""Ranking the vendors for a booking: candidates judged by the offers room, with their records and shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.service import items_of
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from vendors.network.models import Contract
from vendors.offers.matching import judge_all
from vendors.offers.models import Award, Offer
from vendors.offers.rules import Candidate
from vendors.offers.words import AwardState, OfferState
from vendors.performance.reading import MEMORY, track_records
from vendors.sourcing.rules import Ranked, Standing, rank

BY_HAND = "The search leaves it out; tick it to ask it all the same."
"""The remedy of vendors that may do the work, but are not asked by themselves."""


def ranked_for(session: WorkSession, booking_id: UUID) -> tuple[list[Ranked], list[Candidate]]:
    """(whom to ask, best first; who may not be asked, with the reason) for a booking of the acting planner.

    About a dozen queries however many vendors there are.
    """
    session.actor.require("planner")
    booking = session.get(Booking, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    return rank_booking(session, booking)


def rank_booking(
    session: WorkSession,
    booking: Booking,
    leave_out: Collection[UUID] = (),
    *,
    items: Sequence[BookingItem] | None = None,
    offers: Sequence[Offer] | None = None,
) -> tuple[list[Ranked], list[Candidate]]:
    """The same for a booking at hand; `leave_out` were asked in this search already.

    `items` and `offers` of the booking spare a query each where the caller has them.
    """
    if items is None:
        items = items_of(session, [booking.id])[booking.id]
    if offers is None:
        offers = session.scalars(select(Offer).where(Offer.booking_id == booking.id)).all()
    by_state: dict[OfferState, set[UUID]] = {state: set() for state in OfferState}
    for offer in offers:
        by_state[offer.state].add(offer.vendor_organization_id)
    found = judge_all(session, booking, items, by_state[OfferState.OPEN])
    returned = _gave_back(session, booking.id) if by_state[OfferState.ACCEPTED] else set()
    may = [one for one in found if one.is_eligible and one.vendor_id not in returned | set(leave_out)]
    others = [_barred(one, returned) for one in found if one not in may]
    declined = by_state[OfferState.DECLINED]
    return rank_candidates(session, may, str(booking.kind), booking.requested_start, declined), others


def rank_candidates(
    session: WorkSession,
    candidates: Sequence[Candidate],
    kind: str,
    at: datetime,
    declined_before: Collection[UUID] = (),
) -> list[Ranked]:
    """Rank candidates of work of a kind at a time, also for work not booked yet. Two or three queries."""
    ids = [one.vendor_id for one in candidates if one.is_eligible]
    if not ids:
        return []
    records = track_records(session, ids, kind)
    promised = _promised_shares(session, ids, at)
    given = _given_shares(session, kind) if promised else {}
    free = {one.vendor_id: one.free_share for one in candidates}
    standings = {
        vendor_id: Standing(
            record=records[vendor_id],
            free_share=free[vendor_id],
            share_promised=promised.get(vendor_id),
            share_given=given.get(vendor_id, 0),
            declined_before=vendor_id in declined_before,
        )
        for vendor_id in ids
    }
    return rank(candidates, standings)


def _barred(found: Candidate, returned: set[UUID]) -> Candidate:
    if not found.is_eligible:
        return found
    gave_back = "Gave this work back, or could not do its new time."
    why = gave_back if found.vendor_id in returned else "Was asked in this search already."
    return replace(found, why_not=why, remedy=BY_HAND)


def _gave_back(session: WorkSession, booking_id: UUID) -> set[UUID]:
    mine = (Award.booking_id == booking_id, Award.state == AwardState.RELEASED)
    return set(session.scalars(select(Award.vendor_organization_id).where(*mine)))


def _promised_shares(session: WorkSession, vendor_ids: Sequence[UUID], at: datetime) -> dict[UUID, int]:
    rows = session.execute(
        select(Contract.vendor_organization_id, Contract.share_percent).where(
            Contract.vendor_organization_id.in_(vendor_ids),
            Contract.organization_id == session.actor.organization(),
            Contract.share_percent.is_not(None),
            Contract.effective_from <= at.date(),
            or_(Contract.effective_to.is_(None), Contract.effective_to > at.date()),
        )
    )
    return {vendor_id: percent for vendor_id, percent in rows if percent is not None}


def _given_shares(session: WorkSession, kind: str) -> dict[UUID, int]:
    """Percent of the acting health system's accepted work of this kind in 90 days that each vendor had."""
    rows = session.execute(
        select(Award.vendor_organization_id, func.count())
        .where(
            Award.organization_id == session.actor.organization(),
            Award.kind == kind,
            Award.state != AwardState.RELEASED,
            Award.promised_start >= session.now() - MEMORY,
        )
        .group_by(Award.vendor_organization_id)
    ).all()
    total = sum(row[1] for row in rows) or 1
    return {row[0]: round(100 * row[1] / total) for row in rows}
