"""What choices promise about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

INVARIANTS = (
    sql_invariant(
        "choice-list-complete",
        "A choice list shows every agency that took part in Medicare and served the home when it was made.",
        """SELECT DISTINCT l.id, a.ccn || ' served ' || l.postal_code || ' and is not on the list'
           FROM choice_lists l
           JOIN home_health_agency_areas s ON s.postal_code = l.postal_code
             AND s.listed_from <= l.compiled_at AND (s.listed_to IS NULL OR s.listed_to > l.compiled_at)
           JOIN home_health_agencies a ON a.id = s.agency_id AND a.participating_from <= l.compiled_at
             AND (a.participating_to IS NULL OR a.participating_to > l.compiled_at)
           WHERE NOT EXISTS (SELECT 1 FROM choice_list_entries e
                             WHERE e.choice_list_id = l.id AND e.agency_id = a.id)""",
    ),
    sql_invariant(
        "choice-list-neutral",
        "The order of a choice list is the one that its recorded rule and seed give, without a gap.",
        """SELECT choice_list_id, ccn || ' stands at ' || position || ' instead of ' || place FROM (
             SELECT e.choice_list_id, e.ccn, e.position, row_number() OVER (
               PARTITION BY e.choice_list_id ORDER BY
                 encode(sha256(convert_to(l.ordering_seed || ':' || e.ccn, 'UTF8')), 'hex') COLLATE "C"
               ) AS place
             FROM choice_list_entries e JOIN choice_lists l ON l.id = e.choice_list_id) ranked
           WHERE position <> place""",
    ),
    sql_invariant(
        "choice-list-discloses",
        "A choice list says every financial interest that the health system had disclosed when it was made.",
        """SELECT l.id, e.ccn || ' is shown without the disclosed interest' FROM choice_lists l
           JOIN choice_list_entries e ON e.choice_list_id = l.id
           JOIN home_health_financial_interests i ON i.organization_id = l.organization_id
             AND i.agency_id = e.agency_id AND i.disclosed_from <= l.compiled_at
             AND (i.disclosed_to IS NULL OR i.disclosed_to > l.compiled_at)
           WHERE position(i.statement IN e.interest) = 0""",
    ),
    sql_invariant(
        "choice-of-shown-list",
        "A choice was made of the list that was shown, after it was shown, and names a line exactly when "
        "there is a preference.",
        """SELECT c.id, 'is not a choice of the list that was shown before' FROM patient_choices c
           LEFT JOIN choice_presentations p ON p.id = c.presentation_id
           WHERE p.choice_list_id IS DISTINCT FROM c.choice_list_id OR p.presented_at > c.chosen_at
              OR (c.outcome = 'chosen') <> EXISTS (
                   SELECT 1 FROM chosen_agencies g WHERE g.patient_choice_id = c.id)""",
    ),
)
