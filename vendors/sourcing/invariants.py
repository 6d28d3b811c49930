"""What `homeward verify` checks of searches for vendors."""

from __future__ import annotations

from string import Template

from marketplace.foundation.invariants import sql_invariant

_NEWS_MINUTES = 10
"""How long news may be on its way before what it should have changed counts as a breach."""


def _sql(query: str) -> str:
    return Template(query).substitute(news=_NEWS_MINUTES)


SOURCING_INVARIANTS = (
    sql_invariant(
        "sourcing-one-open-wave",
        "A booking has at most one open wave of offers, and only while its search runs.",
        """SELECT booking_id, count(*) || ' open waves' FROM sourcing_waves WHERE closed_at IS NULL
           GROUP BY booking_id HAVING count(*) > 1
           UNION ALL
           SELECT w.id, 'open although its search is ' || s.state FROM sourcing_waves w
           JOIN sourcings s ON s.id = w.sourcing_id WHERE w.closed_at IS NULL AND s.state <> 'running'""",
    ),
    sql_invariant(
        "sourcing-asks-once",
        "A search asks each vendor at most once, by an offer of this booking to this vendor.",
        """SELECT w.sourcing_id, 'asked ' || (a->>'vendor_id') || ' twice' FROM sourcing_waves w,
             jsonb_array_elements(to_jsonb(w.asked)) a
           GROUP BY w.sourcing_id, a->>'vendor_id' HAVING count(*) > 1
           UNION ALL
           SELECT w.id, 'names an offer that is not of this booking and vendor' FROM sourcing_waves w,
             jsonb_array_elements(to_jsonb(w.asked)) a
           WHERE NOT EXISTS (SELECT 1 FROM offers o WHERE o.id = (a->>'offer_id')::uuid
             AND o.booking_id = w.booking_id AND o.vendor_organization_id = (a->>'vendor_id')::uuid)""",
    ),
    sql_invariant(
        "sourcing-ends-in-time",
        "A search runs only while its booking waits for a vendor, once the news has arrived.",
        _sql("""SELECT s.id, 'runs although the booking is ' || b.state FROM sourcings s
            JOIN bookings b ON b.id = s.booking_id
            WHERE s.state = 'running' AND b.state NOT IN ('requested', 'offered', 'on_hold')
              AND NOT EXISTS (SELECT 1 FROM booking_changes c WHERE c.subject_id = b.id
                AND c.recorded_at > now() - interval '$news minutes')"""),
    ),
    sql_invariant(
        "exhausted-search-was-told",
        "Whoever looked for a vendor in vain was told so.",
        """SELECT s.id, 'nobody was told' FROM sourcings s WHERE s.state = 'exhausted'
           AND NOT EXISTS (SELECT 1 FROM booking_tellings t WHERE t.booking_id = s.booking_id
             AND t.subject = 'sourcing' AND t.told_at >= s.ended_at)""",
    ),
    sql_invariant(
        "turned-back-was-followed",
        "Work that a vendor turned back is looked for again, or its planner was told; usually both.",
        _sql("""SELECT r.id, 'turned back, and nobody looked on or was told' FROM service_records r
            WHERE r.outcome = 'turned_back' AND r.recorded_at < now() - interval '$news minutes'
              AND NOT EXISTS (SELECT 1 FROM sourcings s WHERE s.booking_id = r.booking_id
                AND s.started_at >= r.happened_at)
              AND NOT EXISTS (SELECT 1 FROM booking_tellings t WHERE t.booking_id = r.booking_id
                AND t.subject = 'turned_back' AND t.told_at >= r.happened_at)"""),
    ),
)
