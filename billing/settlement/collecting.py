"""Collecting payers' deposits: the same care as for transfers, in the other direction."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from billing.ledger import service as ledger
from billing.settlement.events import DepositCleared
from billing.settlement.gateway import Gateway, StripeRefused, StripeUncertain
from billing.settlement.jobs import SETTLE_PAYER
from billing.settlement.models import Deposit
from billing.settlement.paying import KEY_LIFETIME
from billing.settlement.rules import KnownDeposit, SeenPayment, judge_deposit
from billing.settlement.words import DepositState
from marketplace.foundation import events, state
from marketplace.foundation.access import system_actor
from marketplace.foundation.announce import announce
from marketplace.foundation.clock import machine_now
from marketplace.foundation.errors import NotFound
from marketplace.foundation.jobs.queue import JobContext, enqueue
from marketplace.foundation.work import WorkSession

ASKABLE = frozenset({DepositState.INTENDED, DepositState.UNKNOWN})


def collect_deposit(context: JobContext, gateway: Gateway) -> dict[str, str]:
    """Bring a deposit one step further: ask for the payment, or look what became of it."""
    deposit_id = UUID(context.arguments["deposit"])
    with context.unit_of_work() as session:
        deposit = _locked(session, deposit_id)
        first = deposit.state is DepositState.INTENDED
        if first:
            state.move(session, deposit, DepositState.UNKNOWN)
            deposit.first_asked_at = machine_now()
        deposit.asked_at = machine_now()
    try:
        seen = _ask(gateway, deposit) if first else _look(gateway, deposit)
    except StripeUncertain:
        return {"state": str(deposit.state)}
    except StripeRefused as refusal:
        seen = None
        failure = refusal.code
    else:
        failure = "never_arrived"
    with context.unit_of_work() as session:
        if seen is None:
            give_up(session, deposit_id, failure)
        else:
            apply_seen(session, deposit_id, seen)
        return {"state": str(_locked(session, deposit_id).state)}


def apply_seen(session: WorkSession, deposit_id: UUID, seen: SeenPayment) -> None:
    """Bring a deposit up to what Stripe shows; when it clears, it enters the ledger and settlement begins."""
    deposit = _locked(session, deposit_id)
    session.act_as(system_actor(deposit.payer_organization_id, "Settlement"))
    if seen.our_id != str(deposit.id):
        deposit.trouble = "The payment at Stripe names another deposit of ours."
        return
    if deposit.state is DepositState.INTENDED:
        state.move(session, deposit, DepositState.UNKNOWN)
    step = judge_deposit(_known(deposit), seen)
    deposit.payment_intent_id = deposit.payment_intent_id or seen.id
    deposit.trouble = step.trouble or deposit.trouble
    for fact in step.facts:
        ledger.enter(session, fact.entry, dedupe_key=fact.key, subject_id=deposit.id)
    if step.move is not None:
        state.move(session, deposit, step.move)
        if step.move is DepositState.CLEARED:
            _cleared(session, deposit)
        announce(session, [deposit.payer_organization_id], "deposit", deposit.id, deposit.revision)


def give_up(session: WorkSession, deposit_id: UUID, code: str) -> None:
    """Stripe has refused the payment for good."""
    deposit = _locked(session, deposit_id)
    if deposit.state in ASKABLE:
        state.move(session, deposit, DepositState.FAILED, reason_code=code)
        deposit.trouble = f"Stripe refused the payment ({code})."
        announce(session, [deposit.payer_organization_id], "deposit", deposit.id, deposit.revision)


def _ask(gateway: Gateway, deposit: Deposit) -> SeenPayment:
    return gateway.create_payment(
        our_id=str(deposit.id), amount=deposit.amount, method=deposit.method, key=deposit.idempotency_key
    )


def _look(gateway: Gateway, deposit: Deposit) -> SeenPayment | None:
    """The payment as Stripe holds it, asked for again while its key is safe; None: it never was."""
    if deposit.payment_intent_id is not None:
        return gateway.payment(deposit.payment_intent_id)
    began = deposit.first_asked_at or machine_now()
    found = gateway.payments_since(int(began.timestamp()) - 60)
    ours = [one for one in found if one.our_id == str(deposit.id)]
    if ours:
        return gateway.payment(ours[0].id)
    return _ask(gateway, deposit) if machine_now() - began < KEY_LIFETIME else None


def _cleared(session: WorkSession, deposit: Deposit) -> None:
    """The money may be spent: tell the house, and settle what waits for it."""
    deposit.cleared_at = session.now()
    payer = deposit.payer_organization_id
    events.publish(session, DepositCleared(deposit.id, payer, deposit.amount_cents))
    enqueue(
        session, SETTLE_PAYER, {"payer": str(payer)}, dedupe_key=f"settle:{deposit.id}", organization_id=payer
    )


def _known(deposit: Deposit) -> KnownDeposit:
    return KnownDeposit(
        id=deposit.id, state=deposit.state, payer=deposit.payer_organization_id, amount=deposit.amount
    )


def _locked(session: WorkSession, deposit_id: UUID) -> Deposit:
    found = session.scalars(select(Deposit).where(Deposit.id == deposit_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found
