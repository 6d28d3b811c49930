"""What people do in settlement: a payer leaves a deposit, a vendor opens its payout account, both look."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billing.ledger import service as ledger
from billing.ledger.models import PayableGroup
from billing.ledger.rules import AccountKey
from billing.ledger.words import AccountKind
from billing.settlement.fee_reading import kept_from
from billing.settlement.jobs import COLLECT_DEPOSIT, OPEN_ACCOUNT
from billing.settlement.models import Deposit, PayoutAccount, Transfer
from billing.settlement.retrying import Refusal, refusals_of
from billing.settlement.words import FundingMethod
from marketplace.foundation import state
from marketplace.foundation.errors import Forbidden, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import enqueue
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization

PAYERS = ("reviewer", "org_admin")
"""Who leaves deposits: of a payer, or of a health system, which owes fees and pays for some work itself."""
PAID = ("biller", "vendor_admin")
LARGEST_DEPOSIT = Money(100_000_000_00)
RECENT = 100


@dataclass(frozen=True, slots=True)
class PayerAccount:
    """How a payer stands: deposits to be spent, what it owes, and what happened last."""

    available: Money
    owed: Money
    deposits: list[Deposit]
    transfers: list[Transfer]
    refused: dict[UUID, Refusal]
    """Why a transfer failed that would be tried next."""


@dataclass(frozen=True, slots=True)
class VendorAccount:
    """How a vendor stands: its payout account, what it is owed, what it was paid last."""

    account: PayoutAccount | None
    owed: Money
    transfers: list[Transfer]
    refused: dict[UUID, Refusal]
    kept: dict[UUID, int]
    """By how many cents a transfer was made smaller for work that the vendor did not come for."""


def require_payer(session: WorkSession) -> None:
    """Refuse (Forbidden) whoever does not pay for a payer or a health system."""
    session.actor.require(*PAYERS)
    if session.actor.organization_kind == "vendor":
        raise Forbidden("Only payers and health systems leave deposits.")


def make_deposit(session: WorkSession, amount_cents: int, method: FundingMethod) -> Deposit:
    """Write down a payer's deposit and have it collected; it is spent only once it has cleared."""
    require_payer(session)
    if not 0 < amount_cents <= LARGEST_DEPOSIT.cents:
        raise InvalidInput("amount_cents", f"deposit between $0.01 and {LARGEST_DEPOSIT}")
    identifier = new_id()
    deposit = Deposit(
        id=identifier,
        payer_organization_id=session.actor.organization(),
        amount_cents=amount_cents,
        currency="USD",
        method=method,
        idempotency_key=f"deposit-{identifier}",
        created_at=session.now(),
    )
    session.add(deposit)
    state.begin(session, deposit)
    enqueue(session, COLLECT_DEPOSIT, {"deposit": str(deposit.id)}, dedupe_key=f"collect:{deposit.id}")
    return deposit


def open_payout_account(session: WorkSession, *, email: str = "") -> PayoutAccount:
    """The acting vendor's payout account, asked for at Stripe if it has none."""
    session.actor.require(*PAID)
    vendor = session.actor.organization()
    known = session.scalars(
        select(PayoutAccount).where(PayoutAccount.vendor_organization_id == vendor)
    ).one_or_none()
    if known is not None:
        return known
    name = session.scalars(select(Organization.name).where(Organization.id == vendor)).one()
    account = PayoutAccount(vendor_organization_id=vendor, name=name, email=email, created_at=session.now())
    session.add(account)
    state.begin(session, account)
    enqueue(session, OPEN_ACCOUNT, {"account": str(account.id)}, dedupe_key=f"account:{account.id}")
    return account


def payer_account(session: WorkSession) -> PayerAccount:
    """How the acting payer stands."""
    require_payer(session)
    payer = session.actor.organization()
    transfers = _recent_transfers(session, payer)
    return PayerAccount(
        available=-ledger.balance(session, AccountKey(AccountKind.PAYER_DEPOSITS, payer)),
        owed=ledger.balance(session, AccountKey(AccountKind.PAYER_RECEIVABLE, payer)),
        deposits=_recent_deposits(session, payer),
        transfers=transfers,
        refused=refusals_of(session, transfers),
    )


def vendor_account(session: WorkSession) -> VendorAccount:
    """How the acting vendor stands."""
    session.actor.require(*PAID)
    vendor = session.actor.organization()
    account = session.scalars(select(PayoutAccount).where(PayoutAccount.vendor_organization_id == vendor))
    transfers = _recent_transfers(session, vendor)
    return VendorAccount(
        account=account.one_or_none(),
        owed=-ledger.balance(session, AccountKey(AccountKind.VENDOR_PAYABLE, vendor)),
        transfers=transfers,
        refused=refusals_of(session, transfers),
        kept=kept_from(session, transfers),
    )


def recent_transfers(session: WorkSession) -> list[Transfer]:
    """The acting organization's last transfers, as payer or as vendor, newest first."""
    session.actor.require(*PAYERS, *PAID)
    return _recent_transfers(session, session.actor.organization())


def transfers_of_claim(session: WorkSession, claim_id: UUID) -> list[Transfer]:
    """Every attempt to pay a claim that the actor may see, newest first."""
    query = select(Transfer).where(Transfer.claim_id == claim_id).order_by(Transfer.id.desc())
    return list(session.scalars(query))


def groups_of_claim(session: WorkSession, claim_id: UUID) -> list[PayableGroup]:
    """What a payer owes or has paid for a claim, in the order it arose."""
    query = select(PayableGroup).where(PayableGroup.claim_id == claim_id).order_by(PayableGroup.sequence)
    return list(session.scalars(query))


def deposit(session: WorkSession, deposit_id: UUID) -> Deposit:
    """One deposit of the acting payer."""
    found = session.get(Deposit, deposit_id)
    if found is None:
        raise NotFound
    return found


def _recent_deposits(session: WorkSession, payer: UUID) -> list[Deposit]:
    query = select(Deposit).where(Deposit.payer_organization_id == payer)
    return list(session.scalars(query.order_by(Deposit.id.desc()).limit(RECENT)))


def _recent_transfers(session: WorkSession, organization: UUID) -> list[Transfer]:
    sides = (Transfer.payer_organization_id == organization) | (
        Transfer.vendor_organization_id == organization
    )
    return list(session.scalars(select(Transfer).where(sides).order_by(Transfer.id.desc()).limit(RECENT)))
