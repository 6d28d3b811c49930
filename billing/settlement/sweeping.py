"""The janitor's round: whatever has waited too long for an answer is asked about again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.ledger.models import PayableGroup
from billing.settlement.fee_settling import owing_fees
from billing.settlement.gateway import is_configured
from billing.settlement.jobs import COLLECT_DEPOSIT, OPEN_ACCOUNT, RESOLVE_TRANSFER, SETTLE_PAYER
from billing.settlement.models import Deposit, PayoutAccount, Transfer
from billing.settlement.words import (
    UNRESOLVED_DEPOSITS,
    UNRESOLVED_TRANSFERS,
    PayoutAccountState,
    TransferState,
)
from marketplace.foundation.clock import machine_now
from marketplace.foundation.jobs.queue import enqueue, enqueue_each
from marketplace.foundation.work import WorkSession

PATIENCE = timedelta(seconds=30)
"""How long an answer may take before it is asked about."""
MOST = 200
"""Questions of a kind in one round."""


def sweep(session: WorkSession, arguments: dict[str, Any]) -> dict[str, int]:
    """Ask for a look at all that is unresolved, and settle payers with waiting groups."""
    if not is_configured(session.runtime.settings):
        return {}
    before = machine_now() - PATIENCE
    slot = int(machine_now().timestamp() // PATIENCE.total_seconds())
    return {
        "transfers": _resolve_transfers(session, before, slot),
        "deposits": _look_at_deposits(session, before, slot),
        "accounts": _open_accounts(session, slot),
        "payers": _settle(session, slot),
    }


def _resolve_transfers(session: WorkSession, before: Any, slot: int) -> int:
    stale = select(Transfer.id, Transfer.payer_organization_id).where(
        Transfer.state.in_(UNRESOLVED_TRANSFERS),
        func.coalesce(Transfer.asked_at, Transfer.written_at) < before,
    )
    found = session.execute(stale.order_by(Transfer.id).limit(MOST))
    return enqueue_each(session, RESOLVE_TRANSFER, "transfer", found, slot)


def _look_at_deposits(session: WorkSession, before: Any, slot: int) -> int:
    stale = select(Deposit.id, Deposit.payer_organization_id).where(
        Deposit.state.in_(UNRESOLVED_DEPOSITS), or_(Deposit.asked_at.is_(None), Deposit.asked_at < before)
    )
    found = session.execute(stale.order_by(Deposit.id).limit(MOST))
    return enqueue_each(session, COLLECT_DEPOSIT, "deposit", found, slot)


def _open_accounts(session: WorkSession, slot: int) -> int:
    waiting = select(PayoutAccount.id, PayoutAccount.vendor_organization_id)
    found = session.execute(waiting.where(PayoutAccount.state != PayoutAccountState.READY).limit(MOST))
    return enqueue_each(session, OPEN_ACCOUNT, "account", found, slot)


def _settle(session: WorkSession, slot: int) -> int:
    """Payers of groups that no attempt has paid or is about to pay, and of fees that are due."""
    attempt = aliased(Transfer)
    ended = exists().where(attempt.group_id == PayableGroup.id, attempt.state != TransferState.FAILED)
    payers = session.scalars(
        select(PayableGroup.payer_organization_id).where(~ended).distinct().limit(MOST)
    ).all()
    for payer in {*payers, *owing_fees(session, MOST)}:
        key = f"settle:{payer}:{slot}"
        enqueue(session, SETTLE_PAYER, {"payer": str(payer)}, dedupe_key=key, organization_id=payer)
    return len(payers)
