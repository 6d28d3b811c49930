"""What `homeward verify` checks of offers and awards."""

from __future__ import annotations

from string import Template

from marketplace.foundation.invariants import sql_invariant
from vendors.credentials.catalogue import REQUIREMENTS
from vendors.credentials.words import Requirement, SubjectKind
from vendors.offers.words import LIVE_AWARD

_CANCELLED = "('cancelled_advance', 'cancelled_late', 'cancelled_same_day', 'cancelled_at_door')"
_NEWS_MINUTES = 10
"""How long news of a cancellation may be on its way up before a leftover counts as a breach."""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _rule_row(rule: Requirement) -> str:
    levels = ", ".join(_text(level) for level in sorted(rule.levels))
    return (
        f"({_text(rule.service_line)}, {_text(rule.credential_type)}, ARRAY[{levels}]::text[],"
        f" DATE {_text(rule.effective_from.isoformat())})"
    )


_RULES = ", ".join(_rule_row(rule) for rule in REQUIREMENTS if rule.subject_kind is SubjectKind.VENDOR)


def _sql(query: str) -> str:
    """The query with the conditions that several invariants share filled in."""
    return Template(query).substitute(live=LIVE_AWARD, cancelled=_CANCELLED, news=_NEWS_MINUTES, rules=_RULES)


INVARIANTS = (
    sql_invariant(
        "award-once",
        "A booking has at most one award that binds.",
        _sql("""SELECT booking_id, count(*) || ' live awards' FROM awards WHERE $live
            GROUP BY booking_id HAVING count(*) > 1"""),
    ),
    sql_invariant(
        "award-matches-booking",
        "An award that binds is the one its booking names, with the same vendor and the same promise.",
        _sql("""SELECT a.id, 'its booking names another award, vendor or window'
            FROM awards a JOIN bookings b ON b.id = a.booking_id
            WHERE a.$live AND b.state NOT IN $cancelled AND (b.award_id IS DISTINCT FROM a.id
              OR b.vendor_organization_id IS DISTINCT FROM a.vendor_organization_id
              OR b.promised_start IS DISTINCT FROM a.promised_start
              OR b.promised_end IS DISTINCT FROM a.promised_end)"""),
    ),
    sql_invariant(
        "booking-has-its-award",
        "A booking that names an award has it, and unless called off it binds.",
        _sql("""SELECT b.id, 'the award it names does not bind' FROM bookings b
            LEFT JOIN awards a ON a.id = b.award_id AND a.booking_id = b.id AND a.$live
            WHERE b.award_id IS NOT NULL AND a.id IS NULL AND b.state NOT IN $cancelled"""),
    ),
    sql_invariant(
        "cancelled-work-released",
        "Called-off work has neither open offers nor an award that binds, once the news has arrived.",
        _sql("""SELECT b.id, 'called off, and still offered or promised' FROM bookings b
            WHERE b.state IN $cancelled
              AND (EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.state = 'open')
                OR EXISTS (SELECT 1 FROM awards a WHERE a.booking_id = b.id AND a.$live))
              AND NOT EXISTS (SELECT 1 FROM booking_changes c WHERE c.subject_id = b.id
                AND c.recorded_at > now() - interval '$news minutes')"""),
    ),
    sql_invariant(
        "offers-agree",
        "Every award comes from an accepted offer of its vendor, and no other offer stays open beside it.",
        _sql("""SELECT a.id, 'its offer is not an accepted offer of this vendor and booking' FROM awards a
            JOIN offers o ON o.id = a.offer_id
            WHERE o.state <> 'accepted' OR o.vendor_organization_id <> a.vendor_organization_id
              OR o.booking_id <> a.booking_id
            UNION ALL
            SELECT o.id, 'open although the work is promised' FROM offers o
            JOIN awards a ON a.booking_id = o.booking_id AND a.$live
            WHERE o.state = 'open'
            UNION ALL
            SELECT o.id, 'accepted, and no award came of it' FROM offers o
            WHERE o.state = 'accepted' AND NOT EXISTS (SELECT 1 FROM awards a WHERE a.offer_id = o.id)"""),
    ),
    sql_invariant(
        "answered-in-time",
        "No offer was accepted after its deadline.",
        """SELECT o.id, 'accepted after its deadline' FROM offers o JOIN awards a ON a.offer_id = o.id
           WHERE a.accepted_at >= o.respond_by""",
    ),
    sql_invariant(
        "credentials-cover-service",
        "Every vendor with an award held each credential its work demands at the promised time.",
        _sql("""SELECT a.id, 'no valid ' || r.credential_type || ' at the promised time' FROM awards a
            JOIN (VALUES $rules) AS r (kind, credential_type, levels, since)
              ON r.kind = a.kind AND r.since <= a.promised_start::date
              AND (cardinality(r.levels) = 0 OR a.level_of_service = ANY (r.levels))
            WHERE a.$live AND NOT EXISTS (SELECT 1 FROM credentials c
              WHERE c.vendor_organization_id = a.vendor_organization_id AND c.subject_kind = 'vendor'
                AND c.credential_type = r.credential_type AND c.valid_from <= a.promised_start
                AND (c.expires_at IS NULL OR c.expires_at > a.promised_start))"""),
    ),
    sql_invariant(
        "code-dies-with-offer",
        "A short code lives no longer than its offer, and each used one gave the answer that the offer has.",
        """SELECT c.id, 'lives although its offer is ' || o.state FROM offer_codes c
           JOIN offers o ON o.id = c.offer_id WHERE c.ended_at IS NULL AND o.state <> 'open'
           UNION ALL
           SELECT c.id, 'was used, and its offer is ' || o.state FROM offer_codes c
           JOIN offers o ON o.id = c.offer_id
           WHERE c.used_at IS NOT NULL AND o.state NOT IN ('accepted', 'declined')
           UNION ALL
           SELECT c.id, 'would outlive its offer' FROM offer_codes c
           JOIN offers o ON o.id = c.offer_id WHERE c.expires_at > o.respond_by""",
    ),
    sql_invariant(
        "question-has-promise",
        "A question about a promised time waits only while its award binds.",
        _sql("""SELECT m.id, 'waits for an answer on an award that ended' FROM award_amendments m
            JOIN awards a ON a.id = m.award_id WHERE m.state = 'proposed' AND NOT a.$live"""),
    ),
    sql_invariant(
        "shift-crew-times",
        "Crew members are booked for exactly the times of their shifts, and for no cancelled one.",
        """SELECT c.shift_id, 'its crew has other times' FROM shift_crews c JOIN shifts s ON s.id = c.shift_id
           WHERE c.starts_at <> s.starts_at OR c.ends_at <> s.ends_at OR s.cancelled_at IS NOT NULL""",
    ),
)
