"""The search for a vendor: begin it, ask the next, ask everybody, stop; each under the booking's lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select

from marketplace.bookings.models import Booking, BookingItem
from marketplace.bookings.service import items_of
from marketplace.bookings.words import BookingKind, BookingState, PartyStatus
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.state import begin, move
from marketplace.foundation.work import WorkSession
from vendors.offers.closing import close_candidate, open_offers_of
from vendors.offers.locking import locked_booking
from vendors.offers.models import Offer
from vendors.offers.service import open_offers
from vendors.offers.words import OfferState
from vendors.sourcing.models import Sourcing, SourcingWave
from vendors.sourcing.ranking import rank_booking
from vendors.sourcing.rules import Ranked, WavePlan, escalation_time, plan_wave
from vendors.sourcing.telling import tell_nobody_left
from vendors.sourcing.words import SourcingCause, SourcingMode, SourcingState, WaveOutcome

_WAITING = frozenset({BookingState.REQUESTED, BookingState.OFFERED})
LONGEST_ANSWER_MINUTES = 2880


def start(
    session: WorkSession,
    booking_id: UUID,
    mode: SourcingMode = SourcingMode.WATERFALL,
    *,
    answer_minutes: int | None = None,
    cause: SourcingCause = SourcingCause.PLANNER,
    first: UUID | None = None,
) -> Sourcing:
    """Look for a vendor until one accepts or everybody was asked; the first are asked at once.

    `first` is asked before the others, whatever its rank: the joint proposal found a place in its day.
    `answer_minutes` (1 to 2880) overrides the time to answer by urgency. Raises Conflict when the booking
    does not wait for a vendor, or a search runs or offers are open already.
    """
    session.actor.require("planner")
    if answer_minutes is not None and not 1 <= answer_minutes <= LONGEST_ANSWER_MINUTES:
        raise InvalidInput("answer_minutes", "write a number from 1 to 2880")
    booking = _own_booking(session, booking_id)
    if booking.state not in _WAITING:
        raise Conflict(f"This booking is {booking.state.replace('_', ' ')} and needs no vendor now.")
    if running_of(session, booking_id) is not None:
        raise Conflict("A search for a vendor runs already.", remedy="Stop it first, or ask everybody now.")
    if booking.state is BookingState.OFFERED:
        raise Conflict("Vendors were asked by hand.", remedy="Wait for them, or withdraw the offers.")
    sourcing = Sourcing(
        id=new_id(),
        booking_id=booking.id,
        organization_id=booking.organization_id,
        mode=mode,
        state=SourcingState.RUNNING,
        cause=cause,
        answer_minutes=answer_minutes,
        started_at=session.now(),
        escalate_at=escalation_time(session.now(), booking.requested_start),
    )
    session.add(sourcing)
    begin(session, sourcing, reason_code=cause)
    _ask_next(session, sourcing, booking, (), first)
    return sourcing


def advance(session: WorkSession, booking_id: UUID) -> Sourcing | None:
    """Ask the next vendors when nobody whom the search has asked is left; else nothing. Safe to repeat."""
    booking = locked_booking(session, booking_id)
    sourcing = running_of(session, booking_id)
    if booking is None or sourcing is None:
        return sourcing
    if booking.state is BookingState.REQUESTED and not open_offers_of(session, booking_id):
        _close_wave(session, sourcing, WaveOutcome.NOBODY)
        _ask_next(session, sourcing, booking, _waves_of(session, sourcing))
    return sourcing


def ask_everybody(session: WorkSession, booking_id: UUID) -> Sourcing:
    """Turn a running search into a broadcast: whoever was not asked yet is asked now, beside the others."""
    session.actor.require("planner")
    booking = _own_booking(session, booking_id)
    sourcing = _running(session, booking_id)
    sourcing.mode = SourcingMode.BROADCAST
    sourcing.revision += 1
    audit.record(session, "sourcings:ask_everybody", "sourcings", sourcing.id)
    wave = _open_wave_of(session, sourcing)
    if wave is None or booking.state is not BookingState.OFFERED:
        _close_wave(session, sourcing, WaveOutcome.NOBODY)
        _ask_next(session, sourcing, booking, _waves_of(session, sourcing))
        return sourcing
    items = _items(session, booking)
    asked = _asked(_waves_of(session, sourcing))
    ranked, _ = rank_booking(session, booking, asked, items=items)
    plan = _plan(session, sourcing, booking, len(ranked))
    if plan is not None:
        wave.asked = [*wave.asked, *_ask(session, booking, items, ranked, plan, len(wave.asked))]
        wave.respond_by, wave.explanation = max(wave.respond_by, plan.respond_by), plan.explanation
    _tell(session, sourcing)
    return sourcing


def stop(session: WorkSession, booking_id: UUID) -> Sourcing:
    """The planner stops the search; open offers are withdrawn and the booking waits."""
    session.actor.require("planner")
    booking = _own_booking(session, booking_id)
    sourcing = _running(session, booking_id)
    end(session, sourcing, SourcingState.STOPPED, WaveOutcome.STOPPED)
    for offer in open_offers_of(session, booking.id):
        move(session, offer, OfferState.WITHDRAWN, reason_code="planner")
        close_candidate(session, offer, PartyStatus.WITHDRAWN)
    return sourcing


def end(session: WorkSession, sourcing: Sourcing, state: SourcingState, outcome: WaveOutcome) -> None:
    """The search is over; the booking is locked by the caller."""
    _close_wave(session, sourcing, outcome)
    sourcing.ended_at = session.now()
    move(session, sourcing, state)
    _tell(session, sourcing)


def running_of(session: WorkSession, booking_id: UUID) -> Sourcing | None:
    """The search that runs for a booking, locked; None when there is none."""
    return session.scalars(
        select(Sourcing)
        .where(Sourcing.booking_id == booking_id, Sourcing.state == SourcingState.RUNNING)
        .with_for_update()
    ).one_or_none()


def _asked(waves: Sequence[SourcingWave]) -> set[UUID]:
    return {UUID(one["vendor_id"]) for wave in waves for one in wave.asked}


def _ask_next(
    session: WorkSession,
    sourcing: Sourcing,
    booking: Booking,
    waves: Sequence[SourcingWave],
    first: UUID | None = None,
) -> None:
    asked, items = _asked(waves), _items(session, booking)
    ranked, _ = rank_booking(session, booking, asked, items=items)
    ranked.sort(key=lambda one: one.vendor_id != first)
    plan = _plan(session, sourcing, booking, len(ranked))
    if plan is None:
        end(session, sourcing, SourcingState.EXHAUSTED, WaveOutcome.NOBODY)
        sourcing.escalated_at = sourcing.escalated_at or session.now()
        tell_nobody_left(session, booking, len(asked))
        return
    session.add(
        SourcingWave(
            id=new_id(),
            sourcing_id=sourcing.id,
            booking_id=booking.id,
            organization_id=sourcing.organization_id,
            number=len(waves) + 1,
            asked=_ask(session, booking, items, ranked[: plan.size], plan, len(asked)),
            opened_at=session.now(),
            respond_by=plan.respond_by,
            explanation=plan.explanation,
        )
    )
    sourcing.revision += 1
    session.flush()
    _tell(session, sourcing)


def _ask(
    session: WorkSession,
    booking: Booking,
    items: Sequence[BookingItem],
    ranked: list[Ranked],
    plan: WavePlan,
    before: int,
) -> list[dict[str, object]]:
    offers = open_offers(session, booking, items, [one.candidate for one in ranked], plan.respond_by)
    pairs = zip(ranked, offers, strict=True)
    return [_entry(one, offer, before + place) for place, (one, offer) in enumerate(pairs, 1)]


def _items(session: WorkSession, booking: Booking) -> Sequence[BookingItem]:
    return items_of(session, [booking.id])[booking.id] if booking.kind is BookingKind.EQUIPMENT else ()


def _entry(one: Ranked, offer: Offer, place: int) -> dict[str, object]:
    reasons = [
        {"what": reason.what, "says": reason.says, "points": reason.points, "most": reason.most}
        for reason in one.reasons
    ]
    return {
        "vendor_id": str(one.vendor_id),
        "offer_id": str(offer.id),
        "place": place,
        "points": one.points,
        "reasons": reasons,
    }


def _plan(session: WorkSession, sourcing: Sourcing, booking: Booking, left: int) -> WavePlan | None:
    answer = timedelta(minutes=sourcing.answer_minutes) if sourcing.answer_minutes else None
    window = (booking.requested_start, booking.requested_end)
    return plan_wave(sourcing.mode, session.now(), window, left, answer)


def _close_wave(session: WorkSession, sourcing: Sourcing, outcome: WaveOutcome) -> None:
    wave = _open_wave_of(session, sourcing)
    if wave is not None:
        wave.closed_at, wave.outcome = session.now(), outcome
        session.flush()


def _open_wave_of(session: WorkSession, sourcing: Sourcing) -> SourcingWave | None:
    return session.scalars(_waves(sourcing).where(SourcingWave.closed_at.is_(None))).one_or_none()


def _waves_of(session: WorkSession, sourcing: Sourcing) -> Sequence[SourcingWave]:
    return session.scalars(_waves(sourcing)).all()


def _waves(sourcing: Sourcing) -> Select[SourcingWave]:
    return select(SourcingWave).where(SourcingWave.sourcing_id == sourcing.id)


def _running(session: WorkSession, booking_id: UUID) -> Sourcing:
    found = running_of(session, booking_id)
    if found is None:
        raise Conflict("No search for a vendor runs for this booking.")
    return found


def _own_booking(session: WorkSession, booking_id: UUID) -> Booking:
    booking = locked_booking(session, booking_id)
    if booking is None or booking.organization_id != session.actor.organization():
        raise NotFound
    return booking


def _tell(session: WorkSession, sourcing: Sourcing) -> None:
    announce(session, [sourcing.organization_id], "sourcing", sourcing.id, sourcing.revision)
    announce(session, [sourcing.organization_id], "booking", sourcing.booking_id)
