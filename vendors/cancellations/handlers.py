"""What makes a cancellation fee: work called off by the health system, a rider who did not come."""

from __future__ import annotations

from marketplace.bookings.events import BookingCancelled, ServiceEnded
from marketplace.foundation.events import Handler
from vendors.cancellations import service

CANCELLATION_HANDLERS = (
    Handler(BookingCancelled, "cancellations.on_cancelled", service.on_cancelled),
    Handler(ServiceEnded, "cancellations.on_service_ended", service.on_service_ended),
)
"""The first acts for the health system, the second for the vendor; each is a party of the fee."""
