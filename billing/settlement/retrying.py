"""Payments that Stripe has refused: what happened, what to do, and a person who lets them be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from billing.settlement.jobs import SETTLE_PAYER
from billing.settlement.models import Transfer, TransferRetry
from billing.settlement.words import OTHER_REFUSAL, REFUSALS, TransferState
from marketplace.foundation import audit
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.work import WorkSession

MOST_ATTEMPTS = 5
"""After so many refusals a person has to look."""
RETRIERS = ("reviewer", "org_admin", "biller", "vendor_admin")
"""Of the side that pays, and of the vendor that has put its account in order."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the newest attempt at a payment failed, and whether a person has to look before the next one."""

    why: str
    remedy: str
    tries: int
    needs_somebody: bool


def refusals_of(session: WorkSession, transfers: Sequence[Transfer]) -> dict[UUID, Refusal]:
    """By transfer, of those that failed and are the newest attempts of their groups: two statements."""
    groups = {one.group_id for one in transfers if one.state is TransferState.FAILED}
    if not groups:
        return {}
    newest = func.max(Transfer.attempt)
    tried = session.execute(
        select(Transfer.group_id, newest).where(Transfer.group_id.in_(groups)).group_by(Transfer.group_id)
    )
    tries = {row[0]: int(row[1]) for row in tried}
    looked = session.execute(
        select(TransferRetry.group_id, func.max(TransferRetry.after_attempt))
        .where(TransferRetry.group_id.in_(groups))
        .group_by(TransferRetry.group_id)
    )
    since = {row[0]: int(row[1]) for row in looked}
    return {
        one.id: _refusal(one, since.get(one.group_id, 0))
        for one in transfers
        if one.state is TransferState.FAILED and tries.get(one.group_id) == one.attempt
    }


def try_again(session: WorkSession, transfer_id: UUID) -> Transfer:
    """Somebody has looked at why a payment was refused: it may be tried as often again, at once.

    Raises NotFound for a missing or foreign transfer, Conflict where it is tried by itself, was paid
    meanwhile, or somebody else has pressed the button already.
    """
    session.actor.require(*RETRIERS)
    transfer = session.get(Transfer, transfer_id)
    if transfer is None:
        raise NotFound
    refusal = refusals_of(session, [transfer]).get(transfer.id)
    if refusal is None:
        raise Conflict(
            f"{transfer.reference} is not what this payment waits for.", remedy="Look at its newest attempt."
        )
    if not refusal.needs_somebody:
        raise Conflict("It is tried again by itself.", remedy="Nothing to do: look again in some minutes.")
    retry = TransferRetry(
        id=new_id(),
        group_id=transfer.group_id,
        after_attempt=transfer.attempt,
        payer_organization_id=transfer.payer_organization_id,
        vendor_organization_id=transfer.vendor_organization_id,
        asked_by=session.actor.name,
        asked_at=session.now(),
    )
    try:
        with session.begin_nested():
            session.add(retry)
    except IntegrityError as error:
        raise Conflict("It is being tried again already.", remedy="Look again in a minute.") from error
    audit.record(session, "transfers:retry", "transfers", transfer.id, {"tries": transfer.attempt})
    sides = (transfer.vendor_organization_id, transfer.payer_organization_id)
    announce(session, sides, "transfer", transfer.id, transfer.revision)
    if session.actor.organization_id == transfer.payer_organization_id:  # else the next round takes it up
        payer = {"payer": str(transfer.payer_organization_id)}
        enqueue(session, SETTLE_PAYER, payer, dedupe_key=f"retry:{retry.id}")
    return transfer


def _refusal(transfer: Transfer, since: int) -> Refusal:
    why, remedy = REFUSALS.get(transfer.failure_code, OTHER_REFUSAL)
    stands = transfer.attempt - since >= MOST_ATTEMPTS
    return Refusal(
        why=why.format(code=transfer.failure_code or "without a reason"),
        remedy=f"{remedy} Then try again." if stands else f"{remedy} It is tried again by itself.",
        tries=transfer.attempt,
        needs_somebody=stands,
    )
