"""How settlement deals with charges: fees that are due, what is kept back from vendors, what that settles."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from billing.fees.charging import tell
from billing.fees.models import FeeCharge, FeeNetting
from billing.fees.words import ChargeState
from billing.ledger import rules
from billing.ledger import service as ledger
from billing.settlement.models import Transfer
from billing.settlement.words import TransferState
from marketplace.foundation import state
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession
from vendors.cancellations.rules import Debtor
from vendors.cancellations.service import settle_from_now

LEAST_PAID_CENTS = 1_00
"""So much of a payment goes out at least: each payable group is settled by a transfer."""

Kept = tuple[FeeCharge, int]
"""A penalty, and how many cents of a payment are kept back for it."""


def due_fees(session: WorkSession, health_system: UUID) -> Sequence[FeeCharge]:
    """What this health system owes vendors and has had time to be waived, oldest first."""
    query = select(FeeCharge).where(
        FeeCharge.organization_id == health_system,
        FeeCharge.debtor == Debtor.HEALTH_SYSTEM,
        FeeCharge.state == ChargeState.OWED,
        FeeCharge.due_at <= session.now(),
        ~select(Transfer.id).where(Transfer.charge_id == FeeCharge.id).exists(),
    )
    return session.scalars(query.order_by(FeeCharge.id).with_for_update(skip_locked=True)).all()


def owing_fees(session: WorkSession, most: int) -> Sequence[UUID]:
    """Health systems that owe fees which are due and that no transfer pays yet."""
    query = select(FeeCharge.organization_id).where(
        FeeCharge.debtor == Debtor.HEALTH_SYSTEM,
        FeeCharge.state == ChargeState.OWED,
        FeeCharge.due_at <= session.now(),
        ~select(Transfer.id).where(Transfer.charge_id == FeeCharge.id).exists(),
    )
    return session.scalars(query.distinct().limit(most)).all()


def to_keep_back(session: WorkSession, vendor: UUID, amount_cents: int) -> list[Kept]:
    """The penalties that a payment of this amount to the vendor is made smaller by, oldest first.

    Locked until the transaction ends; one that another settlement holds at this moment waits for the next
    payment. At least LEAST_PAID_CENTS are left.
    """
    query = select(FeeCharge).where(
        FeeCharge.vendor_organization_id == vendor,
        FeeCharge.debtor == Debtor.VENDOR,
        FeeCharge.state == ChargeState.OWED,
        FeeCharge.due_at <= session.now(),
    )
    kept: list[Kept] = []
    for charge in session.scalars(query.order_by(FeeCharge.id).with_for_update(skip_locked=True)):
        room = amount_cents - LEAST_PAID_CENTS - sum(cents for _, cents in kept)
        cents = min(room, charge.cents - kept_back(session, charge.id))
        if cents > 0 and settle_from_now(session, charge.fee_id):
            kept.append((charge, cents))
    return kept


def keep_back(session: WorkSession, transfer: Transfer, kept: Sequence[Kept]) -> None:
    """Write down by what the transfer was made smaller."""
    for charge, cents in kept:
        session.add(
            FeeNetting(
                charge_id=charge.id,
                transfer_id=transfer.id,
                organization_id=charge.organization_id,
                vendor_organization_id=charge.vendor_organization_id,
                cents=cents,
                created_at=session.now(),
            )
        )
    session.flush()


def kept_back(session: WorkSession, charge_id: UUID, *, made_only: bool = False) -> int:
    """The cents of a penalty that live transfers, or only those that were made, were made smaller by."""
    counted = (
        Transfer.state.in_([TransferState.MADE, TransferState.REVERSED])
        if made_only
        else Transfer.state != TransferState.FAILED
    )
    total = select(func.coalesce(func.sum(FeeNetting.cents), 0)).join(
        Transfer, Transfer.id == FeeNetting.transfer_id
    )
    return int(session.scalar(total.where(FeeNetting.charge_id == charge_id, counted)) or 0)


def transfer_made(session: WorkSession, transfer: Transfer) -> None:
    """The transfer went out: the fee that it pays is settled, and so is what it was made smaller by."""
    if transfer.charge_id is not None:
        _settled(session, _locked(session, transfer.charge_id))
    nettings = select(FeeNetting).where(FeeNetting.transfer_id == transfer.id).order_by(FeeNetting.charge_id)
    for netting in session.scalars(nettings).all():
        charge = _locked(session, netting.charge_id)
        entry = rules.penalty_netted(
            charge.organization_id, charge.vendor_organization_id, Money(netting.cents, charge.currency)
        )
        ledger.enter(session, entry, dedupe_key=f"netting:{netting.id}", subject_id=charge.id)
        session.flush()
        if kept_back(session, charge.id, made_only=True) >= charge.cents:
            _settled(session, charge)


def _settled(session: WorkSession, charge: FeeCharge) -> None:
    if charge.state is ChargeState.OWED:
        charge.settled_at = session.now()
        state.move(session, charge, ChargeState.SETTLED)
        tell(session, charge)


def _locked(session: WorkSession, charge_id: UUID) -> FeeCharge:
    return session.scalars(select(FeeCharge).where(FeeCharge.id == charge_id).with_for_update()).one()
