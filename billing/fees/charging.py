"""From a cancellation fee to a charge in the ledger, and back again when it is waived.

Who pays is one of the two sides of the contract. A payer never does: a ride that did not take place has no
loaded mile, and Medicaid's payment is payment in full (42 CFR 447.15); nor does the patient.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from billing.fees.models import FeeCharge
from billing.fees.words import ChargeState
from billing.ledger import rules
from billing.ledger import service as ledger
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.work import WorkSession
from vendors.cancellations.events import FeeNoted, FeeWaived
from vendors.cancellations.models import CancellationFee
from vendors.cancellations.rules import Debtor

WAIT_HOURS = 24
"""How long a fee rests before it is settled, unless the installation says otherwise."""
CHARGE_FORGOTTEN = "fees.charge_forgotten"
MOST = 200


def on_fee_noted(session: WorkSession, event: FeeNoted) -> None:
    """Charge the fee; under the janitor role."""
    charge_fee(session, event.fee_id)


def on_fee_waived(session: WorkSession, event: FeeWaived) -> None:
    """Take the charge back out of the ledger; a fee that was waived before it was charged has none."""
    query = select(FeeCharge).where(FeeCharge.fee_id == event.fee_id).with_for_update()
    charge = session.scalars(query).one_or_none()
    if charge is None or charge.state is not ChargeState.OWED:
        return
    state.move(session, charge, ChargeState.WITHDRAWN, reason_code="waived")
    make = rules.penalty_withdrawn if charge.debtor is Debtor.VENDOR else rules.fee_withdrawn
    entry = make(charge.organization_id, charge.vendor_organization_id, charge.amount)
    ledger.enter(session, entry, dedupe_key=f"fee:{charge.id}:withdrawn", subject_id=charge.id)
    tell(session, charge)


def charge_fee(session: WorkSession, fee_id: UUID) -> FeeCharge | None:
    """The fee's one charge, entered in the ledger when there is none; None for a fee that is waived."""
    query = select(CancellationFee).where(CancellationFee.id == fee_id).with_for_update()
    fee = session.scalars(query).one_or_none()
    if fee is None:
        return None
    known = session.scalars(select(FeeCharge).where(FeeCharge.fee_id == fee_id)).one_or_none()
    if known is not None or fee.waived_at is not None:
        return known
    wait = timedelta(hours=session.runtime.settings.number("FEE_WAIT_HOURS", WAIT_HOURS))
    charge = FeeCharge(
        fee_id=fee.id,
        organization_id=fee.organization_id,
        vendor_organization_id=fee.vendor_organization_id,
        debtor=fee.debtor,
        cents=fee.cents,
        currency="USD",
        state=ChargeState.OWED,
        created_at=session.now(),
        due_at=session.now() + wait,
    )
    session.add(charge)
    session.flush()
    state.begin(session, charge)
    make = rules.penalty_charged if fee.debtor is Debtor.VENDOR else rules.fee_charged
    entry = make(charge.organization_id, charge.vendor_organization_id, charge.amount)
    ledger.enter(session, entry, dedupe_key=f"fee:{charge.id}:charged", subject_id=charge.id)
    tell(session, charge)
    return charge


def charge_forgotten(session: WorkSession, _arguments: dict[str, Any]) -> dict[str, int]:
    """Charge what is owed and has no charge: fees from before fees were money."""
    charged = exists().where(FeeCharge.fee_id == CancellationFee.id)
    query = select(CancellationFee.id).where(CancellationFee.waived_at.is_(None), ~charged)
    found = session.scalars(query.order_by(CancellationFee.id).limit(MOST)).all()
    for fee_id in found:
        charge_fee(session, fee_id)
    return {"charged": len(found)}


def tell(session: WorkSession, charge: FeeCharge) -> None:
    """Open pages of both sides hear of it."""
    sides = (charge.organization_id, charge.vendor_organization_id)
    announce(session, sides, "fee", charge.fee_id, charge.revision)
