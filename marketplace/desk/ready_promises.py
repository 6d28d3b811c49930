"""What the ready-to-leave board promises: green was never more than the evidence of that moment."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

READY_INVARIANTS = (
    sql_invariant(
        "left-ready-had-evidence",
        "Whoever left as confirmed had a planned ride, delivered equipment and closed tasks then.",
        """SELECT e.id, t.title || ' was not confirmed when the patient left' FROM encounters e
           JOIN care_plans p ON p.encounter_id = e.id
           JOIN care_plan_tasks t ON t.care_plan_id = p.id
             AND t.due_anchor <> 'fixed' AND t.due_offset_start_minutes < 60
           JOIN LATERAL (SELECT to_state FROM task_changes WHERE subject_id = t.id
             AND happened_at <= e.discharged_at ORDER BY id DESC LIMIT 1) then_ ON true
           WHERE e.left_ready AND then_.to_state NOT IN ('not_needed', 'standing') AND CASE t.service_kind
             WHEN 'equipment' THEN NOT EXISTS (SELECT 1 FROM bookings b WHERE b.care_plan_task_id = t.id
               AND b.arrived_at <= e.discharged_at
               AND b.service_status IN ('accepted_by_receiver', 'completed'))
             WHEN 'ride' THEN NOT EXISTS (SELECT 1 FROM bookings b JOIN booking_changes c
               ON c.subject_id = b.id AND c.to_state IN ('scheduled', 'under_way')
               AND c.happened_at <= e.discharged_at WHERE b.care_plan_task_id = t.id)
             WHEN 'other' THEN then_.to_state <> 'completed' ELSE false END""",
    ),
)
"""Evidence behind every green departure."""
