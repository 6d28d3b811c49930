"""What standing orders promise about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

_WAITING = "('draft', 'requested', 'offered', 'accepted', 'scheduled', 'on_hold', 'unmet')"
STANDING_INVARIANTS = (
    sql_invariant(
        "standing-order-history",
        "The last history row of a standing order names its state.",
        """SELECT s.id, s.reference || ' is ' || s.state || ', its history says '
                  || coalesce(c.to_state, 'nothing')
           FROM standing_orders s LEFT JOIN LATERAL (
             SELECT to_state FROM standing_order_changes WHERE subject_id = s.id ORDER BY id DESC LIMIT 1)
             c ON true
           WHERE c.to_state IS DISTINCT FROM s.state""",
    ),
    sql_invariant(
        "standing-order-holds-task",
        "A task stands exactly while a standing order that has not ended works for it.",
        """SELECT t.id, 'is ' || t.state || ' with ' || count(s.id) || ' standing orders'
           FROM care_plan_tasks t
           LEFT JOIN standing_orders s ON s.care_plan_task_id = t.id AND s.state <> 'ended'
           GROUP BY t.id HAVING (t.state = 'standing') <> (count(s.id) = 1)""",
    ),
    sql_invariant(
        "standing-day-is-its-bookings",
        "A day of a standing order is a ride of its patient made for its task, and its way back.",
        """SELECT s.id, s.reference || ' names other rides on ' || o.on_day FROM standing_occurrences o
           JOIN standing_orders s ON s.id = o.standing_order_id
           JOIN bookings b ON b.id = o.outward_booking_id
           JOIN care_plan_tasks t ON t.id = b.care_plan_task_id
           LEFT JOIN bookings r ON r.id = o.back_booking_id
           WHERE b.patient_id <> s.patient_id OR o.organization_id <> s.organization_id
             OR t.occurrence_of_task_id IS DISTINCT FROM s.care_plan_task_id
             OR (r.id IS NOT NULL AND r.patient_id <> s.patient_id)""",
    ),
    sql_invariant(
        "standing-order-keeps-its-days",
        "No ride of a standing order waits on a day that was left out, in its pause, or after its end.",
        f"""SELECT s.id, s.reference || ' has a ride on ' || o.on_day FROM standing_orders s
           JOIN standing_occurrences o ON o.standing_order_id = s.id AND o.state = 'booked'
           JOIN bookings b ON b.id = o.outward_booking_id AND b.state IN {_WAITING}
           WHERE s.state = 'ended' OR s.skipped ? o.on_day::text OR o.on_day > s.ends_on
             OR (s.paused_from <= o.on_day AND o.on_day <= coalesce(s.paused_until, o.on_day))""",  # noqa: S608
    ),
)
"""Each day once is the tables' own promise: the key of `standing_occurrences` is order and day."""
