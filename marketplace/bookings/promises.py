"""What bookings promise about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

INVARIANTS = (
    sql_invariant(
        "ready-code-released-its-ride",
        "A patient's code released its own flexible ride, while it was good, and no other booking.",
        """SELECT c.id, CASE WHEN NOT b.flexible THEN 'is for a booking with a fixed time'
               WHEN c.reference <> b.reference OR c.organization_id <> b.organization_id
                 THEN 'stands for another ride than the one it belongs to'
               WHEN b.ready_at IS NULL THEN 'was used, and the ride still waits'
               ELSE 'was used when it was no longer good' END
           FROM ready_codes c JOIN bookings b ON b.id = c.booking_id
           WHERE NOT b.flexible OR c.reference <> b.reference OR c.organization_id <> b.organization_id
              OR (c.used_at IS NOT NULL AND (b.ready_at IS NULL OR c.used_at >= c.expires_at
                OR c.used_at < c.issued_at))""",
    ),
    sql_invariant(
        "booking-has-task",
        "Every booking was made from a care-plan task of its own stay.",
        """SELECT b.id, b.reference || ' has no task of its stay' FROM bookings b WHERE NOT EXISTS (
             SELECT 1 FROM care_plan_tasks t JOIN care_plans p ON p.id = t.care_plan_id
             WHERE t.id = b.care_plan_task_id AND p.encounter_id = b.encounter_id)""",
    ),
    sql_invariant(
        "booking-names-payer",
        "Every booking names who pays: its coverage's payer, or the health system itself.",
        """SELECT b.id, b.reference || ' names a payer that is not the one of its coverage' FROM bookings b
           LEFT JOIN coverages c ON c.id = b.coverage_id
           WHERE b.payer_organization_id IS DISTINCT FROM
             CASE WHEN b.payer_kind = 'coverage' THEN c.payer_organization_id ELSE b.organization_id END""",
    ),
    sql_invariant(
        "booking-history",
        "The last history row of a booking names its state.",
        """SELECT b.id, b.reference || ' is ' || b.state || ', its history says '
                  || coalesce(c.to_state, 'nothing')
           FROM bookings b LEFT JOIN LATERAL (
             SELECT to_state FROM booking_changes WHERE subject_id = b.id ORDER BY id DESC LIMIT 1) c ON true
           WHERE c.to_state IS DISTINCT FROM b.state""",
    ),
    sql_invariant(
        "booking-state-and-award",
        "A vendor holds the work in exactly the states that say so.",
        """SELECT id, reference || ' is ' || state || ' and ' || CASE WHEN award_id IS NULL
                  THEN 'has no award' ELSE 'has an award' END
           FROM bookings
           WHERE (state IN ('accepted', 'scheduled', 'under_way', 'completed')
                  AND (award_id IS NULL OR vendor_organization_id IS NULL))
              OR (state IN ('draft', 'requested', 'offered', 'unmet') AND award_id IS NOT NULL)
              OR (award_id IS NULL) <> (vendor_organization_id IS NULL)""",
    ),
    sql_invariant(
        "booking-vendor-party",
        "The vendor that holds the work, and nobody else, is the booking's vendor party.",
        """SELECT b.id, b.reference || ' is held by one vendor and shared with another' FROM bookings b
           WHERE coalesce(b.vendor_organization_id::text, '') <> coalesce((
             SELECT string_agg(p.organization_id::text, ',') FROM booking_parties p
             WHERE p.booking_id = b.id AND p.role = 'vendor' AND p.status IN ('active', 'closed')), '')""",
    ),
    sql_invariant(
        "booking-requester-party",
        "The health system is the requester of each of its bookings, and the payer a party.",
        """SELECT b.id, b.reference || ' lacks its requester or payer among the parties' FROM bookings b
           WHERE NOT EXISTS (SELECT 1 FROM booking_parties p WHERE p.booking_id = b.id
                             AND p.organization_id = b.organization_id AND p.role = 'requester')
              OR NOT EXISTS (SELECT 1 FROM booking_parties p WHERE p.booking_id = b.id
                             AND p.organization_id = b.payer_organization_id
                             AND p.role IN ('requester', 'payer'))""",
    ),
    sql_invariant(
        "booking-field-completion",
        "A completed booking was completed in the field, at a known time.",
        """SELECT id, reference || ' is completed without a report from the field' FROM bookings
           WHERE state = 'completed'
             AND (service_status IS DISTINCT FROM 'completed' OR finished_at IS NULL)""",
    ),
    sql_invariant(
        "booking-units",
        "A booking on an authorization has its units set aside, and gives them back when it is called off.",
        """SELECT b.id, b.reference || ' has ' || coalesce(sum(r.units), 0) || ' units set aside'
           FROM bookings b LEFT JOIN unit_reservations r ON r.booking_id = b.id AND r.state <> 'released'
           WHERE b.authorization_id IS NOT NULL AND b.state <> 'completed'
           GROUP BY b.id HAVING coalesce(sum(r.units), 0) <> CASE WHEN b.state IN
             ('cancelled_advance', 'cancelled_late', 'cancelled_same_day', 'cancelled_at_door',
              'rider_no_show', 'vendor_no_show', 'turned_down') THEN 0 ELSE b.authorization_units END""",
    ),
    sql_invariant(
        "hard-link-kept",
        "Of two hard-linked services that were done, the first was finished before the second arrived, "
        "or the link names the exception.",
        """SELECT l.successor_booking_id, s.reference || ' arrived before ' || p.reference || ' was finished'
           FROM booking_links l JOIN bookings p ON p.id = l.predecessor_booking_id
           JOIN bookings s ON s.id = l.successor_booking_id
           WHERE l.hardness = 'hard' AND l.after_anchor = 'arrival' AND l.broken_at IS NULL
             AND s.state = 'completed'
             AND p.state = 'completed' AND s.arrived_at < p.finished_at""",
    ),
    sql_invariant(
        "rider-under-seal",
        "Every booking carries its rider and its subscriber under seal.",
        """SELECT b.id, b.reference || ' lacks its rider or subscriber' FROM bookings b
           WHERE NOT EXISTS (SELECT 1 FROM booking_riders r WHERE r.booking_id = b.id)
              OR NOT EXISTS (SELECT 1 FROM booking_subscribers r WHERE r.booking_id = b.id)""",
    ),
    sql_invariant(
        "referral-under-choice",
        "A home-health visit left its draft only under a choice of its own stay, of a list for its home.",
        """SELECT b.id, b.reference || ' is ' || b.state || ' without the patient''s choice' FROM bookings b
           WHERE b.kind = 'home_health' AND b.state NOT IN ('draft', 'cancelled_advance', 'cancelled_late',
               'cancelled_same_day')
             AND NOT EXISTS (SELECT 1 FROM patient_choices c JOIN choice_lists l ON l.id = c.choice_list_id
               WHERE c.id = b.patient_choice_id AND c.encounter_id = b.encounter_id
                 AND l.postal_code = left(b.destination_postal_code, 5))""",
    ),
    sql_invariant(
        "agency-was-chosen",
        "The agency that holds a visit is one that the patient chose, or of the list without preference.",
        """SELECT b.id, b.reference || ' is held by an agency that the patient did not choose' FROM bookings b
           JOIN patient_choices c ON c.id = b.patient_choice_id
           WHERE b.kind = 'home_health' AND b.vendor_organization_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM choice_list_entries e WHERE e.choice_list_id = c.choice_list_id
               AND e.vendor_organization_id = b.vendor_organization_id
               AND (c.outcome = 'no_preference' OR EXISTS (SELECT 1 FROM chosen_agencies g
                      WHERE g.patient_choice_id = c.id AND g.position = e.position)))""",
    ),
    sql_invariant(
        "start-of-care-in-time",
        "A start of care is wanted within 48 hours of the discharge and moves with it, or on an ordered day.",
        """SELECT b.id, b.reference || ' is wanted too late' FROM bookings b
           JOIN facilities f ON f.id = b.facility_id JOIN encounters e ON e.id = b.encounter_id
           WHERE b.visit_purpose = 'start_of_care'
             AND CASE WHEN b.start_of_care_on IS NULL AND b.anchor = 'discharge'
               THEN b.offset_end_minutes > 2880
               WHEN b.start_of_care_on IS NULL
               THEN e.discharged_at IS NULL OR b.requested_end > e.discharged_at + interval '48 hours'
               ELSE b.anchor <> 'fixed'
                 OR (b.requested_start AT TIME ZONE f.time_zone)::date <> b.start_of_care_on END""",
    ),
    sql_invariant(
        "visit-after-homecoming",
        "A visit is linked hard behind the ride home of its stay.",
        """SELECT v.id, v.reference || ' is not linked behind ' || r.reference FROM bookings v
           JOIN bookings r ON r.encounter_id = v.encounter_id AND r.kind = 'ride'
             AND (r.origin_place_kind = 'H' OR r.trip_id IS NOT NULL) AND r.destination_place_kind = 'R'
             AND r.outward_booking_id IS NULL
           WHERE v.kind = 'home_health' AND v.state IN ('draft', 'requested', 'offered', 'accepted',
               'scheduled', 'under_way', 'on_hold', 'unmet')
             AND r.state IN ('requested', 'offered', 'accepted', 'scheduled', 'under_way', 'on_hold', 'unmet')
             AND NOT EXISTS (SELECT 1 FROM booking_links l WHERE l.predecessor_booking_id = r.id
               AND l.successor_booking_id = v.id AND l.hardness = 'hard')""",
    ),
    sql_invariant(
        "round-trip-is-one-trip",
        "A way back is of the same stay as its way there, made for its task, and begins later; a ride there "
        "has at most one.",
        """SELECT b.id, b.reference || ' is no way back of ' || a.reference FROM bookings b
           JOIN bookings a ON a.id = b.outward_booking_id
           JOIN care_plan_tasks t ON t.id = b.care_plan_task_id
           WHERE b.encounter_id <> a.encounter_id OR a.kind <> 'ride'
             OR t.way_back_of_task_id IS DISTINCT FROM a.care_plan_task_id
             OR (b.state NOT IN ('cancelled_advance', 'cancelled_late', 'cancelled_same_day',
                   'cancelled_at_door', 'rider_no_show', 'vendor_no_show', 'turned_down')
                 AND (b.requested_start < a.requested_start OR EXISTS (
                   SELECT 1 FROM bookings o WHERE o.outward_booking_id = a.id AND o.id <> b.id
                     AND o.state NOT IN ('cancelled_advance', 'cancelled_late', 'cancelled_same_day',
                       'cancelled_at_door', 'rider_no_show', 'vendor_no_show', 'turned_down'))))""",
    ),
    sql_invariant(
        "booking-window-follows-moves",
        "A requested window is where its last move put it.",
        """SELECT b.id, b.reference || ' was moved elsewhere than where it is' FROM bookings b
           JOIN LATERAL (SELECT current_start, current_end FROM booking_window_moves
             WHERE booking_id = b.id ORDER BY id DESC LIMIT 1) m ON true
           WHERE (m.current_start, m.current_end) <> (b.requested_start, b.requested_end)""",
    ),
)
