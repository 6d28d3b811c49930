"""Booking a trip as one act, with the search for its vendors; and booking a leg of it again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.trip_models import Trip
from marketplace.bookings.trip_orders import TripOrder
from marketplace.desk.trips.quoting import quote_trip
from marketplace.foundation.work import WorkSession
from vendors.offers.matching import candidates
from vendors.sourcing import service as sourcing


def book_trip(
    session: WorkSession, order: TripOrder, vendors: Mapping[int, UUID] | None = None
) -> tuple[Trip, list[Booking]]:
    """Book every leg and look for its vendor: the one that was quoted is asked first, then the others.

    A leg that nobody may be asked for is booked all the same and waits on the board. Raises what
    `quote_trip` and `request_trip` do; then nothing is stored.
    """
    quote = quote_trip(session, order, vendors)
    trip, made = bookings.request_trip(session, order)
    for booking, leg in zip(made, quote.legs, strict=True):
        if leg.chosen is not None:
            sourcing.start(session, booking.id, first=leg.chosen.vendor_id)
    return trip, made


def book_again(
    session: WorkSession, trip_id: UUID, number: int, window: RequestedWindow | None = None
) -> Booking:
    """A leg that does not take place is booked anew, and a vendor searched for where one may be asked."""
    made = bookings.book_leg_again(session, trip_id, number, window)
    if any(one.is_eligible for one in candidates(session, made.id)):
        sourcing.start(session, made.id)
    return made
