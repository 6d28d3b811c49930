"""What `homeward verify` checks of billing: each promise a query for its breaches."""

from __future__ import annotations

from marketplace.foundation.invariants import sql_invariant

INVARIANTS = (
    sql_invariant(
        "claim-from-completed-service",
        "Every claim stands on a completed service of its vendor, with evidence.",
        """SELECT c.id, CASE WHEN s.id IS NULL THEN 'it names no service'
                             WHEN b.state <> 'completed' THEN 'booking ' || b.reference || ' is not completed'
                             WHEN b.vendor_organization_id IS DISTINCT FROM c.vendor_organization_id
                               THEN 'booking ' || b.reference || ' belongs to another vendor'
                             ELSE 'it has no evidence' END
           FROM claims c LEFT JOIN claim_services s ON s.claim_id = c.id
           LEFT JOIN bookings b ON b.id = s.booking_id
           WHERE s.id IS NULL OR b.state <> 'completed'
              OR b.vendor_organization_id IS DISTINCT FROM c.vendor_organization_id
              OR (c.state NOT IN ('draft', 'held', 'voided')
                  AND NOT EXISTS (SELECT 1 FROM claim_evidence e WHERE e.claim_id = c.id))""",
    ),
    sql_invariant(
        "evidence-unchanged",
        "The evidence a claim points to is the evidence the claim was made from.",
        """SELECT p.claim_id, 'evidence ' || p.source_id || ' is missing or was changed'
           FROM claim_evidence p LEFT JOIN evidence_items e ON e.id = p.source_id
           WHERE e.digest IS DISTINCT FROM p.digest""",
    ),
    sql_invariant(
        "claim-lines-sum",
        "A claim's total is the sum of its lines, and a line's charge is units times price.",
        """SELECT c.id, 'the lines sum to ' || coalesce(sum(l.charge_cents), 0) || ' cents, the claim says '
                        || c.total_cents
           FROM claims c LEFT JOIN claim_lines l ON l.claim_id = c.id GROUP BY c.id
           HAVING coalesce(sum(l.charge_cents), 0) <> c.total_cents
           UNION ALL
           SELECT l.claim_id, 'line ' || l.number || ' is not units times price' FROM claim_lines l
           WHERE round(l.units * l.unit_cents) <> l.charge_cents""",
    ),
    sql_invariant(
        "payment-needs-approval",
        "No transfer without a payable group, no group without a payer's approval of that amount, or a fee.",
        """SELECT g.id, 'no approval of this amount by the payer'
           FROM payable_groups g
           WHERE g.claim_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM claim_decisions d JOIN claims c ON c.id = d.claim_id
             WHERE d.claim_id = g.claim_id AND d.sequence = g.sequence AND d.decision = 'approved'
               AND d.approved_cents = g.amount_cents AND d.organization_id = g.payer_organization_id
               AND c.vendor_organization_id = g.vendor_organization_id)
           UNION ALL
           SELECT g.id, 'no fee of this amount' FROM payable_groups g
           WHERE g.claim_id IS NULL AND NOT EXISTS (
             SELECT 1 FROM fee_charges c WHERE c.id = g.charge_id AND c.cents = g.amount_cents)
           UNION ALL
           SELECT t.id, 'it pays another amount or vendor than its group'
           FROM transfers t JOIN payable_groups g ON g.id = t.group_id
           CROSS JOIN LATERAL (SELECT coalesce(sum(n.cents), 0) cents FROM fee_nettings n
             WHERE n.transfer_id = t.id) kept
           WHERE t.amount_cents <> g.amount_cents - g.fee_cents - kept.cents
              OR (t.claim_id, t.charge_id) IS DISTINCT FROM (g.claim_id, g.charge_id)
              OR t.vendor_organization_id <> g.vendor_organization_id
              OR t.payer_organization_id <> g.payer_organization_id""",
    ),
    sql_invariant(
        "approval-in-ledger",
        "Every payable group of a claim is an approval in the ledger, once and with its amount.",
        """SELECT g.id, 'the ledger shows ' || coalesce(sum(p.amount_cents), 0) || ' cents, the group '
                        || g.amount_cents
           FROM payable_groups g
           LEFT JOIN ledger_entries e ON e.group_id = g.id AND e.kind = 'claim_approved'
           LEFT JOIN ledger_postings p ON p.entry_id = e.id AND p.amount_cents > 0
           WHERE g.claim_id IS NOT NULL
           GROUP BY g.id HAVING coalesce(sum(p.amount_cents), 0) <> g.amount_cents""",
    ),
    sql_invariant(
        "ledger-entry-balances",
        "Every ledger entry has at least two postings and sums to zero in each currency.",
        """SELECT e.id, e.kind || ' does not balance in ' || coalesce(p.currency, 'any currency')
           FROM ledger_entries e LEFT JOIN ledger_postings p ON p.entry_id = e.id
           GROUP BY e.id, e.kind, p.currency
           HAVING coalesce(sum(p.amount_cents), 1) <> 0 OR count(p.id) < 2""",
    ),
    sql_invariant(
        "ledger-sums-to-zero",
        "All postings together sum to zero in each currency.",
        """SELECT currency, 'all postings sum to ' || sum(amount_cents) || ' cents'
           FROM ledger_postings GROUP BY currency HAVING sum(amount_cents) <> 0""",
    ),
    sql_invariant(
        "posting-on-its-account",
        "A posting carries the organization and currency of its account.",
        """SELECT p.id, 'it differs from its account' FROM ledger_postings p
           JOIN ledger_accounts a ON a.id = p.account_id
           WHERE p.organization_id IS DISTINCT FROM a.organization_id OR p.currency <> a.currency""",
    ),
    sql_invariant(
        "one-live-transfer",
        "A payable group is paid by at most one live transfer.",
        """SELECT group_id, count(*) || ' live transfers' FROM transfers
           WHERE state IN ('intended', 'unknown', 'made') GROUP BY group_id HAVING count(*) > 1""",
    ),
    sql_invariant(
        "transfers-in-ledger",
        "What was transferred and taken back is what the ledger says.",
        """SELECT t.id, 'the ledger says ' || coalesce(sum(p.amount_cents), 0) || ' cents left for the vendor'
           FROM transfers t
           LEFT JOIN ledger_entries e
             ON e.subject_id = t.id AND e.kind IN ('transfer_made', 'transfer_reversed')
           LEFT JOIN ledger_postings p ON p.entry_id = e.id AND p.organization_id = t.vendor_organization_id
           GROUP BY t.id
           HAVING coalesce(sum(p.amount_cents), 0) <>
             CASE WHEN t.state IN ('made', 'reversed') THEN t.amount_cents - t.reversed_cents ELSE 0 END""",
    ),
    sql_invariant(
        "deposits-in-ledger",
        "Every cleared deposit is in the ledger once, and no other one is.",
        """SELECT d.id, 'the ledger says ' || coalesce(sum(p.amount_cents), 0) || ' cents, its state is '
                        || d.state
           FROM deposits d
           LEFT JOIN ledger_entries e ON e.subject_id = d.id AND e.kind = 'deposit_cleared'
           LEFT JOIN ledger_postings p ON p.entry_id = e.id AND p.amount_cents > 0
           GROUP BY d.id
           HAVING coalesce(sum(p.amount_cents), 0) <>
             CASE WHEN d.state = 'cleared' THEN d.amount_cents ELSE 0 END""",
    ),
    sql_invariant(
        "only-cleared-money-spent",
        "No payer's transfers exceed its cleared deposits.",
        """SELECT a.organization_id, 'overspent by ' || sum(p.amount_cents) || ' cents'
           FROM ledger_accounts a JOIN ledger_postings p ON p.account_id = a.id
           WHERE a.kind = 'payer_deposits' GROUP BY a.organization_id, a.currency
           HAVING sum(p.amount_cents) > 0""",
    ),
    sql_invariant(
        "tried-again-by-somebody",
        "No payment is tried more than five times until somebody has looked, and nobody looks before that.",
        """SELECT t.id, 'attempt ' || t.attempt || ' of its payment, and nobody has looked'
           FROM transfers t WHERE t.attempt > 5 + coalesce((SELECT max(r.after_attempt)
             FROM transfer_retries r WHERE r.group_id = t.group_id AND r.after_attempt < t.attempt), 0)
           UNION ALL
           SELECT r.id, 'its payment had not failed ' || r.after_attempt || ' times'
           FROM transfer_retries r WHERE r.after_attempt <> (SELECT count(*) FROM transfers t
             WHERE t.group_id = r.group_id AND t.attempt <= r.after_attempt AND t.state = 'failed')""",
    ),
    sql_invariant(
        "paid-claims-were-paid",
        "A paid claim has a made transfer, and a claim with a made transfer is paid.",
        """SELECT c.id, 'it is ' || c.state || ' and has ' || count(t.id) || ' made transfers'
           FROM claims c LEFT JOIN transfers t ON t.claim_id = c.id AND t.state = 'made'
           GROUP BY c.id HAVING (c.state = 'paid' AND count(t.id) = 0
             AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.claim_id = c.id AND r.state = 'reversed'))
             OR (c.state NOT IN ('paid', 'partially_paid', 'recouped', 'replaced') AND count(t.id) > 0)""",
    ),
)
"""The money's promises."""
