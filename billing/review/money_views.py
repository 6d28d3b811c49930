"""The payer's money page: cleared deposits, what it owes, and what was transferred."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from billing.review.schemas import DepositSchema
from billing.review.words_for_people import DEPOSIT_SOUNDS, FUNDING_LABELS, TRANSFER_SOUNDS
from billing.settlement import service as settlement
from billing.settlement.retrying import try_again
from billing.settlement.words import FundingMethod
from marketplace.web import current
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render, safe_next

views = Blueprint("money", __name__, url_prefix="/money", template_folder="../templates")


@views.route("/", methods=["GET", "POST"])
def overview() -> Response:
    """Leave a deposit; see what is available and what was paid."""
    session = current.session()
    settlement.require_payer(session)
    form = form_for(DepositSchema, initial={"method": FundingMethod.BANK})
    if form.ok:
        with form.refusals():
            deposit = settlement.make_deposit(session, form.data["amount_cents"], form.data["method"])
        if form.ok:
            return go(url_for("money.overview"), f"Deposit {deposit.reference} is being collected.")
    return render(
        "billing/money/overview.html",
        form=form,
        stands=settlement.payer_account(session),
        methods=[(method.value, label) for method, label in FUNDING_LABELS.items()],
        deposit_sounds=DEPOSIT_SOUNDS,
        transfer_sounds=TRANSFER_SOUNDS,
        page_of="review.claim",
        may_review=session.actor.has("reviewer"),
    )


@views.post("/transfers/<uuid:transfer_id>/retry")
def retry(transfer_id: UUID) -> Response:
    """Try a payment again that Stripe has refused too often, for either side of it."""
    transfer = try_again(current.session(), transfer_id)
    back = url_for("fees.overview" if transfer.charge_id else "money.overview")
    return go(safe_next(request.form.get("next"), back), "It is tried again. Look again in a minute.")
