"""From a payer's decision to what it owes: the ledger entry and the payable group of an approval."""

from __future__ import annotations

from sqlalchemy import select

from billing.claims.events import ClaimDecided
from billing.claims.models import Claim, ClaimDecision
from billing.claims.words import Decision
from billing.ledger import rules
from billing.ledger import service as ledger
from billing.ledger.words import GroupPurpose
from billing.settlement.jobs import SETTLE_PAYER
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession


def enter_decision(session: WorkSession, event: ClaimDecided) -> None:
    """Enter an approval once, open its payable group and ask for settlement. Runs under the janitor role."""
    decision = session.get(ClaimDecision, event.decision_id)
    if decision is None or decision.decision is not Decision.APPROVED:
        return
    claim = session.scalars(select(Claim).where(Claim.id == decision.claim_id)).one()
    approved = Money(decision.approved_cents, claim.currency)
    fee = rules.platform_fee(approved, session.runtime.settings.number("PLATFORM_FEE_BASIS_POINTS", 0))
    vendor, payer = claim.vendor_organization_id, claim.payer_organization_id
    group = ledger.open_group(
        session,
        claim_id=claim.id,
        purpose=GroupPurpose.PAYMENT,
        payer=payer,
        vendor=vendor,
        amount=approved,
        fee=fee,
        sequence=decision.sequence,
    )
    fee = Money(group.fee_cents, group.currency)  # a repeated delivery keeps the fee of the first
    entry = rules.claim_approved(payer, vendor, approved, fee)
    key = f"claim:{claim.id}:approved:{decision.sequence}"
    ledger.enter(session, entry, dedupe_key=key, subject_id=claim.id, group_id=group.id)
    enqueue(
        session, SETTLE_PAYER, {"payer": str(payer)}, dedupe_key=f"settle:{group.id}", organization_id=payer
    )
