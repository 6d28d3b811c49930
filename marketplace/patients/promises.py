"""What the patients room promises about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

INVARIANTS = (
    sql_invariant(
        "patient-has-identity",
        "Every patient has an identity under seal and a row of handling needs.",
        """SELECT p.id, p.reference || ' lacks its identity or needs' FROM patients p
           WHERE NOT EXISTS (SELECT 1 FROM patient_identities i WHERE i.patient_id = p.id)
              OR NOT EXISTS (SELECT 1 FROM handling_needs n WHERE n.patient_id = p.id)""",
    ),
    sql_invariant(
        "authorization-units",
        "The used units of an authorization are the sum of its live reservations.",
        """SELECT a.id, a.number || ' says ' || a.units_used || ' used, its reservations say '
                  || coalesce(sum(r.units) FILTER (WHERE r.state <> 'released'), 0)
           FROM authorizations a LEFT JOIN unit_reservations r ON r.authorization_id = a.id
           GROUP BY a.id
           HAVING a.units_used <> coalesce(sum(r.units) FILTER (WHERE r.state <> 'released'), 0)""",
    ),
    sql_invariant(
        "authorization-not-exceeded",
        "No authorization has more units used than its payer approved.",
        """SELECT id, number || ' has ' || units_used || ' of ' || units_approved || ' units used'
           FROM authorizations WHERE units_used > units_approved OR units_used < 0""",
    ),
    sql_invariant(
        "discharge-time-follows-moves",
        "A stay's expected discharge time is where its last move put it.",
        """SELECT e.id, 'expected at ' || e.expected_discharge_at || ', last moved to ' || m.current
           FROM encounters e JOIN LATERAL (
             SELECT current FROM discharge_time_moves
             WHERE encounter_id = e.id ORDER BY happened_at DESC, id DESC LIMIT 1) m ON true
           WHERE m.current <> e.expected_discharge_at""",
    ),
    sql_invariant(
        "medically-ready-within-stay",
        "Whoever is medically ready became it during the stay.",
        """SELECT id, 'ready at ' || medically_ready_at FROM encounters
           WHERE medically_ready_at < admitted_at OR (left_ready AND medically_ready_at IS NULL)""",
    ),
    sql_invariant(
        "encounter-history",
        "The last history row of a stay names its state.",
        """SELECT e.id, 'is ' || e.state || ', its history says ' || coalesce(c.to_state, 'nothing')
           FROM encounters e LEFT JOIN LATERAL (
             SELECT to_state FROM encounter_changes WHERE subject_id = e.id ORDER BY id DESC LIMIT 1) c
           ON true
           WHERE c.to_state IS DISTINCT FROM e.state""",
    ),
)
