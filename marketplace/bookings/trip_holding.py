"""A leg that does not take place: the other legs of its trip do not silently stay."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.bookings.telling import tell, tell_planner
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.words import CALLED_OFF, BookingState
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession

HELD_FOR_LEG = "Waits for {reference}, another leg of its trip, "
"""Begins the reason of a hold that the trip made; it is lifted when that leg has a vendor again."""
_GONE = "which does not take place."
_NOBODY = "for which nobody was found."
_HOLDABLE = (BookingState.REQUESTED, BookingState.OFFERED, BookingState.ACCEPTED, BookingState.SCHEDULED)


def put_on_hold(session: WorkSession, booking: Booking, reason: str) -> None:
    """Hold a locked booking, or give a held one another reason."""
    if booking.state is BookingState.ON_HOLD:
        booking.hold_reason = reason
        booking.revision += 1
        return
    before = booking.state
    state.move(session, booking, BookingState.ON_HOLD, reason_code="hold", note=reason)
    booking.held_from, booking.hold_reason = before, reason


def hold_other_legs(session: WorkSession, gone: Booking) -> None:
    """This leg was called off, ended without the ride or finds nobody: the others wait, the planner is told.

    A leg that is under way cannot be held; the planner is told of it apart.
    """
    if gone.trip_id is None:
        return
    trip = session.get_one(Trip, gone.trip_id)
    why = _NOBODY if gone.state is BookingState.UNMET else _GONE
    reason = HELD_FOR_LEG.format(reference=gone.reference) + why
    for leg in other_legs(session, gone):
        if leg.state in _HOLDABLE:
            put_on_hold(session, leg, reason)
            _tell(session, trip, leg, gone)
            who = [leg.organization_id, leg.vendor_organization_id]
            announce(session, who, "booking", leg.id, leg.revision)
        elif leg.state is BookingState.UNDER_WAY:
            said = f"{gone.reference}, another leg of {trip.reference}, does not take place; this has begun."
            remedy = "Call its vendor: the patient must be brought on or back. Then book that leg again."
            tell_planner(session, leg, TellingSubject.TRIP, said, remedy=remedy, urgent=True)


def require_legs_before(session: WorkSession, leg: Booking) -> None:
    """Refuse to let a leg go on while a leg before it is called off and not booked again (Conflict)."""
    if leg.trip_id is None:
        return
    query = select(Booking).where(Booking.trip_id == leg.trip_id, Booking.trip_leg < leg.trip_leg)
    stands, gone = set(), {}
    for one in session.scalars(query.order_by(Booking.id)):
        if one.state in CALLED_OFF:
            gone[one.trip_leg] = one
        else:
            stands.add(one.trip_leg)
    for number, one in sorted(gone.items(), key=lambda pair: pair[0] or 0):
        if number not in stands:
            raise Conflict(
                f"{one.reference}, leg {number} of this trip, does not take place.",
                remedy="Book that leg again on the trip's page, or cancel the trip.",
            )


def other_legs(session: WorkSession, leg: Booking) -> Sequence[Booking]:
    """The other legs of the trip that still count, locked in the order of their ids."""
    query = (
        select(Booking)
        .where(Booking.trip_id == leg.trip_id, Booking.trip_leg != leg.trip_leg)
        .where(Booking.state.not_in(CALLED_OFF))
        .order_by(Booking.id)
        .with_for_update(key_share=False)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _tell(session: WorkSession, trip: Trip, leg: Booking, gone: Booking) -> None:
    said = f"On hold: leg {gone.trip_leg} of {trip.reference} ({gone.reference}) does not take place."
    remedy = "Open the trip: book that leg again, or cancel the whole trip."
    if gone.state is BookingState.UNMET:
        said = f"On hold: nobody was found for leg {gone.trip_leg} of {trip.reference} ({gone.reference})."
        remedy = "Open that leg and ask again or take a way out, or cancel the whole trip."
    tell_planner(session, leg, TellingSubject.HOLD, said, remedy=remedy, urgent=True)
    if leg.vendor_organization_id is None:
        return
    text = "On hold: another leg of this trip does not take place. Do not send anybody yet."
    for audience in (Audience.OFFICE, Audience.CREW):
        tell(session, leg, leg.vendor_organization_id, audience, TellingSubject.HOLD, text, urgent=True)
