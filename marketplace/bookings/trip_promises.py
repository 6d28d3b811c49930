"""What trips promise about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

TRIP_INVARIANTS = (
    sql_invariant(
        "legs-in-order",
        "No leg of a trip took the patient on before the leg before it had handed over, "
        "or the link names the exception.",
        """SELECT l.successor_booking_id, s.reference || ' left before ' || p.reference || ' was finished'
           FROM booking_links l JOIN bookings p ON p.id = l.predecessor_booking_id
           JOIN bookings s ON s.id = l.successor_booking_id
           WHERE l.hardness = 'hard' AND l.after_anchor = 'pickup' AND l.broken_at IS NULL
             AND s.boarded_at IS NOT NULL AND (p.finished_at IS NULL OR p.finished_at > s.boarded_at)
             AND p.state NOT IN ('cancelled_advance', 'cancelled_late', 'cancelled_same_day',
               'cancelled_at_door', 'rider_no_show', 'vendor_no_show', 'turned_down')""",
    ),
    sql_invariant(
        "leg-behind-a-gap-is-held",
        "No leg of a trip stands behind one that was called off or did not take place, unless it is held.",
        """SELECT b.id, b.reference || ' is ' || b.state || ' behind leg ' || gone.trip_leg
                  || ', which does not take place'
           FROM bookings b JOIN LATERAL (
             SELECT e.trip_leg FROM bookings e WHERE e.trip_id = b.trip_id AND e.trip_leg < b.trip_leg
             GROUP BY e.trip_leg HAVING bool_and(e.state IN ('cancelled_advance', 'cancelled_late',
               'cancelled_same_day', 'cancelled_at_door', 'rider_no_show', 'vendor_no_show', 'turned_down'))
             ORDER BY e.trip_leg LIMIT 1) gone ON true
           WHERE b.state IN ('requested', 'offered', 'accepted', 'scheduled')""",
    ),
    sql_invariant(
        "legs-are-linked",
        "Legs of a trip that stand one behind the other are linked hard, with time for the hand-over.",
        """SELECT s.id, s.reference || ' is not linked behind ' || p.reference
           FROM bookings s JOIN trips t ON t.id = s.trip_id
           JOIN bookings p ON p.trip_id = s.trip_id AND p.trip_leg = s.trip_leg - 1
           WHERE s.state NOT IN ('cancelled_advance', 'cancelled_late', 'cancelled_same_day',
               'cancelled_at_door', 'rider_no_show', 'vendor_no_show', 'turned_down')
             AND p.state NOT IN ('cancelled_advance', 'cancelled_late', 'cancelled_same_day',
               'cancelled_at_door', 'rider_no_show', 'vendor_no_show', 'turned_down')
             AND NOT EXISTS (SELECT 1 FROM booking_links l WHERE l.predecessor_booking_id = p.id
               AND l.successor_booking_id = s.id AND l.hardness = 'hard' AND l.after_anchor = 'pickup'
               AND l.min_lag_seconds >= t.hand_over_minutes * 60)""",
    ),
    sql_invariant(
        "flight-says-why",
        "A patient is flown only on a trip that says why the ground will not do.",
        """SELECT b.id, b.reference || ' is flown without a reason' FROM bookings b
           LEFT JOIN trips t ON t.id = b.trip_id
           WHERE b.level_of_service LIKE 'air%' AND coalesce(length(trim(t.necessity_note)), 0) < 10""",
    ),
)
"""Order, gaps, links, necessity."""
