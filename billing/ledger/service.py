"""Verbs of the ledger: open a payable group, enter a fact once, ask for balances."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from billing.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting, PayableGroup
from billing.ledger.rules import AccountKey, Entry
from billing.ledger.words import AccountKind, GroupPurpose
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession


def enter(
    session: WorkSession, entry: Entry, *, dedupe_key: str, subject_id: UUID, group_id: UUID | None = None
) -> bool:
    """Add the entry unless one with this key is there already; returns whether it was added.

    Runs under the janitor role. Two transactions with the same key cannot both commit.
    """
    row = LedgerEntry(
        kind=entry.kind,
        dedupe_key=dedupe_key,
        subject_id=subject_id,
        group_id=group_id,
        happened_at=session.now(),
    )
    if session.scalar(select(LedgerEntry.id).where(LedgerEntry.dedupe_key == dedupe_key)) is not None:
        return False
    session.add(row)
    session.flush()
    for posting in entry.postings:
        session.add(
            LedgerPosting(
                entry_id=row.id,
                account_id=account_id(session, posting.account),
                organization_id=posting.account.organization_id,
                amount_cents=posting.cents,
                currency=posting.account.currency,
            )
        )
    session.flush()
    return True


def account_id(session: WorkSession, key: AccountKey) -> UUID:
    """The account's id; the account is opened when it is first needed."""
    found = session.scalar(_account(key))
    if found is not None:
        return found
    session.execute(
        insert(LedgerAccount)
        .values(kind=key.kind, organization_id=key.organization_id, currency=key.currency)
        .on_conflict_do_nothing()
    )
    return session.execute(_account(key)).scalar_one()


def lock_deposits(session: WorkSession, payer: UUID, currency: str = "USD") -> Money:
    """The payer's cleared and unspent deposits, locked until the transaction ends.

    Whoever spends deposits holds this lock, so that no two settlements spend the same cent.
    """
    key = AccountKey(AccountKind.PAYER_DEPOSITS, payer, currency)
    identifier = account_id(session, key)
    session.execute(select(LedgerAccount.id).where(LedgerAccount.id == identifier).with_for_update())
    return -balance(session, key)


def balance(session: WorkSession, key: AccountKey) -> Money:
    """The sum of an account's postings: positive is a debit balance."""
    total = select(func.coalesce(func.sum(LedgerPosting.amount_cents), 0)).join(
        LedgerAccount, LedgerAccount.id == LedgerPosting.account_id
    )
    cents = session.scalar(total.where(*_is(key)))
    return Money(int(cents or 0), key.currency)


def open_group(
    session: WorkSession,
    *,
    claim_id: UUID,
    purpose: GroupPurpose,
    payer: UUID,
    vendor: UUID,
    amount: Money,
    fee: Money,
    sequence: int = 1,
) -> PayableGroup:
    """The payable group of a claim with this sequence number, opened if it does not exist."""
    session.execute(
        insert(PayableGroup)
        .values(
            claim_id=claim_id,
            sequence=sequence,
            purpose=purpose,
            payer_organization_id=payer,
            vendor_organization_id=vendor,
            amount_cents=amount.cents,
            fee_cents=fee.cents,
            currency=amount.currency,
            created_at=session.now(),
        )
        .on_conflict_do_nothing(index_elements=["claim_id", "sequence"])
    )
    group = select(PayableGroup).where(PayableGroup.claim_id == claim_id, PayableGroup.sequence == sequence)
    return session.scalars(group).one()


def open_fee_group(
    session: WorkSession, *, charge_id: UUID, payer: UUID, vendor: UUID, amount: Money
) -> PayableGroup:
    """The payable group of a fee's charge, without a part for the platform; a second one is refused."""
    group = PayableGroup(
        charge_id=charge_id,
        sequence=1,
        purpose=GroupPurpose.FEE,
        payer_organization_id=payer,
        vendor_organization_id=vendor,
        amount_cents=amount.cents,
        fee_cents=0,
        currency=amount.currency,
        created_at=session.now(),
    )
    session.add(group)
    session.flush()
    return group


def _account(key: AccountKey) -> Select[UUID]:
    return select(LedgerAccount.id).where(*_is(key))


def _is(key: AccountKey) -> tuple[ColumnElement[bool], ...]:
    return (
        LedgerAccount.kind == key.kind,
        LedgerAccount.organization_id.is_not_distinct_from(key.organization_id),
        LedgerAccount.currency == key.currency,
    )
