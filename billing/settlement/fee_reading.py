"""Fees as the two sides read them: what is owed, what was waived, what was paid or kept back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from billing.fees.models import FeeCharge, FeeNetting
from billing.fees.words import ChargeState
from billing.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting
from billing.ledger.words import AccountKind, EntryKind
from billing.settlement.models import Transfer
from billing.settlement.retrying import Refusal, refusals_of
from marketplace.bookings.models import Booking
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization
from vendors.cancellations.models import CancellationFee
from vendors.cancellations.rules import Debtor

READERS = ("org_admin", "reviewer", "biller", "vendor_admin")
RECENT = 100


@dataclass(frozen=True, slots=True)
class FeeLine:
    """A fee as money; `reference` is empty when the actor sees the booking no more. Money in cents."""

    charge: FeeCharge
    fee: CancellationFee
    reference: str
    other: str
    """The name of the other side."""
    owed_to_us: bool
    transfer: Transfer | None
    """What pays it, the newest attempt."""
    refusal: Refusal | None
    """Why that failed, where it did."""
    kept_cents: int
    """What was kept back from payments to the vendor so far."""

    @property
    def can_be_waived(self) -> bool:
        """Whether the acting side may still waive it."""
        return self.owed_to_us and self.charge.state is ChargeState.OWED and self.fee.settled_from is None

    @property
    def left_cents(self) -> int:
        """What is still owed."""
        return self.charge.cents - self.kept_cents if self.charge.state is ChargeState.OWED else 0


def fee_lines(session: WorkSession) -> list[FeeLine]:
    """The acting organization's newest charged fees, at most RECENT."""
    session.actor.require(*READERS)
    mine = session.actor.organization()
    rows = session.execute(
        select(FeeCharge, CancellationFee, Booking.reference)
        .join(CancellationFee, CancellationFee.id == FeeCharge.fee_id)
        .outerjoin(Booking, Booking.id == CancellationFee.booking_id)
        .order_by(FeeCharge.id.desc())
        .limit(RECENT)
    ).all()
    ids = [row[0].id for row in rows]
    paid, kept = _transfers(session, ids), _kept(session, ids)
    refused = refusals_of(session, list(paid.values()))
    names = _names(session, {_other(row[0], mine) for row in rows})
    return [
        FeeLine(
            charge,
            fee,
            reference or "",
            names.get(_other(charge, mine), ""),
            (charge.debtor is Debtor.VENDOR) == (charge.organization_id == mine),
            paid.get(charge.id),
            refused.get(paid[charge.id].id) if charge.id in paid else None,
            kept.get(charge.id, 0),
        )
        for charge, fee, reference in rows
    ]


def kept_from(session: WorkSession, transfers: list[Transfer]) -> dict[UUID, int]:
    """By how many cents each of these transfers was made smaller for missed work."""
    mine = FeeNetting.transfer_id.in_([transfer.id for transfer in transfers])
    rows = session.execute(
        select(FeeNetting.transfer_id, func.sum(FeeNetting.cents))
        .where(mine)
        .group_by(FeeNetting.transfer_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _other(charge: FeeCharge, mine: UUID) -> UUID:
    return charge.vendor_organization_id if charge.organization_id == mine else charge.organization_id


def _transfers(session: WorkSession, charge_ids: list[UUID]) -> dict[UUID, Transfer]:
    query = select(Transfer).where(Transfer.charge_id.in_(charge_ids)).order_by(Transfer.id)
    return {one.charge_id: one for one in session.scalars(query) if one.charge_id is not None}


def _kept(session: WorkSession, charge_ids: list[UUID]) -> dict[UUID, int]:
    """What the ledger says was kept back, on the acting side's own account: both sides have one of these."""
    rows = session.execute(
        select(LedgerEntry.subject_id, func.sum(func.abs(LedgerPosting.amount_cents)))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.subject_id.in_(charge_ids), LedgerEntry.kind == EntryKind.PENALTY_NETTED)
        .where(LedgerAccount.kind.in_([AccountKind.VENDOR_RECEIVABLE, AccountKind.PENALTY_PAYABLE]))
        .where(LedgerPosting.organization_id == session.actor.organization())
        .group_by(LedgerEntry.subject_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _names(session: WorkSession, ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Organization.id, Organization.name).where(Organization.id.in_(ids)))
    return {row[0]: row[1] for row in rows}
