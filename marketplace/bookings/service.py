"""Everything that can be done with bookings, under one name; each verb is explained where it lives."""

from __future__ import annotations

from marketplace.bookings.awarding import (
    award,
    candidate_out,
    change_promise,
    mark_offered,
    release_award,
    schedule,
    unschedule,
)
from marketplace.bookings.board import bookings_for_board, bookings_of_party, departures
from marketplace.bookings.cancelling import ask_again, cancel, hold, resume, unmet
from marketplace.bookings.field_status import record_service_status, vendor_no_show
from marketplace.bookings.finding import (
    booking,
    booking_by_reference,
    locked_booking,
    locked_work,
    parties_of,
)
from marketplace.bookings.flexible import say_ready
from marketplace.bookings.moving import move_window
from marketplace.bookings.pairing import way_back_of
from marketplace.bookings.reading import (
    booking_record,
    bookings_of_encounter,
    items_of,
    links_of,
    rider,
    riders,
    subscriber,
    timeline,
)
from marketplace.bookings.requesting import request_equipment, request_ride
from marketplace.bookings.round_trips import request_round_trip
from marketplace.bookings.trip_changes import book_leg_again, cancel_trip
from marketplace.bookings.trips import legs_of, plan_trip, request_trip, trip, trip_of_task
from marketplace.bookings.visiting import draft_visit, refer, request_visit

__all__ = [
    "ask_again",
    "award",
    "book_leg_again",
    "booking",
    "booking_by_reference",
    "booking_record",
    "bookings_for_board",
    "bookings_of_encounter",
    "bookings_of_party",
    "cancel",
    "cancel_trip",
    "candidate_out",
    "change_promise",
    "departures",
    "draft_visit",
    "hold",
    "items_of",
    "legs_of",
    "links_of",
    "locked_booking",
    "locked_work",
    "mark_offered",
    "move_window",
    "parties_of",
    "plan_trip",
    "record_service_status",
    "refer",
    "release_award",
    "request_equipment",
    "request_ride",
    "request_round_trip",
    "request_trip",
    "request_visit",
    "resume",
    "rider",
    "riders",
    "say_ready",
    "schedule",
    "subscriber",
    "timeline",
    "trip",
    "trip_of_task",
    "unmet",
    "unschedule",
    "vendor_no_show",
    "way_back_of",
]
