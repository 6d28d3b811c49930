"""How the promises about fees for cancelled work are broken by hand in the lived-in world (see `plants`)."""

from __future__ import annotations

A_FEE = """
    INSERT INTO cancellation_fees (id, award_id, booking_id, organization_id, vendor_organization_id,
      contract_id, ended_as, rule, cents, happened_at, waived_note, revision)
    SELECT gen_random_uuid(), a.id, a.booking_id, a.organization_id, a.vendor_organization_id, c.id,
      'rider_no_show', 'in-vain', c.no_show_cents + {more}, now(), '', 1
    FROM awards a JOIN vendor_contracts c ON c.vendor_organization_id = a.vendor_organization_id
      AND c.organization_id = a.organization_id AND c.effective_to IS NULL"""
_CHARGED = (
    "DELETE FROM cancellation_fees",
    A_FEE.format(more=0),
    """INSERT INTO fee_charges (id, fee_id, organization_id, vendor_organization_id, debtor, cents, currency,
         state, created_at, due_at, revision)
       SELECT gen_random_uuid(), id, organization_id, vendor_organization_id, debtor, cents, 'USD', 'owed',
         now(), now(), 1 FROM cancellation_fees""",
)
FEES = {
    "owed-fee-charged-once": ("DELETE FROM cancellation_fees", A_FEE.format(more=0)),
    "charge-has-its-fee": (*_CHARGED, "UPDATE cancellation_fees SET waived_at = now()"),
    "nobody-else-pays-fees": (*_CHARGED, "UPDATE fee_charges SET organization_id = :stranger"),
    "charges-in-ledger": _CHARGED,
    "fee-settled-once": (*_CHARGED, "UPDATE fee_charges SET state = 'settled', settled_at = now()"),
    "kept-back-in-ledger": (
        *_CHARGED,
        """INSERT INTO fee_nettings (id, charge_id, transfer_id, organization_id, vendor_organization_id,
             cents, created_at)
           SELECT gen_random_uuid(), c.id, t.id, c.organization_id, c.vendor_organization_id, 1, now()
           FROM fee_charges c JOIN transfers t ON t.vendor_organization_id = c.vendor_organization_id
             AND t.state = 'made'""",
    ),
}
