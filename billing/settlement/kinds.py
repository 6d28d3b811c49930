"""Settlement's background work, as the worker finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from billing.fees.charging import CHARGE_FORGOTTEN, charge_forgotten
from billing.settlement import accounts, collecting, hearing, jobs, paying
from billing.settlement.gateway import Gateway, gateway_of, is_configured
from billing.settlement.sweeping import sweep
from marketplace.foundation.jobs.queue import JobContext, JobKind, Schedule

ROLE = "janitor"


def with_gateway(run: Callable[[JobContext, Gateway], dict[str, Any] | None]) -> Callable[[JobContext], Any]:
    """The job with the installation's gateway filled in.

    Where payments are not configured it does nothing: the janitor asks again once they are.
    """

    def job(context: JobContext) -> dict[str, Any] | None:
        settings = context.runtime.settings
        if not is_configured(settings):
            return {"skipped": "payments are not configured"}
        return run(
            context, _gateway(settings.text("STRIPE_API_KEY"), settings.text("STRIPE_API_BASE"), context)
        )

    return job


_GATEWAYS: dict[tuple[str, str], Gateway] = {}


def _gateway(key: str, base: str, context: JobContext) -> Gateway:
    """One gateway for each process and configuration: it keeps connections open."""
    if (key, base) not in _GATEWAYS:
        _GATEWAYS[key, base] = gateway_of(context.runtime.settings)
    return _GATEWAYS[key, base]


def _kind(name: str, run: Callable[[JobContext, Gateway], dict[str, Any] | None]) -> JobKind:
    return JobKind(name, with_gateway(run), role=ROLE, transactional=False)


JOB_KINDS = (
    _kind(jobs.SETTLE_PAYER, paying.settle_payer),
    _kind(jobs.RESOLVE_TRANSFER, paying.resolve_transfer),
    _kind(jobs.COLLECT_DEPOSIT, collecting.collect_deposit),
    _kind(jobs.OPEN_ACCOUNT, accounts.open_account),
    _kind(jobs.HEAR_STRIPE, hearing.hear),
    JobKind(jobs.SWEEP, sweep, role=ROLE),
    JobKind(CHARGE_FORGOTTEN, charge_forgotten, role=ROLE),
)
SCHEDULES = (
    Schedule("settlement.sweep", jobs.SWEEP, timedelta(seconds=30)),
    Schedule("fees.charge_forgotten", CHARGE_FORGOTTEN, timedelta(hours=1)),
)
