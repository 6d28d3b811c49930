"""What care plans promise about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

INVARIANTS = (
    sql_invariant(
        "task-owner",
        "The owner of every task is a user of the same health system.",
        """SELECT t.id, 'its owner is of another organization' FROM care_plan_tasks t
           JOIN users u ON u.id = t.owner_user_id WHERE u.organization_id <> t.organization_id""",
    ),
    sql_invariant(
        "task-history",
        "The last history row of a task names its state.",
        """SELECT t.id, 'is ' || t.state || ', its history says ' || coalesce(c.to_state, 'nothing')
           FROM care_plan_tasks t LEFT JOIN LATERAL (
             SELECT to_state FROM task_changes WHERE subject_id = t.id ORDER BY id DESC LIMIT 1) c ON true
           WHERE c.to_state IS DISTINCT FROM t.state""",
    ),
    sql_invariant(
        "task-evidence",
        "A task for a service is completed by a booking that was completed for it.",
        """SELECT t.id, 'completed without a completed booking of its own' FROM care_plan_tasks t
           WHERE t.state = 'completed' AND t.service_kind <> 'other' AND NOT EXISTS (
             SELECT 1 FROM bookings b JOIN care_plan_tasks o ON o.id = b.care_plan_task_id
             WHERE b.id = t.evidence_booking_id AND b.state = 'completed'
               AND t.id IN (o.id, o.occurrence_of_task_id))""",
    ),
    sql_invariant(
        "task-follows-booking",
        "A task is booked exactly while a booking works for it.",
        """SELECT t.id, 'is ' || t.state || ' with ' || count(b.id) || ' live bookings'
           FROM care_plan_tasks t LEFT JOIN bookings b ON b.care_plan_task_id = t.id AND b.state NOT IN
             ('completed', 'cancelled_advance', 'cancelled_late', 'cancelled_same_day', 'cancelled_at_door',
              'rider_no_show', 'vendor_no_show', 'turned_down')
           GROUP BY t.id HAVING (t.state = 'booked') <> (count(b.id) = 1)""",
    ),
    sql_invariant(
        "way-back-in-one-plan",
        "A way back is a ride of the same care plan as its way there, and no way back has one of its own.",
        """SELECT b.id, 'leads back from a task of another kind or plan' FROM care_plan_tasks b
           JOIN care_plan_tasks a ON a.id = b.way_back_of_task_id
           WHERE a.care_plan_id <> b.care_plan_id OR a.service_kind <> 'ride' OR b.service_kind <> 'ride'
             OR a.way_back_of_task_id IS NOT NULL""",
    ),
    sql_invariant(
        "precedence-in-one-plan",
        "Tasks that precede each other are of one care plan.",
        """SELECT p.successor_task_id, 'is preceded by a task of another plan' FROM task_precedences p
           JOIN care_plan_tasks a ON a.id = p.predecessor_task_id
           JOIN care_plan_tasks b ON b.id = p.successor_task_id WHERE a.care_plan_id <> b.care_plan_id""",
    ),
    sql_invariant(
        "precedence-without-circle",
        "No task comes before itself.",
        """WITH RECURSIVE walk AS (
             SELECT predecessor_task_id AS first, successor_task_id AS last FROM task_precedences
             UNION SELECT w.first, p.successor_task_id FROM walk w
               JOIN task_precedences p ON p.predecessor_task_id = w.last)
           SELECT first, 'comes before itself' FROM walk WHERE first = last""",
    ),
)
