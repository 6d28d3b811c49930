"""What fees promise about stored data: one charge for each, in the ledger once, settled once, and by whom.

News of a fee may still be on its way to its handler: that is no breach yet, and `event-delivered` watches it.
"""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

FEE_INVARIANTS = (
    sql_invariant(
        "owed-fee-charged-once",
        "Each fee that is owed has exactly one charge, of its amount and between its two sides.",
        """SELECT f.id, CASE WHEN c.id IS NULL THEN 'it was never charged' ELSE 'its charge is another' END
            FROM cancellation_fees f LEFT JOIN fee_charges c ON c.fee_id = f.id
            WHERE (c.id IS NULL AND f.waived_at IS NULL AND NOT EXISTS (
              SELECT 1 FROM jobs j WHERE j.kind = 'foundation.deliver' AND j.state IN ('queued', 'running')
                AND j.arguments->>'handler' = 'billing.charge_fee'))
               OR (c.cents, c.debtor, c.organization_id, c.vendor_organization_id)
                  <> (f.cents, f.debtor, f.organization_id, f.vendor_organization_id)
            UNION ALL
            SELECT fee_id, count(*) || ' charges' FROM fee_charges GROUP BY fee_id HAVING count(*) > 1""",
    ),
    sql_invariant(
        "charge-has-its-fee",
        "No charge without its fee: a waived one is withdrawn, and what settlement took up is not waived.",
        """SELECT c.id, CASE WHEN f.id IS NULL THEN 'there is no such fee'
                              WHEN f.waived_at IS NULL THEN 'withdrawn, and nobody waived it'
                              ELSE 'waived, and still ' || c.state END
            FROM fee_charges c LEFT JOIN cancellation_fees f ON f.id = c.fee_id
            WHERE f.id IS NULL
               OR (c.state = 'withdrawn' AND f.waived_at IS NULL)
               OR (c.state = 'settled' AND f.waived_at IS NOT NULL)
               OR (c.state = 'owed' AND f.waived_at IS NOT NULL
                   AND NOT EXISTS (
              SELECT 1 FROM jobs j WHERE j.kind = 'foundation.deliver' AND j.state IN ('queued', 'running')
                AND j.arguments->>'handler' = 'billing.withdraw_charge'))""",
    ),
    sql_invariant(
        "nobody-else-pays-fees",
        "A fee is paid by the health system that booked the work, or kept back from the vendor; never by a "
        "payer of it, nor by the patient.",
        """SELECT c.id, 'its health system is a ' || o.kind FROM fee_charges c
           JOIN organizations o ON o.id = c.organization_id WHERE o.kind <> 'health_system'
           UNION ALL
           SELECT c.id, 'another health system booked the work' FROM fee_charges c
           JOIN cancellation_fees f ON f.id = c.fee_id JOIN bookings b ON b.id = f.booking_id
           WHERE b.organization_id <> c.organization_id
           UNION ALL
           SELECT g.id, 'somebody else pays it, or another vendor is paid' FROM payable_groups g
           JOIN fee_charges c ON c.id = g.charge_id
           WHERE g.payer_organization_id <> c.organization_id OR c.debtor <> 'health_system'
              OR g.vendor_organization_id <> c.vendor_organization_id""",
    ),
    sql_invariant(
        "charges-in-ledger",
        "The ledger holds each charge once and with its amount, and none that was withdrawn.",
        """SELECT c.id, 'the ledger says ' || coalesce(sum(p.amount_cents), 0) || ' cents, its state is '
                        || c.state
           FROM fee_charges c
           LEFT JOIN ledger_entries e ON e.subject_id = c.id
             AND e.kind IN ('fee_charged', 'fee_withdrawn', 'penalty_charged', 'penalty_withdrawn')
           LEFT JOIN ledger_accounts a ON a.kind = CASE c.debtor WHEN 'vendor' THEN 'vendor_receivable'
               ELSE 'payer_receivable' END
             AND a.organization_id = CASE c.debtor WHEN 'vendor' THEN c.vendor_organization_id
               ELSE c.organization_id END
           LEFT JOIN ledger_postings p ON p.entry_id = e.id AND p.account_id = a.id
           GROUP BY c.id
           HAVING coalesce(sum(p.amount_cents), 0)
             <> CASE WHEN c.state = 'withdrawn' THEN 0 ELSE c.cents END""",
    ),
    sql_invariant(
        "fee-settled-once",
        "A settled fee was paid by one transfer, or kept back to the cent; what is owed was not.",
        """SELECT c.id, c.state || ', with ' || paid.cents || ' cents paid and ' || kept.cents
                        || ' kept back of ' || c.cents
           FROM fee_charges c
           CROSS JOIN LATERAL (SELECT coalesce(sum(g.amount_cents), 0) cents FROM transfers t
             JOIN payable_groups g ON g.id = t.group_id
             WHERE t.charge_id = c.id AND t.state IN ('made', 'reversed')) paid
           CROSS JOIN LATERAL (SELECT coalesce(sum(n.cents), 0) cents FROM fee_nettings n
             JOIN transfers t ON t.id = n.transfer_id
             WHERE n.charge_id = c.id AND t.state IN ('made', 'reversed')) kept
           WHERE paid.cents + kept.cents > c.cents
              OR (c.state = 'settled') <> (paid.cents + kept.cents = c.cents)
              OR (c.debtor = 'vendor' AND paid.cents > 0) OR (c.debtor <> 'vendor' AND kept.cents > 0)
           UNION ALL
           SELECT n.charge_id, 'more than owed is kept back' FROM fee_nettings n
           JOIN transfers t ON t.id = n.transfer_id JOIN fee_charges c ON c.id = n.charge_id
           WHERE t.state <> 'failed' GROUP BY n.charge_id, c.cents HAVING sum(n.cents) > c.cents
           UNION ALL
           SELECT c.id, 'settlement has begun, and it may still be waived' FROM fee_charges c
           JOIN cancellation_fees f ON f.id = c.fee_id
           WHERE f.settled_from IS NULL
             AND (EXISTS (SELECT 1 FROM payable_groups g WHERE g.charge_id = c.id)
                  OR EXISTS (SELECT 1 FROM fee_nettings n WHERE n.charge_id = c.id))""",
    ),
    sql_invariant(
        "kept-back-in-ledger",
        "What transfers were made smaller by is what the ledger says was kept back, for the same vendor.",
        """SELECT n.charge_id, 'kept back ' || sum(n.cents) || ' cents, the ledger says ' || max(l.cents)
           FROM fee_nettings n JOIN transfers t ON t.id = n.transfer_id
           CROSS JOIN LATERAL (SELECT coalesce(sum(p.amount_cents), 0) cents FROM ledger_entries e
             JOIN ledger_postings p ON p.entry_id = e.id
             JOIN ledger_accounts a ON a.id = p.account_id AND a.kind = 'penalty_payable'
             WHERE e.subject_id = n.charge_id AND e.kind = 'penalty_netted') l
           WHERE t.state IN ('made', 'reversed') GROUP BY n.charge_id HAVING sum(n.cents) <> max(l.cents)
           UNION ALL
           SELECT n.id, 'kept back from another vendor' FROM fee_nettings n
           JOIN transfers t ON t.id = n.transfer_id JOIN fee_charges c ON c.id = n.charge_id
           WHERE t.vendor_organization_id <> c.vendor_organization_id""",
    ),
)
"""Fees are money once, between the two sides of a contract."""
