"""The money of past claims: deposits, what was owed, and the transfers that paid it, in a balanced ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from billing.claims.models import Claim
from billing.ledger import rules
from billing.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting, PayableGroup
from billing.ledger.rules import AccountKey, Entry
from billing.ledger.words import GroupPurpose
from billing.settlement.models import Deposit, Transfer
from billing.settlement.words import DepositState, FundingMethod, TransferState
from marketplace.demo.history.past import Move, Past, Somebody
from marketplace.foundation.money import Money

DEPOSIT_STEP = 50_000_00


def pay(past: Past, claim: Claim, approved_at: datetime) -> None:
    """What an approved claim led to: a payable group, its money set aside, a transfer that was made."""
    payer, vendor = claim.payer_organization_id, claim.vendor_organization_id
    amount, none = Money(claim.approved_cents or 0), Money(0)
    booked = approved_at + timedelta(seconds=5)
    group = past.rows.keep(
        PayableGroup(
            claim_id=claim.id,
            sequence=1,
            purpose=GroupPurpose.PAYMENT,
            payer_organization_id=payer,
            vendor_organization_id=vendor,
            amount_cents=amount.cents,
            fee_cents=0,
            currency="USD",
            created_at=booked,
        ),
        booked,
    )
    past.money[payer] = past.money.get(payer, 0) + amount.cents
    entry = rules.claim_approved(payer, vendor, amount, none)
    enter(past, entry, f"claim:{claim.id}:approved:1", claim.id, group.id, booked)
    transfer = _transfer(past, group, approved_at + timedelta(seconds=10))
    key, sent = f"transfer:{transfer.id}", approved_at + timedelta(seconds=18)
    enter(
        past, rules.group_funded(payer, amount), f"{key}:funded", transfer.id, group.id, transfer.intended_at
    )
    enter(past, rules.transfer_made(vendor, amount), f"{key}:made", transfer.id, group.id, sent)


def deposit_all(past: Past, first: datetime) -> None:
    """Each payer's deposits at the beginning, enough for all that it was to pay."""
    for payer, spent in sorted(past.money.items()):
        amount = Money(-(-spent // DEPOSIT_STEP) * DEPOSIT_STEP)
        deposit = Deposit(
            id=past.rows.id(first),
            payer_organization_id=payer,
            amount_cents=amount.cents,
            currency="USD",
            method=FundingMethod.CARD_CLEARED,
            state=DepositState.CLEARED,
            payment_intent_id=f"pi_before_{payer.hex}",
            created_at=first,
            cleared_at=first + timedelta(seconds=30),
            first_asked_at=first,
            asked_at=first,
            revision=3,
        )
        deposit.idempotency_key = f"deposit-{deposit.id}"
        past.rows.keep(deposit, first)
        by = Somebody(payer, *(past.stage.reviewers.get(payer) or past.stage.planners[0]))
        moves = [
            Move("intended", first, by),
            Move("unknown", first + timedelta(seconds=2), by),
            Move("cleared", first + timedelta(seconds=30), by),
        ]
        past.trail(deposit, moves)
        entry = rules.deposit_cleared(payer, amount)
        enter(past, entry, f"deposit:{deposit.id}:cleared", deposit.id, None, first + timedelta(seconds=30))


def enter(past: Past, entry: Entry, key: str, subject_id: UUID, group_id: UUID | None, at: datetime) -> None:
    """One entry with its postings."""
    row = past.rows.keep(
        LedgerEntry(
            kind=entry.kind, dedupe_key=key, subject_id=subject_id, group_id=group_id, happened_at=at
        ),
        at,
    )
    for posting in entry.postings:
        past.rows.keep(
            LedgerPosting(
                entry_id=row.id,
                account_id=_account(past, posting.account, at),
                organization_id=posting.account.organization_id,
                amount_cents=posting.cents,
                currency=posting.account.currency,
            ),
            at,
        )


def _account(past: Past, key: AccountKey, at: datetime) -> UUID:
    if key not in past.accounts:
        account = LedgerAccount(kind=key.kind, organization_id=key.organization_id, currency=key.currency)
        past.accounts[key] = past.rows.keep(account, at).id
    return past.accounts[key]


def _transfer(past: Past, group: PayableGroup, at: datetime) -> Transfer:
    identifier = past.rows.id(at)
    transfer = past.rows.keep(
        Transfer(
            id=identifier,
            group_id=group.id,
            claim_id=group.claim_id,
            attempt=1,
            vendor_organization_id=group.vendor_organization_id,
            payer_organization_id=group.payer_organization_id,
            amount_cents=group.vendor_cents,
            currency="USD",
            destination=f"acct_before_{group.vendor_organization_id.hex[:16]}",
            state=TransferState.MADE,
            idempotency_key=f"transfer-{identifier}",
            stripe_transfer_id=f"tr_before_{identifier.hex}",
            intended_at=at,
            first_asked_at=at,
            asked_at=at,
            resolved_at=at + timedelta(seconds=8),
            revision=3,
        ),
        at,
    )
    by = Somebody(group.payer_organization_id, name="Settlement")
    moves = [Move(TransferState.INTENDED, at, by), Move(TransferState.UNKNOWN, at, by)]
    past.trail(transfer, [*moves, Move(TransferState.MADE, at + timedelta(seconds=8), by)])
    return transfer
