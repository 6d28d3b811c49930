"""Ranking the vendors for a booking: candidates judged by the offers room, with their records and shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.service import items_of
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from vendors.offers.matching import judge_all, once
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
    return rank_candidates(session, may, str(booking.kind), declined), others


def rank_candidates(
    session: WorkSession,
    candidates: Sequence[Candidate],
    kind: str,
    declined_before: Collection[UUID] = (),
) -> list[Ranked]:
    """Rank candidates of work of a kind, also of work that is not booked yet. One or two queries."""
    eligible = [one for one in candidates if one.is_eligible]
    if not eligible:
        return []
    ids = [one.vendor_id for one in eligible]
    records = once(session, ("records", kind, *ids), lambda: track_records(session, ids, kind))
    given = _given_shares(session, kind) if any(one.share_promised for one in eligible) else {}
    standings = {
        one.vendor_id: Standing(
            record=records[one.vendor_id],
            free_share=one.free_share,
            share_promised=one.share_promised,
            share_given=given.get(one.vendor_id, 0),
            declined_before=one.vendor_id in declined_before,
        )
        for one in eligible
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
