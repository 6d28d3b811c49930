"""What cancellation fees promise about stored data."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

CANCELLATION_INVARIANTS = (
    sql_invariant(
        "fee-by-contract",
        "Every cancellation fee is what the contract of its two sides names, owed by who booked, or by the "
        "vendor that did not come.",
        """SELECT f.id, f.cents || ' cents for ' || f.ended_as FROM cancellation_fees f
           LEFT JOIN vendor_contracts c ON c.id = f.contract_id
             AND c.vendor_organization_id = f.vendor_organization_id
             AND c.organization_id = f.organization_id
           LEFT JOIN bookings b ON b.id = f.booking_id AND b.organization_id = f.organization_id
           WHERE b.id IS NULL OR f.debtor <> CASE f.ended_as
               WHEN 'vendor_no_show' THEN 'vendor' ELSE 'health_system' END
             OR f.cents IS DISTINCT FROM CASE
             WHEN f.ended_as IN ('cancelled_late', 'cancelled_same_day')
               OR (f.ended_as = 'cancelled_advance' AND c.notice_hours IS NOT NULL)
             THEN c.late_cancellation_cents
             WHEN f.ended_as IN ('cancelled_at_door', 'rider_no_show') THEN c.no_show_cents
             WHEN f.ended_as = 'vendor_no_show' THEN c.vendor_no_show_cents END""",
    ),
    sql_invariant(
        "no-claim-for-what-was-not-done",
        "Work that ended without service never became a charge to a payer.",
        """SELECT f.id, 'claimed all the same' FROM cancellation_fees f
           WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.id = f.booking_id AND b.finished_at IS NOT NULL)""",
    ),
)
"""Fees follow contracts; nobody else pays."""
