"""The billing floor's Service: claims, decisions, fees, ledger, settlement and the payer's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from billing.claims.events import ClaimDecided
from billing.claims.handlers import on_evidence_added, on_service_completed
from billing.demo import demo
from billing.fees.charging import on_fee_noted, on_fee_waived
from billing.fees.invariants import FEE_INVARIANTS
from billing.invariants import INVARIANTS
from billing.settlement.kinds import JOB_KINDS, SCHEDULES
from billing.settlement.obligations import enter_decision
from dispatch.field.events import EvidenceAdded, ServiceCompleted
from marketplace.foundation.events import Handler
from marketplace.foundation.service import NavigationItem, Service
from vendors.cancellations.events import FeeNoted, FeeWaived

if TYPE_CHECKING:
    from flask import Blueprint


def _blueprints() -> Sequence[Blueprint]:
    from billing.review import fee_views, money_views, vendor_views, views
    from billing.review.api import api
    from billing.settlement.webhook import webhook

    return [
        views.views, vendor_views.views, money_views.views, fee_views.views, api.blueprint, webhook,
    ]  # fmt: skip


service = Service(
    name="billing",
    rank=4,
    blueprints=_blueprints,
    models=(
        "billing.claims.models",
        "billing.ledger.models",
        "billing.fees.models",
        "billing.settlement.models",
    ),
    handlers=(
        Handler(ServiceCompleted, "billing.claim_service", on_service_completed),
        Handler(EvidenceAdded, "billing.evidence_added", on_evidence_added),
        Handler(ClaimDecided, "billing.enter_decision", enter_decision, role="janitor"),
        Handler(FeeNoted, "billing.charge_fee", on_fee_noted, role="janitor"),
        Handler(FeeWaived, "billing.withdraw_charge", on_fee_waived, role="janitor"),
    ),
    job_kinds=JOB_KINDS,
    schedules=SCHEDULES,
    invariants=(*INVARIANTS, *FEE_INVARIANTS),
    demo=demo,
    navigation=(
        NavigationItem("Claims to review", "review.queue", frozenset({"reviewer"}), 10, "document"),
        NavigationItem("Deposits and payments", "money.overview", frozenset({"reviewer"}), 11, "money"),
        NavigationItem("Billing", "billing.claims", frozenset({"biller", "vendor_admin"}), 60, "document"),
        NavigationItem("Payouts", "billing.payouts", frozenset({"biller", "vendor_admin"}), 61, "money"),
    ),
)
