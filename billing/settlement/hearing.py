"""Hearing Stripe: a verified event is remembered, and makes us look at the object it speaks of."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from billing.ledger import service as ledger
from billing.ledger.rules import unexplained_movement
from billing.settlement import accounts, collecting, paying
from billing.settlement.gateway import Gateway, StripeRefused
from billing.settlement.jobs import COLLECT_DEPOSIT, HEAR_STRIPE
from billing.settlement.models import Deposit, StripeEvent, Transfer
from billing.settlement.rules import SeenTransfer
from billing.settlement.words import DepositState
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import JobContext, enqueue
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession

HEARD = ("transfer.", "payment_intent.", "account.updated", "balance.available")


def receive(session: WorkSession, event: dict[str, str]) -> bool:
    """Take a verified event in: one job for each id, however often it comes; returns whether it was new."""
    if not event["type"].startswith(HEARD):
        return False
    return enqueue(session, HEAR_STRIPE, dict(event), dedupe_key=f"stripe:{event['id']}") is not None


def hear(context: JobContext, gateway: Gateway) -> dict[str, str]:
    """Look at what the event speaks of and follow; then remember the event, so that it is not heard again."""
    event_id, kind, subject = (str(context.arguments[name]) for name in ("id", "type", "object"))
    with context.unit_of_work() as session:
        if session.get(StripeEvent, event_id) is not None:
            return {"heard": "before"}
    try:
        _follow(context, gateway, kind, subject)
    except StripeRefused:  # the object does not exist: a forged or foreign event has no effect
        return {"heard": "nothing there"}
    with context.unit_of_work() as session:
        session.execute(
            insert(StripeEvent).values(id=event_id, type=kind, object_id=subject).on_conflict_do_nothing()
        )
    return {"heard": kind}


def _follow(context: JobContext, gateway: Gateway, kind: str, subject: str) -> None:
    if kind.startswith("transfer."):
        transfer_seen(context, gateway.transfer(subject))
    elif kind.startswith("payment_intent."):
        seen = gateway.payment(subject)
        with context.unit_of_work() as session:
            if _ours(session, Deposit, seen.our_id):
                collecting.apply_seen(session, UUID(seen.our_id), seen)
    elif kind == "account.updated":
        accounts.account_changed(context, gateway, subject)
    elif kind == "balance.available":
        with context.unit_of_work() as session:
            look_at_received_deposits(session)


def transfer_seen(context: JobContext, seen: SeenTransfer) -> None:
    """Follow a transfer seen at Stripe; money that is none of ours is entered as unexplained, once."""
    with context.unit_of_work() as session:
        if _ours(session, Transfer, seen.our_id):
            paying.apply_seen(session, UUID(seen.our_id), seen)
            return
        left = seen.amount_cents - seen.reversed_cents
        if left > 0:
            ledger.enter(
                session,
                unexplained_movement(Money(-left, seen.currency)),
                dedupe_key=f"stripe:{seen.id}:unexplained",
                subject_id=new_id(),
            )


def look_at_received_deposits(session: WorkSession) -> int:
    """Ask for a look at every deposit that Stripe held as pending; returns how many."""
    query = select(Deposit.id, Deposit.payer_organization_id).where(Deposit.state == DepositState.RECEIVED)
    found = session.execute(query).all()
    for deposit_id, payer in found:
        enqueue(session, COLLECT_DEPOSIT, {"deposit": str(deposit_id)}, organization_id=payer)
    return len(found)


def _ours(session: WorkSession, kind: type[Deposit | Transfer], our_id: str) -> bool:
    """Whether the id in Stripe's metadata is that of a row of ours."""
    try:
        return session.get(kind, UUID(our_id)) is not None
    except ValueError:
        return False
