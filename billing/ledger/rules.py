"""Posting rules: what each business fact does to the accounts, as entries that cannot be out of balance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from billing.ledger.words import AccountKind, EntryKind
from marketplace.foundation.money import Money


class Unbalanced(ValueError):
    """Postings that do not sum to zero in each currency are no entry."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """An account by its meaning: kind, whose it is (None: the platform's) and currency."""

    kind: AccountKind
    organization_id: UUID | None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: positive cents debit the account, negative cents credit it."""

    account: AccountKey
    cents: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced set of postings; one that is not balanced cannot be constructed.

    Zero postings are left out; what remains has at least two postings, or the entry is refused.
    """

    kind: EntryKind
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        kept = tuple(posting for posting in self.postings if posting.cents != 0)
        object.__setattr__(self, "postings", kept)
        if len(kept) < 2:
            raise Unbalanced(f"{self.kind}: an entry needs at least two postings that are not zero")
        for currency, cents in sums_by_currency(kept).items():
            if cents != 0:
                raise Unbalanced(f"{self.kind}: postings in {currency} sum to {cents} cents, not zero")


def sums_by_currency(postings: Iterable[Posting]) -> dict[str, int]:
    """The sum of cents in each currency; an entry's are all zero."""
    sums: dict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.account.currency] += posting.cents
    return dict(sums)


def deposit_cleared(payer: UUID, amount: Money) -> Entry:
    """A payer's deposit has become available money at Stripe."""
    return _between(
        EntryKind.DEPOSIT_CLEARED,
        AccountKey(AccountKind.STRIPE_CLEARING, None, amount.currency),
        AccountKey(AccountKind.PAYER_DEPOSITS, payer, amount.currency),
        amount,
    )


def claim_approved(payer: UUID, vendor: UUID, approved: Money, fee: Money) -> Entry:
    """The payer now owes the approved amount: to the vendor, less the platform's fee."""
    return _obligation(EntryKind.CLAIM_APPROVED, payer, vendor, approved, fee)


def approval_withdrawn(payer: UUID, vendor: UUID, amount: Money, fee: Money) -> Entry:
    """The opposite of `claim_approved`, for all or part of it."""
    return _obligation(EntryKind.APPROVAL_WITHDRAWN, payer, vendor, -amount, -fee)


def fee_charged(health_system: UUID, vendor: UUID, amount: Money) -> Entry:
    """The health system owes the vendor a fee; the platform takes no part of it."""
    return _obligation(EntryKind.FEE_CHARGED, health_system, vendor, amount, Money(0, amount.currency))


def fee_withdrawn(health_system: UUID, vendor: UUID, amount: Money) -> Entry:
    """The opposite of `fee_charged`."""
    return _obligation(EntryKind.FEE_WITHDRAWN, health_system, vendor, -amount, Money(0, amount.currency))


def penalty_charged(health_system: UUID, vendor: UUID, amount: Money) -> Entry:
    """The vendor owes the health system for work that it did not come for."""
    owed, owing = _penalty_accounts(health_system, vendor, amount)
    return _between(EntryKind.PENALTY_CHARGED, owed, owing, amount)


def penalty_withdrawn(health_system: UUID, vendor: UUID, amount: Money) -> Entry:
    """The opposite of `penalty_charged`."""
    owed, owing = _penalty_accounts(health_system, vendor, amount)
    return _between(EntryKind.PENALTY_WITHDRAWN, owing, owed, amount)


def penalty_netted(health_system: UUID, vendor: UUID, amount: Money) -> Entry:
    """So much less went to the vendor; the cleared money behind it is the health system's to spend."""
    owed, owing = _penalty_accounts(health_system, vendor, amount)
    return Entry(
        EntryKind.PENALTY_NETTED,
        (
            Posting(AccountKey(AccountKind.VENDOR_PAYABLE, vendor, amount.currency), amount.cents),
            Posting(owed, -amount.cents),
            Posting(owing, amount.cents),
            Posting(AccountKey(AccountKind.PAYER_DEPOSITS, health_system, amount.currency), -amount.cents),
        ),
    )


