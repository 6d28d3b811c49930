"""What a page that begins with a care-plan task was opened for."""

from __future__ import annotations

from uuid import UUID

from flask import request

from marketplace.bookings.context import BookingContext, context_of
from marketplace.bookings.words import BookingKind
from marketplace.foundation.errors import NotFound
from marketplace.web import current


def ride_asked_for() -> BookingContext:
    """The context of a ride for the task in the address (`?task=`); NotFound when it names none."""
    try:
        task_id = UUID(request.args.get("task", ""))
    except ValueError:
        raise NotFound from None
    return context_of(current.session(), task_id, BookingKind.RIDE)
