"""A crew that cannot do its work says so on the phone: it goes back as when the office turns it back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from dispatch.field.models import FieldService, ServiceEvent
from dispatch.field.service import Step, append, locked_stop, stop, table_of
from dispatch.field.words import FieldStatus
from marketplace.bookings.finding import locked_booking
from marketplace.bookings.models import Booking
from marketplace.bookings.telling import tell
from marketplace.bookings.telling_models import Audience, TellingSubject
from marketplace.bookings.words import BookingKind
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession
from vendors.fleet.models import Vehicle
from vendors.offers.locking import locked_award
from vendors.offers.service import turn_back_by_crew
from vendors.offers.words import CREW_REASONS, TurnBackReason


def can_hand_back(running: FieldService) -> bool:
    """Whether the crew may still say that it cannot: nobody is on board and nothing was handed over.

    A visit has a step of its own for that, with reasons of its own.
    """
    return running.kind != BookingKind.HOME_HEALTH and table_of(running.kind).allows(
        running.status, FieldStatus.WITHDRAWN
    )


def hand_back(
    session: WorkSession, booking_id: UUID, step: Step, reason: TurnBackReason, note: str | None = None
) -> ServiceEvent:
    """The acting crew cannot do this stop: others are asked, what hangs on it waits, the planner knows.

    Afterwards the work is the crew's no more, so a repeated request is answered by its idempotency key alone.
    Raises NotFound for work that is not the actor's, InvalidInput for a reason that is the office's, Conflict
    once it is too late.
    """
    award_id = stop(session, booking_id).award_id
    booking = locked_booking(session, booking_id)
    locked_award(session, award_id)
    running = locked_stop(session, booking_id)
    if not can_hand_back(running):
        raise Conflict(
            "This stop can no longer be given back.",
            remedy="Record what happened instead, or call your dispatcher.",
        )
    _tell_office(session, booking, running, reason)
    facts = {"turn_back_reason": str(reason)}
    event = append(session, booking, running, replace(step, status=FieldStatus.WITHDRAWN, facts=facts))
    turn_back_by_crew(session, award_id, reason, note)
    return event


def _tell_office(
    session: WorkSession, booking: Booking, running: FieldService, reason: TurnBackReason
) -> None:
    """Whoever runs the vehicles has to know, or the plan puts the next ride on the same van."""
    vehicle = session.get(Vehicle, running.vehicle_id) if running.vehicle_id else None
    name = vehicle.name if vehicle else "the vehicle"
    tell(
        session,
        booking,
        running.vendor_organization_id,
        Audience.OFFICE,
        TellingSubject.TURNED_BACK,
        f"The crew on {name} gave the work back: {CREW_REASONS.get(reason, 'no reason of theirs').lower()}.",
        remedy=f"Block {name} on the fleet's page if it cannot go on; its other work is planned anew then.",
        urgent=True,
    )
