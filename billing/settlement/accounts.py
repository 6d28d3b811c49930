"""Vendors' payout accounts at Stripe: opened by a job, brought up to date when Stripe speaks of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from billing.settlement.gateway import Gateway, StripeRefused, StripeUncertain
from billing.settlement.models import PayoutAccount
from billing.settlement.words import PayoutAccountState
from marketplace.foundation import state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import NotFound
from marketplace.foundation.jobs.queue import JobContext
from marketplace.foundation.work import WorkSession


def open_account(context: JobContext, gateway: Gateway) -> dict[str, str]:
    """Open the vendor's account under one key for good: a repeated job opens no second one within a day."""
    account_id = UUID(context.arguments["account"])
    with context.unit_of_work() as session:
        account = _locked(session, account_id)
    if account.stripe_account_id is None:
        stripe_id, ready = gateway.create_account(
            our_id=str(account.vendor_organization_id),
            name=account.name,
            email=account.email,
            key=f"payout-account-{account.id}",
        )
    else:
        stripe_id, ready = account.stripe_account_id, gateway.account_ready(account.stripe_account_id)
    with context.unit_of_work() as session:
        account = _locked(session, account_id)
        account.stripe_account_id = account.stripe_account_id or stripe_id
        bring_up_to_date(session, account, ready=ready)
        return {"state": str(account.state)}


def account_changed(context: JobContext, gateway: Gateway, stripe_account_id: str) -> None:
    """Stripe says an account has changed: look, and follow."""
    try:
        ready = gateway.account_ready(stripe_account_id)
    except (StripeRefused, StripeUncertain):
        return
    with context.unit_of_work() as session:
        query = select(PayoutAccount).where(PayoutAccount.stripe_account_id == stripe_account_id)
        account = session.scalars(query.with_for_update()).one_or_none()
        if account is not None:
            bring_up_to_date(session, account, ready=ready)


def bring_up_to_date(session: WorkSession, account: PayoutAccount, *, ready: bool) -> None:
    """Move the account to what Stripe says of it."""
    target = PayoutAccountState.READY if ready else PayoutAccountState.ONBOARDING
    if account.state is not target:
        state.move(session, account, target)
        announce(session, [account.vendor_organization_id], "payout_account", account.id, account.revision)


def _locked(session: WorkSession, account_id: UUID) -> PayoutAccount:
    query = select(PayoutAccount).where(PayoutAccount.id == account_id).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found
