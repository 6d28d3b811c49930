"""The payer's pages: the queue, a claim with its evidence, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from marshmallow import Schema

from billing.adjudication import service as adjudication
from billing.claims.models import Claim
from billing.claims.reading import claim_view, claims_of_payer, counts
from billing.claims.words import DECIDABLE, DENIAL_REASONS
from billing.rates.words import BILLING_CODES
from billing.review.lists import Tabs, claim_rows, claims_csv, one_row
from billing.review.schemas import ApprovalSchema, DenialSchema, QuestionSchema
from billing.review.words_for_people import (
    CLAIM_SOUNDS,
    DECISION_SOUNDS,
    EVIDENCE_LABELS,
    QUEUE_TABS,
    TRANSFER_SOUNDS,
)
from billing.settlement import service as settlement
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import wants_csv

views = Blueprint("review", __name__, url_prefix="/review", template_folder="../templates")
TABS = Tabs("review.queue", QUEUE_TABS)


@views.get("/")
def queue() -> Response:
    """Claims by what the payer has to do with them, the oldest first."""
    session = current.session()
    session.actor.require(*adjudication.REVIEWERS)
    tab = TABS.chosen(request.args.get("tab"))
    query = claims_of_payer(session, tab.states)
    if wants_csv():
        return claims_csv(session, query)
    return render(
        "billing/review/queue.html",
        table=claim_rows(session, query, side="vendor", row_endpoint="review.row"),
        tabs=TABS.with_counts(counts(session, as_payer=True)),
        tab=tab,
        sounds=CLAIM_SOUNDS,
        page_of="review.claim",
    )


@views.get("/claims/<uuid:claim_id>/row")
def row(claim_id: UUID) -> Response:
    """One row of the queue, for a list that is open."""
    session = current.session()
    session.actor.require(*adjudication.REVIEWERS)
    return render(
        "billing/review/row.html",
        row=one_row(session, claim_id, side="vendor", row_endpoint="review.row"),
        sounds=CLAIM_SOUNDS,
        page_of="review.claim",
    )


@views.get("/claims/<uuid:claim_id>")
def claim(claim_id: UUID) -> Response:
    """One claim: who, what, what proves it, what the edits found, and the decision."""
    return _claim_page(claim_id)


@views.post("/claims/<uuid:claim_id>/approval")
def approve(claim_id: UUID) -> Response:
    """Approve in full, or less with a reason."""
    return _decide(claim_id, ApprovalSchema, adjudication.approve, "Approved.", "approval")


@views.post("/claims/<uuid:claim_id>/denial")
def deny(claim_id: UUID) -> Response:
    """Deny with a reason."""
    return _decide(claim_id, DenialSchema, adjudication.deny, "Denied.", "denial")


@views.post("/claims/<uuid:claim_id>/question")
def ask(claim_id: UUID) -> Response:
    """Ask the vendor for more."""
    return _decide(claim_id, QuestionSchema, adjudication.ask_for_more, "Asked.", "question")


def _decide(
    claim_id: UUID, schema: type[Schema], verb: Callable[..., Claim], said: str, which: str
) -> Response:
    current.actor().require(*adjudication.REVIEWERS)
    form = form_for(schema, prefix=f"{which}-")
    if form.ok:
        with form.refusals():
            decided = verb(current.session(), claim_id, **form.data)
        if form.ok:
            return go(url_for("review.queue"), f"{decided.reference}: {said}")
    return _claim_page(claim_id, **{which: form})


def _claim_page(claim_id: UUID, **forms: Form) -> Response:
    session = current.session()
    session.actor.require(*adjudication.REVIEWERS)
    view = claim_view(session, claim_id)
    if view.claim.payer_organization_id != session.actor.organization():
        raise NotFound
    context = claim_context(view) | {
        name: forms.get(name) or Form({}, prefix=f"{name}-") for name in ("approval", "denial", "question")
    }
    return render(
        "billing/review/claim.html",
        **context,
        decidable=view.claim.state in DECIDABLE,
        reasons=[(word, reason.text) for word, reason in DENIAL_REASONS.items()],
    )


def claim_context(view: Any) -> dict[str, Any]:
    """What both sides' claim pages show."""
    return {
        "view": view,
        "claim": view.claim,
        "sounds": CLAIM_SOUNDS,
        "decision_sounds": DECISION_SOUNDS,
        "codes": BILLING_CODES,
        "evidence_labels": EVIDENCE_LABELS,
        "transfer_sounds": TRANSFER_SOUNDS,
        "transfers": settlement.transfers_of_claim(current.session(), view.claim.id),
    }
