"""What the booking of whole discharges promises about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

INVARIANTS = (
    sql_invariant(
        "discharge-booked-whole",
        "A confirmed draft has made bookings of its own stay, all of which are there; others have none.",
        """SELECT d.id, 'is ' || d.state || ' with ' || count(b.id) || ' of '
             || jsonb_array_length(d.booked) || ' bookings'
           FROM discharge_drafts d LEFT JOIN bookings b
             ON d.booked ? b.id::text AND b.encounter_id = d.encounter_id
           GROUP BY d.id HAVING count(b.id) <> jsonb_array_length(d.booked)
             OR (d.state = 'confirmed') <> (jsonb_array_length(d.booked) > 0)""",
    ),
    sql_invariant(
        "discharge-draft-history",
        "The last history row of a draft of a discharge names its state; only an open one keeps contents.",
        """SELECT d.id, 'is ' || d.state || ', its history says ' || coalesce(c.to_state, 'nothing')
           FROM discharge_drafts d LEFT JOIN LATERAL (
             SELECT to_state FROM discharge_draft_changes WHERE subject_id = d.id ORDER BY id DESC LIMIT 1)
             c ON true
           WHERE c.to_state IS DISTINCT FROM d.state OR (d.sealed IS NOT NULL AND d.state <> 'open')""",
    ),
    sql_invariant(
        "flexible-ride-waits",
        "No vehicle is planned for a flexible ride before somebody has said that the patient is ready.",
        """SELECT b.id, 'has a vehicle and nobody said that the patient is ready' FROM bookings b
           JOIN assignments a ON a.booking_id = b.id WHERE b.flexible AND b.ready_at IS NULL""",
    ),
    sql_invariant(
        "proposal-names-candidates",
        "A joint proposal names for each part only a vendor that could be asked for it.",
        """SELECT p.id, 'proposes ' || (r.one ->> 'vendor') || ' for ' || (r.one ->> 'wish')
           FROM discharge_proposals p CROSS JOIN LATERAL jsonb_array_elements(p.result) r (one)
           WHERE r.one ->> 'vendor' IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM jsonb_array_elements(p.wishes) w (one), jsonb_array_elements(w.one -> 'quotes') q
             WHERE w.one ->> 'id' = r.one ->> 'wish' AND q ->> 0 = r.one ->> 'vendor')""",
    ),
)
