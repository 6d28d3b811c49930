"""Moving a promised window when a discharge moves: by itself inside the tolerance, else by asking."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.bookings.awarding import RELEASABLE, can_release, change_promise
from marketplace.bookings.models import Booking
from marketplace.bookings.words import BookingState
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.events import publish
from marketplace.foundation.ids import new_id
from marketplace.foundation.state import begin, move
from marketplace.foundation.work import WorkSession
from vendors.network.capacity import count_use
from vendors.network.service import contract_between, local_day, profile
from vendors.offers.closing import withdraw_question
from vendors.offers.eligibility import require_eligible
from vendors.offers.events import AwardAmended
from vendors.offers.locking import locked_amendment, locked_award, locked_booking
from vendors.offers.mailing import tell_of_amendment
from vendors.offers.models import Award, AwardAmendment
from vendors.offers.service import LIVE, OFFICE, award_of, release
from vendors.offers.telling import tell_of_answer, tell_of_question
from vendors.offers.words import AmendmentState, AwardState


def propose_amendment(
    session: WorkSession, booking_id: UUID, start: datetime, end: datetime
) -> AwardAmendment | None:
    """Ask that the promised window of a booking becomes [start, end]; None when nothing needs to change.

    Inside the contract's tolerance of what was last agreed it takes effect at once (and publishes
    AwardAmended); otherwise the vendor is asked, with the contract's time to answer. An older question that
    is still open is withdrawn.
    """
    session.actor.require("planner")
    booking = locked_booking(session, booking_id)
    if booking is None:
        raise NotFound
    award = award_of(session, booking_id)
    if award is None or booking.state not in RELEASABLE | {BookingState.ON_HOLD}:
        return None
    award = locked_award(session, award.id)
    withdraw_question(session, award)
    if (award.promised_start, award.promised_end) == (start, end):
        return None
    vendor_id = award.vendor_organization_id
    day = local_day(profile(session, vendor_id).time_zone, award.promised_start)
    tolerance, response = contract_between(session, vendor_id, award.organization_id, day)
    amendment = _amendment(session, award, start, end, session.now() + timedelta(minutes=response))
    inside = _within(award, start, end, timedelta(minutes=tolerance))
    amendment.state = AmendmentState.AUTOMATIC if inside else AmendmentState.PROPOSED
    session.add(amendment)
    begin(session, amendment)
    if inside:
        _apply(session, booking, award, start, end)
    else:
        tell_of_amendment(session, amendment)
    tell_of_question(session, booking, amendment)
    announce(session, [award.vendor_organization_id], "amendment", amendment.id, amendment.revision)
    return amendment


def accept_amendment(session: WorkSession, amendment_id: UUID) -> Award:
    """The vendor agrees to the new window; Conflict when too late or its credentials do not cover it."""
    session.actor.require(*OFFICE)
    booking, amendment, award = _asked(session, amendment_id)
    if session.now() >= amendment.respond_by:
        raise Conflict("The time to answer this change is over.")
    require_eligible(session, booking, amendment.proposed_start, amendment.proposed_end)
    move(session, amendment, AmendmentState.ACCEPTED)
    count_use(session, award.vendor_organization_id, award.kind, award.agreed_start, -1)
    award.agreed_start, award.agreed_end = amendment.proposed_start, amendment.proposed_end
    count_use(session, award.vendor_organization_id, award.kind, award.agreed_start, 1)
    _apply(session, booking, award, amendment.proposed_start, amendment.proposed_end)
    tell_of_answer(session, booking, amendment)
    return award


def refuse_amendment(session: WorkSession, amendment_id: UUID, note: str | None = None) -> Award:
    """The vendor cannot do the new window: the award is released and the work is free again."""
    session.actor.require(*OFFICE)
    booking, amendment, award = _asked(session, amendment_id)
    move(session, amendment, AmendmentState.REFUSED, note=note)
    tell_of_answer(session, booking, amendment)
    release(session, award, "amendment_refused", note)
    return award


def expire_amendment(session: WorkSession, amendment: AwardAmendment) -> None:
    """Nobody answered in time: the award is released. Booking and amendment are locked by the caller.

    A crew that has begun meanwhile has answered by what it did: the award stays with it.
    """
    award = locked_award(session, amendment.award_id)
    booking = session.get_one(Booking, amendment.booking_id)
    move(session, amendment, AmendmentState.EXPIRED)
    tell_of_answer(session, booking, amendment)
    if award.state in LIVE and can_release(booking):
        release(session, award, "amendment_unanswered")


def _asked(session: WorkSession, amendment_id: UUID) -> tuple[Booking, AwardAmendment, Award]:
    amendment = session.get(AwardAmendment, amendment_id)
    if amendment is None or amendment.vendor_organization_id != session.actor.organization():
        raise NotFound
    booking = locked_booking(session, amendment.booking_id)
    award = locked_award(session, amendment.award_id)
    amendment = locked_amendment(session, amendment_id)
    if amendment.state is not AmendmentState.PROPOSED or booking is None or award.state not in LIVE:
        raise Conflict("This change no longer waits for an answer.")
    return booking, amendment, award


def _amendment(
    session: WorkSession, award: Award, start: datetime, end: datetime, respond_by: datetime
) -> AwardAmendment:
    return AwardAmendment(
        id=new_id(),
        award_id=award.id,
        booking_id=award.booking_id,
        organization_id=award.organization_id,
        vendor_organization_id=award.vendor_organization_id,
        previous_start=award.promised_start,
        previous_end=award.promised_end,
        proposed_start=start,
        proposed_end=end,
        respond_by=respond_by,
        proposed_at=session.now(),
    )


def _within(award: Award, start: datetime, end: datetime, tolerance: timedelta) -> bool:
    return abs(start - award.agreed_start) <= tolerance and abs(end - award.agreed_end) <= tolerance


def _apply(session: WorkSession, booking: Booking, award: Award, start: datetime, end: datetime) -> None:
    award.promised_start, award.promised_end = start, end
    award.vehicle_id = award.planned_at = None
    move(session, award, AwardState.AMENDED)
    change_promise(session, booking.id, start, end)
    publish(session, AwardAmended(booking.id, award.id, booking.revision))
    parties = [award.organization_id, award.vendor_organization_id]
    announce(session, parties, "award", award.id, award.revision)
