"""Whatever looks at Stripe come, in any order, twice, late or forged: the ledger balances and pays once."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.ledger.rules import AccountKey
from billing.ledger.words import AccountKind
from billing.settlement.rules import (
    Fact,
    KnownDeposit,
    KnownTransfer,
    SeenPayment,
    SeenTransfer,
    judge_deposit,
    judge_transfer,
)
from billing.settlement.words import (
    DEPOSIT_MOVES,
    TRANSFER_MOVES,
    DepositState,
    TransferState,
)
from marketplace.foundation.money import Money

OURS, VENDOR, PAYER, DEPOSIT = UUID(int=7), UUID(int=2), UUID(int=1), UUID(int=9)
AMOUNT = Money(80_00)
DESTINATION = "acct_valley"
SEQUENCES = 2_000
PAYABLE = AccountKey(AccountKind.VENDOR_PAYABLE, VENDOR)
CLEARING = AccountKey(AccountKind.STRIPE_CLEARING, None)
DEPOSITS = AccountKey(AccountKind.PAYER_DEPOSITS, PAYER)


@dataclass
class Books:
    """A ledger in memory that keeps each fact once, as the table's unique key does."""

    facts: dict[str, Fact] = field(default_factory=dict)

    def enter(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.facts.setdefault(fact.key, fact)

    def balance(self, account: AccountKey) -> int:
        return sum(
            posting.cents
            for fact in self.facts.values()
            for posting in fact.entry.postings
            if posting.account == account
        )

    def total(self) -> int:
        return sum(posting.cents for fact in self.facts.values() for posting in fact.entry.postings)


def seen(reversed_cents: int = 0, **changes: object) -> SeenTransfer:
    good = SeenTransfer("tr_1", AMOUNT.cents, "USD", DESTINATION, reversed_cents, str(OURS))
    return replace(good, **changes)  # type: ignore[arg-type]


FORGERIES = (
    {"our_id": str(UUID(int=8))},
    {"our_id": ""},
    {"amount_cents": 79_99},
    {"currency": "CAD"},
    {"destination": "acct_thief"},
    {"reversed_cents": 80_01},
)


def follow(known: KnownTransfer, look: SeenTransfer, books: Books) -> KnownTransfer:
    """Do what a step says, refusing a move that the table does not allow."""
    step = judge_transfer(known, look)
    books.enter(step.facts)
    for target in step.moves:
        assert target in TRANSFER_MOVES[known.state], (known.state, target)
        known = replace(known, state=target)
    return replace(known, reversed_cents=step.reversed_cents)


def test_two_thousand_sequences_of_transfer_news_pay_at_most_once_and_balance() -> None:
    for seed in range(SEQUENCES):
        dice = random.Random(seed)
        truth = sorted(dice.randint(1, AMOUNT.cents) for _ in range(dice.randint(0, 3)))
        happened = [seen(0), *(seen(cents) for cents in truth)]
        looks = [
            dice.choice(happened) for _ in range(dice.randint(1, 12))
        ]  # late, twice, permuted, or missing
        looks += [replace(dice.choice(happened), **dice.choice(FORGERIES)) for _ in range(dice.randint(0, 4))]  # type: ignore[arg-type]
        dice.shuffle(looks)
        known = KnownTransfer(
            OURS, dice.choice([TransferState.INTENDED, TransferState.UNKNOWN]), VENDOR, AMOUNT, DESTINATION
        )
        books = Books()
        genuine = [look for look in looks if not judge_transfer(known, look).trouble]
        for look in looks:
            known = follow(known, look, books)
            assert books.total() == 0
        taken = max((look.reversed_cents for look in genuine), default=0)
        assert books.balance(PAYABLE) == (AMOUNT.cents - taken if genuine else 0), seed
        assert books.balance(CLEARING) == -books.balance(PAYABLE)
        assert sum(key.endswith(":made") for key in books.facts) == (1 if genuine else 0)
        if genuine:
            whole = taken == AMOUNT.cents
            assert known.state is (TransferState.REVERSED if whole else TransferState.MADE)


def test_two_thousand_sequences_of_deposit_news_count_the_money_once() -> None:
    statuses = [("processing", False), ("succeeded", False), ("succeeded", True)]
    for seed in range(SEQUENCES):
        dice = random.Random(seed)
        reached = dice.randint(1, 3)
        looks = [
            SeenPayment("pi_1", status, AMOUNT.cents, "USD", available, declined=False, our_id=str(DEPOSIT))
            for status, available in (dice.choice(statuses[:reached]) for _ in range(dice.randint(1, 10)))
        ]
        looks += [
            replace(looks[0], status="succeeded", available=True, amount_received_cents=1)
        ] * dice.randint(0, 1)
        dice.shuffle(looks)
        known, books = KnownDeposit(DEPOSIT, DepositState.UNKNOWN, PAYER, AMOUNT), Books()
        for look in looks:
            step = judge_deposit(known, look)
            books.enter(step.facts)
            if step.move is not None:
                assert step.move in DEPOSIT_MOVES[known.state]
                known = replace(known, state=step.move)
            assert books.total() == 0
        cleared = any(look.available and look.amount_received_cents == AMOUNT.cents for look in looks)
        assert (known.state is DepositState.CLEARED) == cleared
        assert -books.balance(DEPOSITS) == (AMOUNT.cents if cleared else 0)


@settings(max_examples=300)
@given(st.permutations([seen(0), seen(0), seen(10_00), seen(25_00), seen(80_00)]))
def test_every_order_of_the_same_news_ends_the_same(looks: list[SeenTransfer]) -> None:
    known, books = KnownTransfer(OURS, TransferState.UNKNOWN, VENDOR, AMOUNT, DESTINATION), Books()
    for look in looks:
        known = follow(known, look, books)
    assert (known.state, books.balance(PAYABLE)) == (TransferState.REVERSED, 0)


@pytest.mark.parametrize("changes", FORGERIES)
def test_a_transfer_that_is_not_exactly_ours_changes_nothing_and_says_why(changes: dict[str, object]) -> None:
    known = KnownTransfer(OURS, TransferState.UNKNOWN, VENDOR, AMOUNT, DESTINATION)
    step = judge_transfer(known, seen(**changes))  # type: ignore[arg-type]
    assert (step.moves, step.facts, bool(step.trouble)) == ((), (), True)


def test_money_of_a_transfer_held_as_failed_goes_to_suspense_and_to_a_person() -> None:
    known = KnownTransfer(OURS, TransferState.FAILED, VENDOR, AMOUNT, DESTINATION)
    step = judge_transfer(known, seen(5_00))
    assert step.moves == ()
    assert step.trouble
    sums: dict[AccountKind, int] = defaultdict(int)
    for posting in step.facts[0].entry.postings:
        sums[posting.account.kind] += posting.cents
    assert sums == {AccountKind.STRIPE_CLEARING: -75_00, AccountKind.SUSPENSE: 75_00}


@pytest.mark.parametrize(
    ("status", "declined", "state"),
    [
        ("canceled", False, DepositState.FAILED),
        ("requires_payment_method", True, DepositState.FAILED),
        ("requires_payment_method", False, DepositState.UNKNOWN),
        ("requires_confirmation", False, DepositState.UNKNOWN),
    ],
)
def test_a_declined_or_cancelled_payment_fails_and_an_unfinished_one_waits(
    status: str, *, declined: bool, state: DepositState
) -> None:
    known = KnownDeposit(DEPOSIT, DepositState.UNKNOWN, PAYER, AMOUNT)
    step = judge_deposit(
        known, SeenPayment("pi_1", status, 0, "USD", available=False, declined=declined, our_id="")
    )
    assert (step.move or known.state, step.facts) == (state, ())
