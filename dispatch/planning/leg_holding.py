"""Legs of a trip that wait while another one has no vendor or does not take place, and go on after it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dispatch.planning.holding import take_off_the_plan
from dispatch.planning.models import Assignment
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.service import hold, resume
from marketplace.bookings.telling import tell, tell_planner
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.bookings.trip_holding import HELD_FOR_LEG, other_legs
from marketplace.bookings.words import AWARDED, CALLED_OFF, BookingState
from marketplace.foundation.work import WorkSession

_HOLD = TellingSubject.HOLD


def hold_legs(session: WorkSession, booking_id: UUID) -> list[UUID]:
    """A leg was given back: the others of its trip that a vendor holds come off the plan and wait.

    Returns what was held. Legs under way go on; the planner is told of the lost one by sourcing.
    """
    lost = locked_booking(session, booking_id)
    if lost.trip_id is None or lost.state in AWARDED or lost.state in CALLED_OFF:
        return []
    held = []
    for leg in other_legs(session, lost):
        if leg.state in (BookingState.ACCEPTED, BookingState.SCHEDULED):
            take_off_the_plan(session, leg)
            hold(session, leg.id, HELD_FOR_LEG.format(reference=lost.reference) + "which has no vendor now.")
            _tell_held(session, leg, lost)
            held.append(leg.id)
    return held


def drop_held_legs(session: WorkSession, booking_id: UUID) -> None:
    """A leg is off, and the others were held with it: what the plan still has of them goes too."""
    gone = session.get(Booking, booking_id)
    if gone is None or gone.trip_id is None or gone.state not in {*CALLED_OFF, BookingState.UNMET}:
        return
    for leg in other_legs(session, gone):
        if leg.state is not BookingState.ON_HOLD:
            continue
        planned = select(Assignment.id).where(Assignment.booking_id == leg.id)
        if leg.held_from == BookingState.SCHEDULED:  # it goes back to being planned anew
            leg.held_from, leg.planned_start, leg.planned_end = BookingState.ACCEPTED, None, None
            take_off_the_plan(session, leg)
        elif session.scalar(planned) is not None:
            take_off_the_plan(session, leg)


def lift_leg_holds(session: WorkSession, booking_id: UUID) -> list[UUID]:
    """A leg has a vendor (again): the others go on unless another leg is still missing. Returns them."""
    found = locked_booking(session, booking_id)
    if found.trip_id is None or _gap(session, found) is not None:
        return []
    lifted = []
    for leg in other_legs(session, found):
        if leg.state is BookingState.ON_HOLD and _waits_for(session, leg, found):
            resume(session, leg.id)
            said = "The other leg of the trip has a vendor again: the hold is lifted."
            tell_planner(session, leg, _HOLD, said)
            if leg.vendor_organization_id is not None:
                office = leg.vendor_organization_id
                tell(session, leg, office, Audience.OFFICE, _HOLD, said, remedy="It is being planned again.")
            lifted.append(leg.id)
    return lifted


def _gap(session: WorkSession, found: Booking) -> int | None:
    """A leg of the trip of which no booking stands; None when the trip is whole."""
    rows = session.execute(
        select(Booking.trip_leg, Booking.state).where(Booking.trip_id == found.trip_id)
    ).all()
    standing = {number for number, state in rows if state not in CALLED_OFF}
    return next((number for number, _ in rows if number not in standing), None)


def _waits_for(session: WorkSession, leg: Booking, found: Booking) -> bool:
    """Whether the hold was made for the leg that has a vendor now, or for the booking it replaces."""
    same = (Booking.trip_id == found.trip_id, Booking.trip_leg == found.trip_leg)
    references = session.scalars(select(Booking.reference).where(*same)).all()
    reason = leg.hold_reason or ""
    return any(reason.startswith(HELD_FOR_LEG.format(reference=one)) for one in references)


def _tell_held(session: WorkSession, leg: Booking, lost: Booking) -> None:
    tell_planner(
        session,
        leg,
        _HOLD,
        f"On hold: {lost.reference}, another leg of its trip, has no vendor now.",
        remedy=(
            f"Others are asked for {lost.reference}; once one accepts, this goes on by itself. "
            "If nobody does, cancel the trip."
        ),
        urgent=True,
    )
    if leg.vendor_organization_id is None:
        return
    said = "On hold: another leg of this trip has no vendor now. Do not send anybody yet."
    for audience in (Audience.OFFICE, Audience.CREW):
        tell(session, leg, leg.vendor_organization_id, audience, _HOLD, said, urgent=True)
