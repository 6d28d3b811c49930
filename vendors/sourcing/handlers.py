"""What a search for a vendor does when something happens to its booking; every handler may run twice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from marketplace.bookings.events import (
    BookingCancelled,
    BookingRequested,
    BookingUnmet,
    BookingWindowMoved,
)
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.events import Handler
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from vendors.offers.closing import open_offers_of
from vendors.offers.code_models import OfferCode
from vendors.offers.events import AwardReleased, OfferAccepted, OffersExhausted
from vendors.offers.locking import locked_booking
from vendors.offers.models import Award
from vendors.performance.models import ServiceRecord
from vendors.sourcing.models import Sourcing, SourcingChange
from vendors.sourcing.rules import escalation_time
from vendors.sourcing.service import advance, end, running_of, start
from vendors.sourcing.telling import tell_placed, tell_turned_back
from vendors.sourcing.words import SourcingCause, SourcingMode, SourcingState, WaveOutcome

REASON_WORDS = {
    "vehicle_breakdown": "its vehicle broke down",
    "crew_absent": "its crew is absent",
    "crew_ill": "somebody of its crew is ill",
    "rider_unsuited": "it does not fit the vehicle or crew that was ordered",
    "unsafe": "its crew found that it is not safe",
    "running_late": "it is running late",
    "not_in_stock": "the item is not in stock",
    "needs_changed": "the needs have changed",
    "amendment_refused": "it cannot do the new time",
    "amendment_unanswered": "it did not answer whether the new time suits",
}


def on_exhausted(session: WorkSession, event: OffersExhausted) -> None:
    """Whoever was asked said no or nothing: the next ones are asked, or the planner is told."""
    advance(session, event.booking_id)


def on_requested(session: WorkSession, event: BookingRequested) -> None:
    """A booking whose search was interrupted (a hold was lifted) is looked for again.

    So is one that was given back while it was on hold. Most are new, and nothing was ever looked for: that
    is found out without locking them.
    """
    if not session.execute(_LOOKED_OR_GIVEN_BACK, {"booking": event.booking_id}).scalar_one():
        return
    if advance(session, event.booking_id) is None:
        _look_again(session, event.booking_id)


def on_accepted(session: WorkSession, event: OfferAccepted) -> None:
    """One vendor has it: the search is over."""
    booking = locked_booking(session, event.booking_id)
    sourcing = running_of(session, event.booking_id)
    if booking is None or sourcing is None or booking.award_id != event.award_id:
        return
    end(session, sourcing, SourcingState.PLACED, WaveOutcome.ACCEPTED)
    urgent = sourcing.escalated_at is not None or sourcing.cause is not SourcingCause.PLANNER
    if urgent and not _by_code(session, event.award_id):
        tell_placed(session, booking, _name(session, booking.vendor_organization_id))


def on_released(session: WorkSession, event: AwardReleased) -> None:
    """A vendor gave the work back: the search begins anew at once, and the planner knows."""
    booking = locked_booking(session, event.booking_id)
    award = session.get(Award, event.award_id)
    if booking is None or award is None or booking.award_id is not None:
        return
    if _promised_since(session, booking, event.award_id):
        return
    _look_again(session, booking.id)
    if booking.state is BookingState.ON_HOLD:
        step = "It is on hold: lift the hold, and others are asked."
    elif running_of(session, booking.id) is not None:
        step = "Others are being asked now."
    else:
        step = "Nobody else may be asked: open the booking."
    record = session.scalars(select(ServiceRecord).where(ServiceRecord.award_id == award.id)).one_or_none()
    reason = REASON_WORDS.get(event.reason_code, event.reason_code.replace("_", " "))
    name = _name(session, award.vendor_organization_id)
    tell_turned_back(session, booking, name, reason, notice_in_words(record), step)


def on_over(session: WorkSession, event: BookingCancelled | BookingUnmet) -> None:
    """Nobody is wanted any more."""
    booking = locked_booking(session, event.booking_id)
    sourcing = running_of(session, event.booking_id)
    if booking is not None and sourcing is not None and booking.state is not BookingState.REQUESTED:
        end(session, sourcing, SourcingState.STOPPED, WaveOutcome.STOPPED)


def on_moved(session: WorkSession, event: BookingWindowMoved) -> None:
    """Time is short at another moment now."""
    booking = locked_booking(session, event.booking_id)
    sourcing = running_of(session, event.booking_id)
    if booking is not None and sourcing is not None:
        sourcing.escalate_at = escalation_time(sourcing.started_at, booking.requested_start)


def notice_in_words(record: ServiceRecord | None) -> str:
    """How late the work was given back, as a sentence; empty when nothing is recorded."""
    if record is None or record.notice_minutes is None:
        return ""
    if record.vehicle_had_left:
        return "Its vehicle had left already."
    minutes = record.notice_minutes
    if minutes < 0:
        return "The promised time had begun."
    hours, rest = divmod(minutes, 60)
    span = f"{hours} h {rest} min" if hours else f"{rest} minutes"
    return f"That was {span} before the promised time."


_LOOKED_OR_GIVEN_BACK = select(
    exists().where(Sourcing.booking_id == bindparam("booking"), Sourcing.state == SourcingState.RUNNING)
    | exists().where(ServiceRecord.booking_id == bindparam("booking"))
)


def _by_code(session: WorkSession, award_id: UUID) -> bool:
    """Whether it was accepted by short code: then the planner has been told already, and whom to call."""
    used = select(OfferCode.id).join(Award, Award.offer_id == OfferCode.offer_id)
    return session.scalar(used.where(Award.id == award_id, OfferCode.used_at.is_not(None))) is not None


def _look_again(session: WorkSession, booking_id: UUID) -> None:
    """Begin a search for work that was given back, unless one began since or it waits for no vendor."""
    booking = locked_booking(session, booking_id)
    if booking is None or booking.state is not BookingState.REQUESTED or open_offers_of(session, booking_id):
        return
    given_back = select(func.max(ServiceRecord.recorded_at)).where(ServiceRecord.booking_id == booking_id)
    looked = select(func.max(SourcingChange.recorded_at)).join(
        Sourcing, Sourcing.id == SourcingChange.subject_id
    )
    looked = looked.where(Sourcing.booking_id == booking_id, SourcingChange.from_state == "")
    back, last = session.scalar(given_back), session.scalar(looked)
    if back is not None and (last is None or last < back):
        start(session, booking_id, _mode_before(session, booking_id), cause=SourcingCause.TURNED_BACK)


def _promised_since(session: WorkSession, booking: Booking, award_id: UUID) -> bool:
    """Whether the news is old: another vendor has promised the work since."""
    query = select(Award.id).where(Award.booking_id == booking.id, Award.id > award_id).limit(1)
    later_award = session.scalar(query)
    return later_award is not None


def _mode_before(session: WorkSession, booking_id: UUID) -> SourcingMode:
    """As it was looked for the last time; by waterfall when it was offered by hand."""
    last = session.scalars(
        select(Sourcing.mode).where(Sourcing.booking_id == booking_id).order_by(Sourcing.id.desc()).limit(1)
    ).first()
    return last or SourcingMode.WATERFALL


def _name(session: WorkSession, vendor_id: UUID | None) -> str:
    found = session.get(Organization, vendor_id) if vendor_id else None
    return found.name if found else "A vendor"


HANDLERS = (
    Handler(OffersExhausted, "sourcing.on_exhausted", on_exhausted),
    Handler(BookingRequested, "sourcing.on_requested", on_requested),
    Handler(OfferAccepted, "sourcing.on_accepted", on_accepted),
    Handler(AwardReleased, "sourcing.on_released", on_released),
    Handler(BookingCancelled, "sourcing.on_cancelled", on_over),
    Handler(BookingUnmet, "sourcing.on_unmet", on_over),
    Handler(BookingWindowMoved, "sourcing.on_moved", on_moved),
)
"""All act for the health system whose booking it is."""
