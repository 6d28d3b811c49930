"""Asking for a round trip: the ride there and its way back, both or none."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from marketplace.bookings.events import ServiceEnded
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RideOrder, WayBack
from marketplace.bookings.pairing import places_of, waiting_way_back
from marketplace.bookings.requesting import request_ride
from marketplace.bookings.telling import tell_planner
from marketplace.bookings.telling_models import TellingSubject
from marketplace.bookings.words import CALLED_OFF
from marketplace.careplans.ways_back import add_way_back
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.work import WorkSession

_FIELD = "way_back"
_WINDOW = ("requested_start", "requested_end")


def request_round_trip(
    session: WorkSession, order: RideOrder, back: WayBack, *, back_task_id: UUID | None = None
) -> tuple[Booking, Booking]:
    """The ride there as ordered and its way back, each a booking for a task of its own.

    The way back has the same level, payer and note, leads from where the first one ends to where it began,
    and publishes BookingRequested too. Its task is added to the care plan when there is none. Raises what
    `request_ride` does; what is wrong with the way back is named `way_back.requested_start` and so on.
    """
    there = request_ride(session, order)
    task = add_way_back(session, order.task_id, back_id=back_task_id)
    wanted = replace(
        order,
        task_id=task.id,
        window=back.window,
        origin=None,
        destination=order.origin or places_of(session, there)[0],
        flexible=back.flexible,
        booking_id=back.booking_id,
    )
    try:
        return there, request_ride(session, wanted)
    except InvalidInput as refused:
        raise InvalidInput([_placed(error) for error in refused.errors]) from None


def tell_of_way_back(session: WorkSession, event: ServiceEnded) -> None:
    """Handler of ServiceEnded: the way there did not take place, and its way back still stands."""
    there = session.get(Booking, event.booking_id)
    if there is None or there.state not in CALLED_OFF:
        return
    back = waiting_way_back(session, there.id)
    if back is None:
        return
    said = f"{there.reference}, the way there, ended without the ride: {there.state.replace('_', ' ')}."
    remedy = "Cancel this way back, unless the patient came there in another way."
    tell_planner(session, back, TellingSubject.WAY_BACK, said, remedy=remedy, urgent=True)


def _placed(error: FieldError) -> FieldError:
    if error.field in _WINDOW:
        return FieldError(f"{_FIELD}.{error.field}", error.message, error.code)
    return FieldError(error.field, f"the way back: {error.message}", error.code)
