"""What makes a day be planned anew: work accepted, given back, cancelled or moved, a fleet that changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from dispatch.field.service import withdraw
from dispatch.planning.holding import hold_successors, lift_holds
from dispatch.planning.leg_holding import drop_held_legs, hold_legs, lift_leg_holds
from dispatch.planning.models import Assignment, LeftOut, Plan
from dispatch.planning.reading import home_region
from dispatch.planning.wanting import want_plan
from marketplace.bookings.events import BookingCancelled, BookingUnmet, BookingWindowMoved, ServiceEnded
from marketplace.bookings.models import Booking, BookingLink
from marketplace.bookings.words import LinkAnchor
from marketplace.foundation.work import WorkSession
from vendors.fleet.events import FleetChanged
from vendors.offers.events import AwardAmended, AwardReleased, OfferAccepted


def on_offer_accepted(session: WorkSession, event: OfferAccepted) -> None:
    """Plan the day of the accepted work, and of what had to wait for it; holds for its sake are lifted."""
    lift_holds(session, event.booking_id)
    for leg in lift_leg_holds(session, event.booking_id):
        plan_for_booking(session, leg, "leg again")
    plan_for_booking(session, event.booking_id, "accepted")
    for successor in _successors(session, event.booking_id):
        plan_for_booking(session, successor, "accepted")


def on_award_released(session: WorkSession, event: AwardReleased) -> None:
    """Take the work off its vehicle and plan anew, also for the patient who was to come after it."""
    _drop(session, event.booking_id, event.award_id, "released")
    hold_successors(session, event.booking_id)
    hold_legs(session, event.booking_id)


def on_booking_cancelled(session: WorkSession, event: BookingCancelled) -> None:
    """The same when the health system called it off."""
    _drop(session, event.booking_id, event.award_id, "cancelled")
    drop_held_legs(session, event.booking_id)


def on_unmet(session: WorkSession, event: BookingUnmet) -> None:
    """Nobody was found for a leg of a trip: the others, held meanwhile, come off the plan."""
    drop_held_legs(session, event.booking_id)


def on_service_ended(session: WorkSession, event: ServiceEnded) -> None:
    """A leg of a trip that ended without the ride: the others, held meanwhile, come off the plan."""
    drop_held_legs(session, event.booking_id)


def on_award_amended(session: WorkSession, event: AwardAmended) -> None:
    """The promise is another one: plan for it."""
    plan_for_booking(session, event.booking_id, "promise moved")


def on_window_moved(session: WorkSession, event: BookingWindowMoved) -> None:
    """The wish moved; the promise decides, so only note that the day may look different."""
    plan_for_booking(session, event.booking_id, "window moved")


def on_fleet_changed(session: WorkSession, event: FleetChanged) -> None:
    """A vehicle is off the road, or back on it: the days that have a plan are planned anew."""
    found = home_region(session, event.vendor_organization_id)
    if found is None:
        return
    region, zone = found
    first, last = (moment.astimezone(zone).date() for moment in (event.starts_at, event.ends_at))
    days = session.scalars(select(Plan.day).where(Plan.region == region, Plan.day.between(first, last)))
    for day in days.all():
        want_plan(session, region, day, zone.key, "fleet changed")


def plan_for_booking(session: WorkSession, booking_id: UUID, reason: str) -> None:
    """Ask for planning of the day on which an awarded booking is promised; nothing for one without award."""
    booking = session.get(Booking, booking_id)
    if booking is None or booking.vendor_organization_id is None or booking.promised_start is None:
        return
    _plan(session, booking.vendor_organization_id, booking.promised_start, reason)


def plan_later_legs(session: WorkSession, booking_ids: list[UUID], plan_id: UUID) -> None:
    """The legs after these that another region plans: their days are planned anew for the new times."""
    region = session.get_one(Plan, plan_id).region
    query = (
        select(Booking)
        .join(BookingLink, BookingLink.successor_booking_id == Booking.id)
        .where(BookingLink.predecessor_booking_id.in_(booking_ids))
        .where(BookingLink.after_anchor == LinkAnchor.PICKUP, Booking.vendor_organization_id.is_not(None))
    )
    for leg in session.scalars(query):
        assert leg.vendor_organization_id is not None
        found = home_region(session, leg.vendor_organization_id)
        if found is not None and found[0] != region:
            plan_for_booking(session, leg.id, "leg before")


def _plan(session: WorkSession, vendor_id: UUID, moment: datetime, reason: str) -> None:
    found = home_region(session, vendor_id)
    if found is None:
        return
    region, zone = found
    want_plan(session, region, moment.astimezone(zone).date(), zone.key, reason)


def _drop(session: WorkSession, booking_id: UUID, award_id: UUID | None, reason: str) -> None:
    mine = select(Assignment).where(Assignment.booking_id == booking_id)
    row = session.scalars(mine.with_for_update()).one_or_none()  # a plan may be giving its place free
    if award_id is not None:
        withdraw(session, booking_id, award_id)
    for left in session.scalars(select(LeftOut).where(LeftOut.booking_id == booking_id)):
        session.delete(left)
    if row is not None and (award_id is None or row.award_id == award_id):
        _plan(session, row.vendor_organization_id, row.starts_at, reason)
        session.delete(row)
    for successor in _successors(session, booking_id):
        plan_for_booking(session, successor, reason)


def _successors(session: WorkSession, booking_id: UUID) -> list[UUID]:
    return list(
        session.scalars(
            select(BookingLink.successor_booking_id).where(BookingLink.predecessor_booking_id == booking_id)
        )
    )