def group_funded(payer: UUID, amount: Money) -> Entry:
    """Cleared deposits of the payer are set aside for what it owes."""
    return _between(
        EntryKind.GROUP_FUNDED,
        AccountKey(AccountKind.PAYER_DEPOSITS, payer, amount.currency),
        AccountKey(AccountKind.PAYER_RECEIVABLE, payer, amount.currency),
        amount,
    )


def funding_released(payer: UUID, amount: Money) -> Entry:
    """The money set aside goes back to the payer's deposits, and the payer owes it again."""
    return _between(
        EntryKind.FUNDING_RELEASED,
        AccountKey(AccountKind.PAYER_RECEIVABLE, payer, amount.currency),
        AccountKey(AccountKind.PAYER_DEPOSITS, payer, amount.currency),
        amount,
    )


def transfer_made(vendor: UUID, amount: Money) -> Entry:
    """Money has left for the vendor's account."""
    return _between(
        EntryKind.TRANSFER_MADE,
        AccountKey(AccountKind.VENDOR_PAYABLE, vendor, amount.currency),
        AccountKey(AccountKind.STRIPE_CLEARING, None, amount.currency),
        amount,
    )


def transfer_reversed(vendor: UUID, amount: Money) -> Entry:
    """Money came back from the vendor's account."""
    return _between(
        EntryKind.TRANSFER_REVERSED,
        AccountKey(AccountKind.STRIPE_CLEARING, None, amount.currency),
        AccountKey(AccountKind.VENDOR_PAYABLE, vendor, amount.currency),
        amount,
    )


def unexplained_movement(amount: Money) -> Entry:
    """Money at Stripe changed by `amount` (negative: it left) and nothing of ours says why."""
    return Entry(
        EntryKind.UNEXPLAINED_MOVEMENT,
        (
            Posting(AccountKey(AccountKind.STRIPE_CLEARING, None, amount.currency), amount.cents),
            Posting(AccountKey(AccountKind.SUSPENSE, None, amount.currency), -amount.cents),
        ),
    )


def platform_fee(approved: Money, basis_points: int) -> Money:
    """The platform's part of an approved amount; hundredths of a percent, rounded down to a cent."""
    if not 0 <= basis_points <= 10_000:
        raise ValueError("a fee is between 0 and 10,000 basis points")
    return Money(approved.cents * basis_points // 10_000, approved.currency)


def _penalty_accounts(health_system: UUID, vendor: UUID, amount: Money) -> tuple[AccountKey, AccountKey]:
    """What the vendor owes, and what the health system is owed."""
    return (
        AccountKey(AccountKind.VENDOR_RECEIVABLE, vendor, amount.currency),
        AccountKey(AccountKind.PENALTY_PAYABLE, health_system, amount.currency),
    )


def _between(kind: EntryKind, debit: AccountKey, credit: AccountKey, amount: Money) -> Entry:
    """Move a positive amount from the credited to the debited account."""
    if amount.cents <= 0:
        raise Unbalanced(f"{kind}: the amount must be positive, not {amount}")
    return Entry(kind, (Posting(debit, amount.cents), Posting(credit, -amount.cents)))


def _obligation(kind: EntryKind, payer: UUID, vendor: UUID, amount: Money, fee: Money) -> Entry:
    """The payer owes `amount`; the vendor is owed it less the fee."""
    owed = amount - fee
    return Entry(
        kind,
        (
            Posting(AccountKey(AccountKind.PAYER_RECEIVABLE, payer, amount.currency), amount.cents),
            Posting(AccountKey(AccountKind.VENDOR_PAYABLE, vendor, amount.currency), -owed.cents),
            Posting(AccountKey(AccountKind.PLATFORM_FEE, None, amount.currency), -fee.cents),
        ),
    )
