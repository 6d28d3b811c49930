"""What planning promises about its stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

PLANNING_INVARIANTS = (
    sql_invariant(
        "plan-has-certificate",
        "No plan was committed without the certificate of the independent check.",
        """SELECT id, 'version ' || number || ' has no seal' FROM plan_versions
           WHERE coalesce(certificate->>'seal', '') = '' OR jsonb_array_length(certificate->'rules') = 0""",
    ),
    sql_invariant(
        "assignment-has-award",
        "Every assignment belongs to the live award of its booking, and to a vehicle of that vendor.",
        """SELECT a.booking_id, 'assigned to a vehicle of another vendor, or without a live award'
           FROM assignments a JOIN bookings b ON b.id = a.booking_id JOIN vehicles v ON v.id = a.vehicle_id
           WHERE b.state IN ('accepted', 'scheduled', 'under_way')
             AND (b.award_id IS DISTINCT FROM a.award_id
                  OR v.vendor_organization_id <> a.vendor_organization_id
                  OR b.vendor_organization_id IS DISTINCT FROM a.vendor_organization_id)""",
    ),
    sql_invariant(
        "assignment-keeps-promise",
        "Whatever is planned begins inside the window that was promised.",
        """SELECT a.booking_id, 'planned at ' || a.starts_at || ', promised ' || b.promised_start || ' to '
               || b.promised_end
           FROM assignments a JOIN bookings b ON b.id = a.booking_id
           WHERE b.state = 'scheduled' AND a.award_id = b.award_id
             AND (a.starts_at < b.promised_start OR a.starts_at > b.promised_end)""",
    ),
    sql_invariant(
        "plan-keeps-order",
        "The plan has equipment in the home before the patient arrives, and the patient before a visit.",
        """SELECT l.successor_booking_id, 'home at ' || ride.ends_at || ', equipment at ' || gear.ends_at
           FROM booking_links l
           JOIN assignments ride ON ride.booking_id = l.successor_booking_id
           JOIN assignments gear ON gear.booking_id = l.predecessor_booking_id
           JOIN bookings b ON b.id = ride.booking_id AND b.state = 'scheduled'
           WHERE l.hardness = 'hard' AND l.after_anchor = 'arrival' AND CASE b.kind WHEN 'ride'
               THEN ride.ends_at - b.dropoff_seconds * interval '1 second' ELSE ride.starts_at END
             < gear.ends_at + l.min_lag_seconds * interval '1 second'""",
    ),
    sql_invariant(
        "plan-keeps-legs-apart",
        "The plan begins no leg of a trip before the leg before it has ended and handed over.",
        """SELECT l.successor_booking_id, 'begins at ' || later.starts_at || ', the leg before ends at '
               || sooner.ends_at
           FROM booking_links l
           JOIN assignments later ON later.booking_id = l.successor_booking_id
           JOIN assignments sooner ON sooner.booking_id = l.predecessor_booking_id
           JOIN bookings b ON b.id = later.booking_id AND b.state = 'scheduled'
           JOIN bookings p ON p.id = sooner.booking_id AND p.state = 'scheduled'
           JOIN plans one ON one.id = later.plan_id AND one.id = sooner.plan_id AND one.state = 'current'
           WHERE l.hardness = 'hard' AND l.after_anchor = 'pickup'
             AND later.starts_at < sooner.ends_at + l.min_lag_seconds * interval '1 second'""",
    ),
    sql_invariant(
        "hold-was-told",
        "A patient who waits for something that must be in the home first has a planner who was told so.",
        """SELECT b.id, b.reference || ' is held, and nobody was told' FROM bookings b
           WHERE b.state = 'on_hold' AND b.hold_reason LIKE 'Waits for % has no vendor now.'
             AND NOT EXISTS (SELECT 1 FROM booking_tellings t WHERE t.booking_id = b.id
               AND t.subject = 'hold' AND t.organization_id = b.organization_id)""",
    ),
    sql_invariant(
        "vehicle-in-one-place",
        "No vehicle stands at two stops at once.",
        """SELECT a.vehicle_id, 'at bookings ' || a.booking_id || ' and ' || o.booking_id FROM assignments a
           JOIN assignments o ON o.vehicle_id = a.vehicle_id AND o.id > a.id AND o.standing && a.standing""",
    ),
)
"""Certificates, awards, promises, order, one place at a time."""
