"""The patient waits when what must be in the home first has nobody: hold the ride, say why, lift it again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dispatch.field.models import FieldService
from dispatch.field.service import withdraw
from dispatch.field.words import FieldStatus
from dispatch.planning.models import Assignment, LeftOut
from marketplace.bookings.awarding import unschedule
from marketplace.bookings.finding import lock_trips_of, locked_booking
from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.service import hold, resume
from marketplace.bookings.telling import tell, tell_planner
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.bookings.words import AWARDED, BookingState, LinkAnchor, ServiceStatus
from marketplace.careplans.words import Hardness
from marketplace.foundation.work import WorkSession
from vendors.offers.service import unplan

HELD_FOR = "Waits for {reference}, which must be in the home first and has no vendor now."
"""The reason of a hold made here; a hold with another reason is a person's, and only a person lifts it."""
_THERE = frozenset({ServiceStatus.SET_UP, ServiceStatus.ACCEPTED_BY_RECEIVER, ServiceStatus.COMPLETED})
_HOLD = TellingSubject.HOLD
_HOME = (BookingLink.hardness == Hardness.HARD, BookingLink.after_anchor == LinkAnchor.ARRIVAL)
"""What must be there before somebody arrives; legs of a trip are held in `leg_holding`."""


def hold_successors(session: WorkSession, booking_id: UUID) -> list[UUID]:
    """Hold what may not happen before this booking, which has lost its vendor; returns what was held.

    A ride whose vehicle is under way cannot be held any more: its crew may not let the patient board, and
    everybody is told to keep the patient where they are.
    """
    locked = _locked_in_order(session, booking_id)
    before = locked.pop(booking_id)
    if before.state in AWARDED or before.service_status in _THERE:
        return []
    held = []
    for after in locked.values():
        if after.state in (BookingState.ACCEPTED, BookingState.SCHEDULED):
            take_off_the_plan(session, after)
            hold(session, after.id, HELD_FOR.format(reference=before.reference))
            _tell_held(session, after, before)
            held.append(after.id)
        elif after.state is BookingState.UNDER_WAY and after.service_status is not ServiceStatus.ON_BOARD:
            _tell_keep_the_patient(session, after, before)
    return held


def lift_holds(session: WorkSession, booking_id: UUID) -> list[UUID]:
    """This booking has a vendor (again): lift the holds that waited for it alone; returns what goes on."""
    lifted = []
    locked = _locked_in_order(session, booking_id)
    del locked[booking_id]
    for after in locked.values():
        reasons = {HELD_FOR.format(reference=one.reference) for one in _predecessors(session, after.id)}
        if after.state is not BookingState.ON_HOLD or after.hold_reason not in reasons:
            continue
        missing = [one for one in _predecessors(session, after.id) if one.state not in AWARDED]
        if missing:
            hold(session, after.id, HELD_FOR.format(reference=missing[0].reference))
            continue
        resume(session, after.id)
        said = "What must be in the home first has a vendor again: the hold is lifted."
        tell_planner(session, after, _HOLD, said)
        if after.vendor_organization_id is not None:
            office = after.vendor_organization_id
            tell(session, after, office, Audience.OFFICE, _HOLD, said, remedy="It is being planned again.")
        lifted.append(after.id)
    return lifted


def take_off_the_plan(session: WorkSession, after: Booking) -> None:
    """The booking has no place in the plan any more; its award stays, and its crew is told by the caller."""
    if after.award_id is None:
        return
    withdraw(session, after.id, after.award_id)
    mine = select(Assignment).where(Assignment.booking_id == after.id)
    for row in session.scalars(mine.with_for_update()):  # a plan may be giving its place free
        session.delete(row)
    for left in session.scalars(select(LeftOut).where(LeftOut.booking_id == after.id)):
        session.delete(left)
    if after.state is BookingState.SCHEDULED:
        unschedule(session, after.id)
    unplan(session, after.award_id)
    session.flush()


def _tell_held(session: WorkSession, after: Booking, before: Booking) -> None:
    tell_planner(
        session,
        after,
        _HOLD,
        f"On hold: {before.reference} must be in the home first and has no vendor now.",
        remedy=(
            f"Keep the patient. Others are asked for {before.reference}; once one accepts, this goes on by "
            "itself. If nobody does: choose a way out there, or move the discharge."
        ),
        urgent=True,
    )
    if after.vendor_organization_id is None:
        return
    said = "On hold: something must be in the home first. Do not send anybody yet."
    for audience in (Audience.OFFICE, Audience.CREW):
        tell(
            session,
            after,
            after.vendor_organization_id,
            audience,
            _HOLD,
            said,
            urgent=True,
            user_id=_crew_of(session, after.id) if audience is Audience.CREW else None,
        )


def _tell_keep_the_patient(session: WorkSession, after: Booking, before: Booking) -> None:
    said = f"{before.reference} must be in the home first and has no vendor now; the vehicle has left."
    remedy = "Keep the patient at the hospital and call the vendor. Boarding is refused until it is there."
    tell_planner(session, after, _HOLD, said, remedy=remedy, urgent=True)
    if after.vendor_organization_id is None:
        return
    tell(
        session,
        after,
        after.vendor_organization_id,
        Audience.CREW,
        _HOLD,
        "Do not let the rider board: something must be in the home first.",
        remedy="Wait, and ask your dispatcher.",
        urgent=True,
        user_id=_crew_of(session, after.id),
    )


def _crew_of(session: WorkSession, booking_id: UUID) -> UUID | None:
    """Who was to do it, or does it; the newest record counts, withdrawn or not."""
    return session.scalars(
        select(FieldService.driver_user_id)
        .where(FieldService.booking_id == booking_id, FieldService.status != FieldStatus.COMPLETED)
        .order_by(FieldService.id.desc())
        .limit(1)
    ).first()


def _locked_in_order(session: WorkSession, booking_id: UUID) -> dict[UUID, Booking]:
    """The booking and what may not happen before it, locked in the order of their ids, as planning does."""
    mine = (BookingLink.predecessor_booking_id == booking_id, *_HOME)
    after = session.scalars(select(BookingLink.successor_booking_id).where(*mine)).all()
    lock_trips_of(session, [booking_id, *after])
    return {found: locked_booking(session, found) for found in sorted({booking_id, *after})}


def _predecessors(session: WorkSession, booking_id: UUID) -> list[Booking]:
    mine = (BookingLink.successor_booking_id == booking_id, *_HOME)
    query = select(Booking).join(BookingLink, BookingLink.predecessor_booking_id == Booking.id).where(*mine)
    return [one for one in session.scalars(query) if one.service_status not in _THERE]
