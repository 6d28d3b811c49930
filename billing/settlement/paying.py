"""Paying vendors: write the intent, ask Stripe, and settle what is not known; safe to kill anywhere."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.claims import service as claims
from billing.ledger import rules
from billing.ledger import service as ledger
from billing.ledger.models import PayableGroup
from billing.ledger.words import GroupPurpose
from billing.settlement import fee_settling as fees
from billing.settlement.events import VendorPaid
from billing.settlement.gateway import Gateway, StripeRefused, StripeUncertain
from billing.settlement.models import PayoutAccount, Transfer, TransferRetry
from billing.settlement.retrying import MOST_ATTEMPTS
from billing.settlement.rules import KnownTransfer, SeenTransfer, TransferStep, judge_transfer
from billing.settlement.words import UNRESOLVED_TRANSFERS, PayoutAccountState, TransferState
from marketplace.foundation import events, state
from marketplace.foundation.access import system_actor
from marketplace.foundation.announce import announce
from marketplace.foundation.clock import machine_now
from marketplace.foundation.errors import NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.queue import JobContext
from marketplace.foundation.money import Money
from marketplace.foundation.work import WorkSession
from vendors.cancellations.service import settle_from_now

KEY_LIFETIME = timedelta(hours=23)
"""Stripe keeps an idempotency key for 24 hours; we rely on it an hour less."""
RETRY_AFTER = timedelta(minutes=10)
"""How long a group rests after a transfer that Stripe refused."""


def settle_payer(context: JobContext, gateway: Gateway) -> dict[str, int]:
    """Pay what this payer owes as far as its cleared deposits reach; returns how many transfers that is."""
    payer = UUID(context.arguments["payer"])
    with context.unit_of_work() as session:
        intended = intend_transfers(session, payer)
    for transfer_id in intended:
        ask_for_transfer(context, gateway, transfer_id)
    return {"transfers": len(intended)}


def intend_transfers(session: WorkSession, payer: UUID) -> list[UUID]:
    """Write an intent for each payable group that the payer's cleared deposits cover, oldest first.

    The deposits are locked meanwhile and each intent sets its money aside in the ledger, so that nothing is
    spent twice or beyond what has cleared.
    """
    left = ledger.lock_deposits(session, payer)
    intended = []
    for group, account in _waiting(session, payer):
        if group.amount_cents > left.cents:
            continue
        transfer = _intend(session, group, account)
        left = left - Money(group.amount_cents, group.currency)
        intended.append(transfer.id)
    return intended + _intend_fees(session, payer, left)


def _intend_fees(session: WorkSession, health_system: UUID, left: Money) -> list[UUID]:
    """The same for fees that are due, as far as what is left reaches; their groups are opened here."""
    intended = []
    for charge in fees.due_fees(session, health_system):
        account = _ready_account(session, charge.vendor_organization_id)
        if account is None or charge.cents > left.cents or not settle_from_now(session, charge.fee_id):
            continue
        group = ledger.open_fee_group(
            session,
            charge_id=charge.id,
            payer=health_system,
            vendor=charge.vendor_organization_id,
            amount=charge.amount,
        )
        intended.append(_intend(session, group, account).id)
        left = left - charge.amount
    return intended


def _ready_account(session: WorkSession, vendor: UUID) -> PayoutAccount | None:
    ready = PayoutAccount.state == PayoutAccountState.READY
    query = select(PayoutAccount).where(PayoutAccount.vendor_organization_id == vendor, ready)
    return session.scalars(query).one_or_none()


def ask_for_transfer(context: JobContext, gateway: Gateway, transfer_id: UUID) -> None:
    """Ask Stripe for an unresolved transfer under its key; without an answer it stays unknown."""
    with context.unit_of_work() as session:
        transfer = _locked(session, transfer_id)
        if transfer.state not in UNRESOLVED_TRANSFERS:
            return
        if transfer.state is TransferState.INTENDED:
            state.move(session, transfer, TransferState.UNKNOWN)
            transfer.first_asked_at = machine_now()
        transfer.asked_at = machine_now()
    try:
        seen = gateway.create_transfer(
            our_id=str(transfer.id),
            group=transfer.transfer_group,
            amount=transfer.amount,
            destination=transfer.destination,
            key=transfer.idempotency_key,
        )
    except StripeUncertain:
        return
    except StripeRefused as refusal:
        with context.unit_of_work() as session:
            give_up(session, transfer_id, refusal.code)
        return
    with context.unit_of_work() as session:
        apply_seen(session, transfer_id, seen)


def resolve_transfer(context: JobContext, gateway: Gateway) -> dict[str, str]:
    """Find out what became of an unresolved transfer; asks again only while its key is safe."""
    transfer_id = UUID(context.arguments["transfer"])
    with context.unit_of_work() as session:
        transfer = _locked(session, transfer_id)
        if transfer.state not in UNRESOLVED_TRANSFERS:
            return {"state": str(transfer.state)}
        transfer.asked_at = machine_now()
    try:
        seen = [
            one for one in gateway.transfers_of(transfer.transfer_group) if one.our_id == str(transfer_id)
        ]
    except (StripeUncertain, StripeRefused):
        return {"state": str(transfer.state)}
    if seen:
        with context.unit_of_work() as session:
            apply_seen(session, transfer_id, seen[0])
    elif transfer.first_asked_at is None or machine_now() - transfer.first_asked_at < KEY_LIFETIME:
        ask_for_transfer(context, gateway, transfer_id)
    else:
        with context.unit_of_work() as session:
            give_up(session, transfer_id, "never_arrived")
    with context.unit_of_work() as session:
        return {"state": str(_locked(session, transfer_id).state)}


def apply_seen(session: WorkSession, transfer_id: UUID, seen: SeenTransfer) -> None:
    """Bring a transfer of ours up to what Stripe shows: moves, ledger entries, the claim, the news."""
    transfer = _locked(session, transfer_id)
    session.act_as(system_actor(transfer.payer_organization_id, "Settlement"))
    step = judge_transfer(_known(transfer), seen)
    for fact in step.facts:
        ledger.enter(
            session, fact.entry, dedupe_key=fact.key, subject_id=transfer.id, group_id=transfer.group_id
        )
    if not step.trouble and transfer.stripe_transfer_id is None:
        transfer.stripe_transfer_id = seen.id
    transfer.reversed_cents, transfer.trouble = step.reversed_cents, step.trouble or transfer.trouble
    _follow(session, transfer, step)


def give_up(session: WorkSession, transfer_id: UUID, code: str) -> None:
    """Stripe has refused for good: the money set aside is free again, and a later run may try anew."""
    transfer = _locked(session, transfer_id)
    if transfer.state not in UNRESOLVED_TRANSFERS:
        return
    state.move(session, transfer, TransferState.FAILED, reason_code=code)
    transfer.failure_code, transfer.resolved_at = code, session.now()
    transfer.refused_at = machine_now()
    group = session.get_one(PayableGroup, transfer.group_id)
    entry = rules.funding_released(transfer.payer_organization_id, Money(group.amount_cents, group.currency))
    ledger.enter(
        session,
        entry,
        dedupe_key=f"transfer:{transfer.id}:released",
        subject_id=transfer.id,
        group_id=group.id,
    )
    _announce(session, transfer)


def _waiting(session: WorkSession, payer: UUID) -> list[tuple[PayableGroup, PayoutAccount]]:
    """Groups of this payer to be paid now: never paid, no attempt live, vendor ready, not just refused.

    Where somebody has looked since (`retrying.try_again`), attempts count from there, and nothing rests.
    """
    attempt, refused = aliased(Transfer), aliased(Transfer)
    ended = exists().where(attempt.group_id == PayableGroup.id, attempt.state != TransferState.FAILED)
    newest = select(func.max(refused.refused_at)).where(refused.group_id == PayableGroup.id).scalar_subquery()
    tries = select(func.count()).where(refused.group_id == PayableGroup.id).scalar_subquery()
    looked = select(TransferRetry).where(TransferRetry.group_id == PayableGroup.id)
    since = looked.with_only_columns(func.coalesce(func.max(TransferRetry.after_attempt), 0))
    asked = looked.with_only_columns(func.max(TransferRetry.recorded_at)).scalar_subquery()
    rested = func.coalesce(newest < machine_now() - RETRY_AFTER, True)
    query = (
        select(PayableGroup, PayoutAccount)
        .join(PayoutAccount, PayoutAccount.vendor_organization_id == PayableGroup.vendor_organization_id)
        .where(
            PayableGroup.payer_organization_id == payer,
            PayableGroup.purpose.in_([GroupPurpose.PAYMENT, GroupPurpose.TOP_UP, GroupPurpose.FEE]),
            PayableGroup.amount_cents > PayableGroup.fee_cents,
            PayoutAccount.state == PayoutAccountState.READY,
            ~ended,
            or_(rested, newest < asked),
            tries < MOST_ATTEMPTS + since.scalar_subquery(),
        )
        .order_by(PayableGroup.id)
    )
    return [(group, account) for group, account in session.execute(query)]


def _intend(session: WorkSession, group: PayableGroup, account: PayoutAccount) -> Transfer:
    """Write the intent with its idempotency key, and set the money aside."""
    tries = session.scalar(select(func.count()).where(Transfer.group_id == group.id)) or 0
    kept = fees.to_keep_back(session, group.vendor_organization_id, group.vendor_cents)
    identifier = new_id()
    transfer = Transfer(
        id=identifier,
        group_id=group.id,
        claim_id=group.claim_id,
        charge_id=group.charge_id,
        attempt=tries + 1,
        vendor_organization_id=group.vendor_organization_id,
        payer_organization_id=group.payer_organization_id,
        amount_cents=group.vendor_cents - sum(cents for _, cents in kept),
        currency=group.currency,
        destination=account.stripe_account_id or "",
        idempotency_key=f"transfer-{identifier}",
        intended_at=session.now(),
    )
    session.add(transfer)
    session.flush()
    state.begin(session, transfer)
    fees.keep_back(session, transfer, kept)
    entry = rules.group_funded(group.payer_organization_id, Money(group.amount_cents, group.currency))
    ledger.enter(
        session,
        entry,
        dedupe_key=f"transfer:{transfer.id}:funded",
        subject_id=transfer.id,
        group_id=group.id,
    )
    return transfer


def _follow(session: WorkSession, transfer: Transfer, step: TransferStep) -> None:
    """Make the moves of a step, and what follows from a transfer that was made."""
    for target in step.moves:
        state.move(session, transfer, target)
        if target is TransferState.MADE:
            transfer.resolved_at = session.now()
            _paid(session, transfer)
    if step.moves or step.trouble:
        _announce(session, transfer)


def _paid(session: WorkSession, transfer: Transfer) -> None:
    """Tell the claim or the fees, and the house, that the vendor has its money."""
    group = session.get_one(PayableGroup, transfer.group_id)
    fees.transfer_made(session, transfer)
    if transfer.claim_id is not None:
        claims.record_payment(session, transfer.claim_id, Money(group.amount_cents, group.currency))
    events.publish(
        session,
        VendorPaid(
            transfer.id,
            transfer.group_id,
            transfer.claim_id,
            transfer.vendor_organization_id,
            transfer.payer_organization_id,
            transfer.amount_cents,
        ),
    )


def _known(transfer: Transfer) -> KnownTransfer:
    return KnownTransfer(
        id=transfer.id,
        state=transfer.state,
        vendor=transfer.vendor_organization_id,
        amount=transfer.amount,
        destination=transfer.destination,
        reversed_cents=transfer.reversed_cents,
    )


def _locked(session: WorkSession, transfer_id: UUID) -> Transfer:
    found = session.scalars(
        select(Transfer).where(Transfer.id == transfer_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _announce(session: WorkSession, transfer: Transfer) -> None:
    sides = (transfer.vendor_organization_id, transfer.payer_organization_id)
    announce(session, sides, "transfer", transfer.id, transfer.revision)
