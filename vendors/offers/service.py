"""Offering work, accepting it with one winner however many press at once, declining it, turning it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.bookings import awarding
from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.words import BEFORE_LEAVING, BookingState, PartyStatus, ServiceStatus
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, FieldError, InvalidInput, NotFound
from marketplace.foundation.events import publish
from marketplace.foundation.ids import new_id
from marketplace.foundation.state import begin, move
from marketplace.foundation.work import WorkSession
from vendors.network.capacity import count_use
from vendors.network.service import rate_lines_at
from vendors.network.words import RateLineValue
from vendors.offers.closing import close_candidate, close_losers, withdraw_question
from vendors.offers.eligibility import require_eligible
from vendors.offers.events import AwardReleased, OfferAccepted
from vendors.offers.locking import locked_award, locked_booking, locked_offer, own_award, own_offer
from vendors.offers.mailing import tell_of_offer
from vendors.offers.matching import asked_already, judge_all
from vendors.offers.models import Award, Offer
from vendors.offers.preview import preview_of
from vendors.offers.rules import Candidate
from vendors.offers.words import CREW_REASONS, AwardState, DeclineReason, OfferState, TurnBackReason
from vendors.performance.recording import turned_back as turned_back_record

OFFICE = ("vendor_admin", "dispatcher")
"""Who answers offers for a vendor."""
ON_THE_ROAD = ("driver", "technician")
"""Who may find on the way that it cannot be done."""
LONGEST_DEADLINE = timedelta(days=14)
MOST_VENDORS = 50
LIVE = (AwardState.HELD, AwardState.CONFIRMED, AwardState.AMENDED)
_EMPTY = frozenset({ServiceStatus.EN_ROUTE_PICKUP, ServiceStatus.ARRIVED_PICKUP, ServiceStatus.EN_ROUTE})
"""On the way, with nobody on board and nothing handed over yet."""

_GONE = {
    OfferState.LOST: "Another vendor has accepted this work first.",
    OfferState.WITHDRAWN: "The hospital has withdrawn this offer.",
    OfferState.EXPIRED: "The time to answer this offer is over.",
    OfferState.ACCEPTED: "You have already accepted this offer.",
    OfferState.DECLINED: "You have already declined this offer.",
}


def propose(
    session: WorkSession, booking_id: UUID, vendor_ids: Sequence[UUID], respond_by: datetime
) -> list[Offer]:
    """Offer a booking to one or several vendors until a deadline; the first to accept gets it.

    Raises InvalidInput for a deadline that is past, or later than the work, and for each vendor that is not
    eligible (with the reason); Conflict when the booking no longer waits for a vendor.
    """
    session.actor.require("planner")
    booking = locked_booking(session, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    if booking.state not in {BookingState.REQUESTED, BookingState.OFFERED}:
        raise Conflict(f"This booking is {booking.state.replace('_', ' ')} and cannot be offered.")
    wanted = list(dict.fromkeys(vendor_ids))
    _check_deadline(session, booking, respond_by, wanted)
    items = _items(session, booking_id)
    asked = asked_already(session, booking_id)
    chosen = _eligible(judge_all(session, booking, items, asked), wanted)
    return open_offers(session, booking, items, chosen, respond_by)


def open_offers(
    session: WorkSession,
    booking: Booking,
    items: Sequence[BookingItem],
    chosen: Sequence[Candidate],
    respond_by: datetime,
) -> list[Offer]:
    """Open an offer to each chosen candidate and tell them; the booking is locked, the candidates judged."""
    offers = [_open_offer(session, booking, items, candidate, respond_by) for candidate in chosen]
    session.add_all(offers)
    for offer in offers:
        begin(session, offer)
    awarding.mark_offered(session, booking.id, [one.vendor_id for one in chosen], respond_by)
    for offer in offers:
        tell_of_offer(session, offer)
        announce(session, [offer.vendor_organization_id], "offer", offer.id, offer.revision)
    return offers


def accept(session: WorkSession, offer_id: UUID) -> Award:
    """The vendor promises the work; of any number who press at once exactly one wins.

    The booking's row is locked first, then the offer's; a unique index on the live award stands behind both.
    Raises Conflict with the reason: somebody was first, too late, withdrawn, or credentials that do not
    cover the time of the service.
    """
    session.actor.require(*OFFICE)
    offer = own_offer(session, offer_id)
    booking = locked_booking(session, offer.booking_id)
    offer = locked_offer(session, offer_id)
    _require_open(session, offer)
    if booking is None:
        raise Conflict("The hospital has withdrawn this work.")
    require_eligible(session, booking, booking.requested_start, booking.requested_end)
    award = _award_of_offer(session, booking, offer)
    move(session, offer, OfferState.ACCEPTED)
    try:
        with session.begin_nested():
            session.add(award)
            session.flush()
    except IntegrityError:
        raise Conflict(_GONE[OfferState.LOST]) from None
    begin(session, award)
    awarding.award(
        session, booking.id, offer.vendor_organization_id, award.id, award.promised_start, award.promised_end
    )
    with requester_acts(session, booking):
        close_losers(session, booking.id, offer.id)
        publish(session, OfferAccepted(booking.id, award.id, booking.revision))
    _count(session, award, 1)
    _announce_award(session, award)
    announce(session, [award.vendor_organization_id], "offer", offer.id, offer.revision)
    return award


def decline(
    session: WorkSession, offer_id: UUID, reason_code: DeclineReason, note: str | None = None
) -> Offer:
    """The vendor does not want the work; after the last one the booking waits for new offers."""
    session.actor.require(*OFFICE)
    offer = own_offer(session, offer_id)
    locked_booking(session, offer.booking_id)
    offer = locked_offer(session, offer_id)
    if offer.state is not OfferState.OPEN:
        raise Conflict(_GONE[offer.state])
    move(session, offer, OfferState.DECLINED, reason_code=reason_code, note=note)
    close_candidate(session, offer, PartyStatus.DECLINED)
    return offer


def withdraw(session: WorkSession, offer_id: UUID, reason_code: str = "planner") -> Offer:
    """The planner takes an open offer back; the vendor sees that it is gone and why."""
    session.actor.require("planner")
    offer = session.get(Offer, offer_id)
    if offer is None or offer.organization_id != session.actor.organization():
        raise NotFound
    locked_booking(session, offer.booking_id)
    offer = locked_offer(session, offer_id)
    move(session, offer, OfferState.WITHDRAWN, reason_code=reason_code)
    close_candidate(session, offer, PartyStatus.WITHDRAWN)
    return offer


def turn_back(
    session: WorkSession, award_id: UUID, reason_code: TurnBackReason, note: str | None = None
) -> Award:
    """The vendor returns accepted work; once its vehicle has left only because that broke down on the way.

    The search for another vendor begins by itself, and the record keeps how late it was.
    """
    session.actor.require(*OFFICE)
    award, booking = _held(session, award_id)
    left = booking.service_status is not None and booking.service_status not in BEFORE_LEAVING
    if left and not (reason_code is TurnBackReason.VEHICLE_BREAKDOWN and booking.service_status in _EMPTY):
        raise Conflict(
            "The vehicle is already under way for this work.",
            remedy="Only a breakdown gives it back now. Else call the hospital's planner; they decide.",
        )
    release(session, award, reason_code, note)
    return award


def turn_back_by_crew(
    session: WorkSession, award_id: UUID, reason_code: TurnBackReason, note: str | None = None
) -> Award:
    """The crew on the road returns its work, with the same consequences; whose it is, the caller has checked.

    Possible as long as nobody is on board and nothing was handed over. Raises InvalidInput for a reason that
    only an office can give.
    """
    session.actor.require(*OFFICE, *ON_THE_ROAD)
    if reason_code not in CREW_REASONS:
        raise InvalidInput("reason_code", f"choose one of: {', '.join(CREW_REASONS)}")
    award, booking = _held(session, award_id)
    if booking.service_status not in (None, *BEFORE_LEAVING, *_EMPTY, ServiceStatus.ARRIVED):
        raise Conflict(
            "Somebody is on board, or the equipment is being set up.",
            remedy="Finish it, or call your dispatcher.",
        )
    release(session, award, reason_code, note)
    return award


def _held(session: WorkSession, award_id: UUID) -> tuple[Award, Booking]:
    """A live award of the acting vendor with its booking, both locked."""
    award = own_award(session, award_id)
    booking = locked_booking(session, award.booking_id)
    award = locked_award(session, award_id)
    if award.state not in LIVE or booking is None:
        raise Conflict("This work is no longer yours.")
    return award, booking


def confirm(session: WorkSession, award_id: UUID, vehicle_id: UUID, planned_at: datetime) -> Award:
    """A vehicle and a time inside the promise stand behind it now; a new plan says so again.

    Raises Conflict for a time outside the promised window, or an award that no longer binds.
    """
    award = _planned_award(session, award_id)
    if not award.promised_start <= planned_at <= award.promised_end:
        raise Conflict("The planned time lies outside the promised window.")
    if (award.state, award.vehicle_id, award.planned_at) == (AwardState.CONFIRMED, vehicle_id, planned_at):
        return award
    award.vehicle_id, award.planned_at = vehicle_id, planned_at
    if award.state is AwardState.CONFIRMED:
        award.revision += 1
    else:
        move(session, award, AwardState.CONFIRMED)
    _announce_award(session, award)
    return award


def unplan(session: WorkSession, award_id: UUID) -> Award:
    """No plan stands behind the promise any more; it binds as before."""
    award = _planned_award(session, award_id)
    award.vehicle_id = award.planned_at = None
    if award.state is AwardState.CONFIRMED:
        move(session, award, AwardState.HELD)
        _announce_award(session, award)
    return award


def award_of(session: WorkSession, booking_id: UUID) -> Award | None:
    """The live award of a booking, for its health system, vendor and payer; None when nobody has promised."""
    return session.scalars(
        select(Award).where(Award.booking_id == booking_id, Award.state.in_(LIVE))
    ).one_or_none()


def release(session: WorkSession, award: Award, reason_code: str, note: str | None = None) -> None:
    """End a promise and give the booking free; booking and award are locked by the caller."""
    withdraw_question(session, award)
    promised = session.get_one(Booking, award.booking_id)
    turned_back_record(session, promised, award.id, award.vendor_organization_id, reason_code)
    move(session, award, AwardState.RELEASED, reason_code=reason_code, note=note)
    _count(session, award, -1)
    booking = awarding.release_award(session, award.booking_id, reason_code, note or "")
    with requester_acts(session, booking):
        publish(session, AwardReleased(award.booking_id, award.id, booking.revision, reason_code))
    _announce_award(session, award)


def rates_of(award: Award) -> list[RateLineValue]:
    """The rate lines as agreed when the award was made, for pricing what was really done."""
    return [RateLineValue.from_json(stored) for stored in award.rates]


def _planned_award(session: WorkSession, award_id: UUID) -> Award:
    session.actor.require("dispatcher", "vendor_admin")
    if session.get(Award, award_id) is None:
        raise NotFound
    award = locked_award(session, award_id)
    if award.state not in LIVE:
        raise Conflict("This work is no longer promised.")
    return award


def _check_deadline(
    session: WorkSession, booking: Booking, respond_by: datetime, vendor_ids: Sequence[UUID]
) -> None:
    errors = []
    if not session.now() < respond_by <= session.now() + LONGEST_DEADLINE:
        errors.append(FieldError("respond_by", "choose a time from now on, at most 14 days away"))
    elif respond_by > booking.requested_end:
        errors.append(FieldError("respond_by", "the answer is needed before the work itself is due"))
    if not 1 <= len(vendor_ids) <= MOST_VENDORS:
        errors.append(FieldError("vendor_ids", f"choose one to {MOST_VENDORS} vendors"))
    if errors:
        raise InvalidInput(errors)


def _eligible(candidates: Sequence[Candidate], vendor_ids: Sequence[UUID]) -> list[Candidate]:
    by_id = {candidate.vendor_id: candidate for candidate in candidates}
    errors = []
    for vendor_id in vendor_ids:
        found = by_id.get(vendor_id)
        if found is None:
            errors.append(FieldError("vendor_ids", "choose vendors of this service line"))
        elif not found.is_eligible:
            errors.append(FieldError("vendor_ids", f"{found.name}: {found.why_not}", "not-eligible"))
    if errors:
        raise InvalidInput(errors)
    return [by_id[vendor_id] for vendor_id in vendor_ids]


def _open_offer(
    session: WorkSession,
    booking: Booking,
    items: Sequence[BookingItem],
    candidate: Candidate,
    respond_by: datetime,
) -> Offer:
    if candidate.price is None:
        raise InvalidInput("vendor_ids", f"{candidate.name} has no prices for this payer")
    return Offer(
        id=new_id(),
        booking_id=booking.id,
        organization_id=booking.organization_id,
        vendor_organization_id=candidate.vendor_id,
        state=OfferState.OPEN,
        offered_at=session.now(),
        respond_by=respond_by,
        kind=str(booking.kind),
        level_of_service=str(booking.level_of_service) if booking.level_of_service else None,
        window_start=booking.requested_start,
        window_end=booking.requested_end,
        preview=preview_of(booking, items),
        quote_cents=candidate.price.total.cents,
        quote_lines=[_line_json(line) for line in candidate.price.lines],
        currency=candidate.price.currency,
    )


def _award_of_offer(session: WorkSession, booking: Booking, offer: Offer) -> Award:
    """The award with the rates in force at the time of the service, agreed by this acceptance."""
    lines = rate_lines_at(
        session, offer.vendor_organization_id, booking.payer_organization_id, booking.requested_start
    )
    return Award(
        id=new_id(),
        booking_id=booking.id,
        organization_id=offer.organization_id,
        vendor_organization_id=offer.vendor_organization_id,
        payer_organization_id=booking.payer_organization_id,
        offer_id=offer.id,
        state=AwardState.HELD,
        accepted_at=session.now(),
        kind=offer.kind,
        level_of_service=offer.level_of_service,
        promised_start=booking.requested_start,
        promised_end=booking.requested_end,
        agreed_start=booking.requested_start,
        agreed_end=booking.requested_end,
        preview=offer.preview,
        rates=[line.to_json() for line in lines],
        quote_lines=offer.quote_lines,
        total_cents=offer.quote_cents,
        currency=offer.currency,
    )


def _require_open(session: WorkSession, offer: Offer) -> None:
    if offer.state is not OfferState.OPEN:
        raise Conflict(_GONE[offer.state])
    if session.now() >= offer.respond_by:
        raise Conflict(_GONE[OfferState.EXPIRED])


def _count(session: WorkSession, award: Award, change: int) -> None:
    count_use(session, award.vendor_organization_id, award.kind, award.agreed_start, change)


def _announce_award(session: WorkSession, award: Award) -> None:
    parties = [award.organization_id, award.vendor_organization_id]
    announce(session, parties, "award", award.id, award.revision)


def _items(session: WorkSession, booking_id: UUID) -> list[BookingItem]:
    return list(session.scalars(select(BookingItem).where(BookingItem.booking_id == booking_id)))


def _line_json(line: Any) -> dict[str, Any]:
    return asdict(line) | {"quantity": str(line.quantity), "unit": str(line.unit)}
