"""The billing floor's Service: claims, decisions, ledger, settlement and the payer's pages."""

from __future__ import annotations

from billing.claims.events import ClaimDecided
from billing.claims.handlers import on_evidence_added, on_service_completed
from billing.invariants import INVARIANTS
from billing.settlement.kinds import JOB_KINDS, SCHEDULES
from billing.settlement.obligations import enter_decision
from dispatch.field.events import EvidenceAdded, ServiceCompleted
from marketplace.foundation.events import Handler
from marketplace.foundation.service import Service

service = Service(
    name="billing",
    rank=4,
    models=("billing.claims.models", "billing.ledger.models", "billing.settlement.models"),
    handlers=(
        Handler(ServiceCompleted, "billing.claim_service", on_service_completed),
        Handler(EvidenceAdded, "billing.evidence_added", on_evidence_added),
        Handler(ClaimDecided, "billing.enter_decision", enter_decision, role="janitor"),
    ),
    job_kinds=JOB_KINDS,
    schedules=SCHEDULES,
    invariants=INVARIANTS,
)
