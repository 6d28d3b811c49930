"""What a look at Stripe means for a transfer or a deposit: pure decisions, safe to repeat in any order.

Webhooks are only hints to look. What is looked at is the object as Stripe holds it now, so events that come
late, twice, permuted or not at all lead to the same end: each fact is entered under a key of its own, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from billing.ledger import rules as ledger
from billing.ledger.rules import Entry
from billing.settlement.words import DepositState, TransferState
from marketplace.foundation.money import Money


@dataclass(frozen=True, slots=True)
class SeenTransfer:
    """A transfer as Stripe shows it; amounts in cents."""

    id: str
    amount_cents: int
    currency: str
    destination: str
    reversed_cents: int
    our_id: str
    """What our metadata says it is for; empty when it is none of ours."""


@dataclass(frozen=True, slots=True)
class SeenPayment:
    """A payment intent as Stripe shows it; `available` tells whether its money may be spent."""

    id: str
    status: str
    amount_received_cents: int
    currency: str
    available: bool
    declined: bool
    our_id: str


@dataclass(frozen=True, slots=True)
class KnownTransfer:
    """A transfer as we hold it."""

    id: UUID
    state: TransferState
    vendor: UUID
    amount: Money
    destination: str
    reversed_cents: int = 0


@dataclass(frozen=True, slots=True)
class KnownDeposit:
    """A deposit as we hold it."""

    id: UUID
    state: DepositState
    payer: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Fact:
    """A ledger entry to make, and the key under which it is made at most once."""

    key: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class TransferStep:
    """What to do with a transfer after a look: the moves in their order, and the facts to enter."""

    moves: tuple[TransferState, ...] = ()
    facts: tuple[Fact, ...] = ()
    reversed_cents: int = 0
    """What is now taken back in total."""
    trouble: str = ""
    """Why a person has to look, if one has to."""


@dataclass(frozen=True, slots=True)
class DepositStep:
    """What to do with a deposit after a look."""

    move: DepositState | None = None
    facts: tuple[Fact, ...] = ()
    trouble: str = ""


def judge_transfer(known: KnownTransfer, seen: SeenTransfer) -> TransferStep:
    """What the transfer seen at Stripe means for ours.

    A transfer with another amount, currency or destination than ours is never taken for it. Reversals only
    ever grow: an older look that shows less changes nothing.
    """
    mismatch = _mismatch(known, seen)
    if mismatch:
        return TransferStep(reversed_cents=known.reversed_cents, trouble=mismatch)
    if known.state is TransferState.FAILED:
        left = Money(-(seen.amount_cents - seen.reversed_cents), known.amount.currency)
        if left.cents == 0:
            return TransferStep(reversed_cents=known.reversed_cents)
        fact = Fact(f"transfer:{known.id}:unexplained", ledger.unexplained_movement(left))
        return TransferStep(
            (), (fact,), known.reversed_cents, "Stripe shows a transfer that we hold as failed."
        )
    moves, facts = _made(known)
    total = max(known.reversed_cents, seen.reversed_cents)
    if total > known.reversed_cents:
        taken = Money(total - known.reversed_cents, known.amount.currency)
        facts.append(
            Fact(f"transfer:{known.id}:reversed:{total}", ledger.transfer_reversed(known.vendor, taken))
        )
    if total == known.amount.cents and known.state is not TransferState.REVERSED:
        moves.append(TransferState.REVERSED)
    return TransferStep(tuple(moves), tuple(facts), total)


def judge_deposit(known: KnownDeposit, seen: SeenPayment) -> DepositStep:
    """What the payment seen at Stripe means for our deposit; an end that was reached is never left again."""
    if known.state in {DepositState.CLEARED, DepositState.FAILED}:
        return DepositStep()
    if seen.status == "succeeded":
        return _paid(known, seen)
    if seen.status == "canceled" or seen.declined:
        return _step(known, DepositState.FAILED)
    return _step(known, DepositState.PROCESSING) if seen.status == "processing" else DepositStep()


def _paid(known: KnownDeposit, seen: SeenPayment) -> DepositStep:
    """The payment has succeeded: received, or cleared once its money is available."""
    if (seen.amount_received_cents, seen.currency) != (known.amount.cents, known.amount.currency):
        return DepositStep(trouble="Stripe received another amount than the deposit's.")
    if not seen.available:
        return _step(known, DepositState.RECEIVED)
    fact = Fact(f"deposit:{known.id}:cleared", ledger.deposit_cleared(known.payer, known.amount))
    return DepositStep(DepositState.CLEARED, (fact,))


def _step(known: KnownDeposit, target: DepositState) -> DepositStep:
    """Move on, unless the deposit is there or further already."""
    order = list(DepositState)
    ahead = target is DepositState.FAILED or order.index(target) > order.index(known.state)
    return DepositStep(target if ahead else None)


def _made(known: KnownTransfer) -> tuple[list[TransferState], list[Fact]]:
    """The moves and the fact that make an unresolved transfer a made one."""
    if known.state in {TransferState.MADE, TransferState.REVERSED}:
        return [], []
    path = [TransferState.UNKNOWN] if known.state is TransferState.INTENDED else []
    fact = Fact(f"transfer:{known.id}:made", ledger.transfer_made(known.vendor, known.amount))
    return [*path, TransferState.MADE], [fact]


def _mismatch(known: KnownTransfer, seen: SeenTransfer) -> str:
    """In what the transfer seen differs from ours; empty when it is ours."""
    if seen.our_id != str(known.id):
        return "The transfer at Stripe names another transfer of ours."
    if (seen.amount_cents, seen.currency) != (known.amount.cents, known.amount.currency):
        return "The transfer at Stripe has another amount."
    if seen.destination != known.destination:
        return "The transfer at Stripe went to another account."
    if not 0 <= seen.reversed_cents <= seen.amount_cents:
        return "Stripe shows more taken back than was paid."
    return ""
