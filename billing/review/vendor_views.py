"""The vendor's pages of billing: its claims, what holds them back, answers, and its payout account."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from billing.adjudication import service as adjudication
from billing.claims.floors_below import FloorsBelow
from billing.claims.reading import claim_view, claims_of_vendor, counts
from billing.claims.service import check_again
from billing.claims.words import ClaimState
from billing.review.lists import Tabs, claim_rows, claims_csv, one_row
from billing.review.schemas import AnswerSchema, PayoutAccountSchema
from billing.review.views import claim_context
from billing.review.words_for_people import ACCOUNT_SOUNDS, BILLING_TABS, TRANSFER_SOUNDS, VENDOR_SOUNDS
from billing.settlement import service as settlement
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.forms import Form, form_for
from marketplace.web.pages import go, render
from marketplace.web.tables import wants_csv

views = Blueprint("billing", __name__, url_prefix="/billing", template_folder="../templates")
TABS = Tabs("billing.claims", BILLING_TABS)


@views.get("/")
def claims() -> Response:
    """The vendor's claims by what they wait for."""
    session = current.session()
    session.actor.require(*adjudication.BILLERS)
    tab = TABS.chosen(request.args.get("tab"))
    query = claims_of_vendor(session, tab.states)
    if wants_csv():
        return claims_csv(session, query)
    return render(
        "billing/review/billing.html",
        table=claim_rows(session, query, side="payer", row_endpoint="billing.row"),
        tabs=TABS.with_counts(counts(session, as_payer=False)),
        tab=tab,
        sounds=VENDOR_SOUNDS,
        page_of="billing.claim",
    )


@views.get("/claims/<uuid:claim_id>/row")
def row(claim_id: UUID) -> Response:
    """One row of the list."""
    session = current.session()
    session.actor.require(*adjudication.BILLERS)
    return render(
        "billing/review/row.html",
        row=one_row(session, claim_id, side="payer", row_endpoint="billing.row"),
        sounds=VENDOR_SOUNDS,
        page_of="billing.claim",
    )


@views.get("/claims/<uuid:claim_id>")
def claim(claim_id: UUID) -> Response:
    """One claim of the vendor, with what holds it back."""
    return _claim_page(claim_id, Form({}))


@views.post("/claims/<uuid:claim_id>/answer")
def answer(claim_id: UUID) -> Response:
    """Answer what the payer has asked."""
    current.actor().require(*adjudication.BILLERS)
    form = form_for(AnswerSchema)
    if form.ok:
        with form.refusals():
            adjudication.answer(current.session(), claim_id, **form.data)
        if form.ok:
            return go(url_for("billing.claim", claim_id=claim_id), "Your answer is with the payer.")
    return _claim_page(claim_id, form)


@views.post("/claims/<uuid:claim_id>/appeal")
def appeal(claim_id: UUID) -> Response:
    """Ask the payer to look at a denial again."""
    current.actor().require(*adjudication.BILLERS)
    form = form_for(AnswerSchema)
    if form.ok:
        with form.refusals():
            adjudication.appeal(current.session(), claim_id, **form.data)
        if form.ok:
            return go(url_for("billing.claim", claim_id=claim_id), "Your appeal is with the payer.")
    return _claim_page(claim_id, form)


@views.post("/claims/<uuid:claim_id>/check")
def check(claim_id: UUID) -> Response:
    """Check a held claim again, after something was mended."""
    current.actor().require(*adjudication.BILLERS)
    found = check_again(current.session(), claim_id, FloorsBelow())
    still = found.state is ClaimState.HELD
    said = "The checks still find something." if still else "The claim is clean and with its payer."
    return go(url_for("billing.claim", claim_id=claim_id), said, "warn" if still else "good")


@views.route("/payouts", methods=["GET", "POST"])
def payouts() -> Response:
    """What the vendor is owed, what it was paid, and the account it is paid into."""
    session = current.session()
    session.actor.require(*settlement.PAID)
    form = form_for(PayoutAccountSchema)
    if form.ok:
        with form.refusals():
            settlement.open_payout_account(session, email=form.data["email"])
        if form.ok:
            return go(url_for("billing.payouts"), "The payout account is being opened.")
    return render(
        "billing/money/payouts.html",
        form=form,
        stands=settlement.vendor_account(session),
        account_sounds=ACCOUNT_SOUNDS,
        transfer_sounds=TRANSFER_SOUNDS,
        page_of="billing.claim",
    )


def _claim_page(claim_id: UUID, form: Form) -> Response:
    session = current.session()
    session.actor.require(*adjudication.BILLERS)
    view = claim_view(session, claim_id)
    if view.claim.vendor_organization_id != session.actor.organization():
        raise NotFound
    context = {**claim_context(view), "sounds": VENDOR_SOUNDS}
    return render("billing/review/vendor_claim.html", **context, form=form)
