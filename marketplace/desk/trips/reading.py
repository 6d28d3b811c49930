"""A trip as its page shows it: legs in order, prices, and what no longer fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.planning.models import LeftOut
from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.sealed import Rider
from marketplace.bookings.trip_delays import finish_after
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.words import CALLED_OFF, BookingState
from marketplace.careplans.models import CarePlanTask
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, Organization
from vendors.network.rules import Price
from vendors.network.service import quote
from vendors.offers.models import AwardAmendment, Offer
from vendors.offers.words import AmendmentState, OfferState

_WAITING = (BookingState.REQUESTED, BookingState.OFFERED, BookingState.ACCEPTED, BookingState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that does not fit, and what to do."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LegView:
    """One leg as it stands."""

    booking: Booking
    rider: Rider
    vendor: str
    """Who holds it, or is asked; empty while nobody is."""
    price: Price | None
    ready_at: datetime | None
    """When the patient will be there for it; None of the first leg."""
    done_at: datetime
    """When the patient will have been handed over, by what is known now."""
    warnings: tuple[Misfit, ...]

    @property
    def gone(self) -> bool:
        """Whether it was called off or did not take place."""
        return self.booking.state in CALLED_OFF


@dataclass(frozen=True, slots=True)
class TripRecord:
    """A trip with its legs."""

    trip: Trip
    facility: Facility
    task: CarePlanTask
    legs: tuple[LegView, ...]

    @property
    def total_cents(self) -> int:
        """The sum of the legs that stand and have a price."""
        return sum(leg.price.total.cents for leg in self.legs if leg.price and not leg.gone)

    @property
    def complete(self) -> bool:
        """Whether every leg that stands has a price."""
        return all(leg.price for leg in self.legs if not leg.gone)

    @property
    def waits(self) -> bool:
        """Whether anything is left that can be called off."""
        return any(leg.booking.state in (*_WAITING, BookingState.ON_HOLD) for leg in self.legs)


def trip_record(session: WorkSession, trip_id: UUID) -> TripRecord:
    """The trip opened for its requester; every look at who rides is audited. NotFound for everybody else."""
    session.actor.require("planner")
    trip = bookings.trip(session, trip_id)
    facility = session.get_one(Facility, trip.facility_id)
    zone, ready, views = ZoneInfo(facility.time_zone), None, []
    for booking in bookings.legs_of(session, trip_id):
        view = _leg(session, booking, ready, zone)
        views.append(view)
        if not view.gone:
            ready = view.done_at + timedelta(minutes=trip.hand_over_minutes)
    return TripRecord(trip, facility, session.get_one(CarePlanTask, trip.care_plan_task_id), tuple(views))


def _leg(session: WorkSession, booking: Booking, ready: datetime | None, zone: ZoneInfo) -> LegView:
    vendor_id = booking.vendor_organization_id or _asked(session, booking.id)
    vendor = session.get(Organization, vendor_id) if vendor_id else None
    return LegView(
        booking=booking,
        rider=bookings.rider(session, booking.id),
        vendor=vendor.name if vendor else "",
        price=quote(session, vendor_id, booking.id) if vendor_id else None,
        ready_at=ready,
        done_at=finish_after(session, booking, ready),
        warnings=tuple(_warnings(session, booking, ready, zone)),
    )


def _asked(session: WorkSession, booking_id: UUID) -> UUID | None:
    """The vendor asked first whose offer is open."""
    mine = (Offer.booking_id == booking_id, Offer.state == OfferState.OPEN)
    return session.scalars(select(Offer.vendor_organization_id).where(*mine).order_by(Offer.id)).first()


def _warnings(session: WorkSession, booking: Booking, ready: datetime | None, zone: ZoneInfo) -> list[Misfit]:
    if booking.state not in _WAITING:
        return []
    found = []
    question = session.scalars(
        select(AwardAmendment).where(
            AwardAmendment.booking_id == booking.id, AwardAmendment.state == AmendmentState.PROPOSED
        )
    ).first()
    if ready is not None and booking.promised_end is not None and ready > booking.promised_end:
        text = f"the patient is there at about {_clock(ready, zone)}, promised was "
        text += f"{_clock(booking.promised_start, zone)} to {_clock(booking.promised_end, zone)}."
        remedy = _asked_for(question, zone) if question else "Move this leg, or call its vendor."
        found.append(Misfit(text, remedy))
    elif question is not None:
        found.append(Misfit("another time is asked for.", _asked_for(question, zone)))
    left = session.scalars(select(LeftOut).where(LeftOut.booking_id == booking.id)).first()
    if left is not None and question is None:
        found.append(Misfit(f"the vendor's plan has no place for it. {left.reason}", "Call its vendor."))
    return found


def _asked_for(question: AwardAmendment, zone: ZoneInfo) -> str:
    return (
        f"Its vendor is asked for {_clock(question.proposed_start, zone)} to "
        f"{_clock(question.proposed_end, zone)} and answers by {_clock(question.respond_by, zone)}. "
        "Without an answer the leg is given back and others are asked."
    )


def _clock(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""
