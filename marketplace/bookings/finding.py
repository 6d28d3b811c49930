"""Finding a booking for the one who acts: missing and foreign are the same NotFound."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, or_, select
from sqlalchemy.orm.util import identity_key

from marketplace.bookings.behalf import acting_for
from marketplace.bookings.models import Booking, BookingParty
from marketplace.bookings.words import CALLED_OFF, PartyStatus
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.ids import normalise_reference
from marketplace.foundation.work import WorkSession

WHY_OUT = {
    PartyStatus.LOST: "Another vendor has accepted this work.",
    PartyStatus.WITHDRAWN: "This work was called off, or is no longer offered to you.",
    PartyStatus.EXPIRED: "The time to answer is over.",
    PartyStatus.DECLINED: "You have declined this work.",
    PartyStatus.RELEASED: "You have given this work back.",
}
"""What a vendor hears that was asked once and is out now."""


def booking(session: WorkSession, booking_id: UUID) -> Booking:
    """The booking, for any of its parties."""
    found = session.get(Booking, booking_id)
    if found is None:
        raise NotFound
    return found


def booking_by_reference(session: WorkSession, reference: str) -> Booking:
    """The booking with this reference, as typed or dictated; a wrong check character is InvalidInput."""
    wanted = normalise_reference("reference", reference)
    found = session.scalars(select(Booking).where(Booking.reference == wanted)).one_or_none()
    if found is None:
        raise NotFound
    return found


def locked_booking(session: WorkSession, booking_id: UUID) -> Booking:
    """The booking as it is now, locked until the end of the transaction: the first lock of every change.

    With a leg of a trip the other legs are locked, too (`lock_trips_of`).
    """
    known = session.held(Booking, booking_id)
    if known is not None and session.actor.organization_id in (
        known.organization_id,
        known.vendor_organization_id,
    ):
        return known  # whoever has it sees it still; a candidate may have lost it meanwhile
    lock_trips_of(session, [booking_id])
    query = select(Booking).where(Booking.id == booking_id).with_for_update(key_share=False)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    session.hold(found)
    return found


def lock_trips_of(session: WorkSession, booking_ids: Collection[UUID]) -> None:
    """Where legs of trips are among these bookings, lock all of them and every leg of the trips, by id.

    To be called before any of them is locked. What happens to one leg moves or holds the others, seen by its
    vendor or not; taken one after the other in the order of the journey, two changes of one trip, or a change
    and a plan, could wait for each other.
    """
    if all(_alone(session, one) for one in booking_ids):
        return
    asked = {"bookings": list(booking_ids)}
    trips = session.connection().execute(_TRIPS, asked).all()
    for organization_id in sorted({row[1] for row in trips}):
        with acting_for(session, organization_id):
            session.execute(_LEGS, {**asked, "trips": [row[0] for row in trips]}).all()


def _alone(session: WorkSession, booking_id: UUID) -> bool:
    """Whether this transaction has read already that the booking is no leg: it never becomes one."""
    known = session.identity_map.get(identity_key(Booking, booking_id))
    return known is not None and vars(known).get("trip_id", booking_id) is None


def locked_work(session: WorkSession, booking_id: UUID) -> Booking:
    """As `locked_booking`; a vendor that was asked once and is out now hears why (Conflict)."""
    try:
        return locked_booking(session, booking_id)
    except NotFound:
        mine = session.get(BookingParty, (booking_id, session.actor.organization_id))
        if mine is not None and mine.status in WHY_OUT:
            raise Conflict(WHY_OUT[mine.status], remedy="Look at your inbox for other work.") from None
        raise


def parties_of(session: WorkSession, booking_id: UUID) -> list[BookingParty]:
    """The parties the actor may know: all for the requester, its own row for everybody else."""
    return list(session.scalars(select(BookingParty).where(BookingParty.booking_id == booking_id)))


_ASKED = Booking.id == any_(bindparam("bookings", type_=ARRAY(Uuid)))
_TRIPS = select(Booking.trip_id, Booking.organization_id).where(_ASKED, Booking.trip_id.is_not(None))
_LEGS = (
    select(Booking.id)
    .where(or_(_ASKED, Booking.trip_id == any_(bindparam("trips", type_=ARRAY(Uuid)))))
    .where(Booking.state.not_in(bindparam("off", list(CALLED_OFF), expanding=True, literal_execute=True)))
    .order_by(Booking.id)
    .with_for_update(key_share=False)
)
# built once: nearly every change asks the first
