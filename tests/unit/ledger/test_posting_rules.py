"""Each posting rule makes a balanced entry, and nothing else can be made."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import rules
from billing.ledger.rules import AccountKey, Entry, Posting, Unbalanced
from billing.ledger.words import AccountKind, EntryKind
from marketplace.foundation.money import Money

PAYER, VENDOR = UUID(int=1), UUID(int=2)
AMOUNTS = st.integers(min_value=1, max_value=10**9)
DEPOSITS = AccountKey(AccountKind.PAYER_DEPOSITS, PAYER)
CLEARING = AccountKey(AccountKind.STRIPE_CLEARING, None)
RECEIVABLE = AccountKey(AccountKind.PAYER_RECEIVABLE, PAYER)
PAYABLE = AccountKey(AccountKind.VENDOR_PAYABLE, VENDOR)
FEE = AccountKey(AccountKind.PLATFORM_FEE, None)


def cents_of(*entries: Entry) -> dict[AccountKey, int]:
    """Sum the entries by account, leaving out accounts at zero."""
    sums: dict[AccountKey, int] = {}
    for entry in entries:
        for posting in entry.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.cents
    return {account: cents for account, cents in sums.items() if cents}


@given(AMOUNTS, st.integers(min_value=0, max_value=10_000))
def test_a_paid_claim_leaves_only_spent_deposits_money_out_and_the_fee(cents: int, basis_points: int) -> None:
    approved = Money(cents)
    fee = rules.platform_fee(approved, basis_points)
    entries = [
        rules.deposit_cleared(PAYER, approved),
        rules.claim_approved(PAYER, VENDOR, approved, fee),
        rules.group_funded(PAYER, approved),
    ]
    if (approved - fee).cents:
        entries.append(rules.transfer_made(VENDOR, approved - fee))
    expected = {CLEARING: fee.cents, FEE: -fee.cents} if fee.cents else {}
    assert cents_of(*entries) == expected


@given(AMOUNTS, st.integers(min_value=0, max_value=10_000))
def test_a_withdrawn_approval_undoes_the_approval_exactly(cents: int, basis_points: int) -> None:
    fee = rules.platform_fee(Money(cents), basis_points)
    assert (
        cents_of(
            rules.claim_approved(PAYER, VENDOR, Money(cents), fee),
            rules.approval_withdrawn(PAYER, VENDOR, Money(cents), fee),
        )
        == {}
    )


@given(AMOUNTS)
def test_release_undoes_funding_and_reversal_undoes_the_transfer(cents: int) -> None:
    amount = Money(cents)
    assert cents_of(rules.group_funded(PAYER, amount), rules.funding_released(PAYER, amount)) == {}
    assert cents_of(rules.transfer_made(VENDOR, amount), rules.transfer_reversed(VENDOR, amount)) == {}


def test_an_approval_splits_what_the_payer_owes_into_vendor_and_fee() -> None:
    entry = rules.claim_approved(PAYER, VENDOR, Money(100_00), Money(3_00))
    assert cents_of(entry) == {RECEIVABLE: 100_00, PAYABLE: -97_00, FEE: -3_00}


def test_a_fee_is_rounded_down_to_a_cent() -> None:
    assert rules.platform_fee(Money(99), 250) == Money(2)
    assert rules.platform_fee(Money(100_00), 250) == Money(2_50)


@given(st.lists(st.integers(min_value=-1000, max_value=1000), max_size=6))
def test_postings_that_do_not_sum_to_zero_are_no_entry(cents: list[int]) -> None:
    postings = tuple(
        Posting(AccountKey(AccountKind.SUSPENSE, UUID(int=i)), value) for i, value in enumerate(cents)
    )
    balanced = sum(cents) == 0 and sum(1 for value in cents if value) >= 2
    if balanced:
        assert sum(posting.cents for posting in Entry(EntryKind.UNEXPLAINED_MOVEMENT, postings).postings) == 0
    else:
        with pytest.raises(Unbalanced):
            Entry(EntryKind.UNEXPLAINED_MOVEMENT, postings)


def test_two_currencies_never_balance_each_other() -> None:
    with pytest.raises(Unbalanced, match="USD sum to 5"):
        Entry(
            EntryKind.UNEXPLAINED_MOVEMENT,
            (
                Posting(AccountKey(AccountKind.SUSPENSE, None, "USD"), 5),
                Posting(AccountKey(AccountKind.SUSPENSE, None, "CAD"), -5),
            ),
        )


@pytest.mark.parametrize("cents", [0, -1])
def test_an_amount_that_is_not_positive_is_refused(cents: int) -> None:
    with pytest.raises(Unbalanced):
        rules.deposit_cleared(PAYER, Money(cents))
