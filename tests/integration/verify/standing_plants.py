"""How the promises about standing orders are broken by hand in the lived-in world (see `plants`)."""

from __future__ import annotations

STANDING = {
    "standing-order-history": ("UPDATE standing_orders SET state = 'ended'",),
    "standing-order-holds-task": ("UPDATE care_plan_tasks SET state = 'open' WHERE state = 'standing'",),
    "standing-day-is-its-bookings": (
        """UPDATE standing_occurrences SET outward_booking_id = :ride
           WHERE on_day = (SELECT min(on_day) FROM standing_occurrences)""",
    ),
    "standing-order-keeps-its-days": (
        """UPDATE standing_orders SET ends_on = starts_on - 1, trips = NULL""",
    ),
}
